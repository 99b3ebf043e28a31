package telegramtest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
)

func TestOffsetConfirms(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	first, second, third := b.message(chatA, "1"), b.message(chatA, "2"), b.message(chatB, "3")
	if second != first+1 || third != first+2 {
		t.Fatalf("ids %d, %d, %d", first, second, third)
	}
	if got := b.ids("limit", "2"); !slices.Equal(got, []int64{first, second}) {
		t.Errorf("limit 2 gave %v", got)
	}
	if got := b.ids(); !slices.Equal(got, []int64{first, second, third}) {
		t.Errorf("nothing confirmed gave %v", got)
	}
	if got := b.ids("offset", fmt.Sprint(third)); !slices.Equal(got, []int64{third}) {
		t.Errorf("offset gave %v", got)
	}
	if err := b.WaitDelivered(within(t), second); err != nil {
		t.Error(err)
	}
	b.message(chatA, "4")
	if got := b.ids("offset", "-1"); !slices.Equal(got, []int64{third + 1}) {
		t.Errorf("offset -1 gave %v", got)
	}
	b.call("getUpdates", "offset", fmt.Sprint(third+2))
	if err := b.WaitIdle(within(t)); err != nil {
		t.Error(err)
	}
}

func TestUpdateIDIsKeptOrGiven(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	if id := b.send(`{"update_id": 731000001, "message": {"chat": {"id": 1}}}`); id != 731000001 {
		t.Errorf("id %d", id)
	}
	if id := b.send(`{"message": {"chat": {"id": 1}}}`); id != 731000002 {
		t.Errorf("id %d", id)
	}
	for _, bad := range []string{`[]`, `{"update_id":"1"}`, `{"update_id":0}`, `{`, "{\"a\":\"\xff\"}"} {
		if _, err := b.Send(token, []byte(bad)); err == nil {
			t.Errorf("%q was sent", bad)
		}
	}
	if _, err := b.Send("1:no", []byte(`{}`)); err == nil {
		t.Error("sent to nobody")
	}
}

