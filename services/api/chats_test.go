package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/api"
)

// shownGroups are the monitored chats of an answer, as "id name".
func shownGroups(config object) []string {
	var groups []string
	for _, g := range config["groups"].([]any) {
		group := g.(object)
		groups = append(groups, fmt.Sprintf("%.0f %v", group["id"], group["name"]))
	}
	return groups
}

func (w *world) add(pasted string) []string {
	w.t.Helper()
	return shownGroups(ok[object](w, http.MethodPost, groupsPath, fmt.Sprintf(`{"group_id":%q}`, pasted)))
}

func TestChatsAreLookedUpHoweverTheyArePasted(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{TelegramBotToken: botToken}, telegramtest.Options{})
	s.AddChat(telegramtest.Chat{ID: -1002988379206, Title: "Каса", Username: "kasa"})
	s.AddChat(telegramtest.Chat{ID: -2641907733, Title: "Basic"})
	want := []string{"-1002988379206 Каса"}
	for _, pasted := range []string{"@kasa", "kasa", "https://t.me/kasa/5", "-1002988379206", "2988379206", "-2988379206", "t.me/c/2988379206/15", "https://web.telegram.org/k/#@kasa", "tg://resolve?domain=KASA"} {
		if got := w.add(pasted); !slices.Equal(got, want) {
			t.Errorf("%s: %q", pasted, got)
		}
	}
	if got := w.add("2641907733"); !slices.Equal(got, append(want, "-2641907733 Basic")) { // the second candidate
		t.Errorf("%q", got)
	}
	if got := w.monitored(); !slices.Equal(got, []string{"-1002988379206", "-2641907733"}) {
		t.Errorf("ingest takes in %v", got)
	}
}

func TestChatsThatTelegramDoesNotTell(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{TelegramBotToken: botToken}, telegramtest.Options{})
	s.AddChat(telegramtest.Chat{ID: -1002988379206, Title: "Каса", Kicked: true})
	for pasted, part := range map[string]string{
		"@nobody": "Bad Request: chat not found", "t.me/+abcdef": "invite links", "hello world": "accepted are", "12345678901234": "accepted are", "0": "accepted are",
		strings.Repeat("9", 10_000): "accepted are",
	} {
		status, said, _ := w.call(http.MethodPost, groupsPath, fmt.Sprintf(`{"group_id":%q}`, pasted))
		if status != 400 && status != 422 || status == 400 && !strings.Contains(said, part) {
			t.Errorf("%.30s: %d %s", pasted, status, said)
		}
	}
	// A bot that was removed knows which chat it is all the same.
	if got := w.add("2988379206"); !slices.Equal(got, []string{"-1002988379206 <nil>"}) {
		t.Errorf("%q", got)
	}
	if got := w.monitored(); !slices.Equal(got, []string{"-1002988379206"}) {
		t.Errorf("ingest takes in %v", got)
	}
	// Of a number that nobody knows, every meaning counts until one of them is heard.
	if got := w.add("1111111111"); !slices.Equal(got, []string{"-1002988379206 <nil>", "-1001111111111 <nil>"}) {
		t.Errorf("%q", got)
	}
	if got := w.monitored(); !slices.Equal(got, []string{"-1001111111111", "-1002988379206", "-1111111111"}) {
		t.Errorf("ingest takes in %v", got)
	}
	for _, fault := range []telegramtest.Fault{{Kind: telegramtest.FaultReset}, {Kind: telegramtest.FaultFlood, RetryAfter: 1}, {Kind: telegramtest.FaultInternal}, {Kind: telegramtest.FaultError, Code: 401, Description: "Unauthorized"}} {
		s.Fault("getChat", fault, 1)
		if status, said, _ := w.call(http.MethodPost, groupsPath, `{"group_id":"@kasa"}`); status != 400 || !strings.Contains(said, "cannot be looked up now") {
			t.Errorf("a name while Telegram is away: %d %s", status, said)
		}
	}
}

// What was a guess becomes the chat that Telegram tells.
func TestAGuessIsSettledByAddingItAgain(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{TelegramBotToken: botToken}, telegramtest.Options{})
	if got := w.add("-2988379206"); !slices.Equal(got, []string{"-2988379206 <nil>"}) {
		t.Errorf("%q", got)
	}
	s.AddChat(telegramtest.Chat{ID: -1002988379206, Title: "Каса"})
	if got := w.add("-2988379206"); !slices.Equal(got, []string{"-1002988379206 Каса"}) {
		t.Errorf("%q", got)
	}
}

