package api_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
	"github.com/tasktracker/tasktracker/services/api"
)

// drive calls every operation that has to do with the bot.
func (w *world) drive(s *telegramtest.Server) {
	w.t.Helper()
	for _, c := range []struct{ method, path, body string }{
		{http.MethodPost, settingsPath, `{"telegram":{"bot_token":"` + botToken + `","webhook_base_url":"https://tracker.example.org"}}`},
		{http.MethodPost, settingsPath, `{"telegram":{"bot_token":"` + botToken + `/x","webhook_base_url":""}}`},
		{http.MethodPost, settingsPath, `{"telegram":{"bot_token":"` + botToken + `","webhook_base_url":"https://` + botToken + `@x.example.org"}}`},
		{http.MethodPost, settingsPath, `{"telegram":{"bot_token":"` + botToken + `","webhook_base_url":""}}`},
		{http.MethodGet, settingsPath, ""},
		{http.MethodGet, webhookPath, ""},
		{http.MethodPost, webhookPath, `{"protocol":"https","host":"tracker.example.org"}`},
		{http.MethodPost, setPath, `{"protocol":"https","host":"tracker.example.org"}`},
		{http.MethodPost, hookPath + "/rotate-secret", ""},
		{http.MethodGet, hookPath + "/info", ""},
		{http.MethodGet, hearingPath, ""},
		{http.MethodPost, groupsPath, `{"group_id":"@kasa"}`},
		{http.MethodPost, groupsPath, `{"group_id":-1002988379206}`},
		{http.MethodPost, groupsPath + "/refresh-names", ""},
		{http.MethodGet, hookPath + "/discovered", ""},
		{http.MethodPut, modePath, `{"mode":"polling"}`},
		{http.MethodPut, modePath, `{"mode":"webhook"}`},
		{http.MethodDelete, hookPath, ""},
	} {
		w.unpaced(s)
		if status, said, _ := w.call(c.method, c.path, c.body); status == http.StatusInternalServerError {
			w.t.Errorf("%s %s: %s", c.method, c.path, said)
		}
	}
}

// A proxy or a server that quotes the token, in whatever form, is not quoted in turn.
func TestNoOperationTellsTheTokenWhateverFails(t *testing.T) {
	t.Parallel()
	quoted := strings.Join([]string{
		botToken, url.QueryEscape(botToken), base64.StdEncoding.EncodeToString([]byte(botToken)),
		base64.URLEncoding.EncodeToString([]byte("/bot" + botToken + "/getMe")), botToken[11:],
	}, " ")
	w, s := withBot(t, api.Config{TelegramBotToken: botToken}, telegramtest.Options{}) // which looks at everything at the end
	w.drive(s)
	for _, fault := range []telegramtest.Fault{
		{Kind: telegramtest.FaultBadGateway}, {Kind: telegramtest.FaultReset}, {Kind: telegramtest.FaultCutBody},
		{Kind: telegramtest.FaultError, Code: 400, Description: "Bad Request: " + quoted},
		{Kind: telegramtest.FaultError, Code: 401, Description: "Unauthorized: " + quoted},
		{Kind: telegramtest.FaultError, Code: 409, Description: "Conflict: " + quoted},
	} {
		s.ClearFaults()
		s.Fault(telegramtest.AnyMethod, fault, -1)
		w.drive(s)
	}
	// Stored as it is by the earlier system, before secrets were sealed.
	if _, err := w.pool.Exec(t.Context(), `UPDATE settings SET value = jsonb_build_object('bot_token', $1::text)`, "not-sealed"); err != nil {
		t.Fatal(err)
	}
	w.drive(s)
	if got := fmt.Sprint(w.record()); telegramtest.FindToken(botToken, []byte(got)) != "" {
		t.Error("the token is in the record")
	}
}
