package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/conversation"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/services/api"
)

// judged has the worker's part done: every message that waits is grouped and judged, with
// this probability of an issue.
func (w *world) judged(probability float64) {
	w.t.Helper()
	w.judgedBy(probability, store.DuplicateLimits{Sure: 1, Likely: 1})
}

// judgedBy is judged, with limits from which what is said counts as said before.
func (w *world) judgedBy(probability float64, limits store.DuplicateLimits) {
	w.t.Helper()
	w.grouped()
	if err := w.judge(probability, limits); err != nil {
		w.t.Fatal(err)
	}
}

// grouped has every message put into a conversation.
func (w *world) grouped() {
	w.t.Helper()
	ctx := w.background()
	rows, err := w.pool.Query(ctx, "SELECT id FROM messages")
	if err != nil {
		w.t.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.store.GroupMessages(ctx, ids, store.Grouping{Settings: conversation.Default()}); err != nil {
		w.t.Fatal(err)
	}
}

// judge judges the conversations that are due.
func (w *world) judge(probability float64, limits store.DuplicateLimits) error {
	return w.judgeAs(probability, limits, decide(probability))
}

// judgeAs is judge, where others decide what follows.
func (w *world) judgeAs(probability float64, limits store.DuplicateLimits, decide func(store.Conversation) store.Decision) error {
	ctx := w.background()
	claimed, err := w.store.ClaimConversations(ctx, 100, time.Minute)
	if err != nil {
		return err
	}
	judgements := make([]store.Judgement, len(claimed))
	for i, c := range claimed {
		judgements[i] = store.Judgement{Conversation: c, Duration: time.Millisecond}
		for _, m := range c.Messages {
			judgements[i].Verdicts = append(judgements[i].Verdicts, store.Verdict{Messages: []int64{m.ID}, Probability: probability, Category: "bug",
				Priority: "high", Quote: "чек", Reason: "It reads like a bug.", Signals: []string{"production"}, Provider: "local", Model: "linear", Version: "1"})
		}
	}
	_, err = w.store.Judge(ctx, judgements, decide, limits)
	return err
}

func decide(probability float64) func(store.Conversation) store.Decision {
	return func(c store.Conversation) store.Decision {
		d := store.Decision{Kind: store.DecisionNoise, Explanation: "0.20 is below 0.45: noise", Probability: probability, Verdict: c.Messages[0].Verdict}
		issue := probability >= 0.45
		for _, m := range c.Messages {
			v := store.MessageVerdict{ID: m.ID, IsIssue: issue, Confidence: probability, Provider: "local"}
			if issue {
				v.Category, v.Priority = "bug", "high"
			}
			d.Messages, d.Attach = append(d.Messages, v), append(d.Attach, m.ID)
		}
		if issue {
			d.Kind, d.Explanation = store.DecisionProposal, "0.60 is at least 0.45 and below 0.75: a proposal"
			d.Title, d.Description, d.Category, d.Priority = "Чек не друкується", "Олена: чек", "bug", "high"
		}
		return d
	}
}

// proposed is a world with one proposal, of the message with id 1.
func proposed(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, api.Config{})
	w.save(telegram("1", "Олена", "Чек не друкується", "2026-11-15T22:30:00Z"))
	w.judged(0.6)
	if got := get[[]object](w, "/api/proposals"); len(got) != 1 || got[0]["status"] != "pending" || got[0]["undoable"] != false || fmt.Sprint(got[0]["message_ids"]) != "[1]" {
		t.Fatalf("proposals %v", got)
	}
	return w
}

func decision(w *world, path, body string) (proposal, task object) {
	w.t.Helper()
	got := ok[object](w, http.MethodPost, "/api/proposals/1/"+path, body)
	task, _ = got["task"].(object)
	return got["proposal"].(object), task
}

