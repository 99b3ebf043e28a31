package handlers

import (
	"context"
	"errors"
	"fmt"

	"github.com/tasktracker/tasktracker/pkg/digest"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/pkg/telegram/explain"
	"github.com/tasktracker/tasktracker/proto/gen/api"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
	"github.com/tasktracker/tasktracker/services/api/internal/contract"
)

// DraftAnalysisPost writes the summary of a run as a message for a chat.
func (h *Handlers) DraftAnalysisPost(ctx context.Context, r apiserver.DraftAnalysisPostRequestObject) (apiserver.DraftAnalysisPostResponseObject, error) {
	zone, err := contract.TimeZone(value(r.Params.TZ))
	if err != nil {
		return nil, err
	}
	run, err := h.summarised(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	post, err := digest.PostOf(run.Summary, run.From, run.To, zone)
	if err != nil {
		return nil, fmt.Errorf("analysis run %d: %w", run.ID, err)
	}
	return apiserver.DraftAnalysisPost200JSONResponse{Text: post.Text, LeftOut: post.LeftOut, Shortened: post.Shortened}, nil
}

// summarised is a run that has something to post.
func (h *Handlers) summarised(ctx context.Context, id int64) (store.AnalysisRun, error) {
	run, err := h.Store.GetAnalysisRun(ctx, id)
	if err != nil {
		return store.AnalysisRun{}, runError(err)
	}
	if run.Summary == nil {
		return store.AnalysisRun{}, conflict("The analysis run has no summary: there is nothing to post")
	}
	return run, nil
}

// PostAnalysis has the bot write the summary of a run into a group, and keeps with the run what was sent.
func (h *Handlers) PostAnalysis(ctx context.Context, r apiserver.PostAnalysisRequestObject) (apiserver.PostAnalysisResponseObject, error) {
	if digest.Units(r.Body.Text) > digest.MaxPost { // the contract counts characters
		return nil, contract.Fault("too_long", fmt.Sprintf("maximum string length is %d", digest.MaxPost), "body", "text")
	}
	if _, err := h.summarised(ctx, r.ID); err != nil {
		return nil, err
	}
	group, err := h.monitored(ctx, r.Body.GroupID)
	if err != nil {
		return nil, err
	}
	id, err := h.Store.NoteAnalysisPost(ctx, store.AnalysisPost{RunID: r.ID, GroupID: group.ID, GroupName: group.Name,
		TopicID: r.Body.TopicID, Text: r.Body.Text, PostedBy: store.ByUser})
	if err != nil {
		return nil, err
	}
	refusal, err := h.Connection.Say(ctx, botapi.Text{ChatID: group.ID, Topic: value(r.Body.TopicID), Text: r.Body.Text, Quiet: true})
	kept := context.WithoutCancel(ctx) // what is said is kept, whoever has gone away
	if err != nil {
		return nil, errors.Join(told(err), h.Store.DropAnalysisPost(kept, id))
	}
	if refusal != nil && refusal.Kind != explain.Unconfirmed {
		return posted(refusal), h.Store.DropAnalysisPost(kept, id)
	}
	status, outcome := store.PostSent, store.PostOutcome{}
	if refusal != nil {
		status, outcome = store.PostUnconfirmed, store.PostOutcome{
			Error: &refusal.Words, Fix: &refusal.Fix, CauseCode: optional(refusal.Code), CauseDetail: optional(refusal.Detail)}
	}
	// It is said; that it cannot be written down is no reason to have it said twice.
	if events, err := h.Store.FinishAnalysisPost(kept, id, r.ID, status, outcome); err != nil {
		h.Log.Error().Err(err).Int64("run", r.ID).Msg("the summary was posted, of which the run knows no more than that it may have been")
	} else {
		h.Outbox.Publish(kept, events)
	}
	return posted(refusal), nil
}

// monitored is a group that is monitored, under the number that it has now.
func (h *Handlers) monitored(ctx context.Context, id int64) (store.Group, error) {
	group, monitored, err := h.Store.MonitoredGroup(ctx, id)
	if err == nil && !monitored {
		err = contract.Fault("unknown", "names no monitored group: add it in the settings first", "body", "group_id")
	}
	return group, err
}

func posted(refusal *explain.Refusal) apiserver.PostAnalysis200JSONResponse {
	if refusal == nil {
		return apiserver.PostAnalysis200JSONResponse{Success: true, Message: "The summary is in the chat"}
	}
	return apiserver.PostAnalysis200JSONResponse{
		Message: "The summary was not posted", Error: &refusal.Words, Fix: &refusal.Fix,
		CauseCode: optional(refusal.Code), CauseDetail: optional(refusal.Detail),
	}
}

func analysisPost(p store.AnalysisPost) api.AnalysisPost {
	return api.AnalysisPost{
		ID: p.ID, GroupID: p.GroupID, GroupName: p.GroupName, TopicID: p.TopicID, Text: p.Text,
		PostedBy: api.AnalysisPostPostedBy(p.PostedBy), Status: api.AnalysisPostStatus(p.Status), PostedAt: p.PostedAt.UTC(),
		Error: p.Error, Fix: p.Fix, CauseCode: p.CauseCode, CauseDetail: p.CauseDetail,
	}
}
