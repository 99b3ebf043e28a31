package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/bus"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/api"
)

// Each fault gets its status, and names every place that is wrong.
func TestBadRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	long := strings.Repeat("ж", 201)
	for _, c := range []struct {
		method, path, body string
		status             int
		says               []string
	}{
		{"GET", "/api/messages?limit=0&date_from=2026-02-30&classification=x", "", 422, []string{`"limit"`, `"date_from"`, `"classification"`}},
		{"GET", "/api/messages?limit=501", "", 422, []string{`"limit"`}},
		{"GET", "/api/messages?limit=99999999999999999999", "", 422, []string{`"limit"`}},
		{"GET", "/api/messages?date_from=2026-02-02&date_to=2026-02-01", "", 422, []string{`"date_from"`}},
		{"GET", "/api/messages?tz=Mars/Olympus", "", 422, []string{`"tz"`}},
		{"GET", "/api/messages?tz=Local", "", 422, []string{`"tz"`}},
		{"GET", "/api/messages?cursor=garbage", "", 422, []string{`"cursor"`}},
		{"GET", "/api/messages?tz=Mars&date_from=2026-02-02&date_to=2026-02-01&limit=0", "", 422, []string{`"tz"`, `"date_from"`, `"limit"`}},
		{"GET", "/api/messages?limit=1&limit=2", "", 422, []string{`"limit"`}},
		{"GET", "/api/messages?author=%ff", "", 422, []string{`"author"`}},
		{"GET", "/api/messages?author=%zz", "", 422, []string{`"query"`}},
		{"GET", "/api/messages/abc", "", 422, []string{`["path","id"]`}},
		{"GET", "/api/tasks?status=done&priority=urgent", "", 422, []string{`"status"`, `"priority"`}},
		{"GET", "/api/tasks/99999999999999999999", "", 422, []string{`["path","id"]`}},
		{"GET", "/api/tasks/7", "", 404, []string{"Task not found"}},
		{"GET", "/api/tasks/7/history", "", 404, []string{"Task not found"}},
		{"POST", "/api/tasks", `{"title":"","category":"x","priority":1}`, 422, []string{`"title"`, `"category"`, `"priority"`, `"description"`, `"source"`}},
		{"POST", "/api/tasks", newTask(long), 422, []string{`"title"`}},
		{"POST", "/api/tasks", `{bad`, 422, []string{`"body"`}},
		{"POST", "/api/tasks", `[]`, 422, []string{`"body"`}},
		{"POST", "/api/tasks", newTask("\x00"), 422, []string{`"title"`}}, // nothing is left of it
		{"POST", "/api/tasks", newTask(" \u00a0\u3000\n\t\u200b"), 422, []string{`"title"`, "must not be blank"}},
		{"POST", "/api/tasks", `{"title":" ","category":"x"}`, 422, []string{`"title"`, "must not be blank", `"category"`, `"source"`}},
		{"PATCH", "/api/tasks/7", `{"title":"  "}`, 422, []string{`"title"`, "must not be blank"}},
		{"POST", "/api/tasks", newTask("x") + "x", 422, []string{`"body"`, "JSON"}},
		{"POST", "/api/tasks", "\xff", 422, []string{`"body"`, "UTF-8"}},
		{"POST", "/api/tasks", strings.Repeat("[", 100_000), 422, []string{`"body"`}},
		{"POST", "/api/tasks", strings.Repeat(" ", 1<<20) + newTask("x"), 413, []string{"1 MiB"}},
		{"POST", "/api/messages", `{"id":"1","content":"x","author":"a","timestamp":"yesterday","chat_id":true}`, 422, []string{`"timestamp"`, `"chat_id"`}},
		{"POST", "/api/messages", `{"id":9223372036854775808,"content":"x","author":"a","timestamp":"1969-12-31T00:00:00Z","chat_id":"5"}`, 422, []string{`"id"`, `"timestamp"`}},
		{"POST", "/api/messages", `{"id":1,"content":"x","author":"a","timestamp":"2026-02-30T00:00:00Z","chat_id":"5","avatar_url":"javascript:x"}`, 422, []string{`"timestamp"`, `"avatar_url"`}},
		{"PATCH", "/api/tasks/7", `{"title":null,"labels":["a",""],"due_at":"2026-11-16"}`, 422, []string{`"title"`, `"labels",1`, `"due_at"`}},
		{"PATCH", "/api/tasks/7", `{"due_at":"9999-12-31T23:59:59-23:59"}`, 422, []string{`"due_at"`}},
		{"PATCH", "/api/tasks/7", `{"TITLE":"x"}`, 422, []string{`"body"`}}, // names are matched exactly
		{"GET", "/api/avatars/telegram/%00", "", 422, []string{`"path"`}},
		{"PATCH", "/api/tasks/7", `{}`, 422, []string{`"body"`}},
		{"PATCH", "/api/tasks/7", `{"unknown":1}`, 422, []string{`"body"`}},
		{"PUT", "/api/webhook-settings/telegram/group-ids", `{"group_ids":[-5,0]}`, 422, []string{`"group_ids",1`}},
		{"PUT", "/api/webhook-settings/telegram/group-ids", `{"group_ids":[-5,-1000000000000,9223372036854775807]}`, 422, []string{`"group_ids",1`, `"group_ids",2`}},
		{"PATCH", "/api/tasks/7", `{"title":"x"}`, 404, []string{"Task not found"}},
		{"PUT", "/api/tasks/7/status", "", 422, []string{`"status"`}},
		{"PUT", "/api/tasks/7/status", `{"status":"done"}`, 422, []string{`"status"`}},
		{"POST", "/api/analyze-day?target_date=tomorrow", "", 422, []string{`"target_date"`}},
		{"GET", "/api/activity?period=year&month=12", "", 422, []string{`"period"`, `"month"`}},
		{"POST", "/api/dead-letters/5/replay", "", 404, []string{"not found"}},
		{"DELETE", "/api/dead-letters/5", "", 404, []string{"not found"}},
		{"GET", "/api/nothing", "", 404, []string{"detail"}},
		{"DELETE", "/api/tasks", "", 405, []string{"detail"}},
	} {
		status, said, _ := w.call(c.method, c.path, c.body)
		if status != c.status {
			t.Errorf("%s %s: %d, want %d: %s", c.method, c.path, status, c.status, said)
		}
		for _, part := range c.says {
			if !strings.Contains(said, part) {
				t.Errorf("%s %s does not say %s: %s", c.method, c.path, part, said)
			}
		}
	}
	if got := get[[]object](w, "/api/tasks"); len(got) != 0 {
		t.Errorf("a refused request left %v", got)
	}
}

