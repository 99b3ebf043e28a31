package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// linkBefore is what undoing a decision about a link brings back: the status that it had,
// with what that in turn undoes, and for a merge what was moved.
type linkBefore struct {
	Status   string      `json:"status"`
	Previous *linkBefore `json:"previous,omitempty"`
	// Of a merge: the tasks, what the merged one was, and what was moved.
	Kept          int64   `json:"kept,omitempty"`
	Merged        int64   `json:"merged,omitempty"`
	MergedStatus  string  `json:"merged_status,omitempty"`
	Messages      []int64 `json:"messages,omitempty"`
	Conversations []int64 `json:"conversations,omitempty"`
	Made          []bool  `json:"made,omitempty"`
}

// linking is one decision about links. Links are changed one at a time.
type linking struct {
	store    *Store
	q        *db.Queries
	actor    Actor
	link     db.TaskLink
	before   *linkBefore // of link
	messages map[int64]bool
	changed  map[int64][]string // fields, by task
	events   []OutboxEvent
	made     int64 // a task that was split off; 0 for none
}

// AcceptLink says that the two are the same: the open task is kept, of two open ones that which was there
// first; the other is cancelled and its messages lead to the one that is kept. It returns ErrNotFound, and
// ErrConflict for a link that was decided, or is of a proposal: that is merged by MergeProposal.
func (s *Store) AcceptLink(ctx context.Context, id int64, actor Actor) (LinkDecision, error) {
	return s.decideLink(ctx, id, actor, func(l *linking) error {
		if l.link.Status != LinkOpen {
			return fmt.Errorf("%w: it is %s", ErrConflict, l.link.Status)
		}
		if l.link.OtherTaskID == nil {
			return fmt.Errorf("%w: the other is a proposal, which is merged as such", ErrConflict)
		}
		if err := l.merge(ctx, l.link.TaskID, *l.link.OtherTaskID); err != nil {
			return err
		}
		return l.feedback(ctx, "same")
	})
}

// RefuseLink says that the two are not the same, for ever: neither is it asked again, nor are
// messages attached. What was attached becomes a task of its own. Errors are as of AcceptLink.
func (s *Store) RefuseLink(ctx context.Context, id int64, actor Actor) (LinkDecision, error) {
	return s.decideLink(ctx, id, actor, func(l *linking) error {
		switch l.link.Status {
		case LinkOpen:
			l.settle(LinkRefused, linkBefore{Status: LinkOpen, Previous: l.before})
			return l.feedback(ctx, "different")
		case LinkAttached:
			return l.detach(ctx)
		}
		return fmt.Errorf("%w: it is %s", ErrConflict, l.link.Status)
	})
}

// UndoLink brings back what was before the last decision, be it a person's or, of what was
// attached, the machine's. ErrConflict says that there is nothing to undo.
func (s *Store) UndoLink(ctx context.Context, id int64, actor Actor) (LinkDecision, error) {
	return s.decideLink(ctx, id, actor, func(l *linking) error {
		switch {
		case l.link.Status == LinkAttached:
			return l.detach(ctx)
		case l.before == nil:
			return fmt.Errorf("%w: there is nothing to undo", ErrConflict)
		case l.link.Status == LinkMerged:
			return l.unmerge(ctx)
		case l.before.Status == LinkAttached && l.link.OtherTaskID != nil:
			if err := l.merge(ctx, l.link.TaskID, *l.link.OtherTaskID); err != nil {
				return err
			}
			return l.takeFeedbackBack(ctx)
		}
		l.restore(l.before.Status, l.before.Previous)
		return l.takeFeedbackBack(ctx)
	})
}

