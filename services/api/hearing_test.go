package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/api"
)

// finding reads a part of a hearing check.
func finding(t testing.TB, part any, state string, cause ...string) object {
	t.Helper()
	found := part.(object)
	if found["state"] != state || !hasAll(fmt.Sprint(found["cause"]), cause...) || (len(cause) > 0) != (found["fix"] != nil) || (found["cause"] != nil) != (found["cause_code"] != nil) {
		t.Errorf("found %v, want %s because of %v", found, state, cause)
	}
	return found
}

func groupsOf(h object) map[string]object {
	groups := map[string]object{}
	for _, g := range h["groups"].([]any) {
		groups[fmt.Sprintf("%.0f", g.(object)["id"])] = g.(object)
	}
	return groups
}

func TestHearingOfABotThatIsNotThere(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{}, telegramtest.Options{})
	ok[object](w, http.MethodPost, groupsPath, `{"group_id":-1002988379206}`)
	h := get[object](w, hearingPath)
	finding(t, h["bot"], "no_token", "No bot token")
	finding(t, h["webhook"], "unknown", "No bot token")
	finding(t, groupsOf(h)["-1002988379206"], "unknown", "No bot token")
	if n := len(s.Calls("")); n != 0 {
		t.Errorf("Telegram was asked %d times", n)
	}
	w.connected()
	s.RevokeToken(botToken)
	h = get[object](w, hearingPath)
	finding(t, h["bot"], "refused", "Unauthorized")
	finding(t, groupsOf(h)["-1002988379206"], "undelivered", "Unauthorized")
}

func TestHearingWhileTelegramIsAway(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{TelegramBotToken: botToken}, telegramtest.Options{})
	for fault, cause := range map[telegramtest.FaultKind]string{
		telegramtest.FaultReset: "cannot be reached", telegramtest.FaultInternal: "Internal", telegramtest.FaultBadGateway: "502",
	} {
		w.forgetHearing()
		s.ClearFaults()
		s.Fault(telegramtest.AnyMethod, telegramtest.Fault{Kind: fault}, -1)
		finding(t, get[object](w, hearingPath)["bot"], "unreachable", cause)
	}
}

// Who looks away while Telegram is asked leaves nothing wrong to who looks next.
func TestHearingOutlivesWhoAsked(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{TelegramBotToken: botToken}, telegramtest.Options{})
	w.connected()
	w.forgetHearing()
	begun := make(chan struct{})
	s.Fault("getMe", telegramtest.Fault{Kind: telegramtest.FaultDelay, Delay: time.Hour, Begun: begun}, 1)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+hearingPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	left := make(chan error, 1)
	go func() {
		_, err := w.client.Do(req)
		left <- err
	}()
	<-begun
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	found := make(chan object, 1)
	go func() { found <- get[object](w, hearingPath) }()
	for {
		select {
		case h := <-found:
			finding(t, h["bot"], "ok")
			return
		case <-time.After(20 * time.Millisecond):
			s.Advance(time.Hour)
		}
	}
}

