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
