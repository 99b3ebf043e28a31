package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/services/api"
)

func taskOf(messages string) string {
	return strings.Replace(newTask("Чек"), `"unknown":1`, `"source_message_ids":`+messages, 1)
}

// A person makes a task of a message that waits as a proposal: the machine makes no second
// one, and learns that it was right.
func TestATaskMadeOfAMessage(t *testing.T) {
	t.Parallel()
	w := proposed(t)
	task := ok[object](w, http.MethodPost, "/api/tasks", taskOf("[1,1]"))
	if fmt.Sprint(task["source_message_ids"]) != "[1]" || task["ai_generated"] != false {
		t.Errorf("made %v", task)
	}
	if message := get[object](w, "/api/messages/1"); message["task_id"] != task["id"] || message["classification"].(object)["provider"] != "user" {
		t.Errorf("its message %v", message)
	}
	if got := w.events(); got["events.message.updated"] == 0 || got["events.task.created"] != 1 {
		t.Errorf("events %v", got)
	}
	said := get[[]object](w, "/api/feedback")
	if len(said) != 1 || said[0]["kind"] != "accept" || said[0]["machine"].(object)["provider"] != "local" {
		t.Errorf("feedback %v", said)
	}
	w.judged(0.9)
	if p := get[object](w, "/api/proposals/1"); p["status"] != "merged" || p["task_id"] != task["id"] {
		t.Errorf("its proposal %v", p)
	}
	if tasks := get[[]object](w, "/api/tasks"); len(tasks) != 1 {
		t.Errorf("tasks %v", tasks)
	}
}

// The refused leave nothing behind.
func TestATaskOfMessagesThatCannotBeItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	w.save(telegram("1", "Олена", "Чек не друкується", "2026-11-15T22:30:00Z"), telegram("2", "Олена", "і другий", "2026-11-15T22:30:09Z"))
	ok[object](w, http.MethodPost, "/api/tasks", taskOf("[1]"))
	for messages, want := range map[string]struct {
		status int
		says   string
	}{
		"[2,1]":                                {http.StatusConflict, "message 1 already leads to task 1"},
		"[2,99]":                               {http.StatusUnprocessableEntity, "names a message that does not exist: 99"},
		"[99]":                                 {http.StatusUnprocessableEntity, "names a message that does not exist: 99"},
		"[0]":                                  {http.StatusUnprocessableEntity, "source_message_ids"},
		`"1"`:                                  {http.StatusUnprocessableEntity, "source_message_ids"},
		"[1e99]":                               {http.StatusUnprocessableEntity, "source_message_ids"},
		"[" + strings.Repeat("1,", 100) + "1]": {http.StatusUnprocessableEntity, "source_message_ids"},
	} {
		if status, body, _ := w.call(http.MethodPost, "/api/tasks", taskOf(messages)); status != want.status || !strings.Contains(string(body), want.says) {
			t.Errorf("%.20s: %d %s, want %d and %q", messages, status, body, want.status, want.says)
		}
	}
	if tasks := get[[]object](w, "/api/tasks"); len(tasks) != 1 {
		t.Errorf("tasks %v", tasks)
	}
	if message := get[object](w, "/api/messages/2"); message["task_id"] != nil || message["classification"] != nil {
		t.Errorf("the second message %v", message)
	}
}

// A message is attached to a task that there is, and taken out again: what waited of it waits again.
func TestMessagesAreAttachedAndDetached(t *testing.T) {
	t.Parallel()
	w := proposed(t)
	w.save(telegram("2", "Ігор", "Сканер пищить", "2026-11-16T22:30:00Z"))
	ok[object](w, http.MethodPost, "/api/tasks", newTask("Друк"))
	task := ok[object](w, http.MethodPost, "/api/tasks/1/attach", `{"message_ids":[1,2,1]}`)
	if fmt.Sprint(task["source_message_ids"]) != "[1 2]" {
		t.Errorf("attached %v", task)
	}
	if message := get[object](w, "/api/messages/1"); message["task_id"] != 1.0 {
		t.Errorf("its message %v", message)
	}
	before := w.events()
	ok[object](w, http.MethodPost, "/api/tasks/1/attach", `{"message_ids":[1]}`)
	if again := w.events(); again["events.task.updated"] != before["events.task.updated"] {
		t.Errorf("attached again: %v, before %v", again, before)
	}
	w.judged(0.9)
	if p := get[object](w, "/api/proposals/1"); p["status"] != "merged" || p["task_id"] != 1.0 {
		t.Errorf("its proposal %v", p)
	}
	if task = ok[object](w, http.MethodPost, "/api/tasks/1/detach", `{"message_ids":[1,2]}`); fmt.Sprint(task["source_message_ids"]) != "[]" {
		t.Errorf("detached %v", task)
	}
	if message := get[object](w, "/api/messages/1"); message["task_id"] != nil {
		t.Errorf("its message %v", message)
	}
	if p := get[object](w, "/api/proposals/1"); p["status"] != "pending" || p["task_id"] != nil {
		t.Errorf("its proposal %v", p)
	}
	if history := get[[]object](w, "/api/tasks/1/history"); history[0]["to"] != "-2" || history[1]["to"] != "+2" {
		t.Errorf("history %v", history)
	}
}

// Nothing is changed where one of the messages may not be.
func TestMessagesThatCannotBeAttachedOrDetached(t *testing.T) {
	t.Parallel()
	w := proposed(t)
	made := ok[object](w, http.MethodPost, "/api/proposals/1/accept", "")["task"].(object)
	w.save(telegram("2", "Ігор", "Сканер пищить", "2026-11-16T22:30:00Z"))
	ok[object](w, http.MethodPost, "/api/tasks", newTask("Друк"))
	for path, want := range map[string]int{
		"/api/tasks/2/attach [2,1]":                         http.StatusConflict,
		"/api/tasks/2/attach [2,99]":                        http.StatusUnprocessableEntity,
		"/api/tasks/2/attach []":                            http.StatusUnprocessableEntity,
		"/api/tasks/99/attach [2]":                          http.StatusNotFound,
		"/api/tasks/99/detach [2]":                          http.StatusNotFound,
		fmt.Sprintf("/api/tasks/%v/detach [1]", made["id"]): http.StatusConflict,
	} {
		to, messages, _ := strings.Cut(path, " ")
		refused(w, to, `{"message_ids":`+messages+`}`, want)
	}
	if message := get[object](w, "/api/messages/2"); message["task_id"] != nil {
		t.Errorf("the second message %v", message)
	}
	ok[object](w, http.MethodPost, "/api/tasks/1/merge", `{"into_task_id":2}`)
	refused(w, "/api/tasks/1/attach", `{"message_ids":[2]}`, http.StatusConflict)
}