func TestNamesAreRefreshed(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{TelegramBotToken: botToken}, telegramtest.Options{})
	const refresh = groupsPath + "/refresh-names"
	if got := shownGroups(ok[object](w, http.MethodPost, refresh, "")); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
	ok[object](w, http.MethodPut, groupIDsPath, `{"group_ids":[-1001,-1002,-1003]}`)
	s.AddChat(telegramtest.Chat{ID: -1001, Title: "First"})
	s.AddChat(telegramtest.Chat{ID: -1003, Title: "Third"})
	if got := shownGroups(ok[object](w, http.MethodPost, refresh, "")); !slices.Equal(got, []string{"-1001 First", "-1002 <nil>", "-1003 Third"}) {
		t.Errorf("%q", got)
	}
	events := w.events()["events.settings.updated"]
	s.AddChat(telegramtest.Chat{ID: -1001, Title: "Renamed"})
	s.Fault("getChat", telegramtest.Fault{Kind: telegramtest.FaultInternal}, 1)
	got := shownGroups(ok[object](w, http.MethodPost, refresh, "")) // one answer failed, which one is open
	if len(got) != 3 || got[1] != "-1002 <nil>" || got[2] != "-1003 Third" {
		t.Errorf("%q", got)
	}
	if got := shownGroups(ok[object](w, http.MethodPost, refresh, "")); got[0] != "-1001 Renamed" {
		t.Errorf("%q", got)
	}
	if n := w.events()["events.settings.updated"] - events; n != 1 {
		t.Errorf("%d events for one change", n)
	}
	s.RevokeToken(botToken)
	if got := shownGroups(ok[object](w, http.MethodPost, refresh, "")); got[0] != "-1001 Renamed" {
		t.Errorf("%q", got)
	}
}

// A group that has become a supergroup is followed, and what it was stays its alias.
func TestAGroupThatMovedIsFollowed(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{TelegramBotToken: botToken}, telegramtest.Options{})
	ok[object](w, http.MethodPut, groupIDsPath, `{"group_ids":[-4598213370,-1002]}`)
	s.AddChat(telegramtest.Chat{ID: -1003107744218, Title: "Moved"})
	s.AddChat(telegramtest.Chat{ID: -4598213370, Extra: map[string]any{"id": -1003107744218, "title": "Moved", "type": "supergroup"}})
	got := shownGroups(ok[object](w, http.MethodPost, groupsPath+"/refresh-names", ""))
	if !slices.Equal(got, []string{"-1003107744218 Moved", "-1002 <nil>"}) {
		t.Errorf("%q", got)
	}
	if got := w.monitored(); !slices.Equal(got, []string{"-1002", "-1003107744218", "-4598213370"}) {
		t.Errorf("ingest takes in %v", got)
	}
}

// Telegram may tell of a group under its old id; what is stored knows better.
func TestAnOldIDLeadsToTheSupergroup(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{TelegramBotToken: botToken}, telegramtest.Options{})
	s.AddChat(telegramtest.Chat{ID: -4598213370, Title: "Team"})
	err := w.store.SaveChatFacts(t.Context(), []*eventsv1.Inbound{{ReceivedAt: timestamppb.Now(), Payload: &eventsv1.Inbound_ChatMigrated{
		ChatMigrated: &eventsv1.ChatMigrated{SourceName: "telegram", FromChatId: "-4598213370", ToChatId: "-1003107744218", Name: "Team"}}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := w.add("-4598213370"); !slices.Equal(got, []string{"-1003107744218 Team"}) {
		t.Errorf("%q", got)
	}
	if got := w.monitored(); !slices.Equal(got, []string{"-1003107744218", "-4598213370"}) {
		t.Errorf("ingest takes in %v", got)
	}
	s.RevokeToken(botToken) // nobody can be asked
	ok[object](w, http.MethodDelete, groupsPath+"/-1003107744218", "")
	if got := w.add("-4598213370"); !slices.Equal(got, []string{"-1003107744218 <nil>"}) {
		t.Errorf("%q", got)
	}
}
