package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestATaskThatPeopleChangedIsNotUndone(t *testing.T) {
	t.Parallel()
	w := proposed(t)
	_, task := decision(w, "accept", "{}")
	ok[object](w, http.MethodPatch, fmt.Sprintf("/api/tasks/%v", task["id"]), `{"labels":["pos"]}`)
	status, said, _ := w.call(http.MethodPost, "/api/proposals/1/undo", "")
	if status != http.StatusConflict || !strings.Contains(said, "changed task") {
		t.Errorf("%d %s", status, said)
	}
	if p := get[object](w, "/api/proposals/1"); p["status"] != "accepted" {
		t.Errorf("it is %v", p["status"])
	}
}

// staysUndone goes on with the conversation of a proposal that was undone: nothing of it leads
// to the task again by itself.
func (w *world) staysUndone() {
	w.t.Helper()
	w.save(telegram("3", "Олена", "і тепер", "2026-11-15T22:30:40Z"))
	w.judged(0.6)
	for _, m := range get[[]object](w, "/api/messages") {
		if m["task_id"] != nil {
			w.t.Errorf("message %v leads to task %v", m["id"], m["task_id"])
		}
	}
	if p := get[object](w, "/api/proposals/1"); p["status"] != "pending" || fmt.Sprint(p["message_ids"]) != "[1 2 3]" {
		w.t.Errorf("the proposal: %v", p)
	}
}

// What is said after a proposal was accepted leads to its task, until that is undone.
func TestUndoingFreesWhatWasSaidSince(t *testing.T) {
	t.Parallel()
	w := proposed(t)
	_, task := decision(w, "accept", "")
	w.save(telegram("2", "Олена", "і досі", "2026-11-15T22:30:20Z"))
	w.judged(0.9)
	if m := get[object](w, "/api/messages/2"); m["task_id"] != task["id"] {
		t.Errorf("what followed leads to %v", m["task_id"])
	}
	decision(w, "undo", "")
	w.staysUndone()
}

// A message that a person had attached to the task before stays there.
func TestUndoingKeepsWhatWasAttachedBefore(t *testing.T) {
	t.Parallel()
	w := proposed(t)
	task := ok[object](w, http.MethodPost, "/api/tasks", newTask("Друк"))
	ok[object](w, http.MethodPost, fmt.Sprintf("/api/tasks/%v/attach", task["id"]), `{"message_ids":[1]}`)
	decision(w, "merge", fmt.Sprintf(`{"task_id":%v}`, task["id"]))
	if p, left := decision(w, "undo", ""); p["status"] != "pending" || fmt.Sprint(left["source_message_ids"]) != "[1]" {
		t.Errorf("undone: %v, %v", p, left)
	}
}

// What the task was merged into since has the messages now: undoing frees them there.
func TestAMergedProposalIsUndoneWhereverItsTaskWent(t *testing.T) {
	t.Parallel()
	w := proposed(t)
	var tasks []any
	for range 2 {
		tasks = append(tasks, ok[object](w, http.MethodPost, "/api/tasks", newTask("Друк"))["id"])
	}
	decision(w, "merge", fmt.Sprintf(`{"task_id":%v}`, tasks[1]))
	ok[object](w, http.MethodPost, fmt.Sprintf("/api/tasks/%v/merge", tasks[1]), fmt.Sprintf(`{"into_task_id":%v}`, tasks[0]))
	if p, _ := decision(w, "undo", ""); p["status"] != "pending" || p["task_id"] != nil {
		t.Errorf("undone: %v", p)
	}
	if m := get[object](w, "/api/messages/1"); m["task_id"] != nil {
		t.Errorf("the message still leads to %v", m["task_id"])
	}
	if p, _ := decision(w, "accept", "{}"); p["status"] != "accepted" {
		t.Errorf("accepted after that: %v", p)
	}
}

// Once its messages were split off, the proposal cannot be undone: a task of a person's own has them.
func TestAMergedProposalThatWasSplitOffIsNotUndone(t *testing.T) {
	t.Parallel()
	w := proposed(t)
	task := ok[object](w, http.MethodPost, "/api/tasks", newTask("Друк"))
	w.save(telegram("2", "Іван", "Ще одне", "2026-11-16T22:30:00Z"))
	if _, err := w.pool.Exec(w.background(), "INSERT INTO task_messages (task_id, message_id) VALUES ($1, 2)", int64(task["id"].(float64))); err != nil {
		t.Fatal(err)
	}
	decision(w, "merge", fmt.Sprintf(`{"task_id":%v}`, task["id"]))
	split := ok[object](w, http.MethodPost, fmt.Sprintf("/api/tasks/%v/split", task["id"]), `{"message_ids":[1]}`)
	status, said, _ := w.call(http.MethodPost, "/api/proposals/1/undo", "")
	if status != http.StatusConflict || !strings.Contains(said, fmt.Sprintf("task %v", split["other_task"].(object)["id"])) {
		t.Errorf("%d %s", status, said)
	}
}
