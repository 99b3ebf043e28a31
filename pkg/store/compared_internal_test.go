package store

import (
	"slices"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/similar"
)

// A task is compared by what it says now, whatever was kept of it.
func TestComparedTextsFollowTheTask(t *testing.T) {
	t.Parallel()
	c := newCompared()
	read := func(title, description, category string) similar.Text { return c.text(7, title, description, category) }
	told := func(text similar.Text) []string { return text.Terms(keptTerms) }

	before := told(read("Export of invoices fails", "", "bug"))
	if again := told(read("Export of invoices fails", "", "bug")); !slices.Equal(before, again) {
		t.Errorf("%v, then %v", before, again)
	}
	if after := told(read("Receipts are printed twice", "", "bug")); slices.Equal(before, after) {
		t.Errorf("a changed title is still compared as %v", after)
	}
	if after := told(read("Receipts are printed twice", "on the kitchen tablet", "bug")); !slices.Contains(after, "=kitchen") {
		t.Errorf("a changed description is compared as %v", after)
	}
	with := read("Receipts are printed twice", "on the kitchen tablet", "feature")
	if wish, fault := similar.Compare(with, similar.New("Receipts are printed twice", "on the kitchen tablet", "bug")), similar.Compare(with, with); wish.Score >= fault.Score {
		t.Errorf("a changed category is compared as before: %v, %v", wish, fault)
	}
}
