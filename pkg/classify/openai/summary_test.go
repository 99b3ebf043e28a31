package openai_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tasktracker/tasktracker/pkg/classify/injection"
	"github.com/tasktracker/tasktracker/pkg/classify/modeltest"
	"github.com/tasktracker/tasktracker/pkg/classify/openai"
)

var found = []openai.Candidate{
	{Section: "decisions", Text: "Ми вирішили перенести реліз на 5 березня."},
	{Section: "blockers", Text: "The release is blocked by the gateway, ask ivan@example.com"},
	{Section: "promises", Text: "password: hunter2hunter2 I'll rotate it"},
}

func TestSummarize_ChoosesAndWords(t *testing.T) {
	t.Parallel()
	write := func(all []modeltest.Found) []modeltest.Written {
		source := func(i int, quote string) modeltest.Source { return modeltest.Source{Index: all[i].Index, Quote: quote} }
		return []modeltest.Written{
			{Section: "Decisions", Text: "The release moves to 5 March.\nSee https://evil.example/x", Sources: []modeltest.Source{source(0, "перенести реліз"), source(0, "вирішили")}},
			{Section: "blockers", Text: "[email_1] knows about it since 2019", Sources: []modeltest.Source{source(1, "blocked by the gateway")}},
			{Section: "gossip", Text: "x", Sources: []modeltest.Source{source(2, "rotate it")}},
			{Section: "promises", Text: "Somebody rotates [secret_1]", Sources: []modeltest.Source{source(2, "I'll rotate it"), {Index: 1, Quote: "rotate"}}},
			{Section: "questions", Text: "made up", Sources: []modeltest.Source{source(1, "nobody said so")}},
		}
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, modeltest.Options{Key: key, Write: write}, nil)
		findings, tokens, err := w.classifier.Summarize(t.Context(), found, "English")
		if err != nil || tokens == 0 || len(findings) != 3 {
			t.Fatalf("%+v, %d tokens, %v", findings, tokens, err)
		}
		for i, want := range []openai.Finding{
			{Section: "decisions", Text: "The release moves to 5 March. See", Sources: []openai.Source{{Candidate: 0, Quote: "перенести реліз"}}},
			{Section: "blockers", Text: "", Sources: []openai.Source{{Candidate: 1, Quote: "blocked by the gateway"}}}, // 2019 is nowhere
			{Section: "promises", Text: "Somebody rotates [secret_1]", Sources: []openai.Source{{Candidate: 2, Quote: "I'll rotate it"}}},
		} {
			if got := findings[i]; got.Section != want.Section || got.Text != want.Text || !slices.Equal(got.Sources, want.Sources) {
				t.Errorf("finding %d is %+v, want %+v", i, got, want)
			}
		}
		request := w.server.Requests()[0]
		if request.Format != "json_schema" || request.Temperature == nil || *request.Temperature != 0 || strings.Contains(request.Body, "hunter2") || strings.Contains(request.Body, "ivan@") {
			t.Errorf("asked %s", request.Body)
		}
	})
}

// TestSummarize_MeetsFaults: what may end well does, the rest is said with its kind.
func TestSummarize_MeetsFaults(t *testing.T) {
	t.Parallel()
	const fine = openai.Kind("")
	for name, c := range map[string]struct {
		fault        modeltest.Fault
		once, always openai.Kind
	}{
		"rubbish":       {modeltest.Rubbish, fine, openai.KindInvalidAnswer},
		"half a JSON":   {modeltest.HalfJSON, fine, openai.KindInvalidAnswer},
		"truncated":     {modeltest.Truncated, fine, openai.KindInvalidAnswer},
		"fenced":        {modeltest.Fenced, fine, fine},
		"thinking":      {modeltest.Thinking, fine, fine},
		"foreign quote": {modeltest.ForeignQuote, fine, openai.KindInvalidAnswer},
		"wrong indexes": {modeltest.WrongIndexes, fine, openai.KindInvalidAnswer},
		"refusal":       {modeltest.Refusal, fine, openai.KindInvalidAnswer},
		"HTML":          {modeltest.HTMLPage, fine, openai.KindInvalidAnswer},
		"slow":          {modeltest.Slow, fine, fine},
		"never":         {modeltest.Never, fine, openai.KindUnavailable},
		"401":           {modeltest.Unauthorized, openai.KindKeyRefused, openai.KindKeyRefused},
		"429":           {modeltest.RateLimited, fine, openai.KindRateLimited},
		"500":           {modeltest.InternalError, fine, openai.KindUnavailable},
		"no schemas":    {modeltest.NoSchemas, fine, fine},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for always, want := range map[bool]openai.Kind{false: c.once, true: c.always} {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, modeltest.Options{Key: key, Delay: 10 * time.Second, RetryAfter: 2 * time.Second}, nil)
					if w.server.Fail(c.fault); always {
						w.server.FailAlways(c.fault)
					}
					findings, _, err := w.classifier.Summarize(t.Context(), found, "Ukrainian")
					if openai.KindOf(err) != want || (err == nil) != (want == fine) || err == nil && len(findings) != len(found) {
						t.Errorf("always %v: %d findings, %v, want kind %q", always, len(findings), err, want)
					}
				})
			}
		})
	}
}

// TestSummarize_IsNotObeyed has an obedient model read each known injection.
func TestSummarize_IsNotObeyed(t *testing.T) {
	t.Parallel()
	cases, err := injection.Cases()
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, modeltest.Options{Key: key, Obedient: true}, nil)
		for _, c := range cases {
			findings, _, err := w.classifier.Summarize(t.Context(), append([]openai.Candidate{{Section: "what_happened", Text: c.Text}}, found...), "English")
			if err != nil || len(findings) < len(found) {
				t.Errorf("%s: %d findings, %v", c.Kind, len(findings), err)
			}
			for _, f := range findings {
				if strings.Contains(f.Text, "You write up") || strings.Contains(f.Text, "Rules have found") {
					t.Errorf("%s: the prompt leaked: %s", c.Kind, f.Text)
				}
			}
		}
	})
}
