package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/tasktracker/tasktracker/services/api"
)

func TestWhatTheMachineFilledIsItsUntilAPersonConfirms(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	if _, err := w.pool.Exec(w.background(), `INSERT INTO tasks (id, title, category, priority, source, ai_generated, due_at)
		VALUES (900, 'The till is down', 'bug', 'high', 'telegram', true, '2026-03-09T12:00Z')`); err != nil {
		t.Fatal(err)
	}
	unconfirmed := func(task object) string { return fmt.Sprint(task["unconfirmed"]) }
	if got := unconfirmed(get[object](w, "/api/tasks/900")); got != "[title description category priority due_at]" {
		t.Errorf("at first %s", got)
	}
	if got := unconfirmed(ok[object](w, http.MethodPost, "/api/tasks/900/confirm", `{"fields":["due_at","assignee"]}`)); got != "[title description category priority]" {
		t.Errorf("after confirming one %s", got)
	}
	if got := unconfirmed(ok[object](w, http.MethodPatch, "/api/tasks/900", `{"priority":"low"}`)); got != "[title description category]" {
		t.Errorf("after changing one %s", got)
	}
	for range 2 { // the second changes nothing
		if got := unconfirmed(ok[object](w, http.MethodPost, "/api/tasks/900/confirm", `{}`)); got != "[]" {
			t.Errorf("after confirming all %s", got)
		}
	}
	if n := w.events()["events.task.updated"]; n != 3 {
		t.Errorf("%d events", n)
	}
	newest := get[[]object](w, "/api/tasks/900/history")[0]
	if newest["field"] != "category" || newest["from"] != "bug" || newest["to"] != "bug" || newest["actor_kind"] != "user" {
		t.Errorf("history %v", newest)
	}
	if status, _, _ := w.call(http.MethodPost, "/api/tasks/77/confirm", `{}`); status != 404 {
		t.Errorf("a task that is not there: %d", status)
	}
	if status, _, _ := w.call(http.MethodPost, "/api/tasks/900/confirm", `{"fields":["status"]}`); status != 422 {
		t.Errorf("a field that the machine does not fill: %d", status)
	}
}
