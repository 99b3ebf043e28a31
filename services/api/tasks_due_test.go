package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/services/api"
)

func TestTasksAreListedByAssigneeAndDueDate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	now := time.Now().UTC()
	for _, fields := range []string{
		`{"assignee":"Олена Ковтун","due_at":%q}`,
		`{"assignee":"Олена Ковтун","due_at":%q,"status":"completed"}`,
		`{"due_at":%q,"status":"cancelled"}`,
		`{"assignee":"None","due_at":%q,"status":"in_progress"}`,
	} {
		addTask(w, fmt.Sprintf(fields, now.Add(-time.Hour).Format(time.RFC3339)))
	}
	addTask(w, fmt.Sprintf(`{"assignee":"Олена","due_at":%q}`, now.Add(6*24*time.Hour).Format(time.RFC3339)))
	addTask(w, fmt.Sprintf(`{"due_at":%q}`, now.Add(8*24*time.Hour).Format(time.RFC3339)))
	addTask(w, `{"assignee":"Олена"}`)
	addTask(w, `{"status":"completed"}`)

	const olena = "assignee=%D0%BE%D0%BB%D0%B5%D0%BD%D0%B0" // in small letters
	for query, want := range map[string]string{
		"due=overdue":                    "[4 1]",
		"due=week":                       "[5]",
		"due=later":                      "[6]",
		"due=none":                       "[7]",
		"due=week&tz=Europe/Kyiv":        "[5]",
		"due=overdue&status=in_progress": "[4]",
		"due=overdue&status=completed":   "[]",
		olena:                            "[7 5]",
		olena + "&due=none&priority=high&category=bug&source=API&q=due": "[7]",
		"assignee=" + url.QueryEscape("олена КОВТУН"):                   "[2 1]",
		"assignee=none":             "[8 6 3]",
		"assignee=None":             "[4]",
		"assignee=none&due=overdue": "[]",
		"due=&assignee=":            "[8 7 6 5 4 3 2 1]",
	} {
		if got := fmt.Sprint(listed(w, "/api/tasks?limit=1&"+query)); got != want {
			t.Errorf("%s lists %s, want %s", query, got, want)
		}
	}
	for by, want := range map[string]string{
		"by=due":                              "overdue 2 later 1 none 1 week 1",
		"by=assignee":                         "none 3 Олена 2 Олена Ковтун 2 None 1",
		"by=assignee&status=in_progress":      "None 1",
		"by=assignee&due=overdue&q=due":       "None 1 Олена Ковтун 1",
		"by=status":                           "open 4 completed 2 cancelled 1 in_progress 1",
		"by=due&status=completed":             "",
		"by=assignee&assignee=none&due=later": "none 1",
	} {
		var counts []string
		for _, c := range get[[]object](w, "/api/tasks/counts?"+by) {
			counts = append(counts, fmt.Sprintf("%v %v", c["value"], c["count"]))
			field, narrower, _ := strings.Cut(strings.TrimPrefix(by, "by="), "&")
			query, err := url.ParseQuery(narrower)
			if err != nil {
				t.Fatal(err)
			}
			query.Set(field, c["value"].(string))
			if got := listed(w, "/api/tasks?"+query.Encode()); len(got) != int(c["count"].(float64)) {
				t.Errorf("%s counts %v, and the list has %v", by, c, got)
			}
		}
		if got := strings.Join(counts, " "); got != want {
			t.Errorf("%s: %s, want %s", by, got, want)
		}
	}
	for _, bad := range []string{"due=tomorrow", "assignee=" + strings.Repeat("x", 201)} {
		status, said, _ := w.call(http.MethodGet, "/api/tasks?"+bad, "")
		if name, _, _ := strings.Cut(bad, "="); status != 422 || !strings.Contains(said, name) {
			t.Errorf("%s: %d %s", bad, status, said)
		}
	}
}

func addTask(w *world, fields string) {
	task := ok[object](w, http.MethodPost, "/api/tasks", newTask("due"))
	ok[object](w, http.MethodPatch, fmt.Sprintf("/api/tasks/%v", task["id"]), fields)
}

// nextOf is the path of the page after one; "" for the last.
func nextOf(header http.Header) string {
	next, _, _ := strings.Cut(strings.TrimPrefix(header.Get("Link"), "<"), ">")
	return next
}

// listed gives the numbers of all tasks or messages of a list, page by page.
func listed(w *world, next string) []int {
	ids := []int{}
	for next != "" {
		for _, task := range get[[]object](w, next) {
			ids = append(ids, int(task["id"].(float64)))
		}
		_, _, header := w.call(http.MethodGet, next, "")
		next = nextOf(header)
	}
	if !slices.IsSortedFunc(ids, func(a, b int) int { return b - a }) {
		w.t.Errorf("not newest first: %v", ids)
	}
	return ids
}

// A task is of the chat of its first message, whichever chats the others are of, also when that chat gets another number.
func TestTasksAreListedByChat(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	first, second, third := telegram("1", "Олена", "Каса стоїть", "2026-11-16T10:00:00Z"), telegram("2", "Іван", "Склад закрито", "2026-11-16T11:00:00Z"), telegram("3", "Іван", "Ще каса", "2026-11-16T12:00:00Z")
	second.ChatId = "-77"
	w.save(first, second, third)
	for _, messages := range []string{"[3,1]", "[2]", "[]"} {
		ok[object](w, http.MethodPost, "/api/tasks", taskOf(messages))
	}
	counts := func() string {
		var all []string
		for _, c := range get[[]object](w, "/api/tasks/counts?by=chat_id") {
			all = append(all, fmt.Sprintf("%v %v %v", c["value"], c["name"], c["count"]))
			if got := listed(w, "/api/tasks?chat_id="+url.QueryEscape(c["value"].(string))); len(got) != int(c["count"].(float64)) {
				t.Errorf("%v are counted, and listed are %v", c, got)
			}
		}
		return strings.Join(all, ", ")
	}
	chat, _ := get[object](w, "/api/tasks/1")["chat_id"].(string)
	if got, want := counts(), chat+" Каса 2, none <nil> 1"; chat == "-77" || chat == "" || got != want {
		t.Errorf("counts %q, want %q", got, want)
	}
	if got := fmt.Sprint(listed(w, "/api/tasks?chat_id=none"), listed(w, "/api/tasks?chat_id="+chat+"&status=open"), listed(w, "/api/tasks?chat_id=-77")); got != "[3] [2 1] []" {
		t.Errorf("lists %s", got)
	}
	// What was the first message is taken from it: the next one counts.
	task := ok[object](w, http.MethodPost, "/api/tasks/1/detach", `{"message_ids":[1]}`)
	if task["chat_id"] != "-77" || task["chat_name"] != "Каса" {
		t.Errorf("detached: %v %v", task["chat_id"], task["chat_name"])
	}
	if _, err := w.pool.Exec(t.Context(), "UPDATE chats SET migrated_to_chat = '-10077' WHERE external_id = '-77'"); err != nil {
		t.Fatal(err)
	}
	ok[object](w, http.MethodPost, "/api/tasks/3/attach", `{"message_ids":[1]}`)
	if got, want := counts(), chat+" Каса 2, -10077 <nil> 1"; got != want {
		t.Errorf("counts %q, want %q", got, want)
	}
	ok[object](w, http.MethodPost, "/api/tasks/1/merge", `{"into_task_id":2}`)
	if fmt.Sprint(listed(w, "/api/tasks?chat_id=none")) != "[1]" {
		t.Errorf("of no message after the merge: %v", listed(w, "/api/tasks?chat_id=none"))
	}
}
