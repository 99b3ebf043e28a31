package digest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/digest"
)

// However much was said, it is one message; what is not in it is counted.
func TestPostFitsOneMessage(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for _, text := range []string{"short", strings.Repeat("слово ", 100), strings.Repeat("🙂", 300), ""} {
		for _, n := range []int{0, 1, 3, 20} {
			said := digest.Said{Summary: digest.Summary{Language: "en"}}
			author := strings.Repeat("a", 100)
			for i := range n {
				f := digest.Finding{Text: fmt.Sprint(i, " ", text), Author: &author, DueAt: &day}
				for _, list := range []*[]digest.Finding{&said.WhatHappened, &said.Decisions, &said.Blockers, &said.Promises, &said.Questions} {
					*list = append(*list, f)
				}
				said.NewTasks = append(said.NewTasks, digest.TaskLine{ID: int64(i), Title: f.Text})
				said.ClosedTasks = append(said.ClosedTasks, digest.TaskLine{ID: int64(i), Title: f.Text})
			}
			post := said.Post(day, day.AddDate(0, 0, 1), time.UTC)
			shown := strings.Count(post.Text, "• ")
			if digest.Units(post.Text) > digest.MaxPost || shown+post.LeftOut != 7*n || n > 0 && shown < 7 {
				t.Errorf("%d of %.10q: %d units, %d shown, %d left out", n, text, digest.Units(post.Text), shown, post.LeftOut)
			}
			if long := len(text) > 200; n > 0 && long != (post.Shortened > 0) {
				t.Errorf("%d of %.10q: %d shortened", n, text, post.Shortened)
			}
			if n == 20 && !strings.Contains(post.Text, "19 short") && text == "short" {
				t.Error("the last that was said is not in it")
			}
		}
	}
}

func TestPostSaysWhen(t *testing.T) {
	t.Parallel()
	kyiv, err := time.LoadLocation("Europe/Kyiv")
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, 3, 1, 22, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		language string
		hours    time.Duration
		want     string
	}{
		{"en", 24, "Summary: 2 Mar 2026"},
		{"uk", 72, "Підсумок: 02.03.2026 – 04.03.2026"},
		{"ru", 30, "Итоги: 02.03.2026, 00:00 – 03.03.2026, 06:00"},
		{"", 24, "Summary: 2 Mar 2026"},
	} {
		said := digest.Said{Summary: digest.Summary{Language: test.language}}
		if first, _, _ := strings.Cut(said.Post(from, from.Add(test.hours*time.Hour), kyiv).Text, "\n"); first != test.want {
			t.Errorf("%q, want %q", first, test.want)
		}
	}
}
