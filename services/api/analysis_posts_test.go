package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
	"github.com/tasktracker/tasktracker/services/api"
)

const (
	postsPath = "/api/analysis-runs/1/posts"
	draftPath = "/api/analysis-runs/1/post?tz=Europe/Kyiv"
)

// summarised has a run with a summary, and monitors a group and a forum that it can be posted to.
func summarised(t *testing.T, cfg api.Config) (*world, *telegramtest.Server) {
	t.Helper()
	w, s := withBot(t, cfg, telegramtest.Options{})
	s.AddChat(telegramtest.Chat{ID: -5, Type: "group", Title: "Каса"})
	s.AddChat(telegramtest.Chat{ID: -1007, Type: "supergroup", Title: "Форум", IsForum: true})
	ok[object](w, http.MethodPut, "/api/webhook-settings/telegram/group-ids", `{"group_ids":[-5,-1007]}`)
	w.call(http.MethodPost, "/api/analysis-runs", someRun)
	_, err := w.pool.Exec(t.Context(), `UPDATE analysis_runs SET status = 'completed', messages = 120, processed = 120, finished_at = now(), summary = $1`, `{
		"what_happened": [], "blockers": [], "closed_tasks": [], "provider": "local", "model": null, "fallback": null, "tokens": 0, "language": "uk",
		"counts": {"messages": 120, "authors": 4, "chats": 2, "issues": {}},
		"decisions": [{"text": "Переносимо випуск, @olena пише", "quotes": [{"message_id": 7, "quote": "Переносимо"}], "author": "Олена", "sent_at": "2026-11-16T10:00:00Z", "due_at": null}],
		"promises": [{"text": "Полагоджу касу", "quotes": [{"message_id": 8, "quote": "касу"}], "author": null, "sent_at": "2026-11-16T11:00:00Z", "due_at": "2026-11-20T21:59:59Z"}],
		"questions": [], "new_tasks": [{"id": 5, "title": "Каса не друкує", "status": "open", "category": "bug", "priority": "high"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	return w, s
}

// What the draft says is what the group gets, and the run remembers it.
func TestASummaryIsPostedToAGroup(t *testing.T) {
	t.Parallel()
	w, s := summarised(t, api.Config{TelegramBotToken: botToken})
	draft := get[object](w, draftPath)
	text := draft["text"].(string)
	want := "Підсумок: 16.11.2026\nПовідомлень: 120 · людей: 4 · груп: 2\n\nРішення\n• Переносимо випуск, @\u2060olena пише — Олена\n\nОбіцянки\n• Полагоджу касу (до 20.11.2026)\n\nНові завдання\n• Каса не друкує (№5)"
	if text != want || draft["left_out"] != 0.0 || draft["shortened"] != 0.0 {
		t.Errorf("draft %v", draft)
	}
	if calls := s.Calls("sendMessage"); len(calls) != 0 {
		t.Errorf("the draft was sent")
	}
	frames := w.events()["events.analysis.progress"]
	said := ok[object](w, http.MethodPost, postsPath, fmt.Sprintf(`{"group_id":-1007,"topic_id":"12","text":%q}`, text))
	if said["success"] != true || said["error"] != nil {
		t.Errorf("said %v", said)
	}
	sent, there := s.Message(botToken, -1007, 1)
	if !there || sent.Text != text || sent.Topic != "12" || sent.ReplyTo != 0 {
		t.Errorf("the forum has %+v", sent)
	}
	ok[object](w, http.MethodPost, postsPath, `{"group_id":-5,"topic_id":null,"text":"Коротко"}`)
	posts := get[object](w, "/api/analysis-runs/1")["posts"].([]any)
	if fmt.Sprint(posts) != fmt.Sprint(get[[]object](w, "/api/analysis-runs")[0]["posts"]) || len(posts) != 2 {
		t.Fatalf("posts %v", posts)
	}
	newest, first := posts[0].(object), posts[1].(object)
	if newest["text"] != "Коротко" || newest["group_id"] != -5.0 || first["text"] != text || first["group_id"] != -1007.0 || first["topic_id"] != "12" ||
		first["status"] != "sent" || first["posted_by"] != "user" || first["error"] != nil {
		t.Errorf("posts %v", posts)
	}
	if n := w.events()["events.analysis.progress"]; n != frames+2 {
		t.Errorf("%d frames, want two more than %d", n, frames)
	}
	for body, status := range map[string]int{
		`{"group_id":-6,"text":"Коротко"}`:                           http.StatusUnprocessableEntity, // not monitored
		`{"group_id":-5,"text":" \n"}`:                               http.StatusUnprocessableEntity,
		`{"group_id":-5,"text":"` + strings.Repeat("🙂", 2049) + `"}`: http.StatusUnprocessableEntity, // of 2 units each
		`{"group_id":-5,"topic_id":"General","text":"Коротко"}`:      http.StatusUnprocessableEntity,
		`{"text":"Коротко"}`:                                         http.StatusUnprocessableEntity,
	} {
		refused(w, postsPath, body, status)
	}
	refused(w, "/api/analysis-runs/9/posts", `{"group_id":-5,"text":"Коротко"}`, http.StatusNotFound)
	w.call(http.MethodPost, "/api/analysis-runs", someRun)
	if said := refused(w, "/api/analysis-runs/2/posts", `{"group_id":-5,"text":"Коротко"}`, http.StatusConflict); !strings.Contains(said, "nothing to post") {
		t.Error(said)
	}
	if status, _, _ := w.call(http.MethodGet, "/api/analysis-runs/2/post", ""); status != http.StatusConflict {
		t.Errorf("the draft of a run that waits: %d", status)
	}
	if calls := s.Calls("sendMessage"); len(calls) != 2 {
		t.Errorf("%d calls", len(calls))
	}
}

// What was refused was not posted; where nobody can know, the run says so.
func TestASummaryThatTelegramRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		token string
		fault telegramtest.Fault
		code  string
		kept  string
	}{
		"no bot": {"", telegramtest.Fault{}, "no_token", "[]"},
		"kicked": {botToken, telegramtest.Fault{Kind: telegramtest.FaultError, Code: http.StatusForbidden, Description: "Forbidden: bot was kicked from the group chat"}, "not_member", "[]"},
		"cut":    {botToken, telegramtest.Fault{Kind: telegramtest.FaultCutBody}, "sent_perhaps", "[unconfirmed sent_perhaps]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, s := summarised(t, api.Config{TelegramBotToken: test.token})
			if test.fault.Kind != 0 {
				s.Fault("sendMessage", test.fault, 1)
			}
			said := ok[object](w, http.MethodPost, postsPath, `{"group_id":-5,"text":"Коротко"}`)
			if said["success"] != false || said["cause_code"] != test.code || said["fix"] == "" {
				t.Errorf("said %v", said)
			}
			kept := []string{}
			for _, post := range get[object](w, "/api/analysis-runs/1")["posts"].([]any) {
				kept = append(kept, fmt.Sprint(post.(object)["status"]), fmt.Sprint(post.(object)["cause_code"]))
			}
			if fmt.Sprint(kept) != test.kept {
				t.Errorf("the run has %v, want %s", kept, test.kept)
			}
		})
	}
}

// A group that became a supergroup takes the summary under its new number.
func TestASummaryFollowsAGroupThatMoved(t *testing.T) {
	t.Parallel()
	w, s := summarised(t, api.Config{TelegramBotToken: botToken})
	s.AddChat(telegramtest.Chat{ID: -5, Type: "group", MigratedTo: -1007})
	ok[object](w, http.MethodPost, postsPath, `{"group_id":-5,"text":"Коротко"}`)
	if sent, there := s.Message(botToken, -1007, 1); !there || sent.Text != "Коротко" {
		t.Errorf("the supergroup has %+v", sent)
	}
}
