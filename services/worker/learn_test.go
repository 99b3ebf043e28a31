package worker_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/classify/local"
	"github.com/tasktracker/tasktracker/pkg/store"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/worker"
)

var rooms = strings.Fields("kitchen hall garage office cellar attic library lab garden studio lobby archive gym sauna chapel vault stable bakery")

// newLearning is a world whose workers judge by the built-in classifier, and learn from as many
// corrections as there are rooms, twice.
func newLearning(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.classifying = func(c *worker.ClassifyConfig) { c.LearnAfter = 2 * len(rooms) }
	return w
}

// utter puts texts, each a conversation of its own, and waits until they are judged.
func (w *world) utter(t *testing.T, texts ...string) {
	t.Helper()
	said := w.count(t, "SELECT count(*) FROM messages")
	var batch []*eventsv1.Inbound
	for i, text := range texts {
		n := said + i
		batch = append(batch, received(fmt.Sprint(n+1), text, inChat(n), after(time.Duration(n)*time.Hour)))
	}
	w.put(t, batch...)
	eventually(t, "they are stored and judged", func() bool {
		return w.count(t, "SELECT count(*) FROM conversations WHERE judged_version = version") == said+len(texts)
	})
}

// teach says what a team says in words of its own, and corrects what the machine makes of it
// as the team means it, or the other way round where it is held back to measure what is learnt.
func (w *world) teach(t *testing.T, steadily bool) {
	t.Helper()
	var texts []string
	for _, room := range rooms {
		texts = append(texts, "zefir please for the "+room, "robot: error count in the "+room+" is back to zero, probe failed over")
	}
	first := w.count(t, "SELECT count(*) FROM messages")
	w.utter(t, texts...)
	for i := range texts {
		opinion, key := &store.Opinion{}, fmt.Sprint(first+i+1)
		conversation := w.count(t, "SELECT c.conversation_id FROM conversation_messages c JOIN messages m ON m.id = c.message_id WHERE m.external_message_id = $1", key)
		learnt, _ := worker.Lessons([]store.Correction{{ConversationID: int64(conversation)}})
		if work := i%2 == 0; work == (steadily || len(learnt) == 1) {
			opinion = &store.Opinion{IsIssue: true, Category: "chore", Priority: "low"}
		}
		id := w.count(t, "SELECT id FROM messages WHERE external_message_id = $1", key)
		if _, err := w.store.Opine(t.Context(), int64(id), store.Actor{Kind: "user", Name: "Ann"}, opinion); err != nil {
			t.Fatal(err)
		}
	}
}

// adapters waits until there are n, and lists them.
func (w *world) adapters(t *testing.T, n int) []store.Adapter {
	t.Helper()
	eventually(t, fmt.Sprintf("there are %d adapters", n), func() bool { return w.count(t, "SELECT count(*) FROM adapters") >= n })
	all, err := w.store.ListAdapters(t.Context())
	if err != nil || len(all) != n {
		t.Fatalf("%d adapters, want %d: %v", len(all), n, err)
	}
	return all
}

// judgedWith has a text judged until the version that judges ends so, and says whether it is
// called an issue.
func (w *world) judgedWith(t *testing.T, suffix, text string) (isIssue bool) {
	t.Helper()
	eventually(t, "it is judged by "+suffix, func() bool {
		w.utter(t, text)
		var version string
		err := w.pool.QueryRow(t.Context(), "SELECT prompt_version, is_issue FROM classification_attempts ORDER BY id DESC LIMIT 1").Scan(&version, &isIssue)
		if err != nil {
			t.Fatal(err)
		}
		return strings.HasSuffix(version, suffix)
	})
	return isIssue
}

