package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/services/api"
)

func TestAPersonsWordAboutAMessageStays(t *testing.T) {
	t.Parallel()
	w := proposed(t)
	m := ok[object](w, http.MethodPut, "/api/messages/1/classification", `{"is_issue":false}`)
	if c := m["classification"].(object); c["is_issue"] != false || c["provider"] != "user" || c["category"] != nil || c["priority"] != nil {
		t.Errorf("classified %v", c)
	}
	w.judged(0.9) // the machine has another opinion
	if c := get[object](w, "/api/messages/1")["classification"].(object); c["is_issue"] != false || c["provider"] != "user" {
		t.Errorf("then %v", c)
	}
	ok[object](w, http.MethodPut, "/api/messages/1/classification", `{"is_issue":false}`) // again: nothing new
	ok[object](w, http.MethodPut, "/api/messages/1/classification", `{"is_issue":true,"category":"chore"}`)
	f := get[[]object](w, "/api/feedback")
	if len(f) != 2 || f[1]["kind"] != "noise" || f[0]["kind"] != "task" || f[1]["machine"].(object)["category"] != "bug" || f[0]["person"].(object)["category"] != "chore" {
		t.Errorf("feedback %v", f)
	}
	if m := ok[object](w, http.MethodDelete, "/api/messages/1/classification", ""); m["classification"] != nil {
		t.Errorf("taken back: %v", m["classification"])
	}
	w.judged(0.9)
	if c := get[object](w, "/api/messages/1")["classification"].(object); c["provider"] != "local" {
		t.Errorf("judged again: %v", c)
	}
	for path, want := range map[string]int{"/api/messages/99/classification": 404, "/api/messages/1/classification": 422} {
		body := `{"is_issue":true}`
		if want == 422 {
			body = `{"category":"bug"}`
		}
		if status, said, _ := w.call(http.MethodPut, path, body); status != want {
			t.Errorf("%s: %d %s", path, status, said)
		}
	}
}

func TestTheReceiptTellsWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	w.save(telegram("1", "Олена", "Чек не друкується", "2026-11-15T22:30:00Z"))
	if r := get[object](w, "/api/messages/1/receipt"); r["conversation"] != nil || !strings.Contains(r["answer"].(string), "not been put into a conversation") {
		t.Errorf("at first: %v", r)
	}
	w.judged(0.2)
	r := get[object](w, "/api/messages/1/receipt")
	if !strings.Contains(r["answer"].(string), "below 0.45") || r["proposal"] != nil || r["task"] != nil {
		t.Errorf("noise: %v", r["answer"])
	}
	j := r["judgements"].([]any)
	if one := j[0].(object); len(j) != 1 || one["provider"] != "local" || one["prompt_version"] != "1" || one["milliseconds"] != 1.0 || one["decision"] != "noise" || fmt.Sprint(one["signals"]) != "[production]" {
		t.Errorf("judgements %v", j)
	}
	w.save(telegram("2", "Олена", "і досі", "2026-11-15T22:30:20Z"))
	w.judged(0.6)
	if r := get[object](w, "/api/messages/2/receipt"); !strings.Contains(r["answer"].(string), "waits for a person") || len(r["judgements"].([]any)) != 2 {
		t.Errorf("proposed: %v", r)
	}
	ok[object](w, http.MethodPost, "/api/proposals/1/reject", `{"reason":"noise"}`)
	if r := get[object](w, "/api/messages/2/receipt"); !strings.Contains(r["answer"].(string), "rejected it (noise)") || len(r["feedback"].([]any)) != 1 {
		t.Errorf("rejected: %v", r)
	}
	decision(w, "undo", "")
	_, task := decision(w, "accept", "{}")
	if r := get[object](w, "/api/messages/1/receipt"); r["task"].(object)["id"] != task["id"] || len(r["task_history"].([]any)) != 1 || !strings.Contains(r["answer"].(string), "led to task") {
		t.Errorf("accepted: %v", r)
	}
	if status, _, _ := w.call(http.MethodGet, "/api/messages/99/receipt", ""); status != http.StatusNotFound {
		t.Errorf("of no message: %d", status)
	}
}
