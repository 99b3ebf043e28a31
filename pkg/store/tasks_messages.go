package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// AttachMessages has messages lead to a task, all of them or none, and their conversations
// judged again, which settles what was proposed of them. It returns ErrNotFound, ErrNoMessage for a
// message that does not exist, and ErrConflict for one that leads to another task, and for a
// task that was merged or is a summary.
func (s *Store) AttachMessages(ctx context.Context, id int64, messages []int64, actor Actor) (TaskResult, error) {
	var result TaskResult
	err := s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		conversations, err := q.LockConversationsOfMessages(ctx, messages)
		if err != nil {
			return fmt.Errorf("lock conversations: %w", err)
		}
		was, err := lockTask(ctx, q, id)
		if err != nil {
			return err
		}
		switch {
		case was.GetDuplicateOfId() != 0:
			return fmt.Errorf("%w: task %d was merged into task %d", ErrConflict, id, was.GetDuplicateOfId())
		case was.GetCategory() == CategorySummary:
			return fmt.Errorf("%w: task %d is a summary", ErrConflict, id)
		}
		if err := q.LinkMessages(ctx, db.LinkMessagesParams{TaskID: id, MessageIds: messages, Role: "origin"}); err != nil {
			return fmt.Errorf("link messages: %w", err)
		}
		result.Task = was
		if err := tellOrigins(ctx, q, messages, &result); err != nil {
			return err
		}
		more := slices.DeleteFunc(slices.Clone(messages), func(m int64) bool { return slices.Contains(was.GetSourceMessageIds(), m) })
		if len(more) == 0 {
			result.Events = nil
			return nil
		}
		return tellMoved(ctx, q, &result, fmt.Sprintf("+%d", len(more)), conversations, actor)
	})
	if err != nil {
		return TaskResult{}, fmt.Errorf("attach messages to task %d: %w", id, err)
	}
	return result, nil
}

// DetachMessages takes back what AttachMessages, or making a task of messages, did: they lead
// nowhere, nor does what was added of their conversations since. A conversation of which
// nothing leads to the task any more is judged again. Messages that do not lead to the task
// are left out. It returns ErrNotFound, and ErrConflict where nothing would be left of a conversation
// that the machine made the task of, or attached as saying the same: that is split off.
func (s *Store) DetachMessages(ctx context.Context, id int64, messages []int64, actor Actor) (TaskResult, error) {
	var result TaskResult
	err := s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		conversations, err := q.LockConversationsOfMessages(ctx, messages)
		if err != nil {
			return fmt.Errorf("lock conversations: %w", err)
		}
		if result.Task, err = lockTask(ctx, q, id); err != nil {
			return err
		}
		freed, err := q.DetachOrigins(ctx, db.DetachOriginsParams{TaskID: id, MessageIds: messages})
		if err != nil {
			return fmt.Errorf("free messages: %w", err)
		}
		if len(freed) == 0 {
			return nil
		}
		origins, err := q.OriginsOfTask(ctx, id)
		if err != nil {
			return fmt.Errorf("read what is left: %w", err)
		}
		left := slices.DeleteFunc(conversations, func(c int64) bool {
			return slices.ContainsFunc(origins, func(o db.OriginsOfTaskRow) bool { return o.ConversationID == c })
		})
		if err := freeConversations(ctx, q, &result.Events, id, left); err != nil {
			return err
		}
		if err := emitMessages(ctx, q, &result.Events, freed); err != nil {
			return err
		}
		return tellMoved(ctx, q, &result, fmt.Sprintf("-%d", len(freed)), left, actor)
	})
	if err != nil {
		return TaskResult{}, fmt.Errorf("detach messages from task %d: %w", id, err)
	}
	return result, nil
}

// freeConversations has conversations lead to a task no more, of which no message does.
func freeConversations(ctx context.Context, q *db.Queries, written *[]OutboxEvent, task int64, conversations []int64) error {
	rows, err := q.TasksOfConversations(ctx, conversations)
	if err != nil {
		return fmt.Errorf("read links to tasks: %w", err)
	}
	for _, r := range rows {
		if r.TaskID != task {
			continue
		}
		if r.Made {
			return fmt.Errorf("%w: task %d was made of their conversation", ErrConflict, task)
		}
		attached, err := q.AttachedLinkOf(ctx, db.AttachedLinkOfParams{TaskID: task, ConversationID: r.ConversationID})
		if err != nil {
			return fmt.Errorf("look for the link: %w", err)
		}
		if len(attached) > 0 {
			return fmt.Errorf("%w: their conversation was attached to task %d as saying the same", ErrConflict, task)
		}
		if err := q.UnlinkConversation(ctx, db.UnlinkConversationParams{ConversationID: r.ConversationID, TaskID: task}); err != nil {
			return fmt.Errorf("free conversation %d: %w", r.ConversationID, err)
		}
	}
	return reopenProposals(ctx, q, written, task, conversations)
}

// reopenProposals has proposals wait again that were settled because their messages led to a task.
func reopenProposals(ctx context.Context, q *db.Queries, written *[]OutboxEvent, task int64, conversations []int64) error {
	proposals, err := q.ReopenSettledProposals(ctx, db.ReopenSettledProposalsParams{ConversationIds: conversations, TaskID: task})
	if err != nil {
		return fmt.Errorf("open proposals again: %w", err)
	}
	for _, p := range proposals {
		rows, err := q.ProposalMessages(ctx, []int64{p.ID})
		if err != nil {
			return fmt.Errorf("read messages of proposal %d: %w", p.ID, err)
		}
		ids := make([]int64, 0, len(rows))
		for _, r := range rows {
			ids = append(ids, r.MessageID)
		}
		if err := emitProposal(ctx, q, written, p, ids, []string{"status"}); err != nil {
			return err
		}
	}
	return nil
}

func lockTask(ctx context.Context, q *db.Queries, id int64) (*eventsv1.Task, error) {
	if _, err := q.LockTask(ctx, id); errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	} else if err != nil {
		return nil, fmt.Errorf("lock task %d: %w", id, err)
	}
	return getTask(ctx, q, id)
}

// tellMoved writes and announces that other messages lead to a task now, and has their
// conversations judged again.
func tellMoved(ctx context.Context, q *db.Queries, result *TaskResult, difference string, conversations []int64, actor Actor) (err error) {
	id := result.Task.GetId()
	for _, c := range conversations {
		if err := q.JudgeAgain(ctx, c); err != nil {
			return fmt.Errorf("have conversation %d judged again: %w", c, err)
		}
	}
	if err := q.InsertTaskHistory(ctx, db.InsertTaskHistoryParams{
		TaskID: id, Field: fieldMessages, NewValue: &difference, ActorKind: actor.Kind, ActorName: actor.Name}); err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	if result.Task, err = getTask(ctx, q, id); err != nil {
		return err
	}
	result.Changed = []string{fieldMessages}
	return emit(ctx, q, &result.Events, bus.SubjectTaskUpdated, &eventsv1.Event{
		Payload: &eventsv1.Event_TaskUpdated{TaskUpdated: &eventsv1.TaskUpdated{Task: result.Task, Changed: result.Changed}}})
}