func TestHearingOfGroups(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{TelegramBotToken: botToken}, telegramtest.Options{})
	s.AddBot(telegramtest.Bot{Token: botToken, Username: "tasks_bot"}) // in privacy mode
	s.AddChat(telegramtest.Chat{ID: -1001, Title: "Member"})
	s.AddChat(telegramtest.Chat{ID: -1002, Title: "Admin", BotIsAdmin: true})
	s.AddChat(telegramtest.Chat{ID: -1003, Title: "Kicked", Kicked: true})
	s.AddChat(telegramtest.Chat{ID: -5, Title: "Moved", MigratedTo: -1002})
	w.connected()
	ok[object](w, http.MethodPut, groupIDsPath, `{"group_ids":[-1001,-1002,-1003,-1004,-1005,-5]}`)
	joined, removed, said := at("2026-05-04T10:00:00Z"), at("2026-05-05T10:00:00Z"), at("2026-05-05T09:00:00Z")
	w.member("-1002", "administrator", joined)
	w.member("-1003", "kicked", removed)
	w.member("-1005", "member", joined)
	w.save(&eventsv1.Message{SourceName: "telegram", ChatId: "-1001", ExternalMessageId: "1", Content: "hi", Author: "A", SentAt: timestamppb.New(said)})

	h := get[object](w, hearingPath)
	bot := finding(t, h["bot"], "ok", "Privacy mode is on")
	if bot["bot"].(object)["can_read_all_group_messages"] != false {
		t.Errorf("bot %v", bot)
	}
	groups := groupsOf(h)
	if g := finding(t, groups["-1001"], "partly", "plain member"); g["last_message_at"] != "2026-05-05T09:00:00Z" || g["bot_status"] != "member" {
		t.Errorf("%v", g)
	}
	if g := finding(t, groups["-1002"], "heard"); g["since"] != "2026-05-04T10:00:00Z" || g["bot_status"] != "administrator" || g["last_message_at"] != nil {
		t.Errorf("%v", g)
	}
	if g := finding(t, groups["-1003"], "absent", "was kicked"); g["since"] != "2026-05-05T10:00:00Z" || g["bot_status"] != "kicked" {
		t.Errorf("%v", g)
	}
	finding(t, groups["-1004"], "unresolved", "chat not found")
	finding(t, groups["-1005"], "absent", "chat not found") // it was there
	finding(t, groups["-5"], "heard")                       // where it is now
	if way := h["webhook"].(object); way["last_update_at"] != "2026-05-05T09:00:00Z" {
		t.Errorf("%v", way)
	}

	asked := len(s.Calls("getChatMember"))
	for range 3 { // a page that looks again
		get[object](w, hearingPath)
	}
	if n := len(s.Calls("getChatMember")); n != asked {
		t.Errorf("%d calls more", n-asked)
	}
	s.AddBot(telegramtest.Bot{Token: botToken, Username: "tasks_bot", CanReadAllGroupMessages: true})
	w.unpaced(s)
	w.connected()
	finding(t, groupsOf(get[object](w, hearingPath))["-1001"], "heard")
	if bot := get[object](w, settingsPath)["telegram"].(object)["bot"].(object); bot["can_read_all_group_messages"] != true {
		t.Errorf("what getMe said last is %v", bot)
	}
}

// What is said of a group holds for what is set now, and for what the bot is there now.
func TestHearingFollowsWhatChanges(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{}, telegramtest.Options{})
	s.AddChat(telegramtest.Chat{ID: -1001, Title: "One"})
	s.AddChat(telegramtest.Chat{ID: -1002, Title: "Two"})
	w.connected()
	said := at("2026-05-05T09:00:00Z")
	w.save(&eventsv1.Message{SourceName: "telegram", ChatId: "-1001", ExternalMessageId: "1", Content: "hi", Author: "A", SentAt: timestamppb.New(said)})
	if way := get[object](w, hearingPath)["webhook"].(object); way["last_update_at"] != "2026-05-05T09:00:00Z" {
		t.Errorf("with every chat taken in: %v", way)
	}
	for i, id := range []string{"-1001", "-1002"} {
		ok[object](w, http.MethodPost, groupsPath, `{"group_id":`+id+`}`)
		if groups := groupsOf(get[object](w, hearingPath)); len(groups) != i+1 {
			t.Errorf("after %s was added: %v", id, groups)
		} else {
			finding(t, groups[id], "heard")
		}
	}
	s.AddChat(telegramtest.Chat{ID: -1002, Title: "Two", Kicked: true})
	w.member("-1002", "kicked", time.Now())
	ok[object](w, http.MethodDelete, groupsPath+"/-1001", "") // so that it looks at once
	finding(t, groupsOf(get[object](w, hearingPath))["-1002"], "absent", "was kicked")
	ok[object](w, http.MethodPost, groupsPath, `{"group_id":-1001}`)
	w.unpaced(s)
	elsewhere(t, s, botToken, "https://other.example.net/hook")
	w.forgetHearing()
	groups := groupsOf(get[object](w, hearingPath))
	finding(t, groups["-1001"], "undelivered", "leads to other.example.net")
	finding(t, groups["-1002"], "absent", "was kicked") // which is to be mended too
}

