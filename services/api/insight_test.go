package api_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/services/api"
)

// The numbers of a day are those of the lists behind them, whatever happens to a task.
func TestTasksCreatedAgainstClosedAreThoseOfTheLists(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	for i := range 5 {
		ok[object](w, http.MethodPost, "/api/tasks", newTask(fmt.Sprint("task ", i)))
	}
	for _, change := range []string{"1 completed", "2 cancelled", "3 completed", "3 open", "1 cancelled"} {
		var id int
		var status string
		if _, err := fmt.Sscan(change, &id, &status); err != nil {
			t.Fatal(err)
		}
		ok[object](w, http.MethodPut, fmt.Sprintf("/api/tasks/%d/status", id), fmt.Sprintf(`{"status":%q}`, status))
	}
	// In Kyiv this is the 2nd of March.
	if _, err := w.pool.Exec(t.Context(), "UPDATE tasks SET created_at = '2026-03-01T22:30:00Z', closed_at = '2026-03-03T10:00:00Z' WHERE id = 1"); err != nil {
		t.Fatal(err)
	}
	flow := get[object](w, "/api/task-flow?date_from=2026-03-01&date_to=2026-03-03&tz=Europe/Kyiv")
	if got := fmt.Sprint(flow["days"]); got != "[map[closed:0 created:0 day:2026-03-01] map[closed:0 created:1 day:2026-03-02] map[closed:1 created:0 day:2026-03-03]]" {
		t.Errorf("days %s", got)
	}
	if flow["median_seconds_to_close"] != 35.5*3600 || flow["p90_seconds_to_close"] != 35.5*3600 {
		t.Errorf("closing took %v, at most %v: want 35.5 h", flow["median_seconds_to_close"], flow["p90_seconds_to_close"])
	}
	if none := get[object](w, "/api/task-flow?date_from=2026-02-01&date_to=2026-02-03"); none["median_seconds_to_close"] != nil || none["p90_seconds_to_close"] != nil {
		t.Errorf("nothing was closed, and that took %v", none)
	}
	today := time.Now().UTC().Format(time.DateOnly)
	flow = get[object](w, "/api/task-flow?date_from="+today+"&date_to="+today)
	for path, want := range map[string]any{
		"created_from=" + today + "&created_to=" + today:                           flow["created"],
		"closed_from=" + today + "&closed_to=" + today:                             flow["closed"],
		"closed_from=2026-03-03&closed_to=2026-03-03&tz=Europe/Kyiv":               1.0,
		"created_from=2026-03-02&created_to=2026-03-02&tz=Europe/Kyiv&status=open": 0.0,
	} {
		if got := get[[]object](w, "/api/tasks?"+path); float64(len(got)) != want {
			t.Errorf("%s lists %d, the count says %v", path, len(got), want)
		}
	}
	for _, path := range []string{"/api/task-flow?date_from=2026-03-02&date_to=2026-03-01", "/api/task-flow?date_from=2024-01-01&date_to=2026-03-01",
		"/api/activity/chats?date_from=2026-03-01", "/api/tasks?created_from=2026-03-02&created_to=2026-03-01", "/api/tasks?closed_from=2026-03-02&closed_to=2026-03-01"} {
		if status, said, _ := w.call(http.MethodGet, path, ""); status != 422 {
			t.Errorf("%s: %d %s", path, status, said)
		}
	}
}

func TestMessagesAreCountedByChatAndListedByInstants(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	for i, chat := range []string{"a", "b", "b"} {
		ok[object](w, http.MethodPost, "/api/messages", fmt.Sprintf(`{"id":"%d","content":"words","author":"Olena","timestamp":"2026-03-02T09:%d5:00Z","chat_id":%q}`, i, i, chat))
	}
	chats := get[[]object](w, "/api/activity/chats?date_from=2026-03-02&date_to=2026-03-02")
	if len(chats) != 2 || chats[0]["chat_id"] != "b" || chats[0]["count"] != 2.0 || chats[0]["source"] != "api" {
		t.Errorf("chats %v", chats)
	}
	if got := get[[]object](w, "/api/messages?sent_from=2026-03-02T09:05:00Z&sent_before=2026-03-02T09:15:00Z&date_to=2026-03-02"); len(got) != 1 || got[0]["external_message_id"] != "0" {
		t.Errorf("between two instants: %v", got)
	}
}

func TestThePipelineIsMeasuredWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	if got := get[object](w, "/api/pipeline"); len(got["streams"].([]any)) != 4 || got["outbox"] == nil {
		t.Errorf("pipeline %v", got)
	}
	w.pool.Close()
	if got := get[object](w, "/api/pipeline"); len(got["streams"].([]any)) != 4 || got["outbox"] != nil {
		t.Errorf("pipeline without a database %v", got)
	}
}

// The figures of a span are those of the lists behind them, and stand beside those of the span before.
func TestOverviewCountsWhatTheListsHold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	w.save(telegram("1", "Олена", "Чек не друкується", "2026-03-02T09:00:00Z"), telegram("2", "Ігор", "Добрий ранок", "2026-03-02T09:05:00Z"),
		telegram("3", "Ігор", "Сканер пищить", "2026-03-02T22:30:00Z"), telegram("4", "Ігор", "Давно", "2026-03-01T09:00:00Z"))
	ok[object](w, http.MethodPost, "/api/tasks", taskOf("[1]"))
	ok[object](w, http.MethodPost, "/api/tasks", newTask("Окреме"))
	ok[object](w, http.MethodPut, "/api/messages/2/classification", `{"is_issue":false}`)
	if _, err := w.pool.Exec(t.Context(), "UPDATE tasks SET created_at = '2026-03-02T09:30:00Z'"); err != nil {
		t.Fatal(err)
	}
	const day = "date_from=2026-03-02&date_to=2026-03-02&tz=Europe/Kyiv" // to which the third message does not belong
	overview := get[object](w, "/api/overview?"+day)
	current, previous := overview["current"].(object), overview["previous"].(object)
	for field, want := range map[string]any{"messages": 2.0, "judged": 2.0, "issues": 1.0, "tasks_created": 2.0, "tasks_closed": 0.0,
		"tasks_of_messages": 1.0, "median_seconds_to_task": 1800.0, "date_from": "2026-03-02"} {
		if current[field] != want {
			t.Errorf("%s is %v, want %v", field, current[field], want)
		}
	}
	for path, want := range map[string]any{"messages?" + day: current["messages"], "messages?classification=issue&" + day: current["issues"],
		"tasks?created_from=2026-03-02&created_to=2026-03-02&tz=Europe/Kyiv": current["tasks_created"]} {
		if got := get[[]object](w, "/api/"+path); float64(len(got)) != want {
			t.Errorf("%s lists %d, the figure is %v", path, len(got), want)
		}
	}
	if previous["date_from"] != "2026-03-01" || previous["date_to"] != "2026-03-01" || previous["messages"] != 1.0 || previous["median_seconds_to_task"] != nil {
		t.Errorf("the day before %v", previous)
	}
}
