package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/tasktracker/tasktracker/pkg/schedule"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/wire"
	"github.com/tasktracker/tasktracker/proto/gen/api"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
	"github.com/tasktracker/tasktracker/services/api/internal/contract"
)

const (
	defaultRuns = 50
	// maxRunDays bounds the time that a run covers.
	maxRunDays = 92
)

// CreateAnalysisRun queues a run, for a worker to do.
func (h *Handlers) CreateAnalysisRun(ctx context.Context, r apiserver.CreateAnalysisRunRequestObject) (apiserver.CreateAnalysisRunResponseObject, error) {
	b := r.Body
	for name, at := range map[string]time.Time{"from": b.From, "to": b.To} {
		if year := at.UTC().Year(); year < 1 || year > 9999 {
			return nil, contract.Fault("range", "must be a time between the years 1 and 9999", "body", name)
		}
	}
	switch {
	case !b.From.Before(b.To):
		return nil, contract.Fault("range", "must be after from", "body", "to")
	case b.To.Sub(b.From) > maxRunDays*24*time.Hour:
		return nil, contract.Fault("range", fmt.Sprintf("must be at most %d days after from", maxRunDays), "body", "to")
	}
	span := store.AnalysisSpan{From: b.From.UTC(), To: b.To.UTC()}
	if b.Chats != nil {
		span.Chats = unique(*b.Chats)
	}
	run, events, err := h.Store.QueueAnalysisRun(ctx, span)
	if errors.Is(err, store.ErrTooManyRuns) {
		return nil, conflict(fmt.Sprintf("%d analysis runs wait already: wait until one has started, or cancel one", store.MaxQueuedAnalysisRuns))
	}
	if err != nil {
		return nil, err
	}
	h.Outbox.Publish(ctx, events)
	body, err := analysisRun(run, nil)
	return apiserver.CreateAnalysisRun202JSONResponse(body), err
}

// ListAnalysisRuns pages through runs, newest first.
func (h *Handlers) ListAnalysisRuns(ctx context.Context, r apiserver.ListAnalysisRunsRequestObject) (apiserver.ListAnalysisRunsResponseObject, error) {
	limit := defaultRuns
	if r.Params.Limit != nil {
		limit = *r.Params.Limit
	}
	before, err := numberCursor(r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	if before == 0 {
		before = math.MaxInt64
	}
	runs, err := h.Store.ListAnalysisRuns(ctx, before, limit)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(runs))
	for i, run := range runs {
		ids[i] = run.ID
	}
	posts, err := h.Store.AnalysisPosts(ctx, ids...)
	if err != nil {
		return nil, err
	}
	body := make([]api.AnalysisRun, 0, len(runs))
	for _, run := range runs {
		one, err := analysisRun(run, posts[run.ID])
		if err != nil {
			return nil, err
		}
		body = append(body, one)
	}
	cursor := ""
	if len(runs) == limit {
		cursor = decimal(runs[len(runs)-1].ID)
	}
	link, next := nextPage(ctx, cursor)
	return apiserver.ListAnalysisRuns200JSONResponse{
		Body: body, Headers: apiserver.ListAnalysisRuns200ResponseHeaders{Link: link, XNextCursor: next},
	}, nil
}

// GetAnalysisRun reads one run.
func (h *Handlers) GetAnalysisRun(ctx context.Context, r apiserver.GetAnalysisRunRequestObject) (apiserver.GetAnalysisRunResponseObject, error) {
	run, err := h.Store.GetAnalysisRun(ctx, r.ID)
	if err != nil {
		return nil, runError(err)
	}
	posts, err := h.Store.AnalysisPosts(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	body, err := analysisRun(run, posts[run.ID])
	return apiserver.GetAnalysisRun200JSONResponse(body), err
}

// CancelAnalysisRun ends a run.
func (h *Handlers) CancelAnalysisRun(ctx context.Context, r apiserver.CancelAnalysisRunRequestObject) (apiserver.CancelAnalysisRunResponseObject, error) {
	run, events, err := h.Store.CancelAnalysisRun(ctx, r.ID)
	if err != nil {
		return nil, runError(err)
	}
	h.Outbox.Publish(ctx, events)
	body, err := analysisRun(run, nil) // what was never completed was never posted
	return apiserver.CancelAnalysisRun200JSONResponse(body), err
}

func runError(err error) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return notFound("Analysis run not found")
	case errors.Is(err, store.ErrRunFinished):
		return conflict("The analysis run is finished: there is nothing to cancel")
	default:
		return err
	}
}

