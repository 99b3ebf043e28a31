// Package summary says in short what was talked about, without a model: it counts,
// and quotes the messages that are most like the rest of their chat. It invents
// nothing: every sentence of people in it is a quote.
package summary

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tasktracker/tasktracker/pkg/digest"
)

// Message is one message to be summarised.
type Message struct {
	// Chat tells chats apart; ChatName is shown, or Chat where it is "".
	Chat, ChatName string
	// Topic tells the topics of a chat apart, "" where it has none; TopicName is shown, or Topic where it is "".
	Topic, TopicName string
	// ID is unique within the chat; ReplyTo is the ID of the message that it answers, or "".
	ID, ReplyTo string
	Author      string
	Text        string
	SentAt      time.Time
}

// Bounds of what is shown; everything is counted.
const (
	maxChats     = 20
	maxSections  = 20 // chats and topics with quotes of their own; a chat has at least one
	maxTopics    = 8  // of one chat
	maxPeople    = 5
	maxQuotes    = 5
	maxQuestions = 5
	maxLinks     = 10
	maxQuote     = 200 // characters
	maxName      = 40  // characters
	maxURL       = 500 // bytes
	// maxCompared bounds the messages from which quotes are chosen, over all chats: so
	// many take about 0.4 s of one core and 12 KB each meanwhile (BenchmarkMake).
	maxCompared = 10_000
)

// Make writes the summary as Markdown, in the language that most messages are in
// (English, Ukrainian or Russian), with times in tz. Messages are oldest first.
func Make(messages []Message, tz *time.Location) string {
	if len(messages) == 0 {
		return ""
	}
	w := &writer{words: wordsOf(languages(messages).Most()), tz: tz}
	chats := groupBy(messages, func(m Message) string { return m.Chat })
	w.line(w.words.total, len(messages), len(chats), people(messages))
	w.line(w.words.busiest, busiestHour(messages, tz))
	shown := chats[:min(len(chats), maxChats)]
	w.compared = maxCompared / len(shown)
	w.topics = min(maxTopics, max(1, maxSections/len(shown)))
	for _, chat := range shown {
		w.chat(chat)
	}
	if left := len(chats) - maxChats; left > 0 {
		w.line("\n"+w.words.moreChats, left)
	}
	w.links(messages)
	return strings.TrimSpace(w.String())
}

// groupBy groups messages by a key, the largest group first.
func groupBy(messages []Message, key func(Message) string) [][]Message {
	index := map[string]int{}
	var groups [][]Message
	for _, m := range messages {
		k := key(m)
		i, ok := index[k]
		if !ok {
			i = len(groups)
			index[k] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], m)
	}
	slices.SortStableFunc(groups, func(a, b []Message) int { return cmp.Compare(len(b), len(a)) })
	return groups
}

func people(messages []Message) int {
	authors := map[string]bool{}
	for _, m := range messages {
		authors[m.Author] = true
	}
	return len(authors)
}

func busiestHour(messages []Message, tz *time.Location) string {
	var hours [24]int
	for _, m := range messages {
		hours[m.SentAt.In(tz).Hour()]++
	}
	best := 0
	for hour, n := range hours {
		if n > hours[best] {
			best = hour
		}
	}
	return fmt.Sprintf("%02d:00–%02d:00", best, (best+1)%24)
}

type writer struct {
	strings.Builder
	words    words
	tz       *time.Location
	compared int // messages of a chat from which quotes are chosen
	topics   int // topics of a chat that are shown
}

func (w *writer) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

func (w *writer) chat(messages []Message) {
	name := cmp.Or(messages[0].ChatName, messages[0].Chat)
	w.line("\n## %s", digest.Plain(name, maxName))
	w.line(w.words.chat, len(messages), topAuthors(messages))
	if len(messages) > w.compared {
		messages = messages[len(messages)-w.compared:]
		w.line(w.words.bound, len(messages))
	}
	topics := groupBy(messages, func(m Message) string { return m.Topic })
	// What stands in no topic has no heading but the chat's own, so it comes first.
	slices.SortStableFunc(topics, func(a, b []Message) int { return cmp.Compare(min(len(a[0].Topic), 1), min(len(b[0].Topic), 1)) })
	for _, topic := range topics[:min(len(topics), w.topics)] {
		first := topic[0]
		if first.Topic != "" {
			w.line("\n### %s", digest.Plain(cmp.Or(first.TopicName, w.words.topic+" "+first.Topic), maxName))
		}
		w.highlights(topic)
	}
	if left := len(topics) - w.topics; left > 0 {
		w.line("\n"+w.words.moreTopics, left)
	}
}

func (w *writer) highlights(messages []Message) {
	if quotes := key(messages); len(quotes) > 0 {
		w.line("\n%s", w.words.quotes)
		w.quotes(quotes)
	}
	if questions := openQuestions(messages); len(questions) > 0 {
		w.line("\n%s", w.words.questions)
		w.quotes(questions)
	}
}

// key are the messages that say most of what a chat is about, in the order in which they
// were sent.
func key(messages []Message) []Message {
	texts := make([]string, len(messages))
	for i, m := range messages {
		texts[i] = m.Text
	}
	var found []Message
	for _, i := range digest.Central(texts, maxQuotes) {
		found = append(found, messages[i])
	}
	return found
}

func languages(messages []Message) (l digest.Languages) {
	for _, m := range messages {
		l.Add(m.Text)
	}
	return l
}

func (w *writer) quotes(messages []Message) {
	for _, m := range messages {
		w.line("- %s %s: %s", m.SentAt.In(w.tz).Format("15:04"), digest.Plain(m.Author, maxName), digest.Plain(m.Text, maxQuote))
	}
}

func topAuthors(messages []Message) string {
	counts := map[string]int{}
	for _, m := range messages {
		counts[m.Author]++
	}
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	shown := make([]string, 0, maxPeople)
	for _, name := range names[:min(len(names), maxPeople)] {
		shown = append(shown, fmt.Sprintf("%s (%d)", digest.Plain(name, maxName), counts[name]))
	}
	if len(names) > maxPeople {
		shown = append(shown, fmt.Sprintf("+%d", len(names)-maxPeople))
	}
	return strings.Join(shown, ", ")
}

// openQuestions are the last messages that ask something and that nobody answered by a
// reply to them.
func openQuestions(messages []Message) []Message {
	answered := map[string]bool{}
	for _, m := range messages {
		answered[m.ReplyTo] = true
	}
	var found []Message
	for i := len(messages) - 1; i >= 0 && len(found) < maxQuestions; i-- {
		m := messages[i]
		if strings.Contains(link.ReplaceAllString(m.Text, ""), "?") && (m.ID == "" || !answered[m.ID]) {
			found = append(found, m)
		}
	}
	slices.Reverse(found)
	return found
}

var link = regexp.MustCompile(`https?://[^\s<>"]+`)

func (w *writer) links(messages []Message) {
	var found []string
	seen := map[string]bool{}
	for _, m := range messages {
		for _, url := range link.FindAllString(m.Text, -1) {
			url = strings.TrimRight(url, ".,;:!?)]}»")
			if !seen[url] && len(found) < maxLinks && len(url) <= maxURL {
				seen[url] = true
				found = append(found, url)
			}
		}
	}
	if len(found) > 0 {
		w.line("\n%s", w.words.links)
	}
	for _, url := range found {
		w.line("- %s", url)
	}
}
