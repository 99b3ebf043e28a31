package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// publishingDelay keeps the relay away from events that are about to be published.
const publishingDelay = 10 * time.Second

// carryOut does what was decided. Rows are locked in the order conversations, messages,
// proposals, tasks, by everybody.
func (j *judging) carryOut(ctx context.Context) error {
	if err := j.classify(ctx); err != nil {
		return fmt.Errorf("classify messages: %w", err)
	}
	follow := following{judging: j, limits: j.limits}
	if err := follow.do(ctx); err != nil {
		return err
	}
	if err := j.record(ctx); err != nil {
		return fmt.Errorf("record decisions: %w", err)
	}
	j.result.Conversations = len(j.all)
	return j.emit(ctx, follow.created, follow.updated)
}

// classify writes the verdicts of messages where they are others than those stored.
func (j *judging) classify(ctx context.Context) error {
	var arg db.ClassifyMessagesParams
	for _, one := range j.all {
		for _, v := range one.decision.Messages {
			arg.Ids, arg.IsIssues = append(arg.Ids, v.ID), append(arg.IsIssues, v.IsIssue)
			arg.Categories, arg.Priorities = append(arg.Categories, v.Category), append(arg.Priorities, v.Priority)
			arg.Confidences, arg.Providers = append(arg.Confidences, v.Confidence), append(arg.Providers, v.Provider)
		}
	}
	if len(arg.Ids) == 0 {
		return nil
	}
	if err := j.q.LockMessages(ctx, arg.Ids); err != nil {
		return err
	}
	changed, err := j.q.ClassifyMessages(ctx, arg)
	for _, id := range changed {
		j.announce[id] = true
	}
	return err
}

// record writes the decisions and what led to them.
func (j *judging) record(ctx context.Context) error {
	var arg db.StoreDecisionsParams
	var attempts db.InsertAttemptsParams
	for _, one := range j.all {
		d := one.decision
		v := cmp.Or(d.Verdict, &Verdict{})
		version := one.Conversation.Version // which was read before it was judged
		arg.Ids, arg.Versions = append(arg.Ids, one.now.ID), append(arg.Versions, version)
		arg.IsIssues = append(arg.IsIssues, d.issue())
		arg.Categories, arg.Priorities = append(arg.Categories, d.Category), append(arg.Priorities, d.Priority)
		arg.Confidences, arg.Providers = append(arg.Confidences, d.Probability), append(arg.Providers, v.Provider)
		arg.Models, arg.PromptVersions = append(arg.Models, v.Model), append(arg.PromptVersions, v.Version)
		arg.Quotes, arg.Reasons = append(arg.Quotes, v.Quote), append(arg.Reasons, v.Reason)
		arg.Signals, arg.Decisions = append(arg.Signals, strings.Join(v.Signals, ",")), append(arg.Decisions, d.Kind)
		arg.Explanations = append(arg.Explanations, d.Explanation)
		addAttempt(&attempts, one.now.ID, version, one.Judgement, d)
	}
	if err := j.q.StoreDecisions(ctx, arg); err != nil {
		return err
	}
	if err := j.q.InsertAttempts(ctx, attempts); err != nil {
		return err
	}
	return j.q.TrimAttempts(ctx, arg.Ids)
}

// addAttempt adds one to what InsertAttempts writes.
func addAttempt(arg *db.InsertAttemptsParams, id, version int64, judgement Judgement, d Decision) {
	v := cmp.Or(d.Verdict, &Verdict{})
	arg.Ids, arg.Versions = append(arg.Ids, id), append(arg.Versions, version)
	arg.Providers, arg.Models, arg.PromptVersions = append(arg.Providers, v.Provider), append(arg.Models, v.Model), append(arg.PromptVersions, v.Version)
	arg.Milliseconds = append(arg.Milliseconds, float64(judgement.Duration.Microseconds())/1000)
	arg.Turns = append(arg.Turns, int32(len(judgement.Verdicts)))
	arg.IsIssues = append(arg.IsIssues, d.issue())
	arg.Categories, arg.Priorities, arg.Confidences = append(arg.Categories, d.Category), append(arg.Priorities, d.Priority), append(arg.Confidences, d.Probability)
	arg.Quotes, arg.Reasons = append(arg.Quotes, v.Quote), append(arg.Reasons, v.Reason)
	arg.Signals = append(arg.Signals, strings.Join(v.Signals, ","))
	arg.Decisions, arg.Explanations = append(arg.Decisions, d.Kind), append(arg.Explanations, d.Explanation)
	arg.Errors = append(arg.Errors, judgement.Fallback)
}

