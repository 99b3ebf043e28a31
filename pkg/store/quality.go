package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// OutcomeUndecided is that of a proposal or task about which no person has decided yet.
const OutcomeUndecided = "undecided"

// Judge is one version of who judges: a provider ("unknown" where none is known), its model, and the version of
// its weights or prompt. Version is all three as one name.
type Judge struct {
	Version, Provider, Model, PromptVersion string
}

// Decided counts the proposals and tasks about which people decided.
type Decided struct {
	Right, Wrong int64
}

// Outcomes counts what came out so; Reason is "" but for what was rejected.
type Outcomes struct {
	Outcome, Reason string
	Count           int64
}

// Quality is what people thought of what the machine said.
type Quality struct {
	// Outcomes holds those that there are, in the order of their names.
	Outcomes []Outcomes
	Versions map[Judge]Decided
}

// AIDecision is something that the machine said, and what became of it.
type AIDecision struct {
	// Subject is "proposal", "task" or "message", and ID the id of that. MessageID is the first message that it was
	// made of, or itself; 0 where that is not known any more.
	Subject                string
	ID, MessageID          int64
	MadeAt                 time.Time
	Title, Outcome, Reason string
	DecidedAt              *time.Time
	TaskID                 *int64
	Version                string
}

// DecisionFilter selects decisions; a zero field but the span selects all.
type DecisionFilter struct {
	// From is included, Before is not; both are of when it was proposed or made, or a message was sent.
	From, Before time.Time
	// ChatID is of a chat with what it was before it moved.
	ChatID                   string
	Outcome, Reason, Version string
	// Right selects those about which people decided that they were right, or that they were not; nil selects all.
	Right *bool
	// Accepted selects proposals that people accepted, as they were or changed.
	Accepted bool
	// Limit is 1 to 500.
	Limit  int
	Cursor string
}

// DecisionPage is a page of decisions, newest first; NextCursor is "" on the last.
type DecisionPage struct {
	Decisions  []AIDecision
	NextCursor string
}

// Quality counts what people decided about what the machine proposed, made and said of messages from `from`
// until before `before`, in one chat or, where chat is "", in all.
func (s *Store) Quality(ctx context.Context, from, before time.Time, chat string) (Quality, error) {
	chats, err := s.chatIDs(ctx, chat)
	if err != nil {
		return Quality{}, err
	}
	rows, err := s.planned.CountAIDecisions(ctx, db.CountAIDecisionsParams{FromAt: from, BeforeAt: before, ChatIds: chats})
	if err != nil {
		return Quality{}, fmt.Errorf("count decisions: %w", err)
	}
	q := Quality{Versions: map[Judge]Decided{}}
	counts := map[Outcomes]int64{}
	for _, r := range rows {
		counts[Outcomes{Outcome: r.Outcome, Reason: r.Reason}] += r.N
		if !r.Decided {
			continue
		}
		judge := Judge{Version: r.Version, Provider: r.Provider, Model: r.Model, PromptVersion: r.PromptVersion}
		d := q.Versions[judge]
		if r.IsRight {
			d.Right += r.N
		} else {
			d.Wrong += r.N
		}
		q.Versions[judge] = d
	}
	for o, n := range counts {
		q.Outcomes = append(q.Outcomes, Outcomes{o.Outcome, o.Reason, n})
	}
	slices.SortFunc(q.Outcomes, func(a, b Outcomes) int {
		return slices.Compare([]string{a.Outcome, a.Reason}, []string{b.Outcome, b.Reason})
	})
	return q, nil
}

// subjects are those of decisions, in the order in which a list has those of one moment.
var subjects = []string{"message", "proposal", "task"}

// ListDecisions gives one page of the decisions that fit every filter. It returns ErrBadCursor for a cursor that
// it did not make.
func (s *Store) ListDecisions(ctx context.Context, f DecisionFilter) (DecisionPage, error) {
	chats, err := s.chatIDs(ctx, f.ChatID)
	if err != nil {
		return DecisionPage{}, err
	}
	arg := db.ListAIDecisionsParams{FromAt: f.From, BeforeAt: f.Before, ChatIds: chats, Outcome: some(f.Outcome), Reason: some(f.Reason),
		Version: some(f.Version), IsRight: f.Right, Accepted: f.Accepted, MaxRows: int64(f.Limit) + 1}
	if f.Cursor != "" {
		at, numbers, err := readCursor(f.Cursor, 2)
		if err != nil {
			return DecisionPage{}, err
		}
		if numbers[0] < 0 || numbers[0] >= int64(len(subjects)) {
			return DecisionPage{}, ErrBadCursor
		}
		arg.AfterAt, arg.AfterSubject, arg.AfterID = &at, &subjects[numbers[0]], &numbers[1]
	}
	rows, err := s.planned.ListAIDecisions(ctx, arg)
	if err != nil {
		return DecisionPage{}, fmt.Errorf("list decisions: %w", err)
	}
	page := DecisionPage{}
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		last := rows[f.Limit-1]
		page.NextCursor = cursorAt(last.MadeAt, int64(slices.Index(subjects, last.Subject)), last.ID)
	}
	for _, r := range rows {
		page.Decisions = append(page.Decisions, AIDecision(r))
	}
	return page, nil
}
