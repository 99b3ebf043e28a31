package worker_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tasktracker/tasktracker/pkg/classify"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

func TestWhatCannotBeJudgedIsHeld(t *testing.T) {
	t.Parallel()
	w, classifier := newClassifying(t)
	classifier.fail = errors.New("weights are damaged")
	w.measured()
	w.start(t)
	w.put(t, received("1", "it is broken"))
	w.awaitDone(t)
	eventually(t, "the conversation is held", func() bool {
		return w.count(t, "SELECT count(*) FROM conversations WHERE held_since IS NOT NULL AND judge_at > now()") == 1
	})
	w.awaitMetric(t, "tasktracker_worker_conversations_held", "", 1)
	if n := w.count(t, "SELECT count(*) FROM classification_attempts WHERE error LIKE '%weights are damaged%' AND provider = ''"); n != 1 {
		t.Errorf("%d attempts", n)
	}
	classifier.mend()
	w.due(t)
	w.awaitJudged(t)
	if len(w.tasks(t)) != 1 || w.count(t, "SELECT count(*) FROM conversations WHERE held_since IS NULL") != 1 {
		t.Error("held for ever")
	}
	w.awaitMetric(t, "tasktracker_worker_conversations_held", "", 0)
}

// What is held is tried again after as long as it has been held, within bounds.
func TestHeldConversationsAreTriedEverMoreSeldom(t *testing.T) {
	t.Parallel()
	w, classifier := newClassifying(t)
	classifier.fail = errors.New("weights are damaged")
	w.start(t)
	w.put(t, received("1", "it is broken"))
	eventually(t, "it was tried", func() bool { return w.count(t, "SELECT count(*) FROM conversations WHERE held_since IS NOT NULL") == 1 })
	for _, held := range []struct{ since, least, most string }{{"0s", "0s", "30s"}, {"2 minutes", "31s", "3 minutes"}, {"3 hours", "3 minutes", "5 minutes"}} {
		attempts := w.count(t, "SELECT attempts FROM conversations")
		if _, err := w.pool.Exec(t.Context(), "UPDATE conversations SET judge_at = now(), held_since = now() - $1::interval", held.since); err != nil {
			t.Fatal(err)
		}
		eventually(t, "it was tried again", func() bool { return w.count(t, "SELECT attempts FROM conversations") > attempts })
		if n := w.count(t, "SELECT count(*) FROM conversations WHERE judge_at - (SELECT max(attempted_at) FROM classification_attempts) BETWEEN $1::interval AND $2::interval", held.least, held.most); n != 1 {
			t.Errorf("held for %s it is not tried again after %s to %s", held.since, held.least, held.most)
		}
	}
}

// A text that the classifier cannot read, one that makes it panic, and one of which the
// database refuses the verdict are held; those beside them are judged.
func TestWhatIsPoisonHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	w, classifier := newClassifying(t)
	classifier.cannot, classifier.panic, classifier.category = "unreadable", "explosive", "catastrophe"
	w.start(t)
	w.put(t, received("1", "unreadable, broken"), received("2", "it is broken", after(time.Hour)), received("3", "an odd one", after(2*time.Hour)),
		received("4", "maybe", after(3*time.Hour)), received("5", "explosive and broken", after(4*time.Hour)), received("6", "thanks", after(5*time.Hour)))
	w.awaitDone(t)
	eventually(t, "three are held and three are judged", func() bool {
		return w.count(t, "SELECT count(*) FROM conversations WHERE held_since IS NOT NULL AND judge_at > now()") == 3 &&
			w.count(t, "SELECT count(*) FROM conversations WHERE judged_at IS NOT NULL AND judge_at IS NULL") == 3
	})
	if tasks, proposals := len(w.tasks(t)), w.count(t, "SELECT count(*) FROM proposals"); tasks != 1 || proposals != 1 {
		t.Errorf("%d tasks, %d proposals", tasks, proposals)
	}
	for _, why := range []string{"%is not understood", "%it panicked%", "%cannot be stored%"} {
		if n := w.count(t, "SELECT count(DISTINCT conversation_id) FROM classification_attempts WHERE error LIKE $1 AND decision = ''", why); n != 1 {
			t.Errorf("%d conversations are held because of %s", n, why)
		}
	}
	classifier.mu.Lock()
	classifier.category = classify.CategoryChore
	classifier.mu.Unlock()
	classifier.mend()
	w.due(t)
	w.awaitJudged(t)
	if n := len(w.tasks(t)); n != 4 {
		t.Errorf("%d tasks in the end", n)
	}
}

