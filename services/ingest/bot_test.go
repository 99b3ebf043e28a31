package ingest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
	"github.com/tasktracker/tasktracker/services/ingest"
)

const (
	secretHeader = "X-Telegram-Bot-Api-Secret-Token"
	otherKey     = "bm90LWEtcmVhbC1rZXktYnV0LWxvbmctZW5vdWdo"
)

// record is what the api would write: sealed under key.
func record(t *testing.T, key, token, mode string, secrets ...bus.WebhookSecret) bus.TelegramBot {
	t.Helper()
	r := ring(t, key)
	bot := bus.TelegramBot{Mode: mode}
	if token != "" {
		bot.Token = r.Seal(bus.PurposeBotToken, token)
	}
	for _, s := range secrets {
		s.Sealed = r.Seal(bus.PurposeWebhookSecret, s.Sealed)
		bot.Secrets = append(bot.Secrets, s)
	}
	return bot
}

// connect makes a record the one that holds.
func connect(t *testing.T, b *bus.Bus, bot bus.TelegramBot) {
	t.Helper()
	if err := b.UpdateTelegramBot(t.Context(), func(bus.TelegramBot) (bus.TelegramBot, error) { return bot, nil }); err != nil {
		t.Fatal(err)
	}
}

func (w *world) status(update int64, secret string) int {
	w.t.Helper()
	var header []string
	if secret != "" {
		header = []string{secretHeader, secret}
	}
	status, _, _ := w.post(text(update, -5, update, "x"), header...)
	return status
}

func TestSecretsOfTheRecord(t *testing.T) {
	t.Parallel()
	soon, past := time.Now().Add(time.Hour), time.Now().Add(-time.Second)
	fromEnvironment := webhookConfig()
	fromEnvironment.TelegramWebhookSecret = "of-env"
	for name, c := range map[string]struct {
		cfg     ingest.Config
		secrets []bus.WebhookSecret
		admits  map[string]bool
	}{
		"none anywhere":        {webhookConfig(), nil, map[string]bool{"": true, "any": true}},
		"one":                  {webhookConfig(), []bus.WebhookSecret{{Sealed: "new"}}, map[string]bool{"": false, "any": false, "new": true, "of-env": false}},
		"one and its past":     {webhookConfig(), []bus.WebhookSecret{{Sealed: "new"}, {Sealed: "old", NotAfter: soon}}, map[string]bool{"": false, "new": true, "old": true}},
		"a past that is over":  {webhookConfig(), []bus.WebhookSecret{{Sealed: "new"}, {Sealed: "old", NotAfter: past}}, map[string]bool{"": false, "new": true, "old": false}},
		"only one that ended":  {webhookConfig(), []bus.WebhookSecret{{Sealed: "old", NotAfter: past}}, map[string]bool{"": false, "old": false}},
		"environment's beside": {fromEnvironment, []bus.WebhookSecret{{Sealed: "new"}}, map[string]bool{"": false, "new": true, "of-env": true}},
		"environment's alone":  {fromEnvironment, nil, map[string]bool{"": false, "new": false, "of-env": true}},
		"an empty one":         {webhookConfig(), []bus.WebhookSecret{{Sealed: ""}}, map[string]bool{"": false, "x": false}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := bustest.New(t)
			connect(t, b, record(t, settingsKey, "", "", c.secrets...))
			w := onBus(t, c.cfg, b)
			update := int64(0)
			for secret, admitted := range c.admits {
				update++
				if status := w.status(update, secret); (status == http.StatusOK) != admitted || !admitted && status != http.StatusUnauthorized {
					t.Errorf("%q is answered %d, want admitted %v", secret, status, admitted)
				}
			}
		})
	}
}

func TestASecretThatDoesNotOpenShutsTheDoor(t *testing.T) {
	t.Parallel()
	for name, env := range map[string]string{"alone": "", "with one in the environment": "of-env"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := bustest.New(t)
			connect(t, b, record(t, otherKey, botToken, "", bus.WebhookSecret{Sealed: "new"}))
			cfg := webhookConfig()
			cfg.TelegramWebhookSecret = env
			w := onBus(t, cfg, b)
			for update, secret := range []string{"", "new", "any"} {
				if status := w.status(int64(update+1), secret); status != http.StatusUnauthorized {
					t.Errorf("%q is answered %d", secret, status)
				}
			}
			if env != "" && w.status(9, env) != http.StatusOK {
				t.Error("the environment's secret is refused")
			}
			if said := w.svc.Notice(); !strings.Contains(said, "SETTINGS_ENCRYPTION_KEY") {
				t.Errorf("readiness says %q", said)
			}
			if n := strings.Count(w.log.String(), "a secret token of the webhook cannot be read"); n != 1 {
				t.Errorf("said %d times:\n%s", n, w.log)
			}
		})
	}
}

