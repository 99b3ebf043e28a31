package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/services/api"
)

func act(w *world, path, body string) (link, task, other object) {
	w.t.Helper()
	got := ok[object](w, http.MethodPost, path, body)
	other, _ = got["other_task"].(object)
	return got["link"].(object), got["task"].(object), other
}

func refused(w *world, path, body string, want int) string {
	w.t.Helper()
	status, said, _ := w.call(http.MethodPost, path, body)
	if status != want {
		w.t.Errorf("%s %s: %d %s", path, body, status, said)
	}
	return said
}

func TestAPersonLinksMergesAndTakesItBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	for _, title := range []string{"Принтер", "Друк", "Сканер"} {
		ok[object](w, http.MethodPost, "/api/tasks", newTask(title))
	}
	link, task, other := act(w, "/api/tasks/2/links", `{"task_id":1}`)
	if link["status"] != "open" || link["score"] != nil || link["created_by"] != "api" || task["open_links"] != 1.0 || other["id"] != 2.0 || link["undoable"] != false {
		t.Errorf("linked: %v, %v, %v", link, task, other)
	}
	if again, _, _ := act(w, "/api/tasks/1/links", `{"task_id":2}`); again["id"] != link["id"] || len(get[[]object](w, "/api/links")) != 1 {
		t.Errorf("linked again: %v", again)
	}
	path := fmt.Sprintf("/api/links/%v", link["id"])
	merged, kept, gone := act(w, path+"/accept", "")
	if merged["status"] != "merged" || kept["id"] != 1.0 || gone["status"] != "cancelled" || gone["duplicate_of_id"] != 1.0 || merged["undoable"] != true {
		t.Errorf("merged: %v, %v, %v", merged, kept, gone)
	}
	if said := refused(w, path+"/refuse", "", http.StatusConflict); !strings.Contains(said, "it is merged") {
		t.Error(said)
	}
	refused(w, "/api/tasks/1/merge", `{"into_task_id":2}`, http.StatusConflict)
	if history := get[[]object](w, "/api/tasks/2/history"); history[0]["field"] != "duplicate_of_id" || history[0]["to"] != "1" || history[1]["field"] != "status" {
		t.Errorf("history %v", history)
	}
	if undone, _, back := act(w, path+"/undo", ""); undone["status"] != "open" || back["status"] != "open" || back["duplicate_of_id"] != nil {
		t.Errorf("undone: %v, %v", undone, back)
	}
	if no, _, _ := act(w, path+"/refuse", ""); no["status"] != "refused" || len(get[[]object](w, "/api/links")) != 0 || len(get[[]object](w, "/api/tasks/1/links")) != 1 {
		t.Errorf("refused: %v", no)
	}
	if yes, kept, gone := act(w, "/api/tasks/1/merge", `{"into_task_id":3}`); yes["status"] != "merged" || kept["id"] != 3.0 || gone["duplicate_of_id"] != 3.0 {
		t.Errorf("merged by hand: %v, %v, %v", yes, kept, gone)
	}
	refused(w, path+"/accept", "", http.StatusConflict)
	refused(w, "/api/links/99/undo", "", http.StatusNotFound)
	refused(w, "/api/tasks/99/merge", `{"into_task_id":1}`, http.StatusNotFound)
	refused(w, "/api/tasks/2/merge", `{"into_task_id":99}`, http.StatusNotFound)
	refused(w, "/api/tasks/2/merge", `{"into_task_id":0}`, http.StatusUnprocessableEntity)
	if got := w.events(); got["events.task.updated"] == 0 {
		t.Errorf("events %v", got)
	}
	kinds := map[any]int{}
	for _, f := range get[[]object](w, "/api/feedback") {
		kinds[f["kind"]]++
	}
	if kinds["same"] != 1 || kinds["different"] != 1 || kinds["merge"] != 1 {
		t.Errorf("feedback %v", kinds)
	}
}

func TestAProposalNamesTheTaskThatSaysTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	ok[object](w, http.MethodPost, "/api/tasks", newTask("Чек не друкується"))
	w.save(telegram("1", "Олена", "Чек не друкується", "2026-11-15T22:30:00Z"))
	w.judgedBy(0.6, store.DuplicateLimits{Sure: 0.85, Likely: 0.2})
	links := get[[]object](w, "/api/links")
	if len(links) != 1 || links[0]["task_id"] != 1.0 || links[0]["proposal_id"] != 1.0 || links[0]["other_task_id"] != nil || !strings.HasPrefix(links[0]["reason"].(string), "Both say: ") {
		t.Fatalf("links %v", links)
	}
	if receipt := get[object](w, "/api/messages/1/receipt"); len(receipt["links"].([]any)) != 1 {
		t.Errorf("receipt %v", receipt["links"])
	}
	path := fmt.Sprintf("/api/links/%v", links[0]["id"])
	refused(w, path+"/accept", "", http.StatusConflict)
	if no, _, _ := act(w, path+"/refuse", ""); no["status"] != "refused" {
		t.Errorf("refused: %v", no)
	}
	w.save(telegram("2", "Олена", "і досі", "2026-11-15T22:30:20Z"))
	w.judgedBy(0.7, store.DuplicateLimits{Sure: 0.85, Likely: 0.2})
	if links := get[[]object](w, "/api/links"); len(links) != 0 {
		t.Errorf("asked again: %v", links)
	}
}

func TestMessagesAreSplitOffATask(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	w.save(telegram("1", "Олена", "Чек не друкується", "2026-11-15T22:30:00Z"), telegram("2", "Олена", "і сканер пищить", "2026-11-15T22:30:20Z"))
	ok[object](w, http.MethodPost, "/api/tasks", `{"title":"Каса","description":"","category":"bug","priority":"high","source":"telegram","source_message_ids":[1,2]}`)
	if said := refused(w, "/api/tasks/1/split", `{"message_ids":[1,2]}`, http.StatusConflict); !strings.Contains(said, "no message would be left") {
		t.Error(said)
	}
	refused(w, "/api/tasks/1/split", `{"message_ids":[77]}`, http.StatusUnprocessableEntity)
	refused(w, "/api/tasks/9/split", `{"message_ids":[1]}`, http.StatusNotFound)
	link, task, other := act(w, "/api/tasks/1/split", `{"message_ids":[2]}`)
	if link["status"] != "refused" || fmt.Sprint(task["source_message_ids"]) != "[1]" || fmt.Sprint(other["source_message_ids"]) != "[2]" || other["title"] != "і сканер пищить" {
		t.Errorf("split: %v, %v, %v", link, task, other)
	}
	if _, kept, gone := act(w, fmt.Sprintf("/api/links/%v/undo", link["id"]), ""); fmt.Sprint(kept["source_message_ids"]) != "[1 2]" || gone["status"] != "cancelled" {
		t.Errorf("undone: %v, %v", kept, gone)
	}
}