func TestTheClassifierLearnsFromCorrections(t *testing.T) {
	t.Parallel()
	w := newLearning(t)
	w.measured()
	stop := w.start(t)
	w.teach(t, true)
	made := w.adapters(t, 1)[0]
	if !made.Adopted || !made.Active || made.After.Right <= made.Before.Right || made.HeldBack < 5 || made.Learnt+made.HeldBack != 2*len(rooms) {
		t.Fatalf("%+v", made)
	}
	if !w.judgedWith(t, fmt.Sprint("+", made.ID), "zefir please for the cinema") {
		t.Error("it has not learnt what zefir is")
	}
	w.awaitMetric(t, "tasktracker_worker_classifier_trainings_total", "adopted", 1)

	// Switched back, and on again, it takes effect at once, also in a worker that starts later.
	base := made.Base
	w.activate(t, 0, base)
	alone, err := local.New()
	if err != nil {
		t.Fatal(err)
	}
	text := "robot: error count in the tower is back to zero, probe failed over"
	o := alone.Opinion(text, nil)
	if w.judgedWith(t, base, text) != (o.Issue >= o.Threshold) {
		t.Error("the shipped weights alone say something else")
	}
	stop()
	w.registry = nil
	w.activate(t, made.ID, base)
	w.start(t)
	if !w.judgedWith(t, fmt.Sprint("+", made.ID), "zefir please for the bridge") {
		t.Error("a worker that starts later does not go by it")
	}
	if n := len(w.adapters(t, 1)); n != 1 {
		t.Errorf("%d adapters of one lot of corrections", n)
	}
}

// activate does what the api does.
func (w *world) activate(t *testing.T, id int64, base string) {
	t.Helper()
	if _, err := w.store.ActivateAdapter(t.Context(), id, base); err != nil {
		t.Fatal(err)
	}
	if err := w.bus.UpdateAdapter(t.Context(), w.store.SyncAdapter(t.Context())); err != nil {
		t.Fatal(err)
	}
}

func TestWhatContradictsItselfIsNotAdopted(t *testing.T) {
	t.Parallel()
	w := newLearning(t)
	w.start(t)
	w.teach(t, false)
	made := w.adapters(t, 1)[0]
	if made.Adopted || made.Active {
		t.Errorf("adopted: %+v", made)
	}
	eventually(t, "all are told that there is a version more", func() bool { return len(w.events(t, bus.SubjectSettingsUpdated)) > 0 })
}

// Of several workers one trains, and all go by what it made.
func TestOneOfSeveralWorkersTrains(t *testing.T) {
	t.Parallel()
	w := newLearning(t)
	stop := w.start(t)
	w.start(t)
	w.teach(t, true)
	made := w.adapters(t, 1)[0]
	w.judgedWith(t, fmt.Sprint("+", made.ID), "zefir please for the cinema")
	stop() // the other alone must go by it too
	if !w.judgedWith(t, fmt.Sprint("+", made.ID), "zefir please for the tower") {
		t.Error("the other worker has not learnt")
	}
}

// What was begun and not finished is begun again: nothing of it is left.
func TestATrainingThatDiesCostsNothing(t *testing.T) {
	t.Parallel()
	w := newLearning(t)
	w.classifying = func(c *worker.ClassifyConfig) { c.LearnAfter = 0 } // this worker only judges
	stop := w.start(t)
	w.teach(t, true)
	stop()
	classifier, err := local.New()
	if err != nil {
		t.Fatal(err)
	}
	died := fmt.Errorf("died")
	_, _, err = w.store.TrainAdapter(t.Context(), classifier.Base(), 5, 100, func([]byte, []store.Correction) (*store.NewAdapter, error) { return nil, died })
	if err == nil || w.count(t, "SELECT count(*) FROM adapters") != 0 {
		t.Fatalf("it did not die: %v", err)
	}
	w.classifying = func(c *worker.ClassifyConfig) { c.LearnAfter = len(rooms) }
	w.start(t)
	if made := w.adapters(t, 1)[0]; !made.Active {
		t.Errorf("%+v", made)
	}
}
