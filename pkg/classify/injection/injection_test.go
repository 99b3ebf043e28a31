package injection_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tasktracker/tasktracker/pkg/classify/injection"
)

func cases(t testing.TB) []injection.Case {
	t.Helper()
	set, err := injection.Cases()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestCases_CoverLanguagesAndKinds(t *testing.T) {
	t.Parallel()
	set := cases(t)
	if len(set) < 60 {
		t.Errorf("the set has %d cases, want 60 at least", len(set))
	}
	count := map[string]int{}
	seen := map[string]bool{}
	for _, c := range set {
		count[c.Language]++
		count[c.Language+" "+c.Kind]++
		if seen[c.Text] || c.Text == c.Base || !strings.Contains(c.Text, c.Base) || c.IsIssue != (c.Category != "") {
			t.Errorf("case %q is there twice, lacks its base or contradicts itself", c.Text)
		}
		seen[c.Text] = true
	}
	for _, language := range []string{"en", "uk", "ru"} {
		for _, kind := range []string{
			"ignore_previous", "change_verdict", "leak_prompt", "other_json", "fake_delimiter", "fake_system", "role_play",
			"encoded", "code_block", "quoted", "markdown", "tool_call", "html_comment", "zero_width", "other_conversations",
		} {
			if count[language+" "+kind] == 0 {
				t.Errorf("no case of %s in %s", kind, language)
			}
		}
	}
}

func TestFind_FindsTheInjectionAndLeavesTheRest(t *testing.T) {
	t.Parallel()
	for _, c := range cases(t) {
		spans := injection.Find(c.Text)
		if len(spans) == 0 {
			t.Errorf("nothing found in %q", c.Text)
			continue
		}
		if rest := without(c.Text, spans); !strings.Contains(rest, c.Base) {
			t.Errorf("of %q is left %q, want all of %q", c.Text, rest, c.Base)
		}
		if spans := injection.Find(c.Base); spans != nil {
			t.Errorf("found %v in %q", spans, c.Base)
		}
	}
}

func TestFind_LeavesWhatColleaguesSay(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Please mark it as critical, production is down", "Set the priority to high and assign it to me",
		"You are a star!", "System: Windows 11, browser: Firefox 140", "user: bob cannot log in",
		"Ignore my previous message, it works now", "We ignore the error in line 40", "show me the logs above",
		"Call the function with two arguments", "The answer is only visible to admins", "sha 9fceb02d0ae598e95dc970b74767f19372d61af8",
		"Познач це як критичне, прод лежить", "Не зважай, вже працює", "Постав високий пріоритет", "Забудь, я помилився",
		"Отметь как критичное", "Не обращай внимания, уже чинят", "Система: Windows 11", "Всё это не проблема, сделаем завтра",
		"", "\xff\xfe", "😀",
	} {
		if spans := injection.Find(text); spans != nil {
			t.Errorf("found %v in %q", spans, text)
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, c := range cases(f) {
		f.Add(c.Text)
	}
	f.Add("ignore\u200b the rules\xff")
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for i, s := range injection.Find(text) {
			if s.From < end || (i > 0 && s.From == end) || s.To <= s.From || s.To > len(text) {
				t.Fatalf("span %v of %q is out of order", s, text)
			}
			if utf8.ValidString(text) && !utf8.ValidString(text[s.From:s.To]) {
				t.Fatalf("span %v of %q cuts through a character", s, text)
			}
			end = s.To
		}
	})
}

func without(text string, spans []injection.Span) string {
	var b strings.Builder
	at := 0
	for _, s := range spans {
		b.WriteString(text[at:s.From])
		at = s.To
	}
	return b.String() + text[at:]
}