func TestAcceptingMakesTheTaskAndUndoingCancelsIt(t *testing.T) {
	t.Parallel()
	w := proposed(t)
	p, task := decision(w, "accept", `{"title":"Полагодити друк чека","assignee":"olena","priority":"critical"}`)
	if p["status"] != "accepted" || p["undoable"] != true || p["task_id"] != task["id"] || p["decided_by"] != "api" {
		t.Errorf("proposal %v", p)
	}
	if task["title"] != "Полагодити друк чека" || task["assignee"] != "olena" || task["priority"] != "critical" || task["category"] != "bug" ||
		task["ai_generated"] != true || task["status"] != "open" || fmt.Sprint(task["source_message_ids"]) != "[1]" {
		t.Errorf("task %v", task)
	}
	if m := get[object](w, "/api/messages/1"); m["task_id"] != task["id"] {
		t.Errorf("the message leads to %v", m["task_id"])
	}
	if len(get[[]object](w, "/api/proposals")) != 0 || len(get[[]object](w, "/api/proposals?status=all")) != 1 || len(get[[]object](w, "/api/proposals?status=accepted")) != 1 {
		t.Error("the lists do not follow")
	}
	if got := w.events(); got["events.proposal.updated"] != 1 || got["events.task.created"] != 1 || got["events.message.updated"] == 0 {
		t.Errorf("events %v", got)
	}
	p, cancelled := decision(w, "undo", "")
	if p["status"] != "pending" || p["title"] != "Чек не друкується" || p["task_id"] != nil || p["undoable"] != false || cancelled["status"] != "cancelled" {
		t.Errorf("undone: %v, %v", p, cancelled)
	}
	if m := get[object](w, "/api/messages/1"); m["task_id"] != nil {
		t.Errorf("the message still leads to %v", m["task_id"])
	}
	if f := get[[]object](w, "/api/feedback"); len(f) != 1 || f[0]["kind"] != "accept" || f[0]["undone_at"] == nil || f[0]["machine"].(object)["priority"] != "high" || f[0]["person"].(object)["priority"] != "critical" {
		t.Errorf("feedback %v", f)
	}
	if _, again := decision(w, "accept", ""); again["title"] != "Чек не друкується" || again["id"] == task["id"] {
		t.Errorf("accepted again: %v", again)
	}
}

func TestARejectedProposalDoesNotComeBackByItself(t *testing.T) {
	t.Parallel()
	w := proposed(t)
	if p, task := decision(w, "reject", `{"reason":"not_actionable","comment":"just talk"}`); p["status"] != "rejected" || p["reject_reason"] != "not_actionable" || p["comment"] != "just talk" || task != nil {
		t.Errorf("rejected: %v", p)
	}
	w.save(telegram("2", "Олена", "і досі", "2026-11-15T22:30:20Z"))
	w.judged(0.9)
	if got := get[[]object](w, "/api/proposals?status=all"); len(got) != 1 || got[0]["status"] != "rejected" {
		t.Errorf("proposals %v", got)
	}
	if p, _ := decision(w, "undo", ""); p["status"] != "pending" || p["reject_reason"] != "" {
		t.Errorf("undone: %v", p)
	}
}

func TestMergingAttachesTheMessages(t *testing.T) {
	t.Parallel()
	w := proposed(t)
	other := ok[object](w, http.MethodPost, "/api/tasks", newTask("Чеки"))
	if status, _, _ := w.call(http.MethodPost, "/api/proposals/1/merge", `{"task_id":999}`); status != http.StatusNotFound {
		t.Errorf("into a task that is not there: %d", status)
	}
	p, task := decision(w, "merge", fmt.Sprintf(`{"task_id":%v}`, other["id"]))
	if p["status"] != "merged" || p["task_id"] != other["id"] || fmt.Sprint(task["source_message_ids"]) != "[1]" {
		t.Errorf("merged: %v, %v", p, task)
	}
	// What is still said belongs to it too.
	w.save(telegram("2", "Олена", "і досі", "2026-11-15T22:30:20Z"))
	w.judged(0.9)
	if m := get[object](w, "/api/messages/2"); m["task_id"] != other["id"] {
		t.Errorf("what followed leads to %v", m["task_id"])
	}
	if p, task := decision(w, "undo", ""); p["status"] != "pending" || task["status"] != "open" || fmt.Sprint(task["source_message_ids"]) != "[]" {
		t.Errorf("undone: %v, %v", p, task)
	}
	w.staysUndone()
}

func TestAProposalIsNotMergedIntoASummary(t *testing.T) {
	t.Parallel()
	w := proposed(t)
	ok[object](w, http.MethodPost, "/api/analyze-day?target_date=2026-11-15", "")
	summary := get[[]object](w, "/api/tasks?category=summary")[0]
	if said := refused(w, "/api/proposals/1/merge", fmt.Sprintf(`{"task_id":%v}`, summary["id"]), http.StatusConflict); !strings.Contains(said, "is a summary") {
		t.Error(said)
	}
	if p := get[object](w, "/api/proposals/1"); p["status"] != "pending" || p["task_id"] != nil {
		t.Errorf("the proposal: %v", p)
	}
	if m := get[object](w, "/api/messages/1"); m["task_id"] != nil {
		t.Errorf("the message leads to %v", m["task_id"])
	}
}

