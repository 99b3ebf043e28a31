package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/services/api"
)

// The numbers of the funnel are those of the lists behind them, of every chat and of one, by days of the reader.
func TestFunnelCountsWhatTheListsHold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	said := 0
	say := func(chat, at string) {
		said++
		ok[object](w, http.MethodPost, "/api/messages", fmt.Sprintf(`{"id":"%d","content":"Чек LL-%d не друкується","author":"Олена %d","timestamp":"2026-03-02T%s:00Z","chat_id":%q}`, said, said, said, at, chat))
	}
	say("desk", "04:00")
	say("desk", "05:00")
	w.judged(0.2) // 1 and 2 are noise
	for _, at := range []string{"06:00", "07:00", "08:00"} {
		say("desk", at)
	}
	say("store", "09:00")
	say("store", "22:30") // in Kyiv this is the 3rd
	w.judged(0.6)
	say("desk", "10:00")                                                                 // 8 is not judged
	ok[object](w, http.MethodPut, "/api/messages/2/classification", `{"is_issue":true}`) // which led to nothing
	proposal := proposalsByMessage(w)                                                    // 3 waits
	ok[object](w, http.MethodPost, fmt.Sprintf("/api/proposals/%d/reject", proposal[4]), `{"reason":"noise"}`)
	for message, status := range map[int]string{5: "completed", 6: "cancelled", 7: "open"} {
		task := ok[object](w, http.MethodPost, fmt.Sprintf("/api/proposals/%d/accept", proposal[message]), "{}")["task"].(object)
		ok[object](w, http.MethodPut, fmt.Sprintf("/api/tasks/%v/status", task["id"]), fmt.Sprintf(`{"status":%q}`, status))
	}

	for query, want := range map[string]string{
		"date_from=2026-03-02&date_to=2026-03-03&tz=Europe/Kyiv":                "[8 7 6 5 2 1]",
		"date_from=2026-03-02&date_to=2026-03-02&tz=Europe/Kyiv":                "[7 6 5 4 1 1]",
		"date_from=2026-03-02&date_to=2026-03-03&tz=Asia/Kolkata&chat_id=store": "[2 2 2 2 1 0]",
		"date_from=2026-03-02&date_to=2026-03-02&tz=Asia/Kolkata&chat_id=desk":  "[6 5 4 3 1 1]",
		"date_from=2026-02-01&date_to=2026-02-02":                               "[0 0 0 0 0 0]",
	} {
		f := get[object](w, "/api/funnel?"+query)
		if got := fmt.Sprint([]any{f["messages"], f["judged"], f["issues"], f["proposed"], f["accepted"], f["done"]}); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
		for filter, number := range map[string]any{"": f["messages"], "&classification=issue": f["issues"], "&classification=issue&reached=proposed": f["proposed"],
			"&classification=issue&reached=accepted": f["accepted"], "&classification=issue&reached=done": f["done"]} {
			if got := get[[]object](w, "/api/messages?"+query+filter); float64(len(got)) != number {
				t.Errorf("%s%s lists %d, the number is %v", query, filter, len(got), number)
			}
		}
	}
	for query, want := range map[string]string{"reached=accepted": "[7 5]", "reached=proposed&limit=2": "[7 6 5 4 3]", "reached=accepted&q=LL-5": "[5]",
		"reached=proposed&author=4": "[4]", "reached=done&classification=other": "[]"} {
		if got := fmt.Sprint(listed(w, "/api/messages?"+query)); got != want {
			t.Errorf("%s lists %s, want %s", query, got, want)
		}
	}
	for _, path := range []string{"/api/funnel", "/api/funnel?date_from=2026-03-02&date_to=2026-03-01", "/api/messages?reached=far"} {
		if status, answer, _ := w.call(http.MethodGet, path, ""); status != 422 {
			t.Errorf("%s: %d %s", path, status, answer)
		}
	}
}

