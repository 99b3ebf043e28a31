package entities_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // zones on every machine

	"github.com/google/go-cmp/cmp"

	"github.com/tasktracker/tasktracker/pkg/entities"
)

// listed shows entities as "kind text=value", without the value where it is the text.
func listed(found []entities.Entity) []string {
	var lines []string
	for _, e := range found {
		line := fmt.Sprintf("%s %s", e.Kind, e.Text)
		if e.Value != e.Text && e.Kind != entities.KindDate {
			line += "=" + e.Value
		}
		if e.MentionID != "" {
			line += " " + e.MentionID
		}
		lines = append(lines, line)
	}
	return lines
}

func TestFind(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want []string
	}{
		{"", nil},
		{"👍🔥", nil},
		{"see https://Example.com/a(b)?q=1#x.", []string{"link https://Example.com/a(b)?q=1#x", "component Example.com=example.com"}},
		{"(http://www.example.org:8080/)", []string{"link http://www.example.org:8080/", "component www.example.org:8080=example.org"}},
		{"див. www.site.ua, там", []string{"link www.site.ua", "component site.ua"}},
		{"https://", nil},
		{"`npm ci` fails in `auth`", []string{"code `npm ci`=npm ci", "code `auth`=auth", "component `auth`=auth"}},
		{"```go\npanic(1) by Friday\n``` tomorrow", []string{"code ```go\npanic(1) by Friday\n```=go\npanic(1) by Friday\n", "date tomorrow"}},
		{"```never closed, tomorrow", []string{"date tomorrow"}},
		{"`never\nclosed`", nil},
		{"@olena_k і @ab, mail a@b.com", []string{"mention @olena_k=olena_k", "mention @ab=ab"}},
		{"@a", nil},
		{"@nestjs/core broke", []string{"component @nestjs/core"}},
		{"fixes #123, GH-7 and PROJ-42, owner/repo#9", []string{"issue #123", "issue GH-7", "issue PROJ-42", "issue owner/repo#9"}},
		{"UTF-8, SHA-256, #fff, #1a, CVE-2024-1234, X-1, A1-B-2", nil},
		{"v1.2.3 and V2", []string{"version v1.2.3=1.2.3", "version V2=2"}},
		{"2.0-rc1, 1.4.0-beta.2, 3.1.4+build7", []string{"version 2.0-rc1", "version 1.4.0-beta.2", "version 3.1.4+build7"}},
		{"версія 3.4 і version 7, релиз 2.10, release 4.5.", []string{"version 3.4", "version 7", "version 2.10", "version 4.5"}},
		{"up to 1.20.3, from 10.0.0.1", []string{"version 1.20.3"}},
		{"3.14 and 99.9% of 100", nil},
		{"error in pkg/bus/bus.go:12 and main.go", []string{"component pkg/bus/bus.go:12", "component main.go"}},
		{`C:\logs\app.log ./run /etc/hosts ~/x`, []string{`component C:\logs\app.log`, "component ./run", "component /etc/hosts", "component ~/x"}},
		{"github.com/nats-io/nats.go", []string{"component github.com/nats-io/nats.go"}},
		{"and/or, n/a, 1/2, client/server, //x, a.\\nb, &#39; ...", nil},
		{"ASAP! Терміново, как можно скорее", []string{"urgency ASAP=asap", "urgency Терміново=терміново", "urgency как можно скорее"}},
		{"by Friday: v2.1 for @ann (PROJ-1)", []string{"date by Friday", "version v2.1=2.1", "mention @ann=ann", "issue PROJ-1"}},
	}
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, listed(entities.Find(test.text, at, nil, nil))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestMentionsOfTheChannel(t *testing.T) {
	t.Parallel()
	text := "Олена Коваль, до завтра"
	found := entities.Find(text, time.Now(), nil, []entities.Mention{
		{Start: 0, End: len("Олена Коваль"), ID: "77"}, {Start: 0, End: 4, ID: "inside"}, {Start: 1, End: 4, ID: "half a letter"},
		{Start: 5, End: 500, ID: "outside"}, {Start: -1, End: 2, ID: "before"},
	})
	if diff := cmp.Diff([]string{"mention Олена Коваль 77", "date до завтра"}, listed(found)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	if n := len(entities.Find(strings.Repeat("#1 ", 2000), time.Now(), nil, nil)); n != entities.MaxEntities {
		t.Errorf("%d entities", n)
	}
	long := strings.Repeat("a", entities.MaxBytes-1) + "ї #1"
	if found := entities.Find(long, time.Now(), nil, nil); len(found) != 0 {
		t.Errorf("found %v past the bound", listed(found))
	}
}

// TestRepetition reads long texts of one thing over and over, which must not be read over
// and over by Find: this test would not end.
func TestRepetition(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"Friday, ", "by the the ", "EOD ", "end of ", "in a ", "` ", "```", "(", "1.", "a.", "@a/", "10-12 ", "next ", "deadline: "} {
		entities.Find(strings.Repeat(part, 60_000/len(part)), time.Now(), nil, nil)
	}
}

