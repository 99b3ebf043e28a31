package handlers

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/proto/gen/api"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
)

const (
	// leastDecided is how many decisions a share needs, and how many durations a median: of fewer, the interval is a third of all that is
	// possible.
	leastDecided = 30
	// mostVersions bounds those that are told apart.
	mostVersions     = 50
	defaultDecisions = 50
)

// GetFunnel counts how far the messages of a span got.
func (h *Handlers) GetFunnel(ctx context.Context, r apiserver.GetFunnelRequestObject) (apiserver.GetFunnelResponseObject, error) {
	from, before, tz, err := span(r.Params.DateFrom, r.Params.DateTo, r.Params.TZ)
	if err != nil {
		return nil, err
	}
	f, err := h.Store.Funnel(ctx, from, before, tz, value(r.Params.ChatID))
	if err != nil {
		return nil, err
	}
	return apiserver.GetFunnel200JSONResponse{Messages: f.Messages, Judged: f.Judged, Issues: f.Issues, Proposed: f.Proposed, Accepted: f.Accepted, Done: f.Done}, nil
}

// GetDurations says how long it took until people accepted what was proposed, and until tasks were closed.
func (h *Handlers) GetDurations(ctx context.Context, r apiserver.GetDurationsRequestObject) (apiserver.GetDurationsResponseObject, error) {
	from, before, _, err := span(r.Params.DateFrom, r.Params.DateTo, r.Params.TZ)
	if err != nil {
		return nil, err
	}
	accept, err := h.Store.TimeToAccept(ctx, from, before, value(r.Params.ChatID))
	if err != nil {
		return nil, err
	}
	closing, err := h.Store.TimeToClose(ctx, from, before, value(r.Params.ChatID))
	if err != nil {
		return nil, err
	}
	return apiserver.GetDurations200JSONResponse{LeastMeasured: leastDecided, Accept: duration(accept), Close: duration(closing)}, nil
}

// duration tells nothing but the count of what is too few.
func duration(d store.Durations) api.Duration {
	told := api.Duration{Count: d.Count}
	if d.Count >= leastDecided {
		told.MedianSeconds, told.P90Seconds = &d.Median, &d.P90
	}
	return told
}

// GetAIQuality says what people thought of what the machine said in a span.
func (h *Handlers) GetAIQuality(ctx context.Context, r apiserver.GetAIQualityRequestObject) (apiserver.GetAIQualityResponseObject, error) {
	from, before, _, err := span(r.Params.DateFrom, r.Params.DateTo, r.Params.TZ)
	if err != nil {
		return nil, err
	}
	q, err := h.Store.Quality(ctx, from, before, value(r.Params.ChatID))
	if err != nil {
		return nil, err
	}
	body := apiserver.GetAIQuality200JSONResponse{LeastDecided: leastDecided, Outcomes: []api.AIOutcomeCount{}, Versions: []api.AIVersion{}}
	for _, o := range q.Outcomes {
		if o.Outcome == store.OutcomeUndecided {
			body.Undecided = o.Count
		}
		body.Outcomes = append(body.Outcomes, api.AIOutcomeCount{Outcome: api.AIOutcome(o.Outcome), Reason: (*api.RejectReason)(optional(o.Reason)), Count: o.Count})
	}
	for judge, d := range q.Versions {
		body.Decided.Right += d.Right
		body.Decided.Wrong += d.Wrong
		body.Versions = append(body.Versions, api.AIVersion{Version: judge.Version, Provider: judge.Provider, Model: judge.Model,
			PromptVersion: judge.PromptVersion, Decided: api.Decided(d), Precision: precision(d)})
	}
	body.Precision = precision(store.Decided(body.Decided))
	slices.SortFunc(body.Versions, func(a, b api.AIVersion) int {
		return cmp.Or(cmp.Compare(b.Decided.Right+b.Decided.Wrong, a.Decided.Right+a.Decided.Wrong), strings.Compare(a.Version, b.Version))
	})
	body.Versions = body.Versions[:min(len(body.Versions), mostVersions)]
	return body, nil
}

// precision is the share of what was right, with its interval; nil where too few were decided to tell.
func precision(d store.Decided) *api.ShareWithInterval {
	n := d.Right + d.Wrong
	if n < leastDecided {
		return nil
	}
	share := float64(d.Right) / float64(n)
	low, high := wilson(share, float64(n))
	return &api.ShareWithInterval{Share: share, Low: low, High: high}
}

// wilson is the score interval of 95 % confidence (Wilson 1927) of a share of n.
func wilson(share, n float64) (low, high float64) {
	const z = 1.959964 // of the normal distribution, 2.5 % lie above
	middle := (share + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(share*(1-share)/n+z*z/(4*n*n))
	return max(middle-half, 0), min(middle+half, 1)
}

// ListAIDecisions pages through what people decided, newest first.
func (h *Handlers) ListAIDecisions(ctx context.Context, r apiserver.ListAIDecisionsRequestObject) (apiserver.ListAIDecisionsResponseObject, error) {
	from, before, _, err := span(r.Params.DateFrom, r.Params.DateTo, r.Params.TZ)
	if err != nil {
		return nil, err
	}
	filter := store.DecisionFilter{From: from, Before: before, ChatID: value(r.Params.ChatID), Outcome: string(value(r.Params.Outcome)),
		Reason: string(value(r.Params.Reason)), Version: value(r.Params.Version), Right: r.Params.Right, Accepted: value(r.Params.Accepted), Limit: defaultDecisions, Cursor: value(r.Params.Cursor)}
	set(&filter.Limit, r.Params.Limit)
	page, err := h.Store.ListDecisions(ctx, filter)
	if err != nil {
		return nil, err
	}
	body := make([]api.AIDecision, 0, len(page.Decisions))
	for _, d := range page.Decisions {
		body = append(body, api.AIDecision{Subject: d.Subject, ID: d.ID, MessageID: optional(d.MessageID), MadeAt: d.MadeAt.UTC(), Title: d.Title, Outcome: api.AIOutcome(d.Outcome),
			Reason: (*api.RejectReason)(optional(d.Reason)), DecidedAt: d.DecidedAt, TaskID: d.TaskID, Version: d.Version})
	}
	link, next := nextPage(ctx, page.NextCursor)
	return apiserver.ListAIDecisions200JSONResponse{
		Body: body, Headers: apiserver.ListAIDecisions200ResponseHeaders{Link: link, XNextCursor: next},
	}, nil
}
