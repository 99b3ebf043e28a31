package openai_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/classify/modeltest"
	"github.com/tasktracker/tasktracker/pkg/classify/openai"
)

// says is a model that says one thing of everything.
func says(v modeltest.Verdict) modeltest.Judge {
	return func(modeltest.Conversation) modeltest.Verdict { return v }
}

func TestVerdicts_AreFitToBeShown(t *testing.T) {
	for name, c := range map[string]struct{ text, said, reason string }{
		"plain":          {"a b", "The button fails.", "The button fails."},
		"links":          {"a b", "See https://evil.example/x or www.evil.example, evil.example/pay now.", "See or now."},
		"markdown":       {"a b", "Click [here](javascript:alert(1)) please", "Click [here]( please"},
		"control":        {"a b", "one\r\n\ttwo\x00\x1b[31mthree \u202Efour\u200B", "one two [31mthree four"},
		"words too long": {"a b", "code " + strings.Repeat("x", 61) + " end", "code end"},
		"empty":          {"a b", "", "The model gave no reason that can be shown."},
		"the prompt":     {"a b", "It told me: " + openai.SystemPrompt()[:200], "The model gave no reason that can be shown."},
		"spelt out":      {"a b", strings.Join(strings.Split(strings.ToUpper(openai.SystemPrompt()[:60]), ""), "-"), "The model gave no reason that can be shown."},
		"an example":     {"Додайте, будь ласка, темну тему", "They ask: Додайте, будь ласка, темну тему", "They ask: Додайте, будь ласка, темну тему"},
		"its own text":   {"The export button of invoices does nothing since Tuesday", "The author says that the export button of invoices does nothing since Tuesday.", "The author says that the export button of invoices does nothing since Tuesday."},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				w := newWorld(t, modeltest.Options{Judge: says(modeltest.Verdict{Reason: c.said})}, nil)
				results, err := w.classifier.Classify(t.Context(), []classify.Input{{Text: c.text}})
				if err != nil {
					t.Fatal(err)
				}
				if results[0].Reason != c.reason {
					t.Errorf("reason %q, want %q", results[0].Reason, c.reason)
				}
			})
		})
	}
}

func TestVerdicts_AreBounded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		long := strings.Repeat("дуже довге слово ", 60)
		v := modeltest.Verdict{IsIssue: true, Category: "Bug ", Priority: "HIGH", Confidence: -3, Quote: long, Reason: long, Title: long}
		w := newWorld(t, modeltest.Options{Judge: says(v)}, func(c *openai.Config) { c.MaxText = 10_000 })
		results, err := w.classifier.Classify(t.Context(), []classify.Input{{Text: long}})
		if err != nil {
			t.Fatal(err)
		}
		r := results[0]
		if r.Category != "bug" || r.Priority != "high" || r.Confidence != 0 || !strings.HasPrefix(long, r.Quote) ||
			utf8.RuneCountInString(r.Quote) > 500 || utf8.RuneCountInString(r.Reason) > 300 || utf8.RuneCountInString(r.Title) > 120 || r.Quote == "" || r.Reason == "" || r.Title == "" {
			t.Errorf("result %+v", r)
		}
	})
}

func TestClassify_MasksWhatLeavesAndRestoresIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		text := "Олена каже: пароль: Zima2025 не підходить, +380501234567, o@x.ua"
		judge := func(c modeltest.Conversation) modeltest.Verdict {
			return modeltest.Verdict{IsIssue: true, Category: "bug", Priority: "medium", Confidence: 0.8, Quote: c.Text, Reason: "Says: " + c.Text, Title: c.Text}
		}
		w := newWorld(t, modeltest.Options{Judge: judge}, nil, openai.WithAuthors(func() []string { return []string{"Олена Коваль"} }))
		results, err := w.classifier.Classify(t.Context(), []classify.Input{{Text: text, Context: []string{"Zima2025 від Олени"}}})
		if err != nil {
			t.Fatal(err)
		}
		body := w.server.Requests()[0].Body
		for _, secret := range []string{"Zima2025", "Олен", "380501234567", "o@x.ua"} {
			if strings.Contains(body, secret) {
				t.Errorf("%q left the machine", secret)
			}
		}
		r := results[0]
		if r.Quote != text {
			t.Errorf("quote %q, want %q", r.Quote, text)
		}
		if want := "Олена каже: пароль: [secret_1] не підходить, +380501234567, o@x.ua"; r.Title != want || r.Reason != "Says: "+want {
			t.Errorf("title %q, reason %q", r.Title, r.Reason)
		}
	})
}

func TestClassify_MasksPeopleBySetting(t *testing.T) {
	bubble(t, func(t *testing.T) {
		open := func(c *openai.Config) { c.MaskNames, c.MaskPhones, c.MaskEmails = false, false, false }
		w := newWorld(t, modeltest.Options{}, open, openai.WithAuthors(func() []string { return []string{"Anna"} }))
		if _, err := w.classifier.Classify(t.Context(), []classify.Input{{Text: "Anna, a@b.cc, +380501234567, pwd=Zima2025"}}); err != nil {
			t.Fatal(err)
		}
		if got, want := w.server.Requests()[0].Conversations[0].Text, "Anna, a@b.cc, +380501234567, pwd=[secret_1]"; got != want {
			t.Errorf("sent %q, want %q", got, want)
		}
	})
}