// LinkTasks says that two tasks may be the same, or, with merge, that they are: the first is
// merged into the second where that is open. ErrConflict says that they are one already,
// ErrNotFound and ErrNoTask that the first or the second does not exist.
func (s *Store) LinkTasks(ctx context.Context, id, other int64, merge bool, actor Actor) (LinkDecision, error) {
	return s.changeLinks(ctx, actor, []int64{id, other}, func(l *linking) (int64, error) {
		for i, task := range []int64{id, other} {
			row, err := l.q.GetTask(ctx, task)
			if errors.Is(err, pgx.ErrNoRows) {
				return 0, []error{ErrNotFound, ErrNoTask}[i]
			}
			if err != nil {
				return 0, fmt.Errorf("read task %d: %w", task, err)
			}
			if row.Category == CategorySummary {
				return 0, fmt.Errorf("%w: task %d is a summary", ErrConflict, task)
			}
		}
		if id == other {
			return 0, fmt.Errorf("%w: a task is the same as itself", ErrConflict)
		}
		ids, err := l.q.LinkOfPair(ctx, db.LinkOfPairParams{A: id, B: other})
		if err != nil {
			return 0, fmt.Errorf("look for their link: %w", err)
		}
		if len(ids) == 0 {
			made, err := l.q.InsertTaskLink(ctx, db.InsertTaskLinkParams{TaskID: other, OtherTaskID: id, CreatedBy: l.actor.Name})
			if err != nil {
				return 0, fmt.Errorf("link: %w", err)
			}
			ids = []int64{made}
		}
		if err := l.read(ctx, ids[0]); err != nil {
			return 0, err
		}
		if !merge {
			if l.link.Status == LinkRefused { // the person has changed his mind
				l.settle(LinkOpen, linkBefore{Status: LinkRefused, Previous: l.before})
			}
			l.noteBoth()
			return ids[0], nil
		}
		if l.link.Status == LinkMerged {
			return 0, fmt.Errorf("%w: one is merged into the other", ErrConflict)
		}
		if err := l.merge(ctx, other, id); err != nil {
			return 0, err
		}
		return ids[0], l.feedback(ctx, "merge")
	})
}

// decideLink locks a link with what it is of, and lets decide change it.
func (s *Store) decideLink(ctx context.Context, id int64, actor Actor, decide func(*linking) error) (LinkDecision, error) {
	found, err := s.GetLink(ctx, id)
	if err != nil {
		return LinkDecision{}, err
	}
	tasks := []int64{found.TaskID, found.KeptTaskID}
	if found.OtherTaskID != nil {
		tasks = append(tasks, *found.OtherTaskID)
	}
	return s.changeLinks(ctx, actor, tasks, func(l *linking) (int64, error) {
		if err := l.read(ctx, id); err != nil {
			return 0, err
		}
		if err := decide(l); err != nil {
			return 0, err
		}
		l.noteBoth()
		return id, nil
	})
}

// changeLinks takes the locks in the order in which judging does: conversations, links, tasks.
func (s *Store) changeLinks(ctx context.Context, actor Actor, tasks []int64, change func(*linking) (int64, error)) (LinkDecision, error) {
	var decision LinkDecision
	err := s.inTxAgain(ctx, func(_ pgx.Tx, q *db.Queries) error {
		conversations, err := q.ConversationsOfTasks(ctx, tasks)
		if err != nil {
			return fmt.Errorf("find their conversations: %w", err)
		}
		if err := q.LockConversations(ctx, conversations); err != nil {
			return fmt.Errorf("lock their conversations: %w", err)
		}
		if err := q.LockTaskLinks(ctx); err != nil {
			return fmt.Errorf("lock links: %w", err)
		}
		if _, err := q.LockTasks(ctx, tasks); err != nil {
			return fmt.Errorf("lock tasks: %w", err)
		}
		l := &linking{store: s, q: q, actor: actor, messages: map[int64]bool{}, changed: map[int64][]string{}}
		id, err := change(l)
		if err != nil {
			return err
		}
		decision, err = l.finish(ctx, id)
		return err
	})
	if err != nil {
		return LinkDecision{}, fmt.Errorf("decide about tasks %v: %w", tasks, err)
	}
	return decision, nil
}

func (l *linking) read(ctx context.Context, id int64) (err error) {
	if l.link, err = l.q.LockTaskLink(ctx, id); err != nil {
		return fmt.Errorf("lock link %d: %w", id, err)
	}
	l.before = nil
	if l.link.Previous == nil {
		return nil
	}
	l.before = &linkBefore{}
	if err := json.Unmarshal(l.link.Previous, l.before); err != nil {
		return fmt.Errorf("read what was before: %w", err)
	}
	return nil
}

