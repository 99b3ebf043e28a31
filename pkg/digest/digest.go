// Package digest finds, without a model, what a time's messages say: decisions, blockers,
// promises and questions by the words that mark them, in English, Ukrainian and Russian and
// in their mixtures, and the messages nearest to what all are about. It invents nothing:
// whatever it finds is part of a message, letter by letter. It is pure.
//
// Messages are added in portions, in the order in which they were sent; what was found
// until then is a State, which can be stored and gone on with.
package digest

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/tasktracker/tasktracker/pkg/entities"
)

// Bounds of a State and of a Summary.
const (
	// MaxFindings bounds each list: the last found are kept.
	MaxFindings = 20
	// MaxCentral bounds what happened.
	MaxCentral = 10
	// maxCandidates bounds the messages of which MaxCentral are chosen, portionCentral those
	// of one portion.
	maxCandidates  = 1000
	portionCentral = 20
	maxQuote       = 400 // characters of a quote
	maxText        = 200 // characters of a text
	maxBytes       = 20_000
)

// Message is one message.
type Message struct {
	ID int64
	// Chat tells chats apart; ExternalID is unique within it, ReplyTo is that of the message
	// that it answers, or "". Topic is that of a chat with topics.
	Chat, Topic, ExternalID, ReplyTo string
	Author                           string
	Text                             string
	SentAt                           time.Time
}

// Quote is part of a message.
type Quote struct {
	MessageID int64  `json:"message_id"`
	Quote     string `json:"quote"`
}

// Finding is one thing that was said.
type Finding struct {
	Text   string  `json:"text"`
	Quotes []Quote `json:"quotes"`
	// Author is nil where several said it; DueAt where no time was named.
	Author *string    `json:"author"`
	SentAt time.Time  `json:"sent_at"`
	DueAt  *time.Time `json:"due_at"`
}

// found is a finding with where it was said.
type found struct {
	Finding
	// Of a question: whom a reply names, and where others answer without naming it.
	Chat       string `json:"chat,omitempty"`
	Topic      string `json:"topic,omitempty"`
	ExternalID string `json:"external_id,omitempty"`
}

// State is what was found in the messages added until now. The zero value is of none.
type State struct {
	Decisions []found   `json:"decisions,omitempty"`
	Blockers  []found   `json:"blockers,omitempty"`
	Promises  []found   `json:"promises,omitempty"`
	Questions []found   `json:"questions,omitempty"`
	Languages Languages `json:"languages"`
	// Candidates are the ids of messages that say what a portion is about.
	Candidates []int64 `json:"candidates,omitempty"`
}

// Add goes through a portion of messages, which follow those added before. zone is where
// people's days begin.
func (s *State) Add(portion []Message, zone *time.Location) {
	texts := make([]string, len(portion))
	for i, m := range portion {
		m.Text = cut(m.Text)
		texts[i] = m.Text
		s.Languages.Add(m.Text)
		s.answer(m)
		s.read(m, zone)
	}
	for _, i := range Central(texts, portionCentral) {
		s.Candidates = append(s.Candidates, portion[i].ID)
	}
	if len(s.Candidates) > maxCandidates { // every second one: they stay spread over the time
		kept := s.Candidates[:0]
		for i := 0; i < len(s.Candidates); i += 2 {
			kept = append(kept, s.Candidates[i])
		}
		s.Candidates = kept
	}
}

// cut bounds how much of a message is read.
func cut(text string) string {
	if len(text) > maxBytes {
		text = text[:maxBytes]
	}
	return strings.ToValidUTF8(text, "")
}

// answerWithin is how soon somebody speaks who answers without replying: most do in a chat.
const answerWithin = 10 * time.Minute

// answer takes off the question that a message of somebody else replies to, or follows soon as the
// first that is no question itself.
func (s *State) answer(m Message) {
	asked := m.ReplyTo
	if asked == "" {
		last := -1
		for i, q := range s.Questions {
			if q.Chat == m.Chat && q.Topic == m.Topic {
				last = i
			}
		}
		if last < 0 || m.SentAt.Sub(s.Questions[last].SentAt) > answerWithin || !states(m.Text) {
			return
		}
		asked = s.Questions[last].ExternalID
	}
	s.Questions = slices.DeleteFunc(s.Questions, func(q found) bool {
		return q.Chat == m.Chat && q.ExternalID == asked && *q.Author != m.Author
	})
}