func TestWithoutADatabaseItIs503(t *testing.T) {
	t.Parallel()
	nobody, err := pgxpool.New(t.Context(), "postgres://nobody@127.0.0.1:1/nothing")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nobody.Close)
	w := onPool(t, api.Config{}, nobody)
	for _, path := range []string{"/api/health", "/api/messages", "/api/stats"} {
		if status, said, header := w.call(http.MethodGet, path, ""); status != 503 || header.Get("Retry-After") == "" {
			t.Errorf("%s: %d %s", path, status, said)
		}
	}
}

func TestConfigNamesTheFrontDoor(t *testing.T) {
	t.Parallel()
	// What the client sent comes first, what the nearest proxy appended last.
	forwarded := []string{"X-Forwarded-Proto", "http, https", "X-Forwarded-Host", "evil.example, tracker.example.org"}
	for name, c := range map[string]struct {
		cfg  api.Config
		want string // "" for the server's own
	}{
		"the request's own":  {api.Config{}, ""},
		"a trusted proxy's":  {api.Config{TrustedProxies: []string{"127.0.0.0/8"}}, "https://tracker.example.org"},
		"an untrusted one's": {api.Config{TrustedProxies: []string{"10.0.0.1"}}, ""},
		"the setting":        {api.Config{PublicBaseURL: "https://set.example.org/"}, "https://set.example.org"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, c.cfg)
			want := c.want
			if want == "" {
				want = w.url
			}
			_, said, _ := w.call(http.MethodGet, "/api/config", "", forwarded...)
			if !strings.Contains(said, `"apiBaseUrl":"`+want+`"`) || !strings.Contains(said, `"wsUrl":"ws`+strings.TrimPrefix(want, "http")+`/ws"`) {
				t.Errorf("%s, want %s", said, want)
			}
		})
	}
}