func TestASnoozedProposalComesBack(t *testing.T) {
	t.Parallel()
	w := proposed(t)
	if p, _ := decision(w, "snooze", fmt.Sprintf(`{"until":%q}`, time.Now().Add(time.Hour).Format(time.RFC3339))); p["status"] != "snoozed" || p["snoozed_until"] == nil {
		t.Errorf("snoozed: %v", p)
	}
	if _, err := w.pool.Exec(w.background(), "UPDATE proposals SET snoozed_until = now()"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.WakeProposals(w.background()); err != nil {
		t.Fatal(err)
	}
	if p := get[object](w, "/api/proposals/1"); p["status"] != "pending" || p["snoozed_until"] != nil {
		t.Errorf("awake: %v", p)
	}
	for name, until := range map[string]string{"past": "2020-01-01T00:00:00Z", "far": "2999-01-01T00:00:00Z"} {
		if status, said, _ := w.call(http.MethodPost, "/api/proposals/1/snooze", fmt.Sprintf(`{"until":%q}`, until)); status != http.StatusUnprocessableEntity || !strings.Contains(said, "until") {
			t.Errorf("%s: %d %s", name, status, said)
		}
	}
}

func TestOfTwoPeopleOneDecides(t *testing.T) {
	t.Parallel()
	w := proposed(t)
	var answers [8]int
	var wait sync.WaitGroup
	for i := range answers {
		wait.Go(func() {
			answers[i], _, _ = w.call(http.MethodPost, "/api/proposals/1/"+[]string{"accept", "reject"}[i%2], []string{"{}", `{"reason":"noise"}`}[i%2])
		})
	}
	wait.Wait()
	slices.Sort(answers[:])
	if answers != [8]int{200, 409, 409, 409, 409, 409, 409, 409} {
		t.Errorf("answers %v", answers)
	}
	if tasks := get[[]object](w, "/api/tasks"); len(tasks) > 1 {
		t.Errorf("%d tasks", len(tasks))
	}
}

func TestBadDecisionsChangeNothing(t *testing.T) {
	t.Parallel()
	w := proposed(t)
	for _, c := range []struct {
		path, body string
		status     int
	}{
		{"1/accept", `{"title":"  "}`, 422}, {"1/accept", `{"category":"wish"}`, 422}, {"1/accept", `[]`, 422}, {"1/reject", `{}`, 422}, {"1/reject", `{"reason":"bored"}`, 422},
		{"1/merge", `{"task_id":0}`, 422}, {"1/snooze", `{"until":"soon"}`, 422}, {"1/undo", "", 409}, {"77/accept", "{}", 404}, {"77/undo", "", 404}, {"x/accept", "{}", 422},
	} {
		if status, said, _ := w.call(http.MethodPost, "/api/proposals/"+c.path, c.body); status != c.status || !strings.Contains(said, "detail") {
			t.Errorf("%s %s: %d %s", c.path, c.body, status, said)
		}
	}
	if status, _, _ := w.call(http.MethodGet, "/api/proposals?cursor=nonsense", ""); status != http.StatusUnprocessableEntity {
		t.Errorf("a cursor that is none: %d", status)
	}
	if p := get[object](w, "/api/proposals/1"); p["status"] != "pending" {
		t.Errorf("it is %v", p["status"])
	}
}

func TestProposalsArePaged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	for i := range 5 {
		w.save(telegram(fmt.Sprint(i+1), "Олена", "Чек не друкується", fmt.Sprintf("2026-11-%02dT10:00:00Z", 10+i)))
	}
	w.judged(0.6)
	seen := map[any]bool{}
	for next := "/api/proposals?limit=2"; next != ""; {
		for _, p := range get[[]object](w, next) {
			seen[p["id"]] = true
		}
		_, _, header := w.call(http.MethodGet, next, "")
		next = ""
		if cursor := header.Get("X-Next-Cursor"); cursor != "" {
			next = "/api/proposals?limit=2&cursor=" + cursor
		}
	}
	if len(seen) != 5 {
		t.Errorf("%d of 5 proposals on the pages", len(seen))
	}
}

// A person may decide in the moment between a conversation's becoming part of one that has a
// task, and its being judged again.
func TestAProposalWhoseConversationHasATaskIsNotDecidedAnew(t *testing.T) {
	t.Parallel()
	w := proposed(t)
	task := ok[object](w, http.MethodPost, "/api/tasks", newTask("Друк"))
	other := ok[object](w, http.MethodPost, "/api/tasks", newTask("Інше"))
	if _, err := w.pool.Exec(w.background(), "INSERT INTO conversation_tasks (conversation_id, task_id) SELECT conversation_id, $1 FROM proposals", int64(task["id"].(float64))); err != nil {
		t.Fatal(err)
	}
	for path, body := range map[string]string{"accept": "{}", "merge": fmt.Sprintf(`{"task_id":%v}`, other["id"])} {
		status, said, _ := w.call(http.MethodPost, "/api/proposals/1/"+path, body)
		if status != http.StatusConflict || !strings.Contains(said, fmt.Sprintf("task %v", task["id"])) {
			t.Errorf("%s: %d %s", path, status, said)
		}
	}
	if p, _ := decision(w, "merge", fmt.Sprintf(`{"task_id":%v}`, task["id"])); p["status"] != "merged" {
		t.Errorf("merged into the task that it leads to: %v", p)
	}
}