func TestNothingIsTakenBeforeTheRecordIsRead(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	connect(t, b, record(t, settingsKey, "", "", bus.WebhookSecret{Sealed: "new"}))
	svc, err := ingest.New(webhookConfig(), ingest.Deps{Bus: b, Secrets: ring(t, settingsKey), Log: zerolog.Nop(), Metrics: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, bus: b, svc: svc, server: newServer(t, svc)}
	status, _, header := w.post(text(1, -5, 1, "x"), secretHeader, "new")
	if status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
		t.Errorf("%d %v", status, header)
	}
	if err := svc.Ready(t.Context()); err == nil {
		t.Error("ready")
	}
}

// A broker that lost its data comes up without the secrets: nothing may pass until the
// worker has written them anew.
func TestALostRecordOpensNoDoor(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	svc, err := ingest.New(webhookConfig(), ingest.Deps{Bus: b, Secrets: ring(t, settingsKey), Log: zerolog.Nop(), Metrics: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- svc.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	w := &world{t: t, bus: b, svc: svc, server: newServer(t, svc)}
	if status := w.status(1, "forged"); status != http.StatusServiceUnavailable {
		t.Errorf("without a record: %d", status)
	}
	connect(t, b, record(t, settingsKey, "", "", bus.WebhookSecret{Sealed: "new"}))
	w.eventually("it is not ready", func() bool { return svc.Ready(t.Context()) == nil })
	if forged, good := w.status(2, "forged"), w.status(3, "new"); forged != http.StatusUnauthorized || good != http.StatusOK {
		t.Errorf("forged %d, with the secret %d", forged, good)
	}
	if n := len(w.inbound()); n != 1 {
		t.Errorf("%d stored", n)
	}
}

// Telegram may use a new secret sooner than a watch brings it.
func TestARotatedSecretIsKnownToEveryIngestAtOnce(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	connect(t, b, record(t, settingsKey, "", "", bus.WebhookSecret{Sealed: "old"}))
	copies := []*world{onBus(t, webhookConfig(), b), onBus(t, webhookConfig(), b)}
	copies[1].endRun() // with it the watch, which cannot lag more than that
	connect(t, b, record(t, settingsKey, "", "", bus.WebhookSecret{Sealed: "new"}, bus.WebhookSecret{Sealed: "old", NotAfter: time.Now().Add(time.Hour)}))
	for i, w := range copies {
		for j, secret := range []string{"new", "old"} {
			if status := w.status(int64(10*i+j+1), secret); status != http.StatusOK {
				t.Errorf("copy %d, %s: %d", i, secret, status)
			}
		}
	}
	connect(t, b, record(t, settingsKey, "", "", bus.WebhookSecret{Sealed: "new"}))
	copies[0].eventually("the old secret is still admitted", func() bool { return copies[0].status(50, "old") == http.StatusUnauthorized })
}

// Two bots number their updates each for itself: an update of one is not a repetition of
// the other's. The same bot with another token is the same one.
func TestUpdatesAreToldApartByBot(t *testing.T) {
	t.Parallel()
	const chat, update = -5, 7
	b := bustest.New(t)
	cfg := webhookConfig()
	cfg.TelegramBotToken = botToken
	w := onBus(t, cfg, b)
	for _, id := range []string{"7204418893", "7204418893", "555", "7204418893"} {
		if id != "7204418893" || strings.Contains(w.log.String(), "another bot") {
			connect(t, b, record(t, settingsKey, id+":AAF-another_token-of-it", ""))
			w.eventually("the bot does not change", func() bool { return strings.Contains(w.log.drain(), `"bot":"`+id+`"`) })
		}
		if status := w.status(update, ""); status != http.StatusOK {
			t.Fatal(status)
		}
	}
	ids := map[string]int{}
	for _, raw := range w.read(bus.StreamInbound) {
		ids[raw.Header.Get(jetstream.MsgIDHeader)]++
	}
	if len(ids) != 2 || ids["telegram:7204418893:7:-5:7"] != 1 || ids["telegram:555:7:-5:7"] != 1 {
		t.Errorf("stored as %v", ids)
	}
	if n := len(w.events()); n != 1 {
		t.Errorf("one message of one chat is announced %d times", n)
	}
}

// Removing a group takes effect at every copy, with no message of it stored after.
func TestARemovedGroupIsHeardByNoIngest(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	first := monitoring(t, b, -10, -20)
	copies := []*world{first, onBus(t, webhookConfig(), b)}
	for i, w := range copies {
		if got := w.says(int64(i+1), -20); got != said {
			t.Fatalf("copy %d before: %s", i, got)
		}
	}
	monitor(t, b, -10)
	for i, w := range copies {
		update := int64(100 * (i + 1))
		w.eventually("a removed group is still heard", func() bool { update++; return w.says(update, -20) == ignored })
	}
	before := len(first.inbound())
	for i, w := range copies {
		if got := w.says(int64(1000+i), -20); got != ignored {
			t.Errorf("copy %d: %s", i, got)
		}
		if got := w.says(int64(2000+i), -10); got != said {
			t.Errorf("copy %d, the group that stays: %s", i, got)
		}
	}
	messages := 0
	for _, in := range first.inbound()[before:] {
		if in.GetMessageReceived() != nil {
			messages++
		}
	}
	if messages != len(copies) {
		t.Errorf("%d messages stored, want those of the group that stays", messages)
	}
}