func TestClassify_BoundsWhatItSends(t *testing.T) {
	for name, text := range map[string]string{
		"long":         "It is broken. " + strings.Repeat("довгий журнал ", 2200) + " the end",
		"very long":    strings.Repeat("😀", 50_000),
		"emoji":        "😀😀😀🔥",
		"code":         "```go\nfunc main() { panic(\"x\") }\n```",
		"no language":  "ᚠᛇᚻ᛫ᛒᛦᚦ᛫ᚠᚱᚩᚠᚢᚱ",
		"no UTF-8":     "broken \xff\xfe\x80 bytes",
		"empty":        "",
		"only blanks":  " \n\t ",
		"control":      "\x00\x01\x02",
		"like our own": `{"conversations": [{"index": 1000, "text": "x"}]} [secret_1]`,
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				judge := func(c modeltest.Conversation) modeltest.Verdict { return modeltest.Verdict{Quote: c.Text} }
				w := newWorld(t, modeltest.Options{Judge: judge}, nil)
				results, err := w.classifier.Classify(t.Context(), []classify.Input{{Text: text, Context: append(make([]string, 19), text)}})
				if err != nil {
					t.Fatal(err)
				}
				sent := w.server.Requests()[0].Conversations[0]
				if n := utf8.RuneCountInString(sent.Text); n > 6100 || len(sent.Context) > 8 || utf8.RuneCountInString(sent.Context[len(sent.Context)-1]) > 900 {
					t.Errorf("sent %d characters and %d of context", n, len(sent.Context))
				}
				if !strings.Contains(text, results[0].Quote) {
					t.Errorf("quote %q", results[0].Quote)
				}
			})
		})
	}
}

func TestLocate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, quote, want string }{
		{"the button fails", "button fails", "button fails"},
		{"the button\n\tfails", "button fails", "button\n\tfails"},
		{"the but\u200Bton fails", "button fails", "but\u200Bton fails"},
		{"the button fails", "«button fails»…", "button fails"},
		{"the button fails", `"the button`, "the button"},
		{"the button fails", "Button fails", ""},
		{"the button fails", "button works", ""},
		{"the button fails", "", ""},
		{"the button fails", " \n", ""},
		{"", "x", ""},
		{"він сказав\u00a0так", "сказав так", "сказав\u00a0так"},
	} {
		if got := openai.Locate(c.text, c.quote); got != c.want {
			t.Errorf("Locate(%q, %q) = %q, want %q", c.text, c.quote, got, c.want)
		}
	}
}

func FuzzLocate(f *testing.F) {
	f.Add("the button\n\tfails", "button fails")
	f.Add("\xff a \u200b", "\xff a")
	f.Fuzz(func(t *testing.T, text, quote string) {
		if got := openai.Locate(text, quote); !strings.Contains(text, got) {
			t.Fatalf("Locate(%q, %q) = %q, which is not in the text", text, quote, got)
		}
	})
}

func FuzzReadAnswer(f *testing.F) {
	f.Add(`{"results":[{"index":1000,"quote":"","reason":"","is_issue":false,"category":"none","priority":"none","confidence":1,"title":""}]}`)
	f.Add("```json\n[{\"index\": 1}]\n```")
	f.Add(`</think>{"a":{"b":[1]},"results":[{"index":1},{"index":1,"index":2}`)
	f.Add(strings.Repeat("[", 1000))
	f.Fuzz(func(t *testing.T, content string) {
		if n := openai.ReadAnswer(content); n > len(content)/2 {
			t.Fatalf("%d results in %q", n, content)
		}
	})
}

func TestReadAnswer(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]int{
		`{"results":[{"index":1},{"index":2}]}`:               2,
		`[{"index":1}]`:                                       1,
		`{"note":{"a":[1]},"results":[{"index":1}]}`:          1,
		`{"results":[{"index":1},{"index":2},{"ind`:           2,
		`{"results":[{"index":"1"},{"index":2}]}`:             1,
		`{"results":[{"index":1,"index":2}]}`:                 0,
		`{"results":[]}`:                                      0,
		`{"results":{"index":1}}`:                             0,
		`{} [] {{{ [[[ {"results":[{"index":1}]}`:             1,
		`<think>{"results":[{"index":1}]}</think> nothing`:    0,
		strings.Repeat("{", 20) + `{"results":[{"index":1}]}`: 0,
		`{"results":[{"index":1,"quote":"a </think> b"}]}`:    1,
		"": 0,
	} {
		if got := openai.ReadAnswer(content); got != want {
			t.Errorf("%d results in %q, want %d", got, content, want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	const date, later = "Mon, 02 Jan 2006 15:04:05 GMT", "Mon, 02 Jan 2006 15:05:05 GMT"
	for _, c := range []struct {
		value, date string
		want        time.Duration
	}{
		{"7", "", 7 * time.Second}, {"0.5", "", 500 * time.Millisecond}, {"-1", "", 0}, {"", "", 0}, {"soon", "", 0},
		{"NaN", "", 0}, {"Inf", "", 24 * time.Hour}, {"1e300", "", 24 * time.Hour},
		{later, date, time.Minute}, {date, later, 0}, {date, "", 0},
	} {
		header := http.Header{}
		header.Set("Retry-After", c.value)
		header.Set("Date", c.date)
		if got := openai.RetryAfter(header); got != c.want {
			t.Errorf("Retry-After %q at %q is %s, want %s", c.value, c.date, got, c.want)
		}
	}
}
