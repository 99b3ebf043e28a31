package decide

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tasktracker/tasktracker/pkg/entities"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telegram"
)

// Bounds of what is quoted, in characters.
const (
	maxEvidence = 4000
	maxQuoted   = 1000
)

// evidence quotes what makes it an issue, with who said it and when.
func evidence(turns []turn) string {
	var quoted []string
	length := 0
	for _, t := range turns {
		for _, m := range t.messages {
			text := strings.TrimSpace(m.Text)
			if text == "" {
				continue
			}
			text = cut(text, maxQuoted)
			author := m.AuthorName
			if author == "" {
				author = "Unknown"
			}
			part := fmt.Sprintf("%s, %s:\n> %s", author, m.At.UTC().Format("2006-01-02 15:04 UTC"), strings.ReplaceAll(text, "\n", "\n> "))
			if length += len([]rune(part)); length > maxEvidence && len(quoted) > 0 {
				return strings.Join(append(quoted, "…"), "\n\n")
			}
			quoted = append(quoted, part)
		}
	}
	return strings.Join(quoted, "\n\n")
}

// everyone are mentions that name nobody.
var everyone = []string{"all", "everyone", "here", "channel", "team", "усі", "всі", "все"}

// named finds the earliest deadline among what makes it an issue, and whom the deciding turn asks, where it is
// one person. What is missing is looked for in what was said after that: "@ivan can you take it? By Friday".
func (p Policy) named(deciding turn, issues, after []turn) (due *time.Time, assignee *string) {
	if due = p.earliest(issues); due == nil {
		due = p.earliest(after)
	}
	if assignee = p.asked(deciding); assignee != nil {
		return due, assignee
	}
	for _, t := range after {
		if assignee = p.asked(t); assignee != nil && turnsTo(t) {
			return due, assignee
		}
	}
	return due, nil
}

// earliest is the first deadline that turns name; nil for none.
func (p Policy) earliest(turns []turn) (due *time.Time) {
	for _, t := range turns {
		for _, m := range t.messages {
			for _, e := range p.find(m) {
				if e.Kind == entities.KindDate && e.Date.IsDeadline && (due == nil || e.Date.To.Before(*due)) && e.Date.To.Year() <= 9999 {
					due = &e.Date.To
				}
			}
		}
	}
	return due
}

// asked is whom a turn names, where it is one person.
func (p Policy) asked(t turn) *string {
	var asked []string
	for _, m := range t.messages {
		for _, e := range p.find(m) {
			if e.Kind == entities.KindMention && !slices.Contains(everyone, strings.ToLower(e.Value)) && !slices.Contains(asked, e.Value) {
				asked = append(asked, e.Value)
			}
		}
	}
	if len(asked) != 1 {
		return nil
	}
	return &asked[0]
}

// thanks are beginnings of words of who speaks to somebody without asking for anything.
var thanks = []string{"thank", "thx", "great", "nice", "дяк", "спасиб", "супер", "молод", "круто"}

// turnsTo tells whether a turn speaks to whom it names, to ask for something.
func turnsTo(t turn) bool {
	text := strings.ToLower(strings.TrimSpace(t.messages[0].Text))
	return strings.HasPrefix(text, "@") && !slices.ContainsFunc(strings.Fields(text), func(word string) bool {
		return slices.ContainsFunc(thanks, func(begin string) bool { return strings.HasPrefix(word, begin) })
	})
}

// find is what a message names; people without an @name too, where its channel marked them.
func (p Policy) find(m store.Utterance) []entities.Entity {
	return entities.Find(m.Text, m.At, p.Zone, telegram.Mentions(m.Raw, m.Text))
}