// settle notes what was decided and what undoing it brings back.
func (l *linking) settle(status string, before linkBefore) {
	now := time.Now()
	l.link.Status, l.link.DecidedBy, l.link.DecidedAt, l.before = status, l.actor.Name, &now, &before
}

// restore notes what was brought back.
func (l *linking) restore(status string, previous *linkBefore) {
	l.link.Status, l.before = status, previous
	if previous == nil {
		l.link.DecidedBy, l.link.DecidedAt = "", nil
	}
}

// noteBoth has both tasks announced.
func (l *linking) noteBoth() {
	l.note(l.link.TaskID, fieldLinks)
	if l.link.OtherTaskID != nil {
		l.note(*l.link.OtherTaskID, fieldLinks)
	}
}

func (l *linking) note(task int64, fields ...string) {
	for _, field := range fields {
		if !slices.Contains(l.changed[task], field) {
			l.changed[task] = append(l.changed[task], field)
		}
	}
}

// feedback keeps what the person said beside what the machine had said.
func (l *linking) feedback(ctx context.Context, kind string) error {
	k := l.link
	given := db.InsertFeedbackParams{Kind: kind, ConversationID: k.ConversationID, TaskID: &k.TaskID, Reason: k.Reason, Actor: l.actor.Name, LinkID: &k.ID}
	if k.Score != nil {
		given.MachineConfidence, given.MachineProvider = k.Score, ptr("similar")
	}
	if err := l.q.InsertFeedback(ctx, given); err != nil {
		return fmt.Errorf("keep feedback: %w", err)
	}
	return nil
}

func (l *linking) takeFeedbackBack(ctx context.Context) error {
	if err := l.q.UndoLinkFeedback(ctx, &l.link.ID); err != nil {
		return fmt.Errorf("take feedback back: %w", err)
	}
	return nil
}

// finish writes the link and announces what looks different.
func (l *linking) finish(ctx context.Context, id int64) (LinkDecision, error) {
	arg := db.WriteTaskLinkParams{ID: id, Status: l.link.Status, OtherTaskID: l.link.OtherTaskID, DecidedBy: l.link.DecidedBy, DecidedAt: l.link.DecidedAt}
	if l.before != nil {
		previous, err := json.Marshal(l.before)
		if err != nil {
			return LinkDecision{}, fmt.Errorf("encode what was before: %w", err)
		}
		arg.Previous = previous
	}
	if err := l.q.WriteTaskLink(ctx, arg); err != nil {
		return LinkDecision{}, fmt.Errorf("write link: %w", err)
	}
	if err := emitMessages(ctx, l.q, &l.events, sorted(l.messages)); err != nil {
		return LinkDecision{}, err
	}
	for _, task := range sortedKeys(l.changed) {
		now, err := getTask(ctx, l.q, task)
		if err != nil {
			return LinkDecision{}, err
		}
		subject, event := bus.SubjectTaskUpdated, &eventsv1.Event{Payload: &eventsv1.Event_TaskUpdated{TaskUpdated: &eventsv1.TaskUpdated{Task: now, Changed: l.changed[task]}}}
		if task == l.made {
			subject, event = bus.SubjectTaskCreated, &eventsv1.Event{Payload: &eventsv1.Event_TaskCreated{TaskCreated: &eventsv1.TaskCreated{Task: now}}}
		}
		if err := emit(ctx, l.q, &l.events, subject, event); err != nil {
			return LinkDecision{}, err
		}
	}
	if err := emitStats(ctx, l.q, &l.events, "task_updated", l.link.TaskID); err != nil {
		return LinkDecision{}, err
	}
	decision := LinkDecision{Events: l.events}
	var err error
	if decision.Link, err = getLink(ctx, l.q, id); err != nil {
		return LinkDecision{}, err
	}
	// The one that is kept first, whichever that is.
	if decision.Task, err = getTask(ctx, l.q, decision.Link.KeptTaskID); err != nil {
		return LinkDecision{}, err
	}
	other := decision.Link.TaskID
	if o := decision.Link.OtherTaskID; o != nil && *o != decision.Task.GetId() {
		other = *o
	}
	if other != decision.Task.GetId() {
		decision.Other, err = getTask(ctx, l.q, other)
	}
	return decision, err
}
