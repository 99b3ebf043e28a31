package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

func sorted(set map[int64]bool) []int64       { return slices.Sorted(maps.Keys(set)) }
func sortedKeys(m map[int64][]string) []int64 { return slices.Sorted(maps.Keys(m)) }
func isOpen(status string) bool               { return status != "completed" && status != "cancelled" }
func (l *linking) moved(messages []int64) {
	for _, id := range messages {
		l.messages[id] = true
	}
}

// merge makes one of two tasks, or of what they were merged into: that which is open is kept, of two open
// ones the first.
func (l *linking) merge(ctx context.Context, first, second int64) error {
	kept, err := l.q.KeptTask(ctx, first)
	if err != nil {
		return fmt.Errorf("find what task %d was merged into: %w", first, err)
	}
	merged, err := l.q.KeptTask(ctx, second)
	if err != nil {
		return fmt.Errorf("find what task %d was merged into: %w", second, err)
	}
	if kept == merged {
		return fmt.Errorf("%w: they are one task already", ErrConflict)
	}
	rows, err := l.q.LockTasks(ctx, []int64{kept, merged})
	if err != nil || len(rows) != 2 {
		return fmt.Errorf("lock tasks %d and %d: %w", kept, merged, err)
	}
	status := map[int64]string{rows[0].ID: rows[0].Status, rows[1].ID: rows[1].Status}
	if !isOpen(status[kept]) && isOpen(status[merged]) {
		kept, merged = merged, kept
	}
	before := linkBefore{Status: l.link.Status, Previous: l.before, Kept: kept, Merged: merged, MergedStatus: status[merged]}
	if before.Messages, err = l.q.MoveOrigins(ctx, db.MoveOriginsParams{FromTask: merged, ToTask: kept}); err != nil {
		return fmt.Errorf("move messages: %w", err)
	}
	conversations, err := l.q.MoveConversations(ctx, db.MoveConversationsParams{FromTask: merged, ToTask: kept})
	if err != nil {
		return fmt.Errorf("move conversations: %w", err)
	}
	for _, c := range conversations {
		before.Conversations, before.Made = append(before.Conversations, c.ConversationID), append(before.Made, c.Made)
	}
	if err := l.setDuplicateOf(ctx, merged, &kept, status[merged], "cancelled"); err != nil {
		return err
	}
	if err := l.history(ctx, kept, fieldMessages, nil, fmt.Sprintf("%d more, of task %d, which is merged into this one", len(before.Messages), merged)); err != nil {
		return err
	}
	l.moved(before.Messages)
	l.note(kept, fieldMessages)
	l.settle(LinkMerged, before)
	return nil
}

// unmerge gives a merged task back what it was, its messages and conversations, wherever
// they have gone with the task that it was merged into.
func (l *linking) unmerge(ctx context.Context) error {
	b := l.before
	kept, err := l.q.KeptTask(ctx, b.Kept)
	if err != nil {
		return fmt.Errorf("find what task %d was merged into: %w", b.Kept, err)
	}
	from := []int64{b.Kept, kept}
	rows, err := l.q.LockTasks(ctx, []int64{b.Kept, kept, b.Merged})
	if err != nil {
		return fmt.Errorf("lock tasks: %w", err)
	}
	said, err := l.q.MessagesOfConversations(ctx, b.Conversations) // also what was said since
	if err != nil {
		return fmt.Errorf("read what was said since: %w", err)
	}
	moved, err := l.q.MoveSomeOrigins(ctx, db.MoveSomeOriginsParams{MessageIds: append(said, b.Messages...), FromTasks: from, ToTask: b.Merged})
	if err != nil {
		return fmt.Errorf("move messages back: %w", err)
	}
	err = l.q.MoveSomeConversations(ctx, db.MoveSomeConversationsParams{ConversationIds: b.Conversations, Made: b.Made, FromTasks: from, ToTask: b.Merged})
	if err != nil {
		return fmt.Errorf("move conversations back: %w", err)
	}
	for _, t := range rows {
		if t.ID == b.Merged && t.Status == "cancelled" && t.KeptID != t.ID { // else a person has opened it meanwhile
			if err := l.setDuplicateOf(ctx, b.Merged, nil, t.Status, b.MergedStatus); err != nil {
				return err
			}
		}
	}
	if err := l.history(ctx, kept, fieldMessages, nil, fmt.Sprintf("%d fewer: task %d is a task of its own again", len(moved), b.Merged)); err != nil {
		return err
	}
	l.moved(moved)
	l.note(kept, fieldMessages)
	l.note(b.Merged, fieldMessages)
	l.restore(b.Status, b.Previous)
	if b.Status == LinkRefused && b.Previous != nil && b.Previous.Status == LinkAttached { // it was split off before, and is again
		return l.feedback(ctx, "split")
	}
	return l.takeFeedbackBack(ctx)
}