func TestLongPollWaitsForAnUpdateOrItsTime(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	done := make(chan []int64)
	go func() { done <- b.ids("timeout", "50") }()
	id := b.message(chatA, "now")
	if got := <-done; !slices.Equal(got, []int64{id}) {
		t.Errorf("got %v", got)
	}
	go func() { done <- b.ids("offset", fmt.Sprint(id+1), "timeout", "9999") }()
	if err := b.WaitDelivered(within(t), id); err != nil {
		t.Fatal(err)
	}
	b.Advance(50 * time.Second) // the most that is waited
	if got := <-done; len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

func TestPollingConflicts(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	hook := newReceiver(t, nil)
	b.call("setWebhook", "url", hook.URL).wantOK(t)
	b.call("getUpdates").wantError(t, 409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
	before := b.Now()
	repeated := make(chan reply)
	go func() { repeated <- b.call("getUpdates") }()
	for r := (reply{}); r.raw == ""; {
		select {
		case r = <-repeated:
			r.wantError(t, 409, "webhook is active")
		default:
			b.Advance(100 * time.Millisecond)
		}
	}
	if waited := b.Now().Sub(before); waited < 3*time.Second {
		t.Errorf("a repeated 409 came after %s", waited)
	}
	b.call("deleteWebhook").wantOK(t)
	b.call("getUpdates").wantOK(t)
}

func TestOlderPollerIsEnded(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	confirmed := b.message(chatA, "x")
	older := make(chan reply)
	go func() { older <- b.call("getUpdates", "offset", fmt.Sprint(confirmed+1), "timeout", "50") }()
	if err := b.WaitDelivered(within(t), confirmed); err != nil { // the older one waits from here
		t.Fatal(err)
	}
	newer := make(chan reply)
	go func() { newer <- b.call("getUpdates", "offset", fmt.Sprint(confirmed+1), "timeout", "50") }()
	r := <-older
	r.wantError(t, 409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")
	b.Advance(time.Minute) // so that the next 409 is not late
	(<-newer).wantOK(t)

	go func() { newer <- b.call("getUpdates", "offset", fmt.Sprint(confirmed+2), "timeout", "50") }()
	for stop := false; !stop; {
		if r := b.call("setWebhook", "url", newReceiver(t, nil).URL); r.ErrorCode == 429 {
			b.Advance(time.Second)
			continue
		}
		stop = true
	}
	if r := <-newer; r.ErrorCode != 409 {
		t.Errorf("the poll answered %s", r.raw)
	}
}

func TestAllowedUpdates(t *testing.T) {
	t.Parallel()
	const message, reaction, member = `{"message":{"chat":{"id":1}}}`, `{"message_reaction":{"chat":{"id":1}}}`, `{"my_chat_member":{"chat":{"id":1}}}`
	b := newBench(t, telegramtest.Options{})
	deliverable := func() string {
		var kinds []string
		for kind, doc := range map[string]string{"message": message, "reaction": reaction, "member": member} {
			if b.send(doc) != 0 {
				kinds = append(kinds, kind)
			}
		}
		slices.Sort(kinds)
		return strings.Join(kinds, " ")
	}
	for _, step := range []struct{ name, allowed, want string }{
		{"at first", "left out", "member message"},
		{"by name", `["message_reaction","message"]`, "message reaction"},
		{"left out is as before", "left out", "message reaction"},
		{"null is left out", "null", "message reaction"},
		{"unknown names are dropped", `["message","no_such_kind"]`, "message"},
		{"only unknown names", `["no_such_kind"]`, "member message"},
		{"an empty list", `[]`, "member message"},
	} {
		if step.allowed == "left out" {
			b.call("getUpdates").wantOK(t)
		} else {
			b.call("getUpdates", "allowed_updates", step.allowed).wantOK(t)
		}
		if got := deliverable(); got != step.want {
			t.Errorf("%s: %q, want %q", step.name, got, step.want)
		}
	}
	if r := b.call("getWebhookInfo"); strings.Contains(r.raw, "allowed_updates") {
		t.Errorf("the default set is shown: %s", r.raw)
	}
	b.call("setWebhook", "url", newReceiver(t, nil).URL, "allowed_updates", `["message"]`).wantOK(t)
	if r := b.call("getWebhookInfo"); !strings.Contains(r.raw, `"allowed_updates":["message"]`) {
		t.Errorf("the set is not shown: %s", r.raw)
	}
}

func TestPrivacyMode(t *testing.T) {
	t.Parallel()
	s := telegramtest.New(t, telegramtest.Options{})
	s.AddBot(telegramtest.Bot{Token: token, Username: "tasks_bot"})
	s.AddChat(telegramtest.Chat{ID: -9, BotIsAdmin: true})
	for message, seen := range map[string]bool{
		`"text":"hello"`:                                           false,
		`"text":"/task@tasks_bot x"`:                               true,
		`"text":"/task"`:                                           true,
		`"text":"/task@other_bot"`:                                 false,
		`"text":"a","reply_to_message":{"from":{"id":5}}`:          false,
		`"text":"a","reply_to_message":{"from":{"id":7204418893}}`: true,
		`"new_chat_title":"t"`:                                     true,
	} {
		id, err := s.Send(token, []byte(`{"message":{"chat":{"id":-8,"type":"supergroup"},`+message+`}}`))
		if err != nil || (id != 0) != seen {
			t.Errorf("%s: id %d, %v", message, id, err)
		}
	}
	for _, chat := range []string{`{"id":-9,"type":"group"}`, `{"id":8,"type":"private"}`} {
		if id, err := s.Send(token, []byte(`{"message":{"chat":`+chat+`,"text":"hello"}}`)); id == 0 || err != nil {
			t.Errorf("chat %s: id %d, %v", chat, id, err)
		}
	}
}

func TestAnswerIsCutAt4MiB(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	for range 11 {
		b.message(chatA, strings.Repeat("a", 400<<10))
	}
	if got := len(b.ids()); got != 10 {
		t.Errorf("%d updates of 400 KiB in an answer", got)
	}
	var raw []json.RawMessage
	if r := b.call("getUpdates", "limit", "1"); json.Unmarshal(r.Result, &raw) != nil || len(raw) != 1 {
		t.Error("limit 1 does not give one")
	}
}

func TestRetryAfterHeader(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	b.Fault("getMe", telegramtest.Fault{Kind: telegramtest.FaultFlood, RetryAfter: 3}, 1)
	response, err := b.client.Get(b.method("getMe"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusTooManyRequests || response.Header.Get("Retry-After") != "3" {
		t.Errorf("%d, Retry-After %q", response.StatusCode, response.Header.Get("Retry-After"))
	}
}