// states reports whether a text says something and asks nothing.
func states(text string) bool {
	return strings.ContainsFunc(text, unicode.IsLetter) && !slices.ContainsFunc(sentences(text), asks)
}

func (s *State) read(m Message, zone *time.Location) {
	for _, sentence := range sentences(m.Text) {
		quote := head(sentence, maxQuote)
		f := found{Finding: Finding{Text: Plain(sentence, maxText), Author: &m.Author, SentAt: m.SentAt, Quotes: []Quote{{m.ID, quote}}}}
		switch classify(sentence) {
		case question:
			f.Chat, f.Topic, f.ExternalID = m.Chat, m.Topic, m.ExternalID
			keep(&s.Questions, f)
		case decision:
			keep(&s.Decisions, f)
		case blocker:
			keep(&s.Blockers, f)
		case promise:
			f.DueAt = due(sentence, m.SentAt, zone)
			keep(&s.Promises, f)
		}
	}
}

// keep adds a finding unless the list has its text, as of a message that was sent twice.
func keep(list *[]found, f found) {
	if slices.ContainsFunc(*list, func(o found) bool { return o.Text == f.Text }) {
		return
	}
	*list = append(*list, f)
	if len(*list) > MaxFindings {
		// Sources are read one after another, so that the last is not the last said.
		slices.SortStableFunc(*list, func(a, b found) int { return a.SentAt.Compare(b.SentAt) })
		*list = slices.Delete(*list, 0, len(*list)-MaxFindings)
	}
}

// due is the deadline that a sentence names, or else the first date ahead; nil for none.
func due(sentence string, at time.Time, zone *time.Location) *time.Time {
	var ahead *time.Time
	for _, e := range entities.Find(sentence, at, zone, nil) {
		switch {
		case e.Date == nil:
		case e.Date.IsDeadline:
			return &e.Date.To
		case ahead == nil && e.Date.To.After(at):
			ahead = &e.Date.To
		}
	}
	return ahead
}

// Summary are the findings of a State.
type Summary struct {
	WhatHappened []Finding `json:"what_happened"`
	Decisions    []Finding `json:"decisions"`
	Blockers     []Finding `json:"blockers"`
	Promises     []Finding `json:"promises"`
	Questions    []Finding `json:"questions"`
	Language     string    `json:"language"`
}

// Quoted are the ids of the messages that Summary needs.
func (s *State) Quoted() []int64 {
	ids := slices.Clone(s.Candidates)
	for _, list := range [][]found{s.Decisions, s.Blockers, s.Promises, s.Questions} {
		for _, f := range list {
			ids = append(ids, f.Quotes[0].MessageID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Summary writes down what was found. Messages are those of Quoted as they are now, in the
// order in which they were sent: what has been changed or removed since is not quoted.
func (s *State) Summary(messages []Message) Summary {
	texts := make(map[int64]string, len(messages))
	for _, m := range messages {
		texts[m.ID] = m.Text
	}
	return Summary{
		WhatHappened: s.Central(messages, MaxCentral), Decisions: still(s.Decisions, texts), Blockers: still(s.Blockers, texts),
		Promises: still(s.Promises, texts), Questions: still(s.Questions, texts), Language: s.Languages.Most(),
	}
}

// still are the findings whose quotes stand.
func still(list []found, texts map[int64]string) []Finding {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b found) int { return a.SentAt.Compare(b.SentAt) })
	kept := make([]Finding, 0, len(list))
	for _, f := range list {
		if strings.Contains(texts[f.Quotes[0].MessageID], f.Quotes[0].Quote) {
			kept = append(kept, f.Finding)
		}
	}
	return kept
}

// Central are, of the messages of Quoted, at most so many that say what all are about.
func (s *State) Central(messages []Message, most int) []Finding {
	candidate := make(map[int64]bool, len(s.Candidates))
	for _, id := range s.Candidates {
		candidate[id] = true
	}
	messages = slices.DeleteFunc(slices.Clone(messages), func(m Message) bool { return !candidate[m.ID] })
	texts := make([]string, len(messages))
	for i, m := range messages {
		texts[i] = cut(m.Text)
	}
	list := make([]Finding, 0, most)
	for _, i := range Central(texts, most) {
		m := messages[i]
		list = append(list, Finding{Text: Plain(m.Text, maxText), Author: &m.Author, SentAt: m.SentAt, Quotes: []Quote{{m.ID, head(m.Text, maxQuote)}}})
	}
	return list
}
