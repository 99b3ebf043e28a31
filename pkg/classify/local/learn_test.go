package local_test

import (
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/classify/local"
)

// lessons are those of a team whose robot reports what is no issue, and that asks for work
// in words of its own.
func lessons() (learnt, held []local.Lesson) {
	rooms := strings.Fields("kitchen hall garage office cellar attic library lab garden studio lobby archive")
	for i, room := range rooms {
		pair := []local.Lesson{
			{Input: classify.Input{Text: "robot: error count in the " + room + " is back to zero, probe failed over"}},
			{Input: classify.Input{Text: "zefir please for the " + room}, IsIssue: true, Category: classify.CategoryChore},
		}
		if i%4 == 0 {
			held = append(held, pair...)
		} else {
			learnt = append(learnt, pair...)
		}
	}
	return learnt, held
}

func TestAnAdapterLearnsFromCorrections(t *testing.T) {
	c := built(t)
	learnt, held := lessons()
	adapter := c.Learn(learnt)
	before, after := c.Worth(nil, held), c.Worth(adapter, held)
	if !after.Better(before) || after.Right != len(held) {
		t.Errorf("before %+v, after %+v", before, after)
	}
	file, err := adapter.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.Learn(learnt).Marshal()
	if err != nil || string(again) != string(file) {
		t.Error("the same lessons gave another adapter", err)
	}
	read, err := local.ReadAdapter(7, file)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Worth(read, held); got != after {
		t.Errorf("read again it is worth %+v, not %+v", got, after)
	}
	text := "zefir please for the cinema"
	alone := judge(t, c, text)
	c.Adapt(read)
	r := judge(t, c, text)
	check(t, text, r)
	if !r.IsIssue || r.Category != classify.CategoryChore || r.Version != c.Base()+"+7" || c.Adapted() != 7 {
		t.Errorf("with the adapter: %+v", r)
	}
	c.Adapt(nil)
	if r := judge(t, c, text); r.Confidence != alone.Confidence || r.Version != c.Base() {
		t.Errorf("without it again: %+v, not %+v", r, alone)
	}
}

// What people say of other things stays as it was.
func TestAnAdapterLeavesTheRestAlone(t *testing.T) {
	c := built(t)
	learnt, _ := lessons()
	c.Adapt(c.Learn(learnt))
	for text, issue := range map[string]bool{
		"Прод лежить, користувачі не можуть увійти, помилка 500": true, "The app crashes when I open the settings page": true,
		"дякую, все запрацювало 🙂": false, "thanks a lot, works now": false,
	} {
		if r := judge(t, c, text); r.IsIssue != issue {
			t.Errorf("%q: %+v", text, r)
		}
	}
}

// Corrections that contradict each other make nothing better.
func TestContradictionsAreNoGain(t *testing.T) {
	c := built(t)
	learnt, held := lessons()
	for i := range learnt {
		learnt[i].IsIssue, learnt[i].Category = !learnt[i].IsIssue, ""
	}
	if before, after := c.Worth(nil, held), c.Worth(c.Learn(learnt), held); after.Better(before) {
		t.Errorf("before %+v, after %+v", before, after)
	}
	if w := c.Worth(c.Learn(nil), nil); w.Lessons != 0 || w.Loss != 0 {
		t.Errorf("nothing is worth %+v", w)
	}
}

func FuzzReadAdapter(f *testing.F) {
	file, err := built(f).Learn(nil).Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add([]byte("\x1f\x8b\x08\x00"))
	c := built(f)
	f.Fuzz(func(t *testing.T, file []byte) {
		a, err := local.ReadAdapter(1, file)
		if err != nil {
			return
		}
		c.Adapt(a)
		check(t, "a page is down", judge(t, c, "a page is down"))
	})
}
