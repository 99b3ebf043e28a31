package digest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf16"
)

// MaxPost is the most that a message at Telegram holds, in UTF-16 code units.
const MaxPost = 4096

const (
	maxPostLine   = 200 // characters of a finding or of a title
	maxPostAuthor = 40
	// maxPostCentral bounds what happened, which says least in few words.
	maxPostCentral = 3
	// maxPostItems bounds every other list; where that is too much for MaxPost, all hold less.
	maxPostItems = 10
)

// TaskLine is a task as a Post names it.
type TaskLine struct {
	ID    int64  `json:"id"`
	Title string `json:"title"`
}

// Said is a stored summary, as far as a Post tells of it.
type Said struct {
	Summary
	NewTasks    []TaskLine `json:"new_tasks"`
	ClosedTasks []TaskLine `json:"closed_tasks"`
	Counts      struct {
		Messages int64 `json:"messages"`
		Authors  int64 `json:"authors"`
		Chats    int64 `json:"chats"`
	} `json:"counts"`
}

// Post is a summary as plain text that a chat takes as one message.
type Post struct {
	Text string
	// LeftOut counts the findings and tasks that Text has no room for, Shortened those that it does not quote to their end.
	LeftOut, Shortened int
}

// PostOf writes the Post of a stored summary; see Said.Post.
func PostOf(summary json.RawMessage, from, to time.Time, zone *time.Location) (Post, error) {
	var said Said
	if err := json.Unmarshal(summary, &said); err != nil {
		return Post{}, fmt.Errorf("read a stored summary: %w", err)
	}
	return said.Post(from, to, zone), nil
}

// Post writes the summary of what was said from one time until before another, by the clock of zone, in the language
// of most messages. Nobody is called by it: a name with an @ is written so that Telegram makes no mention of it.
func (s Said) Post(from, to time.Time, zone *time.Location) Post {
	w := postWords[s.Language]
	if w.title == "" {
		w = postWords["en"]
	}
	for most := maxPostItems; ; most-- {
		p := postOf(s, w, from.In(zone), to.In(zone), most)
		if most == 1 || Units(p.Text) <= MaxPost {
			return p
		}
	}
}

func postOf(s Said, w postLanguage, from, to time.Time, most int) Post {
	p := &post{words: w, zone: from.Location()}
	fmt.Fprintf(&p.text, "%s: %s\n", w.title, w.span(from, to))
	fmt.Fprintf(&p.text, w.counts+"\n", s.Counts.Messages, s.Counts.Authors, s.Counts.Chats)
	p.findings(w.happened, s.WhatHappened, min(most, maxPostCentral))
	p.findings(w.decisions, s.Decisions, most)
	p.findings(w.blockers, s.Blockers, most)
	p.findings(w.promises, s.Promises, most)
	p.findings(w.questions, s.Questions, most)
	p.tasks(w.newTasks, s.NewTasks, most)
	p.tasks(w.closedTasks, s.ClosedTasks, most)
	return Post{Text: strings.TrimRight(p.text.String(), "\n"), LeftOut: p.leftOut, Shortened: p.shortened}
}

// post is a Post that is being written.
type post struct {
	words              postLanguage
	zone               *time.Location
	text               strings.Builder
	leftOut, shortened int
}

// findings writes the last of a list, which is in the order in which it was said.
func (p *post) findings(head string, list []Finding, most int) {
	left := max(0, len(list)-most)
	p.list(head, len(list), left, func(i int) string {
		f := list[left+i]
		line := p.line(f.Text)
		if f.Author != nil {
			line += " — " + quiet(Plain(*f.Author, maxPostAuthor))
		}
		if f.DueAt != nil {
			line += fmt.Sprintf(" (%s)", p.words.due(f.DueAt.In(p.zone)))
		}
		return line
	})
}

// tasks writes the first of a list, which has the newest first.
func (p *post) tasks(head string, list []TaskLine, most int) {
	p.list(head, len(list), max(0, len(list)-most), func(i int) string {
		return fmt.Sprintf("%s (№%d)", p.line(list[i].Title), list[i].ID)
	})
}

func (p *post) list(head string, all, left int, line func(int) string) {
	if all == 0 {
		return
	}
	fmt.Fprintf(&p.text, "\n%s\n", head)
	for i := range all - left {
		p.text.WriteString("• " + line(i) + "\n")
	}
	if left > 0 {
		fmt.Fprintf(&p.text, p.words.more+"\n", left)
		p.leftOut += left
	}
}

func (p *post) line(text string) string {
	line := Plain(text, maxPostLine)
	if line != Plain(text, len(text)+1) {
		p.shortened++
	}
	return quiet(line)
}

// mention is what Telegram takes for the name of somebody, who is told of the message.
var mention = regexp.MustCompile(`(^|[^\pL\pN_])@(\w)`)

// quiet puts an invisible character into mentions.
func quiet(text string) string { return mention.ReplaceAllString(text, "${1}@\u2060${2}") }

// Units is the length of a text as Telegram measures it.
func Units(text string) int {
	n := 0
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}
