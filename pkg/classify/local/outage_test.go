package local_test

import (
	"testing"

	"github.com/tasktracker/tasktracker/pkg/classify"
)

// An outage is said in few words, and has to become a task at once: 0.75 is
// CLASSIFY_TASK_THRESHOLD as it is shipped.
func TestOutagesAreIssues(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"the site is down", "prod is down, nothing works", "checkout is down for everyone, 500 on every payment",
		"all customers lost their data", "database is gone, we lost all orders", "прод лежить, ніхто не може зайти", "сайт не працює у всіх", "сайт лежит, ничего не работает",
	} {
		found, err := built(t).Classify(t.Context(), []classify.Input{{Text: text}})
		if err != nil {
			t.Fatal(err)
		}
		if !found[0].IsIssue || found[0].Confidence < 0.75 {
			t.Errorf("%q: issue %v, confidence %.2f", text, found[0].IsIssue, found[0].Confidence)
		}
	}
}
