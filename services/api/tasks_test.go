package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/bus"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/api"
)

func newTask(title string) string {
	quoted, err := json.Marshal(title)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{"title":%s,"description":"d","category":"bug","priority":"high","source":"api","unknown":1}`, quoted)
}

func TestTheLifeOfATask(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	task := ok[object](w, http.MethodPost, "/api/tasks", newTask("Знайти чек"))
	if task["status"] != "open" || task["ai_generated"] != false {
		t.Errorf("created %v", task)
	}
	path := fmt.Sprintf("/api/tasks/%v", task["id"])
	ok[object](w, http.MethodPatch, path, `{"assignee":"olena","due_at":"2026-12-01T10:00:00+02:00","labels":["pos","pos"],"STATUS":"nonsense"}`)
	changed := ok[object](w, http.MethodPatch, path, `{"assignee":null,"title":"Знайти чек 18:52"}`)
	if changed["assignee"] != nil || changed["due_at"] != "2026-12-01T08:00:00Z" || changed["title"] != "Знайти чек 18:52" || fmt.Sprint(changed["labels"]) != "[pos]" {
		t.Errorf("patched %v", changed)
	}
	for _, how := range [][2]string{{path + "/status?status=completed", ""}, {path + "/status", `{"status":"cancelled"}`}} {
		if got := ok[object](w, http.MethodPut, how[0], how[1]); got["message"] != "Task status updated" || got["task_id"] != task["id"] || got["status"] != got["task"].(object)["status"] {
			t.Errorf("status %v", got)
		}
	}
	ok[object](w, http.MethodPatch, path, `{"status":"cancelled"}`) // nothing changes, nothing is told
	if got := w.events(); got["events.task.created"] != 1 || got["events.task.updated"] != 4 {
		t.Errorf("events %v", got)
	}
	var fields []string
	for next := path + "/history?limit=3"; next != ""; {
		_, _, header := w.call(http.MethodGet, next, "")
		for _, entry := range get[[]object](w, next) {
			fields = append(fields, entry["field"].(string))
		}
		next, _, _ = strings.Cut(strings.TrimPrefix(header.Get("Link"), "<"), ">")
	}
	if len(fields) != 8 || fields[0] != "status" || fields[7] != "created" {
		t.Errorf("history, newest first: %v", fields)
	}
	if entry := get[[]object](w, path+"/history?limit=1")[0]; entry["from"] != "completed" || entry["to"] != "cancelled" || entry["actor"] != "api" || entry["actor_kind"] != "user" {
		t.Errorf("the last change: %v", entry)
	}
	if got := get[[]object](w, "/api/tasks?status=cancelled&category=bug&priority=high&source=API&q=чеки"); len(got) != 1 {
		t.Errorf("found %v", got)
	}
	if got := get[[]object](w, "/api/tasks?status=open"); len(got) != 0 {
		t.Errorf("found %v", got)
	}
}

func TestStatsCountEveryTask(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	for i, status := range []string{"open", "pending", "pending", "in_progress", "completed", "cancelled"} {
		task := ok[object](w, http.MethodPost, "/api/tasks", strings.Replace(newTask("t"), `"high"`, []string{`"low"`, `"critical"`}[i%2], 1))
		ok[object](w, http.MethodPut, fmt.Sprintf("/api/tasks/%v/status?status=%s", task["id"], status), "")
	}
	got := get[object](w, "/api/stats")
	counts := object{
		"total": 6.0, "total_tasks": 6.0, "pending": 3.0, "open_tasks": 3.0, "in_progress": 1.0, "completed": 1.0, "completed_tasks": 1.0, "cancelled": 1.0,
	}
	for field, want := range counts {
		if got[field] != want {
			t.Errorf("%s is %v, want %v", field, got[field], want)
		}
	}
	if p := got["byPriority"].(object); p["urgent"] != 3.0 || p["critical"] != 3.0 || p["low"] != 3.0 {
		t.Errorf("byPriority %v", p)
	}
	if s := got["by_status"].(object); s["open"] != 1.0 || s["pending"] != 2.0 {
		t.Errorf("by_status %v", s)
	}
}

func TestADayIsSummarisedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	w.save(
		telegram("1", "Олена", "Звіт не сходиться, у касі 14 чеків", "2026-11-15T22:30:00Z"), // the 16th in Kyiv
		telegram("2", "Дмитро", "Який чек загубився?", "2026-11-16T10:00:00Z"),
		telegram("3", "Дмитро", "наступного дня", "2026-11-16T22:00:00Z"), // the 17th in Kyiv
	)
	const path = "/api/analyze-day?target_date=2026-11-16&tz=Europe/Kyiv"
	var made, none int
	var mu sync.Mutex
	var runs sync.WaitGroup
	for range 4 {
		runs.Go(func() {
			got := ok[object](w, http.MethodPost, path, "")
			mu.Lock()
			defer mu.Unlock()
			switch {
			case got["tasks_created"] == 1.0 && got["messages_processed"] == 2.0 && got["date"] == "2026-11-16":
				made++
			case got["message"] == "No unanalyzed messages found for 2026-11-16" && got["success"] == true:
				none++
			default:
				t.Errorf("answered %v", got)
			}
		})
	}
	runs.Wait()
	if made != 1 || none != 3 {
		t.Errorf("%d summaries and %d times nothing left, want 1 and 3", made, none)
	}
	tasks := get[[]object](w, "/api/tasks?category=summary&source=analysis")
	if len(tasks) != 1 || tasks[0]["title"] != "Daily Summary - 2026-11-16" || !strings.Contains(tasks[0]["description"].(string), "Який чек загубився?") {
		t.Errorf("tasks %v", tasks)
	}
	if got := get[[]object](w, "/api/messages"); got[0]["analyzed"] != false || got[1]["analyzed"] != true {
		t.Errorf("marks %v", got)
	}
	if got := w.events(); got["events.task.created"] != 1 || got["events.analysis.progress"] == 0 {
		t.Errorf("events %v", got)
	}
}

// Messages that arrive while runs go on are in one summary each, and no run fails.
func TestRunsWhileMessagesArrive(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	const rounds, path = 8, "/api/analyze-day?target_date=2026-11-16"
	w.save(telegram("0", "A", "x", "2026-11-16T10:00:00Z"))
	var mu sync.Mutex
	processed := 0.0
	run := func() {
		got := ok[object](w, http.MethodPost, path, "")
		mu.Lock()
		defer mu.Unlock()
		processed += got["messages_processed"].(float64)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for i := 1; i < rounds; i++ {
			w.save(telegram(fmt.Sprint(i), "A", "x", "2026-11-16T10:00:00Z"))
		}
	})
	for range 4 {
		all.Go(func() {
			for range rounds / 2 {
				run()
			}
		})
	}
	all.Wait()
	run() // what came after the last
	if processed != rounds {
		t.Errorf("%v messages were summarised, want %d", processed, rounds)
	}
	sources := map[any]int{}
	for _, task := range get[[]object](w, "/api/tasks?category=summary") {
		for _, id := range task["source_message_ids"].([]any) {
			sources[id]++
		}
	}
	if len(sources) != rounds {
		t.Errorf("summaries name %v", sources)
	}
}

func TestASummaryNamesTopics(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	topic := &eventsv1.Inbound{Payload: &eventsv1.Inbound_TopicNamed{TopicNamed: &eventsv1.TopicNamed{
		Chat: &eventsv1.Chat{SourceName: "telegram", ChatId: "-5", Kind: "group", Name: "Каса", IsForum: true}, ThreadId: "9", Name: "Принтери",
	}}}
	if err := w.store.SaveChatFacts(t.Context(), []*eventsv1.Inbound{topic}); err != nil {
		t.Fatal(err)
	}
	in, out, answer := telegram("1", "A", "Принтер зламався?", "2026-11-16T10:00:00Z"), telegram("2", "B", "Хто на обід?", "2026-11-16T10:01:00Z"), telegram("3", "C", "Так", "2026-11-16T10:02:00Z")
	in.ThreadId, answer.ThreadId, answer.ReplyToExternalId = "9", "9", "1"
	w.save(in, out, answer)
	ok[object](w, http.MethodPost, "/api/analyze-day?target_date=2026-11-16", "")
	text := get[[]object](w, "/api/tasks?category=summary")[0]["description"].(string)
	general, printers, named := strings.Cut(text, "### Принтери")
	if !named || !strings.Contains(general, "Хто на обід?") || !strings.Contains(printers, "Принтер зламався?") || strings.Contains(printers, "без відповіді") {
		t.Errorf("summary:\n%s", text)
	}
}

func TestActivityOfAMonth(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	w.save(telegram("1", "A", "x", "2025-12-31T22:30:00Z"), telegram("2", "A", "x", "2025-12-31T22:45:00Z"), telegram("3", "A", "x", "2025-12-31T21:00:00Z"))
	got := get[object](w, "/api/activity?period=month&month=0&year=2026&tz=Europe/Kyiv")
	if got["total_messages"] != 2.0 || fmt.Sprint(got["data"]) != "[map[count:2 source:telegram timestamp:2025-12-31T22:00:00Z]]" {
		t.Errorf("activity %v", got)
	}
	if got := get[object](w, "/api/activity"); got["period"].(object)["month"] != nil || got["period"].(object)["type"] != "week" {
		t.Errorf("week %v", got)
	}
}

func TestGroupsReachIngestAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	seen := &eventsv1.Inbound{Payload: &eventsv1.Inbound_ChatSeen{ChatSeen: &eventsv1.ChatSeen{
		Chat: &eventsv1.Chat{SourceName: "telegram", ChatId: "-2988379206", Kind: "group", Name: "Каса"}, Messages: 3,
	}}}
	if err := w.store.SaveChatFacts(t.Context(), []*eventsv1.Inbound{seen}); err != nil {
		t.Fatal(err)
	}
	if got := get[[]object](w, "/api/webhook-settings/telegram/discovered"); len(got) != 1 || got[0]["id"] != -2988379206.0 || got[0]["messages_seen"] != 3.0 {
		t.Errorf("discovered %v", got)
	}
	const groups = "/api/webhook-settings/telegram/groups"
	ok[object](w, http.MethodPost, groups, `{"group_id":"2988379206"}`) // of the two it may be, the one that was seen
	got := ok[object](w, http.MethodPost, groups, `{"group_id":"https://t.me/c/2641907733/15"}`)
	if want := "[map[id:-2.988379206e+09 name:Каса] map[id:-1.002641907733e+12 name:<nil>]]"; fmt.Sprint(got["groups"]) != want {
		t.Errorf("groups %v, want %s", got["groups"], want)
	}
	monitored := func() string {
		var ids []string
		err := w.bus.UpdateMonitored(t.Context(), func(m bus.Monitored) (bus.Monitored, error) {
			ids = nil
			for _, g := range m.Groups {
				ids = append(ids, fmt.Sprint(g.ID))
			}
			return m, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(ids, " ")
	}
	if got := monitored(); got != "-2988379206 -1002641907733" {
		t.Errorf("ingest knows %s", got)
	}
	ok[object](w, http.MethodDelete, groups+"/-2988379206", "")
	ok[object](w, http.MethodPut, "/api/webhook-settings/telegram/group-ids", `{"group_ids":[-7,-7,-8]}`)
	if got := monitored(); got != "-7 -8" {
		t.Errorf("ingest knows %s", got)
	}
	for _, refused := range []string{`{"group_id":"https://t.me/+AbCdEf"}`, `{"group_id":"@nobody"}`, `{"group_id":"0"}`} {
		if status, said, _ := w.call(http.MethodPost, groups, refused); status != 400 {
			t.Errorf("%s: %d %s", refused, status, said)
		}
	}
	if got := w.events()["events.settings.updated"]; got != 4 {
		t.Errorf("%d events, want 4", got)
	}
}
