package summary_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tasktracker/tasktracker/services/api/internal/summary"
)

func day(texts ...string) []summary.Message {
	var messages []summary.Message
	for i, text := range texts {
		messages = append(messages, summary.Message{
			Chat: "telegram/-5", ChatName: "Каса", Author: []string{"Олена", "Tom"}[i%2], Text: text,
			SentAt: time.Date(2026, 11, 16, 10, i, 0, 0, time.UTC),
		})
	}
	return messages
}

func TestItSpeaksTheLanguageOfTheDay(t *testing.T) {
	t.Parallel()
	for heading, texts := range map[string][]string{
		"Запитання без відповіді:": {"Який чек загубився?", "Її звіт не сходиться", "ok"},
		"Вопросы без ответа:":      {"Который чек потерялся? Это ещё не всё", "Мы разбираемся", "ok"},
		"Open questions:":          {"Which receipt is lost?", "The report is wrong", "Ок"},
	} {
		if got := summary.Make(day(texts...), time.UTC); !strings.Contains(got, heading) {
			t.Errorf("lacks %q:\n%s", heading, got)
		}
	}
}

func TestItQuotesWhatTheDayWasAbout(t *testing.T) {
	t.Parallel()
	texts := []string{
		"Good morning everyone", "The payment gateway times out for two banks", "lol", "Payment to banks fails since the gateway update, see https://x.example/1.",
		"lunch?", "Gateway payments work again after the rollback, banks confirmed",
	}
	got := summary.Make(day(texts...), time.UTC)
	key, _, _ := strings.Cut(got, "Open questions:")
	for _, want := range []string{texts[1], texts[5]} {
		if !strings.Contains(key, want) {
			t.Errorf("does not quote %q:\n%s", want, got)
		}
	}
	if !strings.Contains(got, "- https://x.example/1\n") && !strings.HasSuffix(got, "- https://x.example/1") {
		t.Errorf("lacks the link:\n%s", got)
	}
}

func TestAnyInputGivesABoundedText(t *testing.T) {
	t.Parallel()
	if got := summary.Make(nil, time.UTC); got != "" {
		t.Errorf("of nothing: %q", got)
	}
	many := make([]summary.Message, 10_000)
	for i := range many {
		many[i] = summary.Message{Chat: fmt.Sprint(i % 300), Topic: fmt.Sprint(i % 7), TopicName: strings.Repeat("т", 300), Author: strings.Repeat("ж", 500), Text: strings.Repeat("слово? ", 50) + fmt.Sprint(i) + "\u202e\n## heading", SentAt: time.Unix(int64(i), 0)}
	}
	got := summary.Make(many, time.UTC)
	if !utf8.ValidString(got) || utf8.RuneCountInString(got) > 65_536 {
		t.Errorf("%d characters", utf8.RuneCountInString(got))
	}
	if strings.Contains(got, "\n## heading") {
		t.Error("a message broke out of its line")
	}
}

func TestTopicsOfAChatAreToldApart(t *testing.T) {
	t.Parallel()
	messages := day("Release on Friday", "Printer is broken", "Friday release is fine", "Printer on floor two is broken", "Anything else?")
	for i, topic := range []string{"7", "9", "7", "9", ""} {
		messages[i].Topic = topic
	}
	messages[0].TopicName, messages[2].TopicName = "Releases", "Releases"
	got := summary.Make(messages, time.UTC)
	general, rest, _ := strings.Cut(got, "### Releases")
	releases, printers, named := strings.Cut(rest, "### Topic 9")
	if !named || !strings.Contains(general, "Anything else?") || !strings.Contains(releases, "Release on Friday") || strings.Contains(releases, "Printer") || !strings.Contains(printers, "Printer is broken") {
		t.Errorf("topics are not apart:\n%s", got)
	}
}

func TestAQuestionThatWasAnsweredIsNotOpen(t *testing.T) {
	t.Parallel()
	messages := day("Who has the key?", "I have", "Where is the report?", "see https://x.example/?a=1")
	for i := range messages {
		messages[i].ID = fmt.Sprint(i + 1)
	}
	messages[1].ReplyTo = "1"
	_, open, _ := strings.Cut(summary.Make(messages, time.UTC), "Open questions:")
	open, _, _ = strings.Cut(open, "##")
	if strings.Contains(open, "Who has the key?") || !strings.Contains(open, "Where is the report?") || strings.Contains(open, "x.example") {
		t.Errorf("open questions: %s", open)
	}
}

// Quotes are chosen from a bounded number, which the text tells; counted are all.
func TestTheBoundOfABusyDayIsTold(t *testing.T) {
	t.Parallel()
	many := make([]summary.Message, 10_001)
	for i := range many {
		many[i] = summary.Message{Chat: "c", Author: "A", Text: "release number " + fmt.Sprint(i%50), SentAt: time.Unix(int64(i), 0)}
	}
	got := summary.Make(many, time.UTC)
	if !strings.Contains(got, "Messages: 10001, ") || !strings.Contains(got, "from the last 10000 messages") {
		t.Errorf("the bound is not told:\n%s", got)
	}
	if got := summary.Make(many[:10_000], time.UTC); strings.Contains(got, "from the last") {
		t.Errorf("a bound is told that was not reached:\n%s", got)
	}
}
