package explain_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/pkg/telegram/explain"
)

func TestAServiceThatDoesNotReachTelegramIsNamed(t *testing.T) {
	t.Parallel()
	lost := &botapi.Error{Method: "sendMessage", Description: "connection refused"}
	for service, code := range map[explain.Service]string{explain.API: "unreachable", explain.Worker: "worker_unreachable"} {
		r := explain.Explainer{Service: service, BaseURL: "https://bots.example.org"}.Refusal(lost)
		if r.Kind != explain.Unreachable || r.Code != code || !strings.Contains(r.Fix, "the "+string(service)+" service reaches https://bots.example.org") {
			t.Errorf("%s: %+v", service, r)
		}
	}
}

func TestWhyAChatDidNotGetAMessage(t *testing.T) {
	t.Parallel()
	answered := func(code int, words string) error {
		return &botapi.Error{Method: "sendMessage", Code: code, Description: words}
	}
	for _, c := range []struct {
		err  error
		kind explain.Kind
		code string
	}{
		{answered(403, "Forbidden: bot was kicked from the group chat"), explain.Other, "not_member"},
		{answered(403, "Forbidden: CHAT_WRITE_FORBIDDEN"), explain.Other, "chat_closed"},
		{answered(400, "Bad Request: chat not found"), explain.Other, "no_such_chat"},
		{answered(400, "Bad Request: not enough rights to send text messages to the chat"), explain.Other, "chat_closed"},
		{answered(400, "Bad Request: TOPIC_CLOSED"), explain.Other, "chat_closed"},
		{answered(400, "Bad Request: something new"), explain.Other, "refused"},
		{answered(401, "Unauthorized"), explain.BadToken, "token_refused"},
		{answered(429, "Too Many Requests: retry after 3"), explain.Unreachable, "pause"},
		{answered(502, "Bad Gateway"), explain.Unconfirmed, "sent_perhaps"},
		{answered(0, "connection reset"), explain.Unconfirmed, "sent_perhaps"},
		{&botapi.Error{Code: 400, Description: "Bad Request: group chat was upgraded", MigrateToChatID: -1001}, explain.Other, "chat_moved"},
		{errors.New("something else"), explain.Other, "refused"},
	} {
		r := explain.Explainer{Service: explain.API}.Unsaid(c.err)
		if r.Kind != c.kind || r.Code != c.code || r.Words == "" || r.Fix == "" {
			t.Errorf("%v: %+v", c.err, r)
		}
	}
}
