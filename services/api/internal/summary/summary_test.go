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
		"Запитання:": {"Який чек загубився?", "Її звіт не сходиться", "ok"},
		"Вопросы:":   {"Который чек потерялся? Это ещё не всё", "Мы разбираемся", "ok"},
		"Questions:": {"Which receipt is lost?", "The report is wrong", "Ок"},
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
	key, _, _ := strings.Cut(got, "Questions:")
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
		many[i] = summary.Message{Chat: fmt.Sprint(i % 300), Author: strings.Repeat("ж", 500), Text: strings.Repeat("слово? ", 50) + fmt.Sprint(i) + "\u202e\n## heading", SentAt: time.Unix(int64(i), 0)}
	}
	got := summary.Make(many, time.UTC)
	if !utf8.ValidString(got) || utf8.RuneCountInString(got) > 65_536 {
		t.Errorf("%d characters", utf8.RuneCountInString(got))
	}
	if strings.Contains(got, "\n## heading") {
		t.Error("a message broke out of its line")
	}
}
