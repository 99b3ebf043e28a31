package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// HoldConversations keeps conversations that no classifier could judge, for the reason in
// Fallback: until after delay, or as long again as they have been held, at most longest. One
// that has gone, or is just being grouped anew, is left alone: that has it judged anew, or the lease does.
func (s *Store) HoldConversations(ctx context.Context, held []Judgement, delay, longest time.Duration) error {
	ids := make([]int64, 0, len(held))
	for _, h := range held {
		ids = append(ids, h.Conversation.ID)
	}
	err := s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		rows, err := q.LockIdleConversations(ctx, ids)
		if err != nil || len(rows) == 0 {
			return err
		}
		locked := make(map[int64]bool, len(rows))
		for _, r := range rows {
			locked[r.ID] = true
		}
		ids = slices.DeleteFunc(ids, func(id int64) bool { return !locked[id] })
		var attempts db.InsertAttemptsParams
		for _, h := range held {
			if locked[h.Conversation.ID] {
				addAttempt(&attempts, h.Conversation.ID, h.Conversation.Version, Judgement{Fallback: h.Fallback}, Decision{})
			}
		}
		if err := q.HoldConversations(ctx, db.HoldConversationsParams{Ids: ids, Delay: delay, Longest: longest}); err != nil {
			return err
		}
		if err := q.InsertAttempts(ctx, attempts); err != nil {
			return err
		}
		return q.TrimAttempts(ctx, ids)
	})
	if err != nil {
		return fmt.Errorf("hold %d conversations: %w", len(held), err)
	}
	return nil
}

// Judge stores what a classifier said about conversations and what follows from it,
// as decide says, in one transaction: the classification of messages, tasks, proposals, and
// the events that tell of them. A conversation leads to one task at most, however often it is
// judged, and by whomever; one that is being grouped anew is left for its next judgement.
// An issue that a task says already, as sure as limits want it, is attached to that. decide must not block, and is told what is stored now. ErrInvalid says that the database
// refuses a value of one of them; nothing is stored then.
func (s *Store) Judge(ctx context.Context, judgements []Judgement, decide func(Conversation) Decision, limits DuplicateLimits) (Judged, error) {
	var judged Judged
	err := s.inTxAgain(ctx, func(tx pgx.Tx, _ *db.Queries) error {
		j := judging{store: s, q: db.New(replanned{tx}), limits: limits, byID: make(map[int64]*judgedOne, len(judgements)), announce: map[int64]bool{}, tasksOf: map[int64]*judgedOne{}}
		if err := j.lock(ctx, judgements); err != nil {
			return err
		}
		if len(j.all) == 0 {
			return nil
		}
		if err := j.storeVerdicts(ctx); err != nil {
			return err
		}
		for _, one := range j.all {
			one.decision = decide(one.now)
		}
		if err := j.carryOut(ctx); err != nil {
			return err
		}
		judged = j.result
		return nil
	})
	if err != nil {
		return Judged{}, fmt.Errorf("judge %d conversations: %w", len(judgements), asInvalid(err))
	}
	return judged, nil
}

// judgedOne is a conversation with what was said about it and what follows.
type judgedOne struct {
	Judgement
	now      Conversation // as it is stored, with the verdicts
	decision Decision
}

func (one *judgedOne) messages() []int64 {
	ids := make([]int64, len(one.now.Messages))
	for i, m := range one.now.Messages {
		ids[i] = m.ID
	}
	return ids
}

// judging is one transaction that judges.
type judging struct {
	store  *Store
	q      *db.Queries
	limits DuplicateLimits
	all    []*judgedOne // by id
	byID   map[int64]*judgedOne

	announce map[int64]bool       // messages that look different now
	tasksOf  map[int64]*judgedOne // whose judgement changed a task, by that
	events   db.InsertEventsParams
	result   Judged
}

// lock takes the conversations that nobody changes, and reads those anew that have changed.
func (j *judging) lock(ctx context.Context, judgements []Judgement) error {
	ids := make([]int64, 0, len(judgements))
	for _, judgement := range judgements {
		ids = append(ids, judgement.Conversation.ID)
		j.byID[judgement.Conversation.ID] = &judgedOne{Judgement: judgement, now: judgement.Conversation}
	}
	locked, err := j.q.LockIdleConversations(ctx, ids)
	if err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	changed := map[int64]int64{}
	for _, c := range locked {
		one := j.byID[c.ID]
		j.all = append(j.all, one)
		if one.Conversation.Version != c.Version {
			changed[c.ID] = one.Conversation.Version
		}
	}
	again, err := readConversations(ctx, j.q, changed)
	if err != nil {
		return fmt.Errorf("read %d anew: %w", len(changed), err)
	}
	for _, c := range again {
		j.byID[c.ID].now = c
	}
	j.all = slices.DeleteFunc(j.all, func(one *judgedOne) bool { return len(one.now.Messages) == 0 })
	return nil
}

// storeVerdicts writes what was said about turns, where it was said about what is stored.
func (j *judging) storeVerdicts(ctx context.Context) error {
	var arg db.StoreVerdictsParams
	for _, one := range j.all {
		judged := make(map[int64]*Utterance, len(one.Conversation.Messages))
		for i := range one.Conversation.Messages {
			judged[one.Conversation.Messages[i].ID] = &one.Conversation.Messages[i]
		}
		now := make(map[int64]*Utterance, len(one.now.Messages))
		for i := range one.now.Messages {
			now[one.now.Messages[i].ID] = &one.now.Messages[i]
		}
		for _, v := range one.Verdicts {
			text, err := json.Marshal(v)
			if err != nil {
				return fmt.Errorf("encode verdict: %w", err)
			}
			for i, id := range v.Messages {
				was, is := judged[id], now[id]
				if is == nil || !was.contentAt.Equal(is.contentAt) || was.contentVersion != is.contentVersion {
					continue
				}
				verdict := ""
				is.Judged, is.Verdict = true, nil
				if i == 0 {
					verdict, is.Verdict = string(text), &v
				}
				arg.Ids, arg.Verdicts = append(arg.Ids, id), append(arg.Verdicts, verdict)
				arg.ContentAt, arg.ContentVersions = append(arg.ContentAt, is.contentAt), append(arg.ContentVersions, is.contentVersion)
			}
		}
	}
	if len(arg.Ids) == 0 {
		return nil
	}
	if err := j.q.StoreVerdicts(ctx, arg); err != nil {
		return fmt.Errorf("store verdicts: %w", err)
	}
	return nil
}