// FuzzFind holds that whatever is written, entities are parts of it, cut between letters, in
// order, and that no deadline is past.
func FuzzFind(f *testing.F) {
	for _, seed := range []string{
		"by Friday 10:00-12:00, до 15.12.2026 18:00; #1 @ab `c` v1.2 https://x.y/(z)", "через 3,5 години", "end of next week", "``` ` ```",
		"2026-12-15T10:00Z", "10-12 грудня", "дедлайн — 1.1", "п’ятниця", "\xff\xfeby 1\xff", "Dec 31, 2199", "in 10000 years", "29.02", "EOD EOD EOD",
	} {
		f.Add(seed, int64(1_795_000_000))
	}
	zone, err := time.LoadLocation("Europe/Kyiv")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string, unix int64) {
		at := time.Unix(unix%7e9, 0)
		mentions := []entities.Mention{{Start: int(unix % 9), End: int(unix % 13), ID: "1"}}
		last := 0
		for _, e := range entities.Find(text, at, zone, mentions) {
			if e.Start < last || e.End <= e.Start || e.End > len(text) || text[e.Start:e.End] != e.Text {
				t.Fatalf("[%d,%d) %q after %d of %d", e.Start, e.End, e.Text, last, len(text))
			}
			last = e.Start
			if e.Start > 0 && !boundary(text, e.Start) || !boundary(text, e.End) {
				t.Fatalf("%q is cut inside of a letter", e.Text)
			}
			if (e.Date != nil) != (e.Kind == entities.KindDate) {
				t.Fatalf("a %s with date %v", e.Kind, e.Date)
			}
			if d := e.Date; d != nil && (d.To.Before(d.From) || d.IsDeadline && d.To.Before(at) || d.From.Year() < 1969 || d.To.Year() > 2201) {
				t.Fatalf("%q is %v", e.Text, *d)
			}
		}
	})
}

// boundary tells that i is not inside of a valid character.
func boundary(text string, i int) bool {
	for at := range text {
		if at >= i {
			return at == i
		}
	}
	return i == len(text)
}

func BenchmarkFind(b *testing.B) {
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	chat := "@olena оплата знову падає на v2.3.1, див. https://example.com/x — треба полагодити до п'ятниці 18:00, PROJ-12"
	for name, text := range map[string]string{
		"chat": chat, "30000": strings.Repeat(chat+"\n", 30000/len(chat)), "dots": strings.Repeat("a.", 15000), "digits": strings.Repeat("1.2 ", 7500),
		"ticks": strings.Repeat("` ", 15000), "by": strings.Repeat("by до ", 4000),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				entities.Find(text, at, time.UTC, nil)
			}
		})
	}
}
