package api_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
	"github.com/tasktracker/tasktracker/services/api"
)

const (
	settingsPath = "/api/settings"
	webhookPath  = "/api/webhook-settings"
	hookPath     = "/api/webhook-settings/telegram"
	setPath      = hookPath + "/set"
	modePath     = hookPath + "/mode"
	hearingPath  = hookPath + "/hearing"

	botToken   = "7204418893:AAHqB1xk-0kD_secretsecretsecretsecre"
	otherToken = "7204418894:AAHqB1xk-0kD_othersecretothersecreto"
	// shownBot is what clients see of botToken.
	shownBot = "7204418893...[truncated]"
	own      = "https://tracker.example.org/webhook/telegram"
)

// withBot is a world beside a stand-in Bot API with two bots that hear all.
func withBot(t testing.TB, cfg api.Config, options telegramtest.Options) (*world, *telegramtest.Server) {
	t.Helper()
	options.Speed = 20 // its second between two setWebhooks has passed when the budget's has, however late they arrive
	s := telegramtest.New(t, options)
	s.AddBot(telegramtest.Bot{Token: botToken, Username: "tasks_bot", FirstName: "Tasks", CanReadAllGroupMessages: true})
	s.AddBot(telegramtest.Bot{Token: otherToken, Username: "other_bot", CanReadAllGroupMessages: true})
	cfg.TelegramAPIBaseURL = s.URL()
	w := newWorld(t, cfg)
	w.noToken(t)
	return w, s
}

// noToken fails the test at its end where a token was told to anybody: in an answer, the
// log, the database or the broker.
func (w *world) noToken(t testing.TB) {
	t.Cleanup(func() {
		if t.Failed() {
			return
		}
		for where, text := range w.everything() {
			for _, token := range []string{botToken, otherToken} {
				if form := telegramtest.FindToken(token, []byte(text)); form != "" {
					t.Errorf("a token is in %s, %s", where, form)
				}
			}
		}
	})
}

// everything is all that could give a token away.
func (w *world) everything() map[string]string {
	found := map[string]string{"the log": w.log.all(), "answers": w.heard.all()}
	ctx := w.background()
	for _, table := range []string{"settings", "webhook_settings", "ai_settings", "outbox", "chats"} {
		var rows string
		err := w.pool.QueryRow(ctx, "SELECT coalesce(string_agg(t::text, E'\n'), '') FROM "+table+" t").Scan(&rows)
		if err != nil {
			w.t.Error(err)
		}
		found["table "+table] = rows
	}
	for name := range w.bus.JetStream().KeyValueStoreNames(ctx).Name() {
		kv, err := w.bus.JetStream().KeyValue(ctx, name)
		if err != nil {
			w.t.Error(err)
			continue
		}
		keys, err := kv.Keys(ctx)
		if err != nil {
			continue // none
		}
		for _, key := range keys {
			if entry, err := kv.Get(ctx, key); err == nil {
				found["bucket "+name] += key + string(entry.Value())
			}
		}
	}
	for _, name := range []string{bus.StreamEvents, bus.StreamInbound, bus.StreamDeadLetter, bus.StreamJobs} {
		found["stream "+name] = w.stream(name)
	}
	families, err := w.metrics.Gather()
	if err != nil {
		w.t.Error(err)
	}
	found["metrics"] = fmt.Sprint(families)
	return found
}

// stream is all that lies in a stream.
func (w *world) stream(name string) (text string) {
	ctx := w.background()
	stream, err := w.bus.JetStream().Stream(ctx, name)
	if err != nil {
		w.t.Error(err)
		return ""
	}
	state := stream.CachedInfo().State
	for seq := state.FirstSeq; seq <= state.LastSeq && state.Msgs > 0; seq++ {
		if m, err := stream.GetMsg(ctx, seq); err == nil { // else one that was deleted
			text += m.Subject + fmt.Sprint(m.Header) + string(m.Data)
		}
	}
	return text
}

// record is what the other services know of the bot.
func (w *world) record() bus.TelegramBot {
	w.t.Helper()
	var now bus.TelegramBot
	err := w.bus.UpdateTelegramBot(w.t.Context(), func(b bus.TelegramBot) (bus.TelegramBot, error) { now = b; return b, nil })
	if err != nil {
		w.t.Fatal(err)
	}
	return now
}

// opened are the secrets that ingest accepts, by whether they end.
func (w *world) opened() (present, ending []string) {
	w.t.Helper()
	for _, s := range w.record().Secrets {
		secret, err := testRing(w.t).Open(bus.PurposeWebhookSecret, s.Sealed)
		if err != nil {
			w.t.Fatal(err)
		}
		if s.NotAfter.IsZero() {
			present = append(present, secret)
		} else {
			ending = append(ending, secret)
		}
	}
	return present, ending
}

// connected saves a token and registers a webhook.
func (w *world) connected() {
	w.t.Helper()
	answer := ok[object](w, http.MethodPost, settingsPath, `{"telegram":{"bot_token":"`+botToken+`","webhook_base_url":"https://tracker.example.org"}}`)
	if hook := answer["webhook"].(object); hook["success"] != true {
		w.t.Fatalf("not connected: %v", answer)
	}
}

// saved is what is stored, apart from when.
func (w *world) saved() string {
	w.t.Helper()
	var rows string
	err := w.pool.QueryRow(w.t.Context(), `SELECT coalesce((SELECT string_agg(value::text, ' ') FROM settings), '') || coalesce((SELECT string_agg(config::text, ' ') FROM webhook_settings), '')`).Scan(&rows)
	if err != nil {
		w.t.Fatal(err)
	}
	return rows
}

// strict is a stand-in that refuses what Telegram refuses; names of the tests resolve.
func strict() telegramtest.Options {
	at := func(addr string) []netip.Addr { return []netip.Addr{netip.MustParseAddr(addr)} }
	return telegramtest.Options{Strict: true, Hosts: map[string][]netip.Addr{
		"tracker.example.org": at("198.51.100.7"), "six.example.org": at("2001:db8::1"), "inside.example.org": at("10.0.0.5"), "nobody.example.org": nil,
	}}
}

// quoted is a text as JSON has it.
func quoted(text string) string {
	data, err := json.Marshal(text)
	if err != nil {
		return ""
	}
	return string(data)
}

func hasAll(text string, parts ...string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

// elsewhere registers a webhook as another installation does.
func elsewhere(t testing.TB, s *telegramtest.Server, token, webhook string) {
	t.Helper()
	resp, err := http.PostForm(s.URL()+"/bot"+token+"/setWebhook", url.Values{"url": {webhook}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("set by another installation: %s", resp.Status)
	}
	s.Advance(2 * time.Second) // setWebhook is called once a second
}

// unpaced lets the next setWebhook through, as a second later.
func (w *world) unpaced(s *telegramtest.Server) {
	w.t.Helper()
	s.Advance(2 * time.Second)
	kv, err := w.bus.JetStream().KeyValue(w.t.Context(), bus.BucketBudgets)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		return // nothing was called yet
	}
	if err == nil {
		err = kv.Delete(w.t.Context(), "telegram-7204418893")
	}
	if err != nil {
		w.t.Fatal(err)
	}
}
