package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// UndoProposal brings back what was before the last decision. The task of an accepted
// proposal is cancelled, unless people have changed it since: that is ErrConflict, and so is
// a proposal about which there is nothing to undo.
func (s *Store) UndoProposal(ctx context.Context, id int64, actor Actor) (ProposalDecision, error) {
	return s.changeProposal(ctx, id, actor, func(d *deciding) error {
		if d.was.Previous == nil {
			return fmt.Errorf("%w: there is nothing to undo", ErrConflict)
		}
		var p previously
		if err := json.Unmarshal(d.was.Previous, &p); err != nil {
			return fmt.Errorf("read what was before: %w", err)
		}
		if d.was.TaskID != nil { // what was said in its conversation since leads to the task too
			if err := d.release(ctx, *d.was.TaskID, slices.Concat(p.Linked, without(d.messages, p.Kept))); err != nil {
				return err
			}
		}
		d.next = db.WriteProposalParams{ID: id, Status: p.Status, Title: p.Title, Description: p.Description, Category: p.Category, Priority: p.Priority,
			Assignee: p.Assignee, DueAt: p.DueAt, DecidedAt: p.DecidedAt, DecidedBy: p.DecidedBy, SnoozedUntil: p.SnoozedUntil}
		if err := d.q.UndoFeedback(ctx, &id); err != nil {
			return fmt.Errorf("take feedback back: %w", err)
		}
		return nil
	})
}

// release frees messages from a task; that of an accepted proposal is cancelled.
func (d *deciding) release(ctx context.Context, task int64, messages []int64) error {
	if err := d.q.LockTaskLinks(ctx); err != nil {
		return fmt.Errorf("lock links: %w", err)
	}
	if _, err := d.q.LockTask(ctx, task); err != nil {
		return fmt.Errorf("lock task %d: %w", task, err)
	}
	row, err := d.q.GetTask(ctx, task)
	if err != nil {
		return fmt.Errorf("read task %d: %w", task, err)
	}
	accepted, from := d.was.Status == ProposalAccepted, []int64{task}
	if accepted {
		changed, err := d.q.ChangedByPeople(ctx, task)
		if err != nil {
			return fmt.Errorf("look at the history of task %d: %w", task, err)
		}
		if changed {
			return fmt.Errorf("%w: people have changed task %d since", ErrConflict, task)
		}
	} else if kept, err := d.keptLocked(ctx, task); err != nil {
		return err
	} else if kept != task {
		from = append(from, kept)
	}
	if err := d.free(ctx, from, messages); err != nil {
		return err
	}
	if !accepted {
		if err := d.settleLink(ctx, task, LinkMerged, LinkOpen); err != nil {
			return err
		}
		return d.tell(ctx, from[len(from)-1], []string{fieldMessages})
	}
	if d.was.ConversationID != nil {
		if err := d.q.LinksBecomeOfProposal(ctx, db.LinksBecomeOfProposalParams{ConversationID: *d.was.ConversationID, TaskID: task}); err != nil {
			return fmt.Errorf("turn links of the task into links of the proposal: %w", err)
		}
	}
	old, edit := editOf(row), editOf(row)
	edit.Status = "cancelled"
	result, err := d.store.writeTask(ctx, d.q, task, edit, old.changes(edit), d.actor)
	if err != nil {
		return fmt.Errorf("cancel task %d: %w", task, err)
	}
	d.result.Task, d.result.Events = result.Task, result.Events
	return nil
}

// keptLocked is what a task was merged into, itself where it was not.
func (d *deciding) keptLocked(ctx context.Context, task int64) (int64, error) {
	kept, err := d.q.KeptTask(ctx, task)
	if err != nil {
		return 0, fmt.Errorf("find what task %d was merged into: %w", task, err)
	}
	if kept == 0 || kept == task {
		return task, nil
	}
	if _, err := d.q.LockTask(ctx, kept); err != nil {
		return 0, fmt.Errorf("lock task %d: %w", kept, err)
	}
	return kept, nil
}

// free takes messages and the conversation from tasks. Where another has them by now it is
// ErrConflict.
func (d *deciding) free(ctx context.Context, tasks, messages []int64) error {
	for _, task := range tasks {
		freed, err := d.q.UnlinkMessages(ctx, db.UnlinkMessagesParams{TaskID: task, MessageIds: messages})
		if err != nil {
			return fmt.Errorf("free messages: %w", err)
		}
		d.linked = append(d.linked, freed...)
		if d.was.ConversationID == nil {
			continue
		}
		if err := d.q.UnlinkConversation(ctx, db.UnlinkConversationParams{ConversationID: *d.was.ConversationID, TaskID: task}); err != nil {
			return fmt.Errorf("free the conversation: %w", err)
		}
	}
	leads, err := d.leadsTo(ctx)
	if err != nil {
		return fmt.Errorf("look where its messages lead: %w", err)
	}
	if leads != 0 {
		return fmt.Errorf("%w: its messages lead to task %d now", ErrConflict, leads)
	}
	return nil
}

// linksOfTask has what the proposal was linked to linked to the task that it became.
func (d *deciding) linksOfTask(ctx context.Context, task int64) error {
	if d.was.ConversationID == nil {
		return nil
	}
	_, err := d.q.LinksBecomeOfTasks(ctx, db.LinksBecomeOfTasksParams{ConversationIds: []int64{*d.was.ConversationID}, TaskIds: []int64{task}})
	if err != nil {
		return fmt.Errorf("turn links of the proposal into links of the task: %w", err)
	}
	return nil
}

// settleLink notes what became of the link between the proposal and a task, if there is one.
func (d *deciding) settleLink(ctx context.Context, task int64, was, is string) error {
	if d.was.ConversationID == nil {
		return nil
	}
	err := d.q.SettleProposalLink(ctx, db.SettleProposalLinkParams{ConversationID: *d.was.ConversationID, TaskID: task, Was: was, Status: is, DecidedBy: d.actor.Name})
	if err != nil {
		return fmt.Errorf("settle the link to task %d: %w", task, err)
	}
	return nil
}
