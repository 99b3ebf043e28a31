package ingest_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
	"github.com/tasktracker/tasktracker/services/ingest"
)

func pollingConfig(s *telegramtest.Server) ingest.Config {
	return ingest.Config{TelegramMode: ingest.ModePolling, TelegramBotToken: botToken, TelegramAPIBaseURL: s.URL()}
}

func send(t *testing.T, s *telegramtest.Server, updates ...string) {
	t.Helper()
	for _, update := range updates {
		if id, err := s.Send(botToken, []byte(update)); err != nil || id == 0 {
			t.Fatalf("not queued: %d %v", id, err)
		}
	}
}

// waitIdle waits until everything sent is confirmed.
func waitIdle(t *testing.T, s *telegramtest.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.WaitIdle(ctx); err != nil {
		t.Fatalf("not everything is confirmed: %v", err)
	}
}

// telegramBot is the operator's, or another program's, own way to the bot.
func telegramBot(t *testing.T, s *telegramtest.Server) *botapi.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c, err := botapi.New(botapi.Config{Token: botToken, BaseURL: s.URL(), HTTPClient: &http.Client{Transport: transport}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// contents are the messages in INBOUND, in order.
func (w *world) contents() string {
	w.t.Helper()
	var all []string
	for _, in := range w.inbound() {
		all = append(all, in.GetMessageReceived().GetMessage().GetContent())
	}
	return strings.Join(all, " ")
}

func TestPollingStoresConfirmsAndIsStoppedByNoUpdate(t *testing.T) {
	t.Parallel()
	s := telegramServer(t)
	send(t, s,
		text(1, -5, 1, "one"),
		`{"update_id":2,"message":"not understood"}`,
		text(3, -5, 3, "three"),
		`{"update_id":4,"message":{"message_id":4,"date":1,"date":2,"chat":{"id":-5},"text":"a name twice"}}`,
		`{"update_id":5,"edited_message":{"message_id":9,"date":`+fmt.Sprint(time.Now().Unix())+`,"chat":{"id":-5},"text":"edit"}}`,
		text(6, -5, 6, "six"))
	w := newWorld(t, pollingConfig(s))
	waitIdle(t, s)
	if got := w.contents(); got != "one three edit six" {
		t.Errorf("stored: %s", got)
	}
	if events, dead := len(w.events()), len(w.deadLetters()); events != 3 || dead != 2 {
		t.Errorf("%d events, %d dead letters; want 3 and 2", events, dead)
	}
	if log := w.log.String(); strings.Contains(log, `"level":"warn"`) {
		t.Errorf("warnings though nothing was wrong:\n%s", log)
	}
}

// Later updates of a batch are decided after the move that comes before them.
func TestPollingFollowsAMigrationWithinABatch(t *testing.T) {
	t.Parallel()
	s := telegramServer(t)
	send(t, s,
		text(1, -10, 1, "old"),
		text(2, -1000000000777, 1, "early"),
		`{"update_id":3,"message":{"message_id":9,"date":1794815520,"chat":{"id":-10,"type":"group"},"migrate_to_chat_id":-1000000000777}}`,
		text(4, -1000000000777, 2, "new"))
	b := bustest.New(t)
	monitor(t, b, -10)
	w := onBus(t, pollingConfig(s), b)
	waitIdle(t, s)
	w.stop()
	if got := strings.Fields(w.contents()); len(got) != 2 || got[0] != "old" || got[1] != "new" {
		t.Errorf("stored: %q", got)
	}
}

func TestAnotherProgramThatPollsIsNamed(t *testing.T) {
	t.Parallel()
	s := telegramServer(t)
	w := newWorld(t, pollingConfig(s))
	other := telegramBot(t, s)
	w.eventually("the log does not name the conflict", func() bool {
		if _, err := other.GetUpdates(t.Context(), 0, 1, 0, nil); err != nil && !botapi.IsConflict(err) {
			t.Fatal(err)
		}
		return strings.Contains(w.log.String(), "another program polls for this bot")
	})
	if n := len(s.Calls("deleteWebhook")); n != 0 {
		t.Errorf("a webhook that there is not was removed %d times", n)
	}
	send(t, s, text(1, -5, 1, "one"))
	waitIdle(t, s) // the other one has gone
	if got := w.contents(); got != "one" {
		t.Errorf("stored: %s", got)
	}
}

func TestPollingOutlivesFaultsOfTelegram(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]telegramtest.Fault{
		"flood":    {Kind: telegramtest.FaultFlood, RetryAfter: 1},
		"internal": {Kind: telegramtest.FaultInternal},
		"gateway":  {Kind: telegramtest.FaultBadGateway},
		"cut body": {Kind: telegramtest.FaultCutBody},
		"reset":    {Kind: telegramtest.FaultReset},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := telegramServer(t)
			s.Fault("getWebhookInfo", fault, 1)
			s.Fault("getUpdates", fault, 1)
			send(t, s, text(1, -5, 1, "one"))
			w := start(t, pollingConfig(s), bustest.New(t))
			if err := w.svc.Ready(t.Context()); err == nil {
				t.Error("ready before Telegram has answered")
			}
			waitIdle(t, s)
			w.eventually("not ready again", func() bool { return w.svc.Ready(t.Context()) == nil })
			if got := w.contents(); got != "one" {
				t.Errorf("stored: %s", got)
			}
			if form := telegramtest.FindToken(botToken, []byte(w.log.String())); form != "" {
				t.Errorf("the log has the token, %s", form)
			}
		})
	}
}

