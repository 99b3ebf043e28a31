package decide

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tasktracker/tasktracker/pkg/conversation"
	"github.com/tasktracker/tasktracker/pkg/store"
)

func TestTitle(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Hi all! The login page crashes when I press enter. It worked yesterday.": "The login page crashes when I press enter",
		"привіт, колеги, не можу зайти в адмінку":                                 "Не можу зайти в адмінку",
		"Всем привет!\nКоллеги, после деплоя падает оплата картой.":               "После деплоя падает оплата картой",
		"@oksana please fix the export to CSV":                                    "Fix the export to CSV",
		"Доброго дня! @ivan_petrov чи може хтось подивитись, чому звіт порожній?": "Подивитись, чому звіт порожній?",
		"Команда deploy не працює":                                                "Команда deploy не працює",
		"team lead is ill":                                 "Team lead is ill",
		"api.go:42 panics on nil map":                      "api.go:42 panics on nil map",
		"fooBar is missing from the export":                "fooBar is missing from the export",
		"https://example.com/a/b\nThe page above is blank": "The page above is blank",
		"<img src=x> in a name breaks the page":            "<img src=x> in a name breaks the page",
		"ok":                                               "Ok",
		"🔥🔥🔥":                                              "🔥🔥🔥",
		"  \n ":                                            "",
		"v1.2.3 is broken on staging. Please roll it back": "v1.2.3 is broken on staging",
	} {
		if got := titleOf(text); got != want {
			t.Errorf("%q is called %q, want %q", text, got, want)
		}
	}
}

func TestTitleIsShort(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		strings.Repeat("довге слово ", 3000), strings.Repeat("а", 30_000), strings.Repeat("word ", 30) + "end",
	} {
		got := titleOf(text)
		if n := utf8.RuneCountInString(got); n > maxTitle || n < maxTitle/2 {
			t.Errorf("%d characters: %q", n, got)
		}
		if strings.Contains(text, " ") && !strings.Contains(text, strings.ToLower(strings.TrimSuffix(got, "…"))+" ") {
			t.Errorf("%q is not cut at the end of a word", got)
		}
	}
}

func TestTitleOfTheProviderWins(t *testing.T) {
	t.Parallel()
	got := title(turn{verdict: store.Verdict{Title: " restore  the login "}, messages: nil}, store.Conversation{})
	if got != "Restore the login" {
		t.Errorf("title %q", got)
	}
}

func TestWhatHoldsNoWordsIsCalledSoInTheLanguageOfTheChat(t *testing.T) {
	t.Parallel()
	said := func(text string) store.Utterance {
		return store.Utterance{Utterance: conversation.Utterance{Text: text}}
	}
	picture := turn{messages: []store.Utterance{said("")}}
	for want, c := range map[string]store.Conversation{
		"Message without words": {Around: []string{"the export is slow", "дякую", "see the picture"}},
		"Повідомлення без слів": {Around: []string{"не можу зайти в адмінку", "ok", "гляньте, будь ласка"}},
		"Сообщение без слов":    {Messages: []store.Utterance{said(""), said("вот это всё")}},
	} {
		if got := title(picture, c); got != want {
			t.Errorf("called %q, want %q", got, want)
		}
	}
}

func FuzzTitle(f *testing.F) {
	f.Add("Hi all! x")
	f.Add("@@@ привіт, ")
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "")
		got := title(turn{messages: []store.Utterance{{Utterance: conversation.Utterance{Text: text}}}}, store.Conversation{})
		if n := utf8.RuneCountInString(got); n < 1 || n > maxTitle+1 || strings.ContainsAny(got, "\n\r") || !utf8.ValidString(got) {
			t.Errorf("%q is called %q", text, got)
		}
	})
}
