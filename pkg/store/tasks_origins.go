package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// confirmOrigin keeps that a person saw an issue in the first of the messages that a task
// is made from, and has the conversations of all judged again: what the machine proposed
// of them is settled then, and it makes no second task of them.
func confirmOrigin(ctx context.Context, q *db.Queries, n NewTask, actor Actor) error {
	if len(n.MessageIDs) == 0 {
		return nil
	}
	conversations, err := q.LockConversationsOfMessages(ctx, n.MessageIDs)
	if err != nil {
		return fmt.Errorf("lock conversations: %w", err)
	}
	for _, id := range conversations {
		if err := q.JudgeAgain(ctx, id); err != nil {
			return fmt.Errorf("have conversation %d judged again: %w", id, err)
		}
	}
	if n.Category == CategorySummary {
		return nil // no issue
	}
	first := n.MessageIDs[0]
	own, err := q.LockConversationOfMessage(ctx, first)
	if err != nil {
		return fmt.Errorf("lock conversation: %w", err)
	}
	was, err := q.LockClassification(ctx, first)
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("%w: %d", ErrNoMessage, first)
	}
	if err != nil {
		return fmt.Errorf("lock message %d: %w", first, err)
	}
	_, err = opine(ctx, q, was, own, actor, &Opinion{IsIssue: true, Category: n.Category, Priority: n.Priority})
	return err
}

// tellOrigins announces the messages that lead to a new task, once all do.
func tellOrigins(ctx context.Context, q *db.Queries, ids []int64, made *TaskResult) error {
	if len(ids) == 0 {
		return nil
	}
	rows, err := q.MessagesByIDs(ctx, ids)
	if err != nil {
		return fmt.Errorf("read %d messages: %w", len(ids), err)
	}
	leads := make(map[int64]int64, len(rows))
	for _, r := range rows {
		leads[r.ID] = r.TaskID
	}
	for _, id := range ids {
		switch task, exists := leads[id]; {
		case !exists:
			return fmt.Errorf("%w: %d", ErrNoMessage, id)
		case task != made.Task.GetId():
			return fmt.Errorf("%w: message %d already leads to task %d", ErrConflict, id, task)
		}
	}
	return emitMessages(ctx, q, &made.Events, ids)
}