func analysisRun(r store.AnalysisRun, posts []store.AnalysisPost) (api.AnalysisRun, error) {
	run := api.AnalysisRun{
		ID: r.ID, Status: api.AnalysisRunStatus(r.Status), Stage: runStage(r), From: r.From.UTC(), To: r.To.UTC(), Messages: r.Messages, Processed: r.Processed,
		CreatedAt: r.CreatedAt, StartedAt: r.StartedAt, FinishedAt: r.FinishedAt, RequestedBy: api.AnalysisRunRequestedBy(r.RequestedBy),
		Error: optional(r.Error), ErrorClauses: wire.Clauses(r.Error), Progress: runProgress(r), Detail: runDetail(r),
		Posts: make([]api.AnalysisPost, 0, len(posts)),
	}
	for _, p := range posts {
		run.Posts = append(run.Posts, analysisPost(p))
	}
	if r.Chats != nil {
		run.Chats = &r.Chats
	}
	if r.Summary != nil {
		if err := json.Unmarshal(r.Summary, &run.Summary); err != nil {
			return api.AnalysisRun{}, fmt.Errorf("read the summary of analysis run %d: %w", r.ID, err)
		}
	}
	if s := run.Summary; s != nil {
		s.FallbackClauses = wire.Clauses(value(s.Fallback)) // anew, by what this release knows
		for _, findings := range [][]api.AnalysisFinding{s.WhatHappened, s.Decisions, s.Blockers, s.Promises, s.Questions} {
			for i := range findings { // stored in the zone of the chats, or of the machine
				findings[i].SentAt, findings[i].DueAt = inUTC(findings[i].SentAt), inUTC(findings[i].DueAt)
			}
		}
	}
	return run, nil
}

func inUTC(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	utc := at.UTC()
	return &utc
}

// GetAnalysisSchedule reads when runs are made by themselves, and where their summaries are posted.
func (h *Handlers) GetAnalysisSchedule(ctx context.Context, _ apiserver.GetAnalysisScheduleRequestObject) (apiserver.GetAnalysisScheduleResponseObject, error) {
	noted, err := h.Store.AnalysisSchedule(ctx)
	if err != nil || noted.Expression == "" {
		return apiserver.GetAnalysisSchedule200JSONResponse{PostTo: []api.AnalysisPostTarget{}}, err
	}
	zone, err := time.LoadLocation(noted.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("the zone of the schedule: %w", err)
	}
	parsed, err := schedule.Parse(noted.Expression, zone)
	if err != nil {
		return nil, err
	}
	targets, err := h.postTargets(ctx, noted.PostTo)
	if err != nil {
		return nil, err
	}
	next := parsed.Next(time.Now()).UTC()
	return apiserver.GetAnalysisSchedule200JSONResponse{Expression: &noted.Expression, TimeZone: &noted.TimeZone, NextAt: &next, PostTo: targets}, nil
}

// postTargets are groups under their numbers of now, with their names.
func (h *Handlers) postTargets(ctx context.Context, to []store.PostTarget) ([]api.AnalysisPostTarget, error) {
	targets := make([]api.AnalysisPostTarget, 0, len(to))
	for _, target := range to {
		shown := api.AnalysisPostTarget{GroupID: target.GroupID, TopicID: target.TopicID}
		group, monitored, err := h.Store.MonitoredGroup(ctx, target.GroupID)
		if err != nil {
			return nil, err
		}
		if monitored {
			shown.GroupID, shown.GroupName = group.ID, group.Name
		}
		targets = append(targets, shown)
	}
	return targets, nil
}

// runStage is where a run is, or where it ended: all messages are read before they are
// summed up.
func runStage(r store.AnalysisRun) api.AnalysisRunStage {
	switch {
	case r.Status == store.RunCompleted:
		return api.AnalysisRunStageDone
	case r.StartedAt == nil:
		return api.AnalysisRunStageWaiting
	case r.Messages > 0 && r.Processed >= r.Messages:
		return api.AnalysisRunStageSummarizing
	default:
		return api.AnalysisRunStageReading
	}
}

// runProgress is in percent; what is not completed has not reached 100.
func runProgress(r store.AnalysisRun) int {
	switch {
	case r.Status == store.RunCompleted:
		return 100
	case r.Messages == 0:
		return 0
	default:
		return int(min(r.Processed*100/r.Messages, 99))
	}
}

func runDetail(r store.AnalysisRun) string {
	switch {
	case r.Status == store.RunQueued:
		return "It waits for a worker."
	case r.Status == store.RunRunning:
		return fmt.Sprintf("%d of %d messages are read.", r.Processed, r.Messages)
	case r.Status == store.RunCancelled:
		return fmt.Sprintf("It was cancelled after %d messages.", r.Processed)
	case r.Status == store.RunFailed:
		return r.Error
	case r.Summary == nil:
		return "Nothing to analyse: no message was sent in that time. Choose another time, or other chats."
	default:
		return fmt.Sprintf("%d messages are analysed.", r.Messages)
	}
}
