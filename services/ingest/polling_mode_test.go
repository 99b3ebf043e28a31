package ingest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
	"github.com/tasktracker/tasktracker/services/ingest"
)

const otherToken = "555001:AAF-the_token_of-another_bot_01234"

// standInConfig is an ingest that has no bot until one is connected.
func standInConfig(s *telegramtest.Server) ingest.Config {
	return ingest.Config{TelegramMode: ingest.ModeWebhook, TelegramAPIBaseURL: s.URL()}
}

// hook is a webhook at which nothing listens: what is sent waits.
func hook(host string) botapi.Webhook {
	return botapi.Webhook{URL: "http://" + host + "/webhook/with-a-secret-path"}
}

func noConflict(t *testing.T, s *telegramtest.Server) {
	t.Helper()
	for _, call := range s.Calls("getUpdates") {
		if call.Status == http.StatusConflict {
			t.Error("getUpdates met another one, or a webhook")
		}
	}
}

func TestPollingWithoutATokenSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	s := telegramServer(t)
	cfg := standInConfig(s)
	cfg.TelegramMode = ingest.ModePolling
	w := newWorld(t, cfg) // ready: the settings page has to be reached
	w.eventually("it does not say that a token is missing", func() bool {
		return w.svc.Notice() == "no bot token yet: connect a bot in the settings"
	})
	send(t, s, text(1, -5, 1, "one"))
	connect(t, w.bus, record(t, settingsKey, botToken, ""))
	waitIdle(t, s)
	w.eventually("it still says something", func() bool { return w.svc.Notice() == "" })
	if got := w.contents(); got != "one" {
		t.Errorf("stored: %s", got)
	}
}

// To polling, back to the webhook, and to polling again, with two copies of ingest and
// without a restart.
func TestTheModeFollowsTheRecord(t *testing.T) {
	t.Parallel()
	s := telegramServer(t)
	b := bustest.New(t)
	first, second := onBus(t, standInConfig(s), b), onBus(t, standInConfig(s), b)
	operator := telegramBot(t, s)
	if err := operator.SetWebhook(t.Context(), hook("127.0.0.1:1")); err != nil {
		t.Fatal(err)
	}
	send(t, s, text(1, -5, 1, "waited"))
	connect(t, b, record(t, settingsKey, botToken, ingest.ModePolling))
	waitIdle(t, s) // the webhook that was there before made way

	connect(t, b, record(t, settingsKey, botToken, ingest.ModeWebhook))
	leases, err := b.JetStream().KeyValue(t.Context(), "leases")
	if err != nil {
		t.Fatal(err)
	}
	first.eventually("the lease is not given back", func() bool {
		_, err := leases.Get(t.Context(), leaseKey)
		return err != nil
	})
	first.eventually("the end of polling is not noted", func() bool {
		polling, err := b.TelegramPolling(t.Context())
		return err == nil && polling.Bot == ""
	})
	s.Advance(2e9) // setWebhook is taken once a second
	if err := operator.SetWebhook(t.Context(), hook("127.0.0.1:1")); err != nil {
		t.Fatal(err)
	}
	send(t, s, text(2, -5, 2, "between")) // who polled now would be answered 409: see the end

	connect(t, b, record(t, settingsKey, botToken, ingest.ModePolling))
	waitIdle(t, s)
	if got := second.contents(); got != "waited between" {
		t.Errorf("stored: %s", got)
	}
	noConflict(t, s)
}

func TestAnotherTokenIsPolledWithoutARestart(t *testing.T) {
	t.Parallel()
	s := telegramServer(t)
	s.AddBot(telegramtest.Bot{Token: otherToken, CanReadAllGroupMessages: true})
	b := bustest.New(t)
	connect(t, b, record(t, settingsKey, botToken, ingest.ModePolling))
	w := onBus(t, standInConfig(s), b)
	send(t, s, text(1, -5, 1, "one"))
	waitIdle(t, s)
	s.RevokeToken(botToken)
	w.eventually("it does not say that the token is refused", func() bool { return strings.Contains(w.svc.Notice(), "refuses the bot token") })
	connect(t, b, record(t, settingsKey, otherToken, ingest.ModePolling))
	if _, err := s.Send(otherToken, []byte(text(1, -6, 1, "two"))); err != nil {
		t.Fatal(err)
	}
	waitIdle(t, s)
	if got := w.contents(); got != "one two" {
		t.Errorf("stored: %s", got)
	}
	w.eventually("it still says something", func() bool { return w.svc.Notice() == "" })
	for _, token := range []string{botToken, otherToken} {
		if form := telegramtest.FindToken(token, []byte(w.log.String())); form != "" {
			t.Errorf("the log has a token, %s", form)
		}
	}
}

// Somebody else sets a webhook while we poll. It is not removed, by no copy and after no
// restart: that would begin a fight. It is said, and over when it has gone.
func TestAWebhookOfAnotherInstallationIsSaidAndNotRemoved(t *testing.T) {
	t.Parallel()
	s := telegramServer(t)
	b := bustest.New(t)
	first := onBus(t, pollingConfig(s), b)
	send(t, s, text(1, -5, 1, "one"))
	waitIdle(t, s)
	operator := telegramBot(t, s)
	s.Advance(2e9)
	if err := operator.SetWebhook(t.Context(), hook("127.0.0.1:1")); err != nil {
		t.Fatal(err)
	}
	send(t, s, text(2, -5, 2, "theirs"))
	taken := func(w *world) func() bool {
		return func() bool { return strings.Contains(w.svc.Notice(), "a webhook to 127.0.0.1:1 was set for this bot") }
	}
	first.eventually("it is not said", taken(first))
	first.stop()
	second := onBus(t, pollingConfig(s), b)
	second.eventually("it is not said after a restart", taken(second))
	if told, err := b.TelegramPolling(t.Context()); err != nil || !strings.Contains(told.Trouble, "127.0.0.1:1") {
		t.Errorf("the api is told %+v, %v", told, err)
	}
	for _, w := range []*world{first, second} {
		if strings.Contains(w.log.String(), "secret-path") || strings.Contains(w.svc.Notice(), "secret-path") {
			t.Error("the address, which may hold a secret, is told")
		}
	}
	if n := len(s.Calls("deleteWebhook")); n != 0 {
		t.Fatalf("the other's webhook was removed %d times", n)
	}
	if err := operator.DeleteWebhook(t.Context()); err != nil {
		t.Fatal(err)
	}
	waitIdle(t, s)
	if got := second.contents(); got != "one theirs" {
		t.Errorf("stored: %s", got)
	}
	second.eventually("it is still said", func() bool {
		told, err := b.TelegramPolling(t.Context())
		return err == nil && told == bus.TelegramPolling{Bot: "7204418893"} && second.svc.Notice() == ""
	})
}

func TestPollingRemovesTheWebhookThatWasThereBefore(t *testing.T) {
	t.Parallel()
	s := telegramServer(t)
	if err := telegramBot(t, s).SetWebhook(t.Context(), hook("127.0.0.1:1")); err != nil {
		t.Fatal(err)
	}
	send(t, s, text(1, -5, 1, "waited"))
	w := newWorld(t, pollingConfig(s))
	waitIdle(t, s)
	if got := w.contents(); got != "waited" {
		t.Errorf("stored: %s", got)
	}
	if log := w.log.String(); !strings.Contains(log, "removed the bot's webhook") || strings.Contains(log, "secret-path") {
		t.Errorf("the log does not say so, or too much:\n%s", log)
	}
}
