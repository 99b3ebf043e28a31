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
	"unicode/utf8"
)

// Message is one message to be summarised.
type Message struct {
	// Chat tells chats apart; ChatName is shown, or Chat where it is "".
	Chat, ChatName string
	Author         string
	Text           string
	SentAt         time.Time
}

// Bounds of what is shown; everything is counted.
const (
	maxChats     = 20
	maxPeople    = 5
	maxQuotes    = 5
	maxQuestions = 5
	maxLinks     = 10
	maxQuote     = 200 // characters
	maxName      = 40  // characters
)

// Make writes the summary as Markdown, in the language that most messages are in
// (English, Ukrainian or Russian), with times in tz. Messages are oldest first.
func Make(messages []Message, tz *time.Location) string {
	if len(messages) == 0 {
		return ""
	}
	w := &writer{words: wordsOf(language(messages)), tz: tz}
	chats := byChat(messages)
	w.line(w.words.total, len(messages), len(chats), people(messages))
	w.line(w.words.busiest, busiestHour(messages, tz))
	for _, chat := range chats[:min(len(chats), maxChats)] {
		w.chat(chat)
	}
	if left := len(chats) - maxChats; left > 0 {
		w.line("\n"+w.words.moreChats, left)
	}
	w.links(messages)
	return strings.TrimSpace(w.String())
}

// byChat groups messages, the busiest chat first.
func byChat(messages []Message) [][]Message {
	index := map[string]int{}
	var chats [][]Message
	for _, m := range messages {
		i, ok := index[m.Chat]
		if !ok {
			i = len(chats)
			index[m.Chat] = i
			chats = append(chats, nil)
		}
		chats[i] = append(chats[i], m)
	}
	slices.SortStableFunc(chats, func(a, b []Message) int { return cmp.Compare(len(b), len(a)) })
	return chats
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
	words words
	tz    *time.Location
}

func (w *writer) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

func (w *writer) chat(messages []Message) {
	name := cmp.Or(messages[0].ChatName, messages[0].Chat)
	w.line("\n## %s", plain(name, maxName))
	w.line(w.words.chat, len(messages), topAuthors(messages))
	if quotes := key(messages, maxQuotes); len(quotes) > 0 {
		w.line("\n%s", w.words.quotes)
		w.quotes(quotes)
	}
	if questions := questions(messages); len(questions) > 0 {
		w.line("\n%s", w.words.questions)
		w.quotes(questions)
	}
}

func (w *writer) quotes(messages []Message) {
	for _, m := range messages {
		w.line("- %s %s: %s", m.SentAt.In(w.tz).Format("15:04"), plain(m.Author, maxName), plain(m.Text, maxQuote))
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
		shown = append(shown, fmt.Sprintf("%s (%d)", plain(name, maxName), counts[name]))
	}
	if len(names) > maxPeople {
		shown = append(shown, fmt.Sprintf("+%d", len(names)-maxPeople))
	}
	return strings.Join(shown, ", ")
}

// questions are the last messages that ask something.
func questions(messages []Message) []Message {
	var found []Message
	for i := len(messages) - 1; i >= 0 && len(found) < maxQuestions; i-- {
		if strings.Contains(link.ReplaceAllString(messages[i].Text, ""), "?") {
			found = append(found, messages[i])
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
			if !seen[url] && len(found) < maxLinks && len(url) <= 500 {
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

// plain makes one line of a text, of at most so many characters.
func plain(text string, most int) string {
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	runes := []rune(text)
	return strings.TrimSpace(string(runes[:most-1])) + "…"
}