// setDuplicateOf writes which task another was merged into, with its history.
func (l *linking) setDuplicateOf(ctx context.Context, task int64, into *int64, was, is string) error {
	if err := l.q.SetDuplicateOf(ctx, db.SetDuplicateOfParams{ID: task, DuplicateOfID: into, Status: is}); err != nil {
		return fmt.Errorf("write task %d: %w", task, err)
	}
	if was != is {
		if err := l.history(ctx, task, "status", &was, is); err != nil {
			return err
		}
	}
	text := ""
	if into != nil {
		text = fmt.Sprint(*into)
	}
	l.note(task, "status", "duplicate_of_id")
	return l.history(ctx, task, "duplicate_of_id", nil, text)
}

// history adds an entry by the person.
func (l *linking) history(ctx context.Context, task int64, field string, from *string, to string) error {
	err := l.q.InsertTaskHistory(ctx, db.InsertTaskHistoryParams{TaskID: task, Field: field, OldValue: from, NewValue: some(to), ActorKind: l.actor.Kind, ActorName: l.actor.Name})
	if err != nil {
		return fmt.Errorf("write history of task %d: %w", task, err)
	}
	return nil
}

// detach makes a task of its own of what the machine attached.
func (l *linking) detach(ctx context.Context) error {
	var issue said
	if err := json.Unmarshal(l.link.Issue, &issue); err != nil {
		return fmt.Errorf("read what was attached: %w", err)
	}
	if l.link.ConversationID == nil {
		return fmt.Errorf("%w: its conversation has become part of another", ErrConflict)
	}
	conversation := *l.link.ConversationID
	messages, err := l.q.MessagesOfConversations(ctx, []int64{conversation})
	if err != nil {
		return fmt.Errorf("read what was attached: %w", err)
	}
	task := NewTask{Title: issue.Title, Description: issue.Description, Category: issue.Category, Priority: issue.Priority, Source: issue.Source,
		AIGenerated: true, Confidence: &issue.Confidence, Assignee: issue.Assignee, DueAt: issue.DueAt}
	if err := l.splitOff(ctx, task, messages, []int64{conversation}, true); err != nil {
		return err
	}
	l.settle(LinkRefused, linkBefore{Status: LinkAttached})
	return l.feedback(ctx, "split")
}

// splitOff makes a task of messages that lead to the link's task, which becomes the link's
// other one.
func (l *linking) splitOff(ctx context.Context, task NewTask, messages, conversations []int64, made bool) error {
	kept, err := l.q.KeptTask(ctx, l.link.TaskID)
	if err != nil {
		return fmt.Errorf("find what task %d was merged into: %w", l.link.TaskID, err)
	}
	id, err := l.store.insertTask(ctx, l.q, task, l.actor)
	if err != nil {
		return fmt.Errorf("make a task: %w", err)
	}
	from := []int64{l.link.TaskID, kept}
	moved, err := l.q.MoveSomeOrigins(ctx, db.MoveSomeOriginsParams{MessageIds: messages, FromTasks: from, ToTask: id})
	if err != nil {
		return fmt.Errorf("move messages: %w", err)
	}
	arg := db.MoveSomeConversationsParams{ConversationIds: conversations, FromTasks: from, ToTask: id}
	for range conversations {
		arg.Made = append(arg.Made, made)
	}
	if err := l.q.MoveSomeConversations(ctx, arg); err != nil {
		return fmt.Errorf("move conversations: %w", err)
	}
	if err := l.history(ctx, kept, fieldMessages, nil, fmt.Sprintf("%d fewer, split off as task %d", len(moved), id)); err != nil {
		return err
	}
	l.link.OtherTaskID, l.made = &id, id
	l.moved(moved)
	l.note(kept, fieldMessages)
	l.note(id, fieldMessages)
	return nil
}