// What people decided is counted, every number has its list, and a share is told where there is enough to tell it.
func TestQualityIsWhatPeopleDecided(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	const messages = 36
	for i := range messages {
		w.save(telegram(fmt.Sprint(i+1), "Олена", fmt.Sprint("Чек не друкується, номер ", i), time.Now().Add(time.Duration(i-messages)*3*time.Hour).Format(time.RFC3339)))
	}
	w.grouped()
	err := w.judgeAs(0.8, store.DuplicateLimits{Sure: 1, Likely: 1}, func(c store.Conversation) store.Decision {
		d := decide(0.8)(c)
		if c.Messages[0].ID > messages-3 { // of the last three it makes tasks
			d.Kind = store.DecisionTask
		}
		return d
	})
	if err != nil {
		t.Fatal(err)
	}
	proposal := proposalsByMessage(w)
	act := func(message int, what, body string) {
		t.Helper()
		ok[object](w, http.MethodPost, fmt.Sprintf("/api/proposals/%d/%s", proposal[message], what), body)
	}
	quality := func() object { return get[object](w, "/api/ai/quality?"+aroundToday()) }
	act(1, "accept", `{"priority":"low"}`)
	act(2, "merge", `{"task_id":1}`)
	act(3, "reject", `{"reason":"not_actionable"}`)
	act(4, "reject", `{"reason":"noise"}`)
	act(4, "undo", "")
	ok[object](w, http.MethodPut, "/api/messages/5/classification", `{"is_issue":false}`) // has its proposal withdrawn
	ok[object](w, http.MethodPut, "/api/messages/6/classification", `{"is_issue":true,"category":"chore"}`)
	if err := w.judge(0.2, store.DuplicateLimits{Sure: 1, Likely: 1}); err != nil {
		t.Fatal(err)
	}
	ok[object](w, http.MethodPut, "/api/tasks/1/status", `{"status":"cancelled"}`)
	ok[object](w, http.MethodPatch, "/api/tasks/2", `{"category":"chore"}`)
	if q := quality(); q["precision"] != nil || q["least_decided"] != 30.0 {
		t.Errorf("of %v a share of %v", q["decided"], q["precision"])
	}
	// The version of the prompt changes before the rest is decided.
	if _, err := w.pool.Exec(t.Context(), "UPDATE classification_attempts SET prompt_version = '2' WHERE conversation_id IN (SELECT conversation_id FROM conversation_messages WHERE message_id BETWEEN 7 AND 31)"); err != nil {
		t.Fatal(err)
	}
	for message := 7; message <= 31; message++ {
		act(message, "accept", "{}")
	}
	q := quality()
	outcomes := map[string]float64{}
	for _, each := range q["outcomes"].([]any) {
		o := each.(object)
		name, query := o["outcome"].(string), "&outcome="+o["outcome"].(string)
		if reason, given := o["reason"].(string); given {
			name, query = name+" "+reason, query+"&reason="+reason
		}
		outcomes[name] = o["count"].(float64)
		decisionsListed(w, query, o["count"])
	}
	want := map[string]float64{"accepted": 25, "edited": 2, "merged": 1, "cancelled": 1, "rejected noise": 1, "rejected not_actionable": 1, "undecided": 4, "not_issue": 1, "reclassified": 1}
	if fmt.Sprint(outcomes) != fmt.Sprint(want) {
		t.Errorf("outcomes %v, want %v", outcomes, want)
	}
	decided, precision := q["decided"].(object), q["precision"].(object)
	decisionsListed(w, "&right=true", decided["right"])
	decisionsListed(w, "&right=false", decided["wrong"])
	if low, share, high := precision["low"].(float64), precision["share"].(float64), precision["high"].(float64); low >= share || share >= high || share != decided["right"].(float64)/(decided["right"].(float64)+decided["wrong"].(float64)) {
		t.Errorf("precision %v of %v", precision, decided)
	}
	versions := q["versions"].([]any)
	for _, each := range versions {
		v := each.(object)
		decisionsListed(w, "&right=true&version="+url.QueryEscape(v["version"].(string)), v["decided"].(object)["right"])
	}
	if len(versions) != 2 || versions[0].(object)["prompt_version"] != "2" || versions[1].(object)["provider"] != "local" {
		t.Errorf("versions %v", versions)
	}
	durations := get[object](w, "/api/durations?"+aroundToday())
	accept := durations["accept"].(object)
	decisionsListed(w, "&accepted=true", accept["count"])
	if accept["count"] != 26.0 || accept["median_seconds"] != nil || accept["p90_seconds"] != nil || durations["least_measured"] != 30.0 {
		t.Errorf("time to accept %v", durations)
	}
	if q := get[object](w, "/api/ai/quality?chat_id=nowhere&"+aroundToday()); len(q["outcomes"].([]any)) != 0 || q["undecided"] != 0.0 {
		t.Errorf("of another chat %v", q)
	}
	if status, answer, _ := w.call(http.MethodGet, "/api/ai/decisions?outcome=good&"+aroundToday(), ""); status != 422 {
		t.Errorf("an outcome that there is not: %d %s", status, answer)
	}
}

