package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/services/api"
)

const someRun = `{"from": "2026-11-16T00:00:00+02:00", "to": "2026-11-17T00:00:00+02:00"}`

func TestAnalysisRunIsQueuedAndCancelled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	status, said, _ := w.call(http.MethodPost, "/api/analysis-runs", `{"from": "2026-11-16T00:00:00+02:00", "to": "2026-11-17T00:00:00+02:00", "chats": ["-5", "-5", "7"]}`)
	if status != http.StatusAccepted {
		t.Fatalf("%d %s", status, said)
	}
	run := get[object](w, "/api/analysis-runs/1")
	if run["status"] != "queued" || run["from"] != "2026-11-15T22:00:00Z" || run["to"] != "2026-11-16T22:00:00Z" || fmt.Sprint(run["chats"]) != "[-5 7]" ||
		run["progress"] != 0.0 || run["requested_by"] != "user" || run["started_at"] != nil || run["finished_at"] != nil || run["error"] != nil || run["summary"] != nil {
		t.Errorf("run %v", run)
	}
	for range 2 { // again changes nothing
		run = ok[object](w, http.MethodPost, "/api/analysis-runs/1/cancel", "")
		if run["status"] != "cancelled" || run["finished_at"] == nil {
			t.Errorf("cancelled %v", run)
		}
	}
	if n := w.events()["events.analysis.progress"]; n != 2 {
		t.Errorf("%d frames, want one for queued and one for cancelled", n)
	}
	if _, err := w.pool.Exec(t.Context(), "UPDATE analysis_runs SET status = 'completed'"); err != nil {
		t.Fatal(err)
	}
	run = get[object](w, "/api/analysis-runs/1")
	if run["progress"] != 100.0 || !strings.HasPrefix(run["detail"].(string), "Nothing to analyse") {
		t.Errorf("completed without messages: %v", run)
	}
	if status, said, _ := w.call(http.MethodPost, "/api/analysis-runs/1/cancel", ""); status != http.StatusConflict {
		t.Errorf("cancelling a completed run: %d %s", status, said)
	}
}

func TestAnalysisRunsHaveBounds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	ids := make([]string, 51)
	for i := range ids {
		ids[i] = fmt.Sprintf("%q", fmt.Sprint(i))
	}
	for _, c := range []struct {
		body   string
		status int
		where  string
	}{
		{`{"from": "2026-11-16T00:00:00Z", "to": "2026-11-16T00:00:00Z"}`, 422, `"to"`},
		{`{"from": "2026-11-16T00:00:00Z", "to": "2026-11-15T00:00:00Z"}`, 422, `"to"`},
		{`{"from": "2026-01-01T00:00:00Z", "to": "2026-04-03T00:00:01Z"}`, 422, `"to"`},
		{`{"from": "2026-01-01T00:00:00Z"}`, 422, `"to"`},
		{`{"from": "yesterday", "to": "2026-04-03T00:00:00Z"}`, 422, `"from"`},
		{`{"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z", "chats": []}`, 422, `"chats"`},
		{`{"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z", "chats": [` + strings.Join(ids, ",") + `]}`, 422, `"chats"`},
		{`{"from": "2026-01-01T00:00:00Z", "to": "2026-04-03T00:00:00Z", "chats": null}`, 202, ""},
		{`{"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z", "chats": [` + strings.Join(ids[:50], ",") + `]}`, 202, ""},
	} {
		if status, said, _ := w.call(http.MethodPost, "/api/analysis-runs", c.body); status != c.status || !strings.Contains(said, c.where) {
			t.Errorf("%.80s: %d %s, want %d about %s", c.body, status, said, c.status, c.where)
		}
	}
	for range 8 {
		w.call(http.MethodPost, "/api/analysis-runs", someRun)
	}
	if status, said, _ := w.call(http.MethodPost, "/api/analysis-runs", someRun); status != http.StatusConflict || !strings.Contains(said, "10 analysis runs wait") {
		t.Errorf("the 11th: %d %s", status, said)
	}
	ok[object](w, http.MethodPost, "/api/analysis-runs/1/cancel", "")
	if status, said, _ := w.call(http.MethodPost, "/api/analysis-runs", someRun); status != http.StatusAccepted {
		t.Errorf("after one was cancelled: %d %s", status, said)
	}
	for _, path := range []string{"/api/analysis-runs/99", "/api/analysis-runs/99/cancel"} {
		method := http.MethodGet
		if strings.HasSuffix(path, "cancel") {
			method = http.MethodPost
		}
		if status, said, _ := w.call(method, path, ""); status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, status, said)
		}
	}
}

