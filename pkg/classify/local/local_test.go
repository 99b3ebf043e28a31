package local_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"strings"
	"testing"
	"unicode"

	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/classify/injection"
	"github.com/tasktracker/tasktracker/pkg/classify/local"
)

func built(t testing.TB) *local.Classifier {
	t.Helper()
	c, err := local.New()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func judge(t testing.TB, c *local.Classifier, text string, before ...string) classify.Result {
	t.Helper()
	results, err := c.Classify(context.Background(), []classify.Input{{Text: text, Context: before}})
	if err != nil {
		t.Fatal(err)
	}
	return results[0]
}

func TestPlainMessages(t *testing.T) {
	c := built(t)
	for text, want := range map[string]classify.Category{
		"The app crashes when I open the settings page, stack trace attached":      classify.CategoryBug,
		"Прод лежить, користувачі не можуть увійти, помилка 500":                   classify.CategoryBug,
		"не работает вход в кабинет, пишет ошибку 500":                             classify.CategoryBug,
		"клієнти просять додати експорт у pdf, було б класно таке мати":            classify.CategoryFeature,
		"треба продовжити сертифікат на домені, закінчується у п'ятницю":           classify.CategoryChore,
		"does anyone know where the api keys of the staging environment are kept?": classify.CategoryQuestion,
		"thanks a lot, works now":       classify.CategoryNone,
		"дякую, все запрацювало 🙂":      classify.CategoryNone,
		"доброго ранку всім!":           classify.CategoryNone,
		"+1":                            classify.CategoryNone,
		"о 15:00 мітинг, підключайтесь": classify.CategoryNone,
	} {
		r := judge(t, c, text)
		if r.IsIssue && r.Likely != "" || !r.IsIssue && strings.ContainsFunc(text, unicode.IsLetter) && r.Likely == "" {
			t.Errorf("%q: issue %v, else %q", text, r.IsIssue, r.Likely)
		}
		if r.Category != want || r.IsIssue != (want != classify.CategoryNone) {
			t.Errorf("%q: %q, %.2f: %s", text, r.Category, r.Confidence, r.Reason)
		}
	}
}

// Whatever comes in, a result keeps what package classify promises.
func check(t *testing.T, text string, r classify.Result) {
	t.Helper()
	if r.Confidence < 0 || r.Confidence > 1 || r.Confidence != r.Confidence {
		t.Errorf("confidence %v", r.Confidence)
	}
	if !strings.Contains(text, r.Quote) {
		t.Errorf("quote %q does not occur", r.Quote)
	}
	if r.IsIssue == (r.Category == "") || r.IsIssue == (r.Priority == "") || r.Reason == "" || r.Provider != "local" || r.Version == "" {
		t.Errorf("%+v", r)
	}
}

func TestHostileTexts(t *testing.T) {
	c := built(t)
	for name, text := range map[string]string{
		"empty": "", "spaces": " \n\t ", "emoji": "🔥🔥🔥 👍", "link": "https://example.org/a?b=c", "zero bytes": "a\x00b", "not UTF-8": "\xff\xfe error \x80",
		"long": strings.Repeat("помилка на сторінці оплати ", 1200), "one long word": strings.Repeat("ж", 30000), "code": "```go\nfunc main() { panic(1) }\n```",
		"unknown language": "サーバーが落ちました。誰もログインできません", "marks": strings.Repeat("?!", 5000), "lines": strings.Repeat("\n", 30000),
	} {
		t.Run(name, func(t *testing.T) { check(t, text, judge(t, c, text, text)) })
	}
	for _, nothing := range []string{"", "🔥🔥🔥 👍", "https://example.org/a?b=c", "?!?!"} {
		if r := judge(t, c, nothing); r.IsIssue {
			t.Errorf("%q holds no words and is an issue: %+v", nothing, r)
		}
	}
}

// Instructions in a text change no verdict: the text is judged as it is without them.
func TestInstructionsAreNotObeyed(t *testing.T) {
	c := built(t)
	attacks, err := injection.Cases()
	if err != nil {
		t.Fatal(err)
	}
	for _, attack := range attacks {
		without, with := judge(t, c, attack.Base), judge(t, c, attack.Text)
		check(t, attack.Text, with)
		if with.IsIssue != without.IsIssue || with.Category != without.Category {
			t.Errorf("%s, %s: %q is %q (%.2f), without %q it is %q (%.2f)", attack.Language, attack.Kind, attack.Text,
				with.Category, with.Confidence, attack.Base, without.Category, without.Confidence)
		}
	}
}

func TestPriorityByRules(t *testing.T) {
	for text, want := range map[string]classify.Priority{
		"prod is down, nothing works":                                 classify.PriorityCritical,
		"клієнта списало двічі":                                       classify.PriorityCritical,
		"пропали данные за вчера":                                     classify.PriorityCritical,
		"a customer can see other people's invoices":                  classify.PriorityCritical,
		"багато клієнтів скаржаться на повільну сторінку":             classify.PriorityHigh,
		"потрібен звіт сьогодні до 17":                                classify.PriorityHigh,
		"needed today for the audit, the list of orders":              classify.PriorityHigh,
		"PLEASE PLEASE FIX THE COLOUR":                                classify.PriorityMedium,
		"будь ласка, подивіться на кнопку":                            classify.PriorityMedium,
		"одрук у футері":                                              classify.PriorityLow,
		"додайте темну тему, не горить":                               classify.PriorityLow,
		"it is not urgent, but the export is slow":                    classify.PriorityLow,
		"not urgent, but all customers of the north see a blank page": classify.PriorityHigh,
	} {
		if got, signals := local.Priority(text); got != want {
			t.Errorf("%q: %s by %v, not %s", text, got, signals, want)
		}
	}
	if p, _ := local.Floor("одрук у футері"); p != classify.PriorityNone {
		t.Errorf("the floor of a small thing is %q", p)
	}
	if p, signals := local.Floor("прод лежить"); p != classify.PriorityCritical || len(signals) == 0 {
		t.Errorf("the floor of an outage is %q by %v", p, signals)
	}
}

func TestTheQuoteIsTheSentenceThatDecided(t *testing.T) {
	r := judge(t, built(t), "Hi all, hope you had a nice weekend! The checkout page crashes with error 500 for our users. Thanks.")
	if !strings.Contains(r.Quote, "crashes") || strings.Contains(r.Quote, "weekend") {
		t.Errorf("quote %q", r.Quote)
	}
}

func TestTheSameTextAlwaysGivesTheSame(t *testing.T) {
	c := built(t)
	text := "не можу зайти в кабінет, пише невірний пароль"
	want := judge(t, c, text)
	for range 100 {
		judge(t, c, strings.Repeat("something else ", 50))
		if r := judge(t, c, text); r.Confidence != want.Confidence || r.Category != want.Category {
			t.Fatalf("%+v, then %+v", want, r)
		}
	}
}

func TestTheEndingIsOfTheLastLines(t *testing.T) {
	e := local.NewExtractor()
	anywhere := map[uint32]bool{}
	for _, f := range e.Features("alpha\nbeta beta\n\ngamma.", nil) {
		anywhere[f.Row] = true
	}
	words := 0
	for _, f := range e.Ending() {
		if anywhere[f.Row] {
			words++
		}
	}
	// beta and gamma; lines end with a word, twice, and with a full stop.
	if words != 2 || len(e.Ending()) != 4 {
		t.Errorf("%d words, %d in all: %v", words, len(e.Ending()), e.Ending())
	}
	if e.Features("alpha", nil); len(e.Ending()) != 2 {
		t.Errorf("of a single line: %v", e.Ending())
	}
	if e.Features("", nil); len(e.Ending()) != 0 {
		t.Errorf("of nothing: %v", e.Ending())
	}
}

func TestABrokenFileIsNotLoaded(t *testing.T) {
	for _, file := range []string{"", "no gzip", "\x1f\x8b\x08\x00\x00"} {
		if _, err := local.Load([]byte(file)); err == nil {
			t.Errorf("%q was loaded", file)
		}
	}
}

func TestAContextThatEndsDoesNotJudge(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := built(t).Classify(ctx, []classify.Input{{Text: "a"}}); err == nil {
		t.Error("no error")
	}
}

func FuzzClassify(f *testing.F) {
	c := built(f)
	f.Add("The page is down", "before")
	f.Add("```\n@a http://x \x00\xff", "")
	f.Fuzz(func(t *testing.T, text, before string) { check(t, text, judge(t, c, text, before)) })
}

// Damaged weights are refused, or judge as weights do.
func FuzzLoad(f *testing.F) {
	f.Add([]byte("task tracker linear 5\n{}\n"))
	f.Add([]byte("{\"scales\":[1]}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var file bytes.Buffer
		z := gzip.NewWriter(&file)
		if _, err := z.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		for _, file := range [][]byte{data, file.Bytes()} {
			if w, err := local.Load(file); err == nil {
				check(t, "a page is down", judge(t, local.Use(w), "a page is down"))
			}
		}
	})
}

func BenchmarkClassify(b *testing.B) {
	c := built(b)
	inputs := []classify.Input{{Text: "після оновлення пропала кнопка купити в один клік, клієнти скаржаться, подивіться будь ласка сьогодні"}}
	for b.Loop() {
		if _, err := c.Classify(context.Background(), inputs); err != nil {
			b.Fatal(err)
		}
	}
}
