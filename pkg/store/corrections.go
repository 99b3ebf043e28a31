package store

import (
	"context"
	"slices"

	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/conversation"
	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// Correction is what a person said of a turn.
type Correction struct {
	// ConversationID is that which the turn is of now.
	ConversationID int64
	// Input is what is judged of it, as it is now.
	Input   classify.Input
	IsIssue bool
	// Category is empty where the person named none.
	Category string
	// Machine is what the machine had said; its IsIssue is nil where it had said nothing.
	Machine Saying
}

// correctionsAtATime bounds the conversations that are in memory at a time.
const correctionsAtATime = 200

func readCorrections(ctx context.Context, q *db.Queries, limit int) ([]Correction, error) {
	rows, err := q.ListCorrections(ctx, int32(limit))
	if err != nil {
		return nil, err
	}
	var all []Correction
	seen := map[int64]bool{} // by the first message of a turn
	for part := range slices.Chunk(rows, correctionsAtATime) {
		versions := map[int64]int64{}
		for _, r := range part {
			versions[r.ConversationID] = 0
		}
		conversations, err := readConversations(ctx, q, versions)
		if err != nil {
			return nil, err
		}
		byID := make(map[int64]Conversation, len(conversations))
		for _, c := range conversations {
			byID[c.ID] = c
		}
		for _, r := range part {
			turn, found := correctedTurn(byID[r.ConversationID], r.MessageID)
			if !found || seen[turn.Messages[0]] {
				continue
			}
			seen[turn.Messages[0]] = true
			c := Correction{ConversationID: r.ConversationID, Input: turn.Input, IsIssue: r.IsIssue, Category: r.Category}
			c.Machine.IsIssue, c.Machine.Category = r.MachineIsIssue, some(r.MachineCategory)
			all = append(all, c)
		}
	}
	return all, nil
}

// correctedTurn is the turn that a message is of; where message is 0, the one that decided: of
// those that are surest, the first.
func correctedTurn(c Conversation, message int64) (found conversation.Turn, ok bool) {
	said := make([]conversation.Utterance, len(c.Messages))
	sure := map[int64]float64{}
	for i, m := range c.Messages {
		said[i] = m.Utterance
		said[i].Judged = false // all turns are wanted
		if m.Verdict != nil {
			sure[m.ID] = m.Verdict.Probability
		}
	}
	surest := -1.0
	for _, t := range conversation.Turns(said, nil) {
		if message != 0 {
			if slices.Contains(t.Messages, message) {
				return t, true
			}
			continue
		}
		if p := sure[t.Messages[0]]; p > surest {
			found, ok, surest = t, true, p
		}
	}
	return found, ok
}