func TestPoisonousTextsAreJudgedWithoutHarm(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.start(t)
	texts := []string{
		"broken\n" + strings.Repeat("а б\n", 7_500), "broken " + strings.Repeat("z", 30_000), "🔥🔥🔥👩‍👩‍👧‍👦 broken", "🔥", "\u202ebroken\u202c \u0007\u0000 end",
		"```go\nfunc main() { broken() }\n```", "' OR 1=1; DROP TABLE tasks; -- broken", `{"is_issue": true} \u0000 broken`, "%s %n %d broken {{.}} <script>alert(1)</script>",
		"\ufeff \u200b", "broken by 31.02.2026 25:99, before 0000-00-00 and after 99999999999 years @all @ivan @olha",
	}
	var batch []*eventsv1.Inbound
	for i, text := range texts {
		text = strings.ReplaceAll(text, "\x00", "") // ingest takes it out
		batch = append(batch, received(strconv.Itoa(i+1), text, after(time.Duration(i)*time.Hour)))
	}
	w.put(t, batch...)
	w.awaitJudged(t)
	if n := w.count(t, "SELECT count(*) FROM messages WHERE is_issue IS NULL AND content ~ 'broken|🔥'"); n != 0 {
		t.Errorf("%d texts have no verdict", n)
	}
	tasks := w.tasks(t)
	if len(tasks) != 9 || len(w.letters(t)) != 0 {
		t.Errorf("%d tasks, %d dead letters", len(tasks), len(w.letters(t)))
	}
	for _, task := range tasks {
		if n := utf8.RuneCountInString(task.GetTitle()); n == 0 || n > 121 || utf8.RuneCountInString(task.GetDescription()) > 5_000 {
			t.Errorf("title %q and %d characters of description", task.GetTitle(), utf8.RuneCountInString(task.GetDescription()))
		}
	}
}

// A NUL cannot be stored; what has it becomes a dead letter, and holds up no other.
func TestNULHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.start(t)
	w.put(t, received("1", "it is \x00 broken"), received("2", "this is broken", after(time.Hour)))
	w.awaitJudged(t)
	if n := len(w.tasks(t)); n != 1 && n != 2 {
		t.Errorf("%d tasks", n)
	}
	if n := w.count(t, "SELECT count(*) FROM messages") + len(w.letters(t)); n != 2 {
		t.Errorf("%d messages and dead letters", n)
	}
}

func TestFailedTransactionLosesNothing(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	// The history cannot be written, so that everything is rolled back.
	if _, err := w.pool.Exec(t.Context(), "ALTER TABLE task_history ADD CONSTRAINT nothing CHECK (field <> 'created')"); err != nil {
		t.Fatal(err)
	}
	w.start(t)
	w.put(t, received("1", "it is broken"))
	w.awaitDone(t)
	eventually(t, "the conversation is held", func() bool {
		return w.count(t, "SELECT count(*) FROM conversations WHERE held_since IS NOT NULL") == 1
	})
	if n := len(w.tasks(t)) + w.count(t, "SELECT count(*) FROM messages WHERE is_issue IS NOT NULL"); n != 0 {
		t.Errorf("%d things are left of what failed", n)
	}
	if _, err := w.pool.Exec(t.Context(), "ALTER TABLE task_history DROP CONSTRAINT nothing"); err != nil {
		t.Fatal(err)
	}
	w.due(t)
	w.awaitJudged(t)
	if len(w.tasks(t)) != 1 {
		t.Errorf("%d tasks", len(w.tasks(t)))
	}
}
