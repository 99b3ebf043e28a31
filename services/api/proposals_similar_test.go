package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/store"
)

// Proposals that say the same are found, become one task together, and wait again when that is taken back, the task last.
func TestSimilarProposalsAreFoundAndDecidedTogether(t *testing.T) {
	t.Parallel()
	w := newAIWorld(t, environment())
	for i, said := range []string{"Експорт звіту в PDF падає на великій касі", "Дайте доступ до складу новому менеджеру", "Знову падає експорт звіту в PDF на касі", "Експорт звіту PDF на касі падає"} {
		m := telegram(fmt.Sprint(i+1), fmt.Sprint("Олена ", i), said, fmt.Sprintf("2026-11-16T1%d:00:00Z", i))
		m.AuthorId, m.ChatId = fmt.Sprint(70+i), fmt.Sprint(-50-i)
		w.save(m)
	}
	w.grouped()
	err := w.judgeAs(0.6, store.DuplicateLimits{Sure: 1, Likely: 1}, func(c store.Conversation) store.Decision {
		d := decide(0.6)(c)
		d.Title, d.Description = c.Messages[0].Text, c.Messages[0].Text
		return d
	})
	if err != nil {
		t.Fatal(err)
	}
	proposal := proposalsByMessage(w)
	if len(proposal) != 4 {
		t.Fatalf("proposals %v", proposal)
	}
	alike := func(message int) string {
		var ids []int
		for _, each := range get[[]object](w, fmt.Sprintf("/api/proposals/%d/similar", proposal[message])) {
			ids = append(ids, int(each["proposal"].(object)["message_ids"].([]any)[0].(float64)))
			if score := each["score"].(float64); score < 0.45 || len(each["shared"].([]any)) == 0 {
				t.Errorf("message %d: %v", message, each)
			}
		}
		return fmt.Sprint(ids)
	}
	first := byContent(w, "Експорт звіту в PDF падає на великій касі")
	second, third := byContent(w, "Знову падає експорт звіту в PDF на касі"), byContent(w, "Експорт звіту PDF на касі падає")
	if got := alike(first); got != fmt.Sprint([]int{second, third}) && got != fmt.Sprint([]int{third, second}) {
		t.Errorf("alike are %s, want %d and %d", got, second, third)
	}
	if got := alike(byContent(w, "Дайте доступ до складу новому менеджеру")); got != "[]" {
		t.Errorf("alike with another subject: %s", got)
	}
	act := func(message int, what, body string) object {
		t.Helper()
		return ok[object](w, http.MethodPost, fmt.Sprintf("/api/proposals/%d/%s", proposal[message], what), body)
	}
	task := act(first, "accept", "{}")["task"].(object)
	for _, message := range []int{second, third} {
		act(message, "merge", fmt.Sprintf(`{"task_id":%v}`, task["id"]))
	}
	if got := alike(first); got != "[]" {
		t.Errorf("alike and waiting after the decision: %s", got)
	}
	for _, message := range []int{third, second, first} {
		act(message, "undo", "")
	}
	if waiting := proposalsByMessage(w); len(waiting) != 4 || len(get[[]object](w, "/api/tasks")) != 0 && get[object](w, fmt.Sprintf("/api/tasks/%v", task["id"]))["status"] != "cancelled" {
		t.Errorf("after the undo %d wait", len(waiting))
	}
	if status, said, _ := w.call(http.MethodGet, "/api/proposals/99/similar", ""); status != http.StatusNotFound {
		t.Errorf("%d %s", status, said)
	}
}

// byContent is the id of the message that says this.
func byContent(w *world, content string) int {
	w.t.Helper()
	for _, m := range get[[]object](w, "/api/messages") {
		if m["content"] == content {
			return int(m["id"].(float64))
		}
	}
	w.t.Fatalf("no message says %q", content)
	return 0
}
