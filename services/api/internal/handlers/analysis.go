package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/oapi-codegen/runtime/types"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/api/internal/contract"
	"github.com/tasktracker/tasktracker/services/api/internal/summary"
)

// AnalyzeDay summarises what a day said and no run has used yet.
func (h *Handlers) AnalyzeDay(ctx context.Context, r apiserver.AnalyzeDayRequestObject) (apiserver.AnalyzeDayResponseObject, error) {
	tz, err := contract.TimeZone(value(r.Params.TZ))
	if err != nil {
		return nil, err
	}
	day := time.Now().In(tz)
	if r.Params.TargetDate != nil {
		day = r.Params.TargetDate.Time
	}
	run := analysis{Handlers: h, date: day.Format(time.DateOnly), day: day, tz: tz, started: time.Now()}
	result, err := run.do(ctx)
	for errors.Is(err, store.ErrAlreadyAnalyzed) && ctx.Err() == nil {
		// Another run was faster; what has come since is summarised now, or there is nothing left.
		result, err = run.do(ctx)
	}
	if err != nil {
		run.progress(ctx, "failed", 0, 0)
		return nil, err
	}
	return result, nil
}

// analysis is one run over one day.
type analysis struct {
	*Handlers
	date    string
	day     time.Time // its year, month and day count
	tz      *time.Location
	started time.Time
}

func (a *analysis) do(ctx context.Context) (apiserver.AnalyzeDayResponseObject, error) {
	a.progress(ctx, "reading", 0, 0)
	messages, err := a.Store.UnanalyzedMessages(ctx, startOfDay(a.day, a.tz), startOfDay(a.day.AddDate(0, 0, 1), a.tz))
	if err != nil {
		return nil, err
	}
	total := int64(len(messages))
	if total == 0 {
		a.progress(ctx, "done", 0, 0)
		return apiserver.AnalyzeDay200JSONResponse{Success: true, Message: "No unanalyzed messages found for " + a.date}, nil
	}
	a.progress(ctx, "summarizing", 0, total)
	ids := make([]int64, 0, len(messages))
	for _, m := range messages {
		ids = append(ids, m.ID)
	}
	read, err := a.conversation(ctx, messages, ids)
	if err != nil {
		return nil, err
	}
	text := summary.Make(read, a.tz)
	a.progress(ctx, "saving", total, total)
	result, err := a.Store.SaveDaySummary(ctx, store.DaySummary{
		Date: a.date, MessageIDs: ids, Title: "Daily Summary - " + a.date, Description: text,
		Priority: "medium", Provider: "local", StartedAt: a.started,
	})
	if err != nil {
		return nil, err
	}
	a.Outbox.Publish(ctx, result.Events)
	a.progress(ctx, "done", total, total)
	id := result.Task.GetId()
	return apiserver.AnalyzeDay200JSONResponse{
		Success: true, Message: fmt.Sprintf("Analyzed %d messages of %s", total, a.date), MessagesProcessed: total,
		TasksCreated: 1, Date: &types.Date{Time: a.day}, SummaryTaskID: &id,
	}, nil
}

// conversationChunk bounds how many messages are read at once for their places.
const conversationChunk = 1000

// conversation adds to the messages their places: the topic, and what they answer.
func (a *analysis) conversation(ctx context.Context, messages []store.ConversationMessage, ids []int64) ([]summary.Message, error) {
	out := make([]summary.Message, 0, len(messages))
	at := make(map[int64]int, len(messages))
	for i, m := range messages {
		at[m.ID] = i
		out = append(out, summary.Message{
			Chat: m.Source + "/" + m.ChatID, ChatName: m.ChatName, Author: m.Author, Text: m.Content, SentAt: m.SentAt,
		})
	}
	for chunk := range slices.Chunk(ids, conversationChunk) {
		found, err := a.Store.MessagesByIDs(ctx, chunk)
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			place := &out[at[m.GetId()]]
			place.ID, place.ReplyTo, place.Topic = m.GetExternalMessageId(), m.GetReplyToExternalId(), m.GetThreadId()
		}
	}
	return out, a.nameTopics(ctx, out, ids)
}

// maxTopicNames bounds how many topics are looked up by name.
const maxTopicNames = 50

// nameTopics gives topics their names, by the first message of each.
func (a *analysis) nameTopics(ctx context.Context, messages []summary.Message, ids []int64) error {
	names := map[[2]string]string{}
	for i := range messages {
		m := &messages[i]
		if m.Topic == "" {
			continue
		}
		key := [2]string{m.Chat, m.Topic}
		if _, known := names[key]; !known && len(names) < maxTopicNames {
			detail, err := a.Store.GetMessage(ctx, ids[i])
			if err != nil {
				return err
			}
			names[key] = detail.TopicName
		}
		m.TopicName = names[key]
	}
	return nil
}

// progress tells clients how far the run is. It changes nothing, so a lost one costs
// nothing, and it waits for no one.
func (a *analysis) progress(ctx context.Context, stage string, processed, total int64) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	m, err := bus.NewMessage(bus.SubjectAnalysisProgress, "", &eventsv1.Event{
		OccurredAt: timestamppb.Now(),
		Payload: &eventsv1.Event_AnalysisProgress{AnalysisProgress: &eventsv1.AnalysisProgress{
			Date: a.date, Stage: stage, Processed: processed, Total: total,
		}},
	})
	if err == nil {
		err = a.Bus.Publish(ctx, m)
	}
	if err != nil {
		a.Log.Warn().Err(err).Str("stage", stage).Msg("progress of the analysis was not told")
	}
}
