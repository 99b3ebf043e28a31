package worker_test

import (
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/services/worker"
)

// Of what byWords judges, "broken" opens a subject, "maybe" does not.
func newWithSubjects(t *testing.T) (*world, *byWords) {
	t.Helper()
	w, c := newClassifying(t)
	w.classifying = func(c *worker.ClassifyConfig) { c.SubjectThreshold = 0.9 }
	return w, c
}

// sourcesOfTasks are how many messages lead to each task, by its title.
func (w *world) sourcesOfTasks(t *testing.T) map[string]int {
	t.Helper()
	sources := map[string]int{}
	for _, task := range w.tasks(t) {
		sources[task.GetTitle()] = len(task.GetSourceMessageIds())
	}
	return sources
}

func TestTwoMattersOfOneMinuteAreTwoTasks(t *testing.T) {
	t.Parallel()
	w, _ := newWithSubjects(t)
	w.start(t)
	boris, vira := by("8", "Boris"), by("9", "Vira")
	w.put(t,
		received("1", "the export is broken", boris),
		received("2", "on it", vira, after(10*time.Second)),
		received("3", "the till is broken too", boris, after(20*time.Second)),
		received("4", "and the printer is broken", boris, after(30*time.Second)), // he goes on
		received("5", "I found it in the broken exporter", vira, after(40*time.Second), answering("1")),
		received("6", "maybe it is the driver", vira, after(50*time.Second), answering("4")),
		received("7", "Знайшов: the cable is broken", by("10", "Taras"), after(60*time.Second)), // about what was said last
		received("8", "Знайшов, що зламано: the scale is broken", by("11", "Ivan"), after(70*time.Second)),
		received("9", "found a broken scale", by("12", "Olha"), after(80*time.Second)))
	w.awaitJudged(t)
	got := w.sourcesOfTasks(t)
	if len(got) != 3 || got["The export is broken"] != 3 || got["The till is broken too"] != 5 || got["Found a broken scale"] != 1 {
		t.Errorf("messages of the tasks: %v", got)
	}
}

// What led to a task already leads to no other.
func TestAnEditOpensASubjectAndClosesIt(t *testing.T) {
	t.Parallel()
	w, _ := newWithSubjects(t)
	w.start(t)
	boris := by("8", "Boris")
	together := func() int { return w.count(t, "SELECT count(*) FROM conversations WHERE messages = 2") }
	w.put(t, received("1", "the export is broken"), received("2", "hm", boris, after(time.Minute)))
	w.awaitJudged(t)
	if together() != 1 {
		t.Error("they are apart before the edit")
	}
	w.put(t, received("2", "the till is broken", boris, after(time.Minute), edited(90, 2)))
	w.awaitJudged(t)
	if together() != 0 || len(w.tasks(t)) != 1 {
		t.Errorf("after the edit: together %d, tasks %v", together(), w.sourcesOfTasks(t))
	}
	w.put(t, received("2", "never mind", boris, after(time.Minute), edited(120, 3)))
	w.awaitJudged(t)
	if together() != 1 || len(w.tasks(t)) != 1 {
		t.Errorf("after the second edit: together %d, tasks %v", together(), w.sourcesOfTasks(t))
	}
}

func TestWhatCannotBeJudgedOpensNoSubject(t *testing.T) {
	t.Parallel()
	w, c := newWithSubjects(t)
	c.panic = "odd"
	w.start(t)
	w.put(t, received("1", "the export is broken"), received("2", "odd", by("8", "Boris"), after(time.Minute)))
	w.awaitDone(t)
	eventually(t, "both are grouped", func() bool { return w.count(t, "SELECT count(*) FROM conversations WHERE messages = 2") == 1 })
}