func TestPollingStopsForATokenThatTelegramRefuses(t *testing.T) {
	t.Parallel()
	s := telegramServer(t)
	s.RevokeToken(botToken)
	w := start(t, pollingConfig(s), bustest.New(t))
	w.eventually("it does not say what to do", func() bool {
		return strings.Contains(w.svc.Notice(), "connect the bot again in the settings")
	})
	if err := w.svc.Ready(t.Context()); err != nil {
		t.Errorf("not ready, so that nobody could connect it: %v", err)
	}
	w.eventually("the log does not say what to do", func() bool { return strings.Contains(w.log.String(), "set TELEGRAM_BOT_TOKEN") })
	w.stop()
	if n := len(s.Calls("")); n != 1 {
		t.Errorf("%d calls with a token that is refused, want one", n)
	}
	if form := telegramtest.FindToken(botToken, []byte(w.log.String())); form != "" {
		t.Errorf("the log has the token, %s", form)
	}
}

// The process dies when the batch is stored and Telegram does not know it yet.
func TestADeathBetweenStoringAndConfirmingLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	s := telegramServer(t)
	send(t, s, text(1, -5, 1, "one"), text(2, -5, 2, "two"), text(3, -5, 3, "three"))
	s.Fault("getUpdates", telegramtest.Fault{Kind: telegramtest.FaultDelay}, 1)  // brings the batch
	s.Fault("getUpdates", telegramtest.Fault{Kind: telegramtest.FaultReset}, -1) // none that would confirm arrives
	b := bustest.New(t)
	first := start(t, pollingConfig(s), b)
	first.eventually("the batch is not stored", func() bool { return len(first.inbound()) == 3 })
	first.stop()
	s.ClearFaults()
	send(t, s, text(4, -5, 4, "four"))
	second := onBus(t, pollingConfig(s), b)
	waitIdle(t, s)
	if got := second.contents(); got != "one two three four" || len(second.events()) != 4 {
		t.Errorf("stored: %s, with %d events", got, len(second.events()))
	}
}

func TestAStopConfirmsWhatIsStored(t *testing.T) {
	t.Parallel()
	s := telegramServer(t)
	send(t, s, text(1, -5, 1, "one"))
	s.Fault("getUpdates", telegramtest.Fault{Kind: telegramtest.FaultDelay}, 1)    // brings it
	s.Fault("getUpdates", telegramtest.Fault{Kind: telegramtest.FaultInternal}, 1) // would have confirmed it
	w := start(t, pollingConfig(s), bustest.New(t))
	w.eventually("it does not say that the call failed", func() bool { return strings.Contains(w.log.String(), "polling was interrupted") })
	w.stop()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.WaitDelivered(ctx, 1); err != nil {
		t.Errorf("it would come again: %v", err)
	}
}

func TestPollingConfirmsNothingThatIsNotStored(t *testing.T) {
	t.Parallel()
	s := telegramServer(t)
	b := bustest.StartServer(t).Connect(t)
	cfg := bustest.Config()
	cfg.InboundMaxBytes = 1 << 20
	if err := b.EnsureStreams(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	const sent = 20
	for id := range int64(sent) {
		send(t, s, text(id+1, -5, id+1, strings.Repeat("x", 100_000))) // five of them fill the stream
	}
	w := start(t, pollingConfig(s), b)
	stream, err := b.JetStream().Stream(t.Context(), bus.StreamInbound)
	if err != nil {
		t.Fatal(err)
	}
	w.eventually("the stream is not full", func() bool { return strings.Contains(w.log.String(), bus.ErrFull.Error()) })
	if err := w.svc.Ready(t.Context()); err == nil {
		t.Error("ready with a full stream")
	}
	// A slow worker takes one after the other.
	ids := map[string]int{}
	w.eventually("not everything came through", func() bool {
		for _, raw := range w.read(bus.StreamInbound) {
			ids[raw.Header.Get(jetstream.MsgIDHeader)]++
			if err := stream.DeleteMsg(t.Context(), raw.Sequence); err != nil {
				t.Fatal(err)
			}
		}
		return len(ids) == sent
	})
	waitIdle(t, s)
	for id, n := range ids {
		if n != 1 {
			t.Errorf("%s was stored %d times", id, n)
		}
	}
}
