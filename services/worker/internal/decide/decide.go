// Package decide says what follows from the verdicts of a conversation: a task, a proposal
// or nothing, with which words. It is pure.
package decide

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/tasktracker/tasktracker/pkg/store"
)

// Policy is by what is decided. The zero value is of no use.
type Policy struct {
	// TaskThreshold is the least probability of an issue for a task, and
	// ProposalThreshold that for a proposal; both 0 to 1, the second no greater.
	// A TaskThreshold of 1 leaves tasks to people: however sure, the machine proposes.
	TaskThreshold, ProposalThreshold float64
	// Shadow has nothing follow but from a person's word: it is only said what would.
	Shadow bool
	// Zone is where days begin, for deadlines; nil is UTC.
	Zone *time.Location
}

// turn is what one author said in one go, with what is known of it.
type turn struct {
	verdict  store.Verdict
	messages []store.Utterance
}

// Decide says what follows from the verdicts that the messages of a conversation carry. A
// person's word about a message counts as certainty, for the whole turn.
func (p Policy) Decide(c store.Conversation) store.Decision {
	turns := turns(c)
	if len(turns) == 0 {
		return store.Decision{Kind: store.DecisionNothing, Explanation: "it holds no words"}
	}
	decision := store.Decision{Messages: p.classify(turns)}
	at := p.deciding(turns)
	deciding := turns[at]
	verdict := deciding.verdict
	decision.Verdict = &verdict
	for _, t := range turns {
		decision.Probability = max(decision.Probability, t.verdict.Probability)
	}
	decision.Kind, decision.Explanation = p.kind(decision.Probability, verdict.Provider == store.ProviderUser)
	if decision.Kind == store.DecisionNoise {
		decision.Attach = spoken(c)
		return decision
	}
	issues := slices.DeleteFunc(slices.Clone(turns), func(t turn) bool { return t.verdict.Probability < p.ProposalThreshold })
	decision.Category = orDefault(verdict.Category, defaultCategory)
	for _, t := range issues {
		decision.Priority = higher(decision.Priority, orDefault(t.verdict.Priority, defaultPriority))
	}
	decision.Title = title(deciding, c)
	decision.Description = evidence(issues)
	decision.DueAt, decision.Assignee = p.named(deciding, issues, turns[at+1:])
	decision.Attach = spoken(c)
	for _, t := range issues {
		for _, m := range t.messages {
			if !slices.Contains(decision.Attach, m.ID) {
				decision.Attach = append(decision.Attach, m.ID) // a picture amid the words
			}
		}
	}
	return decision
}

// What an issue is taken for of which the classifier named neither: something to do.
const (
	defaultCategory = "chore"
	defaultPriority = "medium"
)

func orDefault(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// higher is the more urgent of two priorities; "" is below all.
func higher(a, b string) string {
	if slices.Index(store.Priorities(), b) > slices.Index(store.Priorities(), a) {
		return b
	}
	return a
}

// turns puts messages and verdicts together.
func turns(c store.Conversation) []turn {
	byID := make(map[int64]store.Utterance, len(c.Messages))
	for _, m := range c.Messages {
		byID[m.ID] = m
	}
	covered := map[int64]bool{}
	var all []turn
	for _, m := range c.Messages {
		if m.Verdict == nil {
			continue
		}
		t := turn{verdict: *m.Verdict}
		for _, id := range m.Verdict.Messages {
			if u, ok := byID[id]; ok && u.Judged && !covered[id] {
				t.messages = append(t.messages, u)
				covered[id] = true
			}
		}
		if len(t.messages) > 0 {
			all = append(all, t.withOpinions())
		}
	}
	for _, m := range c.Messages {
		if m.Opinion != nil && !covered[m.ID] {
			all = append(all, turn{verdict: store.Verdict{Messages: []int64{m.ID}}, messages: []store.Utterance{m}}.withOpinions())
		}
	}
	return all
}

// withOpinions lets a person's word stand for the turn: that some message is an issue, else
// that one is none.
func (t turn) withOpinions() turn {
	for _, m := range t.messages {
		if m.Opinion == nil || t.verdict.Provider == store.ProviderUser && t.verdict.Probability == 1 {
			continue
		}
		t.verdict.Provider, t.verdict.Model, t.verdict.Version, t.verdict.Signals = store.ProviderUser, "", "", nil
		t.verdict.Quote = ""
		t.verdict.Category, t.verdict.Priority = m.Opinion.Category, m.Opinion.Priority
		t.verdict.Probability, t.verdict.Reason = 0, "A person said that this is no issue."
		if m.Opinion.IsIssue {
			t.verdict.Probability, t.verdict.Reason = 1, "A person said that this is an issue."
		}
	}
	return t
}

// deciding is the place of the first turn that is surely an issue, else of the likeliest.
func (p Policy) deciding(turns []turn) int {
	best := 0
	for i, t := range turns {
		if t.verdict.Probability >= p.TaskThreshold {
			return i
		}
		if t.verdict.Probability > turns[best].verdict.Probability {
			best = i
		}
	}
	return best
}

// kind compares a probability with the thresholds, and says so.
func (p Policy) kind(probability float64, person bool) (kind, explanation string) {
	shown := math.Floor(probability*100) / 100 // what is below stays below
	if p.TaskThreshold == 1 && !person {
		shown = min(shown, 0.99)
	}
	switch {
	case probability >= p.TaskThreshold && (person || p.TaskThreshold < 1):
		kind, explanation = store.DecisionTask, fmt.Sprintf("%.2f is at least %.2f: a task", shown, p.TaskThreshold)
	case probability >= p.ProposalThreshold:
		kind, explanation = store.DecisionProposal, fmt.Sprintf("%.2f is at least %.2f and below %.2f: a proposal", shown, p.ProposalThreshold, p.TaskThreshold)
	default:
		kind, explanation = store.DecisionNoise, fmt.Sprintf("%.2f is below %.2f: noise", shown, p.ProposalThreshold)
	}
	if p.Shadow && !person && kind != store.DecisionNoise {
		return store.DecisionShadow, explanation + "; in shadow nothing is made"
	}
	if person {
		explanation = "a person said so; " + explanation
	}
	return kind, explanation
}

// classify gives every message with words the verdict of its turn.
func (p Policy) classify(turns []turn) []store.MessageVerdict {
	var all []store.MessageVerdict
	for _, t := range turns {
		v := t.verdict
		m := store.MessageVerdict{IsIssue: v.Probability >= p.ProposalThreshold, Confidence: 1 - v.Probability, Provider: v.Provider}
		if m.IsIssue {
			m.Confidence = v.Probability
			m.Category, m.Priority = orDefault(v.Category, defaultCategory), orDefault(v.Priority, defaultPriority)
		}
		for _, u := range t.messages {
			if u.Opinion == nil && strings.TrimSpace(u.Text) != "" && v.Provider != store.ProviderUser {
				m.ID = u.ID
				all = append(all, m)
			}
		}
	}
	return all
}

// spoken are the messages with words.
func spoken(c store.Conversation) []int64 {
	var ids []int64
	for _, m := range c.Messages {
		if strings.TrimSpace(m.Text) != "" {
			ids = append(ids, m.ID)
		}
	}
	return ids
}