// event adds one that follows from a judgement, or, where that is nil, from several, to those
// that are written at the end.
func (j *judging) event(from *judgedOne, subject string, e *eventsv1.Event) error {
	e.OccurredAt = timestamppb.Now()
	payload, err := proto.Marshal(e)
	if err != nil {
		return fmt.Errorf("marshal event %s: %w", subject, err)
	}
	j.events.Subjects, j.events.Payloads = append(j.events.Subjects, subject), append(j.events.Payloads, payload)
	trace := ""
	if from != nil {
		trace = from.TraceParent
	}
	j.events.TraceParents = append(j.events.TraceParents, trace)
	return nil
}

// messagesOf tells whose message each one is.
func (j *judging) messagesOf() map[int64]*judgedOne {
	of := make(map[int64]*judgedOne, len(j.announce))
	for _, one := range j.all {
		for _, m := range one.now.Messages {
			of[m.ID] = one
		}
	}
	return of
}

// emit writes the events of everything that looks different now.
func (j *judging) emit(ctx context.Context, created []int64, updated map[int64][]string) error {
	rows, err := j.q.MessagesByIDs(ctx, slices.Sorted(maps.Keys(j.announce)))
	if err != nil {
		return fmt.Errorf("read %d messages: %w", len(j.announce), err)
	}
	from := j.messagesOf()
	for _, r := range rows {
		err := j.event(from[r.ID], bus.SubjectMessageUpdated, &eventsv1.Event{Payload: &eventsv1.Event_MessageUpdated{
			MessageUpdated: &eventsv1.MessageUpdated{Message: message(r)}}})
		if err != nil {
			return err
		}
	}
	if err := j.emitTasks(ctx, created, updated); err != nil {
		return err
	}
	if len(j.events.Subjects) == 0 {
		return nil
	}
	j.events.Delay = publishingDelay
	written, err := j.q.InsertEvents(ctx, j.events)
	if err != nil {
		return fmt.Errorf("write %d events: %w", len(j.events.Subjects), err)
	}
	for _, r := range written {
		j.result.Events = append(j.result.Events, outboxEvent(r))
	}
	slices.SortFunc(j.result.Events, func(a, b OutboxEvent) int { return cmp.Compare(a.ID, b.ID) })
	return nil
}

func (j *judging) emitTasks(ctx context.Context, created []int64, updated map[int64][]string) error {
	ids := append(slices.Sorted(maps.Keys(updated)), created...)
	if len(ids) == 0 {
		return nil
	}
	rows, err := j.q.TaskDetails(ctx, ids)
	if err != nil {
		return fmt.Errorf("read %d tasks: %w", len(ids), err)
	}
	for _, r := range rows {
		subject := bus.SubjectTaskCreated
		e := &eventsv1.Event{Payload: &eventsv1.Event_TaskCreated{TaskCreated: &eventsv1.TaskCreated{Task: task(r)}}}
		if changed, ok := updated[r.ID]; ok {
			subject = bus.SubjectTaskUpdated
			e.Payload = &eventsv1.Event_TaskUpdated{TaskUpdated: &eventsv1.TaskUpdated{Task: task(r), Changed: changed}}
		}
		if err := j.event(j.tasksOf[r.ID], subject, e); err != nil {
			return err
		}
	}
	reason := "task_created"
	if len(created) == 0 {
		reason = "task_updated"
	}
	return j.event(nil, bus.SubjectStatsUpdated, &eventsv1.Event{Payload: &eventsv1.Event_StatsUpdated{
		StatsUpdated: &eventsv1.StatsUpdated{Reason: reason, TaskId: ids[len(ids)-1]}}})
}