func TestDeadLettersAreListedReplayedAndDropped(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	inbound, err := bus.NewMessage(bus.InboundSubject("telegram", "-5"), "", &eventsv1.Inbound{})
	if err != nil {
		t.Fatal(err)
	}
	for i, subject := range []string{inbound.Subject, ""} {
		err := w.bus.PublishDeadLetter(t.Context(), string(rune('a'+i)), &eventsv1.DeadLetter{
			Stream: "INBOUND", Kind: "message", Subject: subject, Reason: "does not fit", Attempts: 5,
			FailedAt: timestamppb.Now(), Payload: []byte("\xff" + strings.Repeat("x", 20_000)),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	letters := get[[]object](w, "/api/dead-letters?limit=1")
	if len(letters) != 1 || letters[0]["payload_encoding"] != "base64" || letters[0]["payload_truncated"] != true || letters[0]["attempts"] != 5.0 {
		t.Errorf("first page %v", letters)
	}
	for query, want := range map[string]int{
		"q=NOT+FIT": 2, "q=could+not+be+PROCESSED": 2, "q=обробити": 0, "q=обробити&clause=advice_shape": 0,
		"q=обробити&clause=advice_shape&clause=advice_failed": 2, "clause=advice_shape": 2,
	} {
		if got := get[[]object](w, "/api/dead-letters?"+query); len(got) != want {
			t.Errorf("%s finds %d, want %d", query, len(got), want)
		}
	}
	if status, said, _ := w.call(http.MethodPost, "/api/dead-letters/2/replay", ""); status != 409 {
		t.Errorf("without a subject: %d %s", status, said)
	}
	if got := ok[object](w, http.MethodPost, "/api/dead-letters/1/replay", ""); got["subject"] != inbound.Subject {
		t.Errorf("replayed %v", got)
	}
	if status, _, _ := w.call(http.MethodDelete, "/api/dead-letters/2", ""); status != http.StatusNoContent {
		t.Errorf("delete: %d", status)
	}
	if got := get[[]object](w, "/api/dead-letters"); len(got) != 0 {
		t.Errorf("left %v", got)
	}
}

// FuzzBody sends any body to every operation that reads one.
func FuzzBody(f *testing.F) {
	operations := [][2]string{
		{"POST", "/api/tasks"}, {"PATCH", "/api/tasks/1"}, {"PUT", "/api/tasks/1/status"}, {"POST", "/api/messages"},
		{"POST", "/api/webhook-settings/telegram/groups"}, {"PUT", "/api/webhook-settings/telegram/group-ids"},
	}
	for i := range operations {
		for _, body := range []string{
			newTask("x"), "", "{", "[]", "null", `{"title":"\ud800"}`, `{"title":"\u0000"}`, "\xff", `{"due_at":"2026-02-30T00:00:00Z"}`,
			`{"labels":["a","a"],"assignee":null}`, `{"status":"open"}`, `{"group_id":"t.me/c/1/2"}`, `{"group_ids":[-1,1e18,9223372036854775807]}`,
			`{"id":1.0,"content":"","author":"a","timestamp":"2026-11-16T10:00:60Z","chat_id":1e2,"user_id":null,"avatar_url":"https://x"}`,
		} {
			f.Add(byte(i), body)
		}
	}
	w := newWorld(f, api.Config{})
	ok[object](w, http.MethodPost, "/api/tasks", newTask("x"))
	f.Fuzz(func(t *testing.T, i byte, body string) {
		operation := operations[int(i)%len(operations)]
		status, said, _ := w.under(t).call(operation[0], operation[1], body, "Content-Type", "application/json")
		if status >= 500 {
			t.Errorf("%v %q: %d %s", operation, body, status, said)
		}
	})
}