func TestAnalysisRunsArePaged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	// What POST /api/analyze-day does is not among them.
	w.save(telegram("1", "Олена", "Звіт не сходиться", "2026-11-16T10:00:00Z"))
	ok[object](w, http.MethodPost, "/api/analyze-day?target_date=2026-11-16", "")
	for range 5 {
		w.call(http.MethodPost, "/api/analysis-runs", someRun)
	}
	var seen []any
	path := "/api/analysis-runs?limit=2"
	for path != "" {
		for _, run := range get[[]object](w, path) {
			seen = append(seen, run["id"])
		}
		_, _, header := w.call(http.MethodGet, path, "")
		cursor := header.Get("X-Next-Cursor")
		if path = ""; cursor != "" {
			path = "/api/analysis-runs?limit=2&cursor=" + cursor
		}
	}
	if len(seen) != 5 || seen[0].(float64) < seen[4].(float64) {
		t.Errorf("runs %v", seen)
	}
	if status, said, _ := w.call(http.MethodGet, "/api/analysis-runs?cursor=x", ""); status != 422 {
		t.Errorf("a strange cursor: %d %s", status, said)
	}
}

func TestAnalysisScheduleTellsItsNextMoment(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	if s := get[object](w, "/api/analysis-schedule"); s["expression"] != nil || s["time_zone"] != nil || s["next_at"] != nil || len(s["post_to"].([]any)) != 0 {
		t.Errorf("without a schedule: %v", s)
	}
	name, topic := "Форум", "12"
	if _, _, err := w.store.UpdateGroups(t.Context(), func([]store.Group) ([]store.Group, error) { return []store.Group{{ID: -1007, Name: &name}}, nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := w.pool.Exec(t.Context(), `WITH s AS (INSERT INTO sources (name) VALUES ('telegram') RETURNING id)
		INSERT INTO chats (source_id, external_id, migrated_to_chat) SELECT id, '-7', '-1007' FROM s`); err != nil {
		t.Fatal(err)
	}
	daily := store.AnalysisSchedule{Expression: "0 18 * * *", TimeZone: "Europe/Kyiv"}
	before, err := w.store.KeepAnalysisSchedule(t.Context(), daily)
	if err != nil {
		t.Fatal(err)
	}
	daily.PostTo = []store.PostTarget{{GroupID: -7, TopicID: &topic}, {GroupID: -5}}
	if since, err := w.store.KeepAnalysisSchedule(t.Context(), daily); err != nil || !since.Equal(before) {
		t.Errorf("in force since %s, %v, rather than %s: it only posts elsewhere", since, err, before)
	}
	s := get[object](w, "/api/analysis-schedule")
	if to := s["post_to"].([]any); len(to) != 2 || fmt.Sprint(to[0]) != "map[group_id:-1007 group_name:Форум topic_id:12]" ||
		fmt.Sprint(to[1]) != "map[group_id:-5 group_name:<nil> topic_id:<nil>]" {
		t.Errorf("posts to %v", to)
	}
	next, err := time.Parse(time.RFC3339, fmt.Sprint(s["next_at"]))
	if err != nil || s["expression"] != "0 18 * * *" || s["time_zone"] != "Europe/Kyiv" || next.Before(time.Now().Add(-time.Minute)) || next.Minute() != 0 {
		t.Errorf("%v, %v", s, err)
	}
	if _, err := w.store.KeepAnalysisSchedule(t.Context(), store.AnalysisSchedule{TimeZone: "UTC"}); err != nil {
		t.Fatal(err)
	}
	if s := get[object](w, "/api/analysis-schedule"); s["expression"] != nil {
		t.Errorf("after the schedule was taken back: %v", s)
	}
}
