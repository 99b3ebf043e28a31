package store

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// correct keeps what a person changes of a category or priority that was the machine's, beside
// what the machine had said, and takes that back where it is changed back.
func correct(ctx context.Context, q *db.Queries, was db.TaskDetail, edit TaskEdit, changes []TaskChange, actor Actor) error {
	if actor.Kind != "user" || !was.AiGenerated {
		return nil
	}
	kind, changed := "", false
	for _, c := range changes {
		if c.Field != "category" && c.Field != "priority" {
			continue
		}
		changed = true
		if slices.Contains(was.Unconfirmed, c.Field) {
			kind = orElse(kind, c.Field)
		}
	}
	switch {
	case kind != "":
		return keepCorrection(ctx, q, was, kind, edit.Category, edit.Priority, actor)
	case changed:
		return q.UndoTaskFeedback(ctx, db.UndoTaskFeedbackParams{TaskID: &was.ID, Category: edit.Category, Priority: edit.Priority})
	default:
		return nil
	}
}

// keepCorrection stores what a person said of a task that the machine made of a conversation;
// of any other nothing is kept.
func keepCorrection(ctx context.Context, q *db.Queries, was db.TaskDetail, kind, category, priority string, actor Actor) error {
	made, err := q.MakerOfTask(ctx, was.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	yes := true
	return q.InsertFeedback(ctx, db.InsertFeedbackParams{Kind: kind, TaskID: &was.ID, ConversationID: &made.ID, Actor: actor.Name,
		MachineIsIssue: &yes, MachineCategory: &was.Category, MachinePriority: &was.Priority, MachineConfidence: was.Confidence,
		MachineProvider: made.Provider, MachineModel: made.Model, IsIssue: &yes, Category: &category, Priority: &priority})
}
