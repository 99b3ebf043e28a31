package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
	"github.com/tasktracker/tasktracker/services/api"
)

// asked is a task of message 3, in a topic of a group in which the bot is.
func asked(t *testing.T, cfg api.Config) (*world, *telegramtest.Server) {
	w, s := withBot(t, cfg, telegramtest.Options{})
	s.AddChat(telegramtest.Chat{ID: -5, Type: "group", Title: "Каса"})
	first, second := telegram("31", "Олена", "Чек не друкується", "2026-11-15T22:30:00Z"), telegram("32", "Олена", "і другий", "2026-11-15T22:30:09Z")
	first.ThreadId = "12"
	w.save(first, second)
	ok[object](w, http.MethodPost, "/api/tasks", taskOf("[1]"))
	return w, s
}

const repliesPath = "/api/tasks/1/replies"

// What became of something is said where it was asked, once, and the task remembers it.
func TestAnAnswerInTheChat(t *testing.T) {
	t.Parallel()
	w, s := asked(t, api.Config{TelegramBotToken: botToken})
	said := ok[object](w, http.MethodPost, repliesPath, `{"message_id":1,"text":"Готово: *чек* друкується <b>"}`)
	if said["success"] != true || said["error"] != nil {
		t.Errorf("said %v", said)
	}
	sent, there := s.Message(botToken, -5, 1)
	if want := (telegramtest.SentMessage{Text: "Готово: *чек* друкується <b>", Topic: "12", ReplyTo: 31, SentAt: sent.SentAt}); !there || sent != want {
		t.Errorf("the chat has %+v, want %+v", sent, want)
	}
	history := get[[]object](w, "/api/tasks/1/history")
	if history[0]["field"] != "reply" || history[0]["to"] != "Готово: *чек* друкується <b>" || history[0]["from"] != nil || history[0]["actor_kind"] != "user" {
		t.Errorf("the newest of its history: %v", history[0])
	}
	for body, want := range map[string]int{
		`{"message_id":2,"text":"Готово"}`:                            http.StatusUnprocessableEntity, // of no task
		`{"message_id":99,"text":"Готово"}`:                           http.StatusUnprocessableEntity,
		`{"message_id":1,"text":" \n"}`:                               http.StatusUnprocessableEntity,
		`{"message_id":1}`:                                            http.StatusUnprocessableEntity,
		`{"message_id":1,"text":"` + strings.Repeat("а", 4097) + `"}`: http.StatusUnprocessableEntity,
	} {
		refused(w, repliesPath, body, want)
	}
	refused(w, "/api/tasks/9/replies", `{"message_id":1,"text":"Готово"}`, http.StatusNotFound)
	if calls := s.Calls("sendMessage"); len(calls) != 1 {
		t.Errorf("%d calls", len(calls))
	}
}

func TestAMessageOfNoChatCannotBeAnswered(t *testing.T) {
	t.Parallel()
	w, _ := asked(t, api.Config{TelegramBotToken: botToken})
	ok[object](w, http.MethodPost, "/api/messages", `{"id":"7","content":"Принтер","author":"Ann","timestamp":"2026-11-16T12:00:00Z","chat_id":"5"}`)
	ok[object](w, http.MethodPost, "/api/tasks", taskOf("[3]"))
	if said := refused(w, "/api/tasks/2/replies", `{"message_id":3,"text":"Готово"}`, http.StatusUnprocessableEntity); !strings.Contains(said, "did not come from Telegram") {
		t.Error(said)
	}
}

// What was not said is not in the history; where nobody can know, that is said.
func TestAnAnswerThatTelegramRefuses(t *testing.T) {
	t.Parallel()
	refusal := func(code int, words string) telegramtest.Fault {
		return telegramtest.Fault{Kind: telegramtest.FaultError, Code: code, Description: words}
	}
	for name, test := range map[string]struct {
		token string
		fault telegramtest.Fault
		code  string
		fix   string
	}{
		"no bot":  {"", telegramtest.Fault{}, "no_token", "@BotFather"},
		"kicked":  {botToken, refusal(http.StatusForbidden, "Forbidden: bot was kicked from the group chat"), "not_member", "Add the bot"},
		"unknown": {botToken, refusal(http.StatusBadRequest, "Bad Request: chat not found"), "no_such_chat", "Check the id"},
		"mute":    {botToken, refusal(http.StatusBadRequest, "Bad Request: not enough rights to send text messages to the chat"), "chat_closed", "Let the bot write"},
		"closed":  {botToken, refusal(http.StatusBadRequest, "Bad Request: TOPIC_CLOSED"), "chat_closed", "open the topic"},
		"flood":   {botToken, telegramtest.Fault{Kind: telegramtest.FaultFlood, RetryAfter: 7}, "pause", "try again in 7 s"},
		"trouble": {botToken, telegramtest.Fault{Kind: telegramtest.FaultBadGateway}, "sent_perhaps", "Look whether"},
		"cut":     {botToken, telegramtest.Fault{Kind: telegramtest.FaultCutBody}, "sent_perhaps", "Look whether"},
		"revoked": {botToken, refusal(http.StatusUnauthorized, "Unauthorized"), "token_refused", "Copy the token"},
		"other":   {botToken, refusal(http.StatusBadRequest, "Bad Request: message is too long"), "refused", "correct what Telegram names"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, s := asked(t, api.Config{TelegramBotToken: test.token})
			if test.fault.Kind != 0 {
				s.Fault("sendMessage", test.fault, 1)
			}
			said := ok[object](w, http.MethodPost, repliesPath, `{"message_id":1,"text":"Готово"}`)
			fix, _ := said["fix"].(string)
			if said["success"] != false || said["cause_code"] != test.code || !strings.Contains(fix, test.fix) {
				t.Errorf("said %v", said)
			}
			if history := get[[]object](w, "/api/tasks/1/history"); history[0]["field"] == "reply" {
				t.Errorf("it counts as said: %v", history[0])
			}
		})
	}
}

// A group that became a supergroup has new numbers for its messages.
func TestAnAnswerInAGroupThatMoved(t *testing.T) {
	t.Parallel()
	w, s := asked(t, api.Config{TelegramBotToken: botToken})
	s.AddChat(telegramtest.Chat{ID: -5, Type: "group", MigratedTo: -1005})
	said := ok[object](w, http.MethodPost, repliesPath, `{"message_id":1,"text":"Готово"}`)
	if said["success"] != false || said["cause_code"] != "chat_moved" {
		t.Errorf("said %v", said)
	}
}