// How long closing took is told where enough was closed, and is of what the list holds.
func TestDurationsAreOfWhatTheListsHold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	closed := func(n int, unit, chat string) {
		t.Helper()
		_, err := w.pool.Exec(t.Context(), `INSERT INTO tasks (title, category, priority, status, source, chat_id, created_at, closed_at)
			SELECT 'Каса ' || g, 'bug', 'low', 'completed', 'telegram', $2, '2026-03-02T20:00:00Z'::timestamptz - g * $3::text::interval, '2026-03-02T20:00:00Z' FROM generate_series($1::int, 1, -1) g`, n, chat, unit)
		if err != nil {
			t.Fatal(err)
		}
	}
	closed(29, "1 minute", "-5")
	closed(12, "1 second", "-7")
	for query, want := range map[string]string{
		"date_from=2026-03-02&date_to=2026-03-02":                          "map[count:41 median_seconds:540 p90_seconds:1500]",
		"date_from=2026-03-02&date_to=2026-03-02&chat_id=-5":               "map[count:29 median_seconds:<nil> p90_seconds:<nil>]",
		"date_from=2026-03-03&date_to=2026-03-03&tz=Asia/Tokyo&chat_id=-7": "map[count:12 median_seconds:<nil> p90_seconds:<nil>]",
		"date_from=2026-03-03&date_to=2026-03-03":                          "map[count:0 median_seconds:<nil> p90_seconds:<nil>]",
	} {
		took := get[object](w, "/api/durations?"+query)["close"].(object)
		if fmt.Sprint(took) != want {
			t.Errorf("%s: %v, want %s", query, took, want)
		}
		if got := listed(w, "/api/tasks?"+strings.ReplaceAll(query, "date_", "closed_")); float64(len(got)) != took["count"] {
			t.Errorf("%s lists %d", query, len(got))
		}
	}
}

// aroundToday are days that hold what is made now, and the messages of the test.
func aroundToday() string {
	now := time.Now().UTC()
	return "date_from=" + now.AddDate(0, 0, -10).Format(time.DateOnly) + "&date_to=" + now.AddDate(0, 0, 1).Format(time.DateOnly)
}

// decisionsListed goes through the list behind a number, page by page.
func decisionsListed(w *world, filter string, number any) {
	w.t.Helper()
	seen := map[string]bool{}
	for next := "/api/ai/decisions?limit=7&" + aroundToday() + filter; next != ""; {
		_, _, header := w.call(http.MethodGet, next, "")
		for _, d := range get[[]object](w, next) {
			seen[fmt.Sprint(d["subject"], d["id"])] = true
		}
		next = nextOf(header)
	}
	if float64(len(seen)) != number {
		w.t.Errorf("%s lists %d, the number is %v", filter, len(seen), number)
	}
}

// proposalsByMessage gives the proposal that a message led to.
func proposalsByMessage(w *world) map[int]int {
	w.t.Helper()
	of := map[int]int{}
	for _, p := range get[[]object](w, "/api/proposals?status=all") {
		for _, m := range p["message_ids"].([]any) {
			of[int(m.(float64))] = int(p["id"].(float64))
		}
	}
	return of
}