// member stores what the bot is in a chat, as the worker does.
func (w *world) member(chat, status string, since time.Time) {
	w.t.Helper()
	err := w.store.SaveChatFacts(w.t.Context(), []*eventsv1.Inbound{{
		ReceivedAt: timestamppb.New(since),
		Payload: &eventsv1.Inbound_BotMembershipChanged{BotMembershipChanged: &eventsv1.BotMembershipChanged{
			Chat: &eventsv1.Chat{SourceName: "telegram", ChatId: chat, Kind: "supergroup", Name: chat}, Status: status, ChangedAt: timestamppb.New(since),
		}},
	}})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestHearingByWebhook(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{TelegramBotToken: botToken}, telegramtest.Options{})
	look := func() any {
		ok[object](w, http.MethodPut, groupIDsPath, `{"group_ids":[]}`)
		w.forgetHearing()
		return get[object](w, hearingPath)["webhook"]
	}
	finding(t, look(), "not_registered", "No webhook is registered")
	elsewhere(t, s, botToken, "https://other.example.net/hook/their-secret")
	ok[object](w, http.MethodPost, webhookPath, `{"protocol":"https","host":"tracker.example.org"}`)
	if way := finding(t, look(), "elsewhere", "other.example.net"); strings.Contains(fmt.Sprint(way["cause"]), "their-secret") || way["stored_url"] != own {
		t.Errorf("%v", way)
	}
	ok[object](w, http.MethodPost, setPath, `{"protocol":"https","host":"tracker.example.org"}`)
	if way := finding(t, look(), "ok"); way["registered_url"] != own || way["pending_update_count"] != 0.0 {
		t.Errorf("%v", way)
	}
	ok[object](w, http.MethodPost, webhookPath, `{"protocol":"https","host":"new.example.org"}`)
	finding(t, look(), "not_registered", "still delivers to tracker.example.org")
	ok[object](w, http.MethodDelete, hookPath, "")
	finding(t, look(), "not_registered", "Telegram has no webhook")
	s.Fault("getWebhookInfo", telegramtest.Fault{Kind: telegramtest.FaultReset}, 1)
	finding(t, look(), "unknown", "cannot be reached")
}

// forgetHearing makes the next check a new one.
func (w *world) forgetHearing() {
	w.t.Helper()
	base := fmt.Sprintf("https://x%d.example.org", time.Now().UnixNano())
	ok[object](w, http.MethodPost, settingsPath, `{"telegram":{"bot_token":"","webhook_base_url":"`+base+`"}}`)
}

func TestHearingOfDeliveriesThatFail(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{TelegramBotToken: botToken}, telegramtest.Options{})
	ingest := newIngest(t, w)
	ingest.status = http.StatusBadGateway
	ok[object](w, http.MethodPost, setPath, `{"protocol":"http","host":"`+ingest.host()+`"}`)
	id, err := s.Send(botToken, []byte(`{"message":{"message_id":1,"date":1700000000,"chat":{"id":-1001,"type":"supergroup"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.WaitDeliveries(t.Context(), id, 1); err != nil {
		t.Fatal(err)
	}
	way := finding(t, get[object](w, hearingPath)["webhook"], "failing", "502")
	if way["pending_update_count"] != 1.0 || way["last_error_is_past"] != false || way["last_error_at"] == nil || !strings.Contains(fmt.Sprint(way["fix"]), "does not reach ingest") {
		t.Errorf("%v", way)
	}
	ingest.answer(http.StatusOK)
	s.Advance(time.Minute)
	if err := s.WaitDelivered(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	w.forgetHearing()
	if way := finding(t, get[object](w, hearingPath)["webhook"], "ok"); way["last_error_is_past"] != true || way["last_error_message"] == nil {
		t.Errorf("%v", way)
	}
}

func TestHearingByPolling(t *testing.T) {
	t.Parallel()
	w, _ := withBot(t, api.Config{TelegramBotToken: botToken, TelegramMode: "polling"}, telegramtest.Options{})
	finding(t, get[object](w, hearingPath)["webhook"], "idle", "No copy of ingest polls")
	err := w.bus.Exclusive(t.Context(), pollingLease, time.Minute, func(ctx context.Context) error {
		w.forgetHearing()
		finding(t, get[object](w, hearingPath)["webhook"], "ok")
		err := w.bus.UpdateTelegramPolling(ctx, func(p bus.TelegramPolling) bus.TelegramPolling { p.Trouble = "another program polls"; return p })
		if err != nil {
			return err
		}
		w.forgetHearing()
		finding(t, get[object](w, hearingPath)["webhook"], "conflict", "another program polls")
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
