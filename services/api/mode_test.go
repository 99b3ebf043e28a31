package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
	"github.com/tasktracker/tasktracker/services/api"
)

const pollingLease = "telegram-polling-7204418893"

func TestSwitchingToPollingAndBack(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{}, telegramtest.Options{})
	w.connected()
	got := ok[object](w, http.MethodPut, modePath, `{"mode":"polling"}`)
	if got["success"] != true || got["mode"] != "polling" || w.record().Mode != "polling" {
		t.Errorf("to polling: %v, record %q", got, w.record().Mode)
	}
	if calls := s.Calls("deleteWebhook"); len(calls) != 1 || calls[0].Params["drop_pending_updates"] == "true" {
		t.Errorf("removed by %v", calls)
	}
	if config := get[object](w, webhookPath)["telegram"].(object); config["is_active"] != false || config["host"] != "tracker.example.org" {
		t.Errorf("%v", config)
	}
	if mode := get[object](w, settingsPath)["telegram"].(object)["mode"]; mode != "polling" {
		t.Errorf("mode %v", mode)
	}
	answer := ok[object](w, http.MethodPost, settingsPath, `{"telegram":{"bot_token":"`+botToken+`","webhook_base_url":""}}`)
	if hook := answer["webhook"].(object); hook["success"] != false || !strings.Contains(fmt.Sprint(hook["error"]), "polled") {
		t.Errorf("a save while polling: %v", hook)
	}
	got = ok[object](w, http.MethodPut, modePath, `{"mode":"webhook"}`)
	if got["success"] != true || got["mode"] != "webhook" || w.record().Mode != "webhook" {
		t.Errorf("back: %v", got)
	}
	if config := get[object](w, webhookPath)["telegram"].(object); config["is_active"] != true {
		t.Errorf("%v", config)
	}
	if got := ok[object](w, http.MethodPut, modePath, `{"mode":"webhook"}`); got["success"] != true || len(s.Calls("setWebhook")) != 2 {
		t.Errorf("again: %v", got)
	}
	if status, _, _ := w.call(http.MethodPut, modePath, `{"mode":"push"}`); status != 422 {
		t.Errorf("a mode that is none: %d", status)
	}
}

// The webhook is registered only when nobody polls any more.
func TestTheWebhookWaitsForTheEndOfPolling(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{TelegramBotToken: botToken, TelegramMode: "polling"}, telegramtest.Options{})
	polling, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	begun := make(chan struct{})
	go func() { // a copy of ingest
		ended <- w.bus.Exclusive(polling, pollingLease, time.Minute, func(ctx context.Context) error {
			close(begun)
			<-ctx.Done()
			return nil
		})
	}()
	<-begun
	watched, unwatch := context.WithCancel(t.Context())
	defer unwatch()
	told := make(chan string, 8)
	go func() { _ = w.bus.WatchTelegramBot(watched, func(b bus.TelegramBot) { told <- b.Mode }) }()
	done := make(chan object, 1)
	go func() {
		done <- ok[object](w, http.MethodPost, setPath, `{"protocol":"https","host":"tracker.example.org"}`)
	}()
	for mode := range told {
		if mode == "webhook" {
			break
		}
	}
	if n := len(s.Calls("setWebhook")); n != 0 {
		t.Errorf("registered %d times while ingest polls", n)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if got := <-done; got["success"] != true {
		t.Errorf("%v", got)
	}
	if mode := get[object](w, settingsPath)["telegram"].(object)["mode"]; mode != "webhook" {
		t.Errorf("mode %v", mode)
	}
}

func TestASwitchThatTelegramRefusesChangesNothing(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{}, strict())
	if got := ok[object](w, http.MethodPut, modePath, `{"mode":"polling"}`); got["success"] != false || got["mode"] != "webhook" || got["error"] != "No bot token is set" {
		t.Errorf("without a bot: %v", got)
	}
	w.connected()
	s.Fault("deleteWebhook", telegramtest.Fault{Kind: telegramtest.FaultInternal}, 1)
	got := ok[object](w, http.MethodPut, modePath, `{"mode":"polling"}`)
	if got["success"] != false || got["mode"] != "webhook" || got["message"] != "Failed to switch" || w.record().Mode == "polling" {
		t.Errorf("to polling: %v, record %q", got, w.record().Mode)
	}
	ok[object](w, http.MethodPut, modePath, `{"mode":"polling"}`)
	ok[object](w, http.MethodPost, webhookPath, `{"protocol":"https","host":"nobody.example.org"}`)
	before := w.saved()
	got = ok[object](w, http.MethodPut, modePath, `{"mode":"webhook"}`)
	if got["success"] != false || got["mode"] != "polling" || !strings.Contains(fmt.Sprint(got["fix"]), "public DNS") || w.record().Mode != "polling" {
		t.Errorf("to the webhook: %v, record %q", got, w.record().Mode)
	}
	if w.saved() != before {
		t.Error("something was stored")
	}
}

func TestTheWebhookNeedsAnAddress(t *testing.T) {
	t.Parallel()
	w, _ := withBot(t, api.Config{TelegramBotToken: botToken, TelegramMode: "polling"}, telegramtest.Options{})
	if status, said, _ := w.call(http.MethodPut, modePath, `{"mode":"webhook"}`); status != 400 || !strings.Contains(said, "No public address is saved yet") {
		t.Errorf("%d %s", status, said)
	}
	if mode := w.record().Mode; mode != "" {
		t.Errorf("mode %q", mode)
	}
}

// Polling again removes what another installation set meanwhile.
func TestPollingAgainTakesTheBotBack(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{TelegramBotToken: botToken, TelegramMode: "polling"}, telegramtest.Options{})
	elsewhere(t, s, botToken, "https://other.example.net/hook")
	if way := get[object](w, hearingPath)["webhook"].(object); way["state"] != "conflict" || !strings.Contains(fmt.Sprint(way["cause"]), "other.example.net stands in the way") {
		t.Errorf("%v", way)
	}
	ok[object](w, http.MethodPut, modePath, `{"mode":"polling"}`)
	if way := get[object](w, hearingPath)["webhook"].(object); way["state"] != "idle" || way["registered_url"] != "" {
		t.Errorf("%v", way)
	}
}
