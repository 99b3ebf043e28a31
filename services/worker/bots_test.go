package worker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/worker"
)

const (
	firstToken  = "100:AAF-the_first_token_0123456789"
	secondToken = "200:AAF-the_other_token_0123456789"
)

// botsByToken are the bots that a worker may be told to use.
type botsByToken struct {
	mu        sync.Mutex
	bots      map[string]*fakeBot
	connected []string
}

func (b *botsByToken) connect(token string) (worker.Bot, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.connected = append(b.connected, token)
	bot, ok := b.bots[token]
	if !ok {
		return nil, errors.New("no such bot")
	}
	return bot, nil
}

func (b *botsByToken) last() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.connected) == 0 {
		return ""
	}
	return b.connected[len(b.connected)-1]
}

// startWith runs a worker that has no bot of its own.
func (w *world) startWith(t *testing.T, bots *botsByToken) {
	t.Helper()
	svc, err := worker.New(worker.Config{BatchSize: 500, MaxAttempts: 3, RetryDelay: 2 * time.Millisecond, AvatarConcurrency: 2, TelegramAPIBaseURL: "http://127.0.0.1:1", ClassifyConfig: neverClassifying()},
		worker.Deps{Store: w.store, Bus: w.bus, Secrets: ring(t), Log: zerolog.Nop(), Metrics: prometheus.NewRegistry(), Connect: bots.connect})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- svc.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("worker: %v", err)
		}
	})
}

// connectBot does what the api does: the database first, then the bucket.
func (w *world) connectBot(t *testing.T, token string) {
	t.Helper()
	w.storeBot(t, token)
	err := w.bus.UpdateTelegramBot(t.Context(), func(bus.TelegramBot) (bus.TelegramBot, error) { return w.store.TelegramBot(t.Context()) })
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) storeBot(t *testing.T, token string) {
	t.Helper()
	_, _, err := w.store.UpdateTelegramSettings(t.Context(), func(s *store.TelegramSettings) error {
		s.Bot.Token = ring(t).Seal(bus.PurposeBotToken, token)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func writtenBy(author string) func(*eventsv1.MessageReceived) {
	return func(m *eventsv1.MessageReceived) { m.Message.AuthorId = author }
}

func TestPicturesAreFetchedByTheBotThatIsConnected(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := newBot(picture("one")), newBot(picture("two"))
	bots := &botsByToken{bots: map[string]*fakeBot{firstToken: first, secondToken: second}}
	w.startWith(t, bots)
	w.put(t, received("1", "nobody can ask yet", writtenBy("41")))
	w.awaitDone(t)

	// A bot is used a moment after it was connected: messages come until it is asked.
	author := 42
	says := func(bot *fakeBot) {
		t.Helper()
		eventually(t, "the bot is asked", func() bool {
			w.put(t, received(fmt.Sprint(author), "a", writtenBy(fmt.Sprint(author))))
			w.awaitDone(t)
			author++
			return bot.askedFor() > 0
		})
	}
	w.connectBot(t, firstToken)
	says(first)
	w.connectBot(t, secondToken)
	says(second)
	if last := fmt.Sprint(author - 1); !slices.Equal(second.asked, []string{last}) || slices.Contains(first.asked, last) || slices.Contains(first.asked, "41") {
		t.Errorf("the first was asked for %q, the other for %q, which is the last of those who spoke", first.asked, second.asked)
	}
}

func TestAnotherTokenIsUsedAtOnceAfterARefusal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	refused, good := newBot(refusal(401, "Unauthorized", 0)), newBot(picture("one"))
	w.connectBot(t, firstToken)
	w.startWith(t, &botsByToken{bots: map[string]*fakeBot{firstToken: refused, secondToken: good}})
	w.put(t, received("1", "a"))
	<-refused.calls
	w.connectBot(t, secondToken)
	w.awaitDone(t) // the job that was kept, minutes before the old token would be tried again
	if refused.askedFor() != 1 || good.askedFor() != 1 {
		t.Errorf("asked %d times with the old token, %d with the new", refused.askedFor(), good.askedFor())
	}
}

func TestTheBotInTheBucketIsTheDatabasesFromTheStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.storeBot(t, firstToken)
	bots := &botsByToken{bots: map[string]*fakeBot{firstToken: newBot(picture("one"))}}
	w.startWith(t, bots)
	eventually(t, "the bot of the database is connected", func() bool { return bots.last() == firstToken })
}

func TestATestUpdateComesThroughTheDatabaseAndLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start(t)
	w.put(t, received("1", "beside it"), &eventsv1.Inbound{
		ReceivedAt: timestamppb.Now(), Payload: &eventsv1.Inbound_Probe{Probe: &eventsv1.Probe{Id: `7QK2 <"'`, SentAt: timestamppb.Now()}}})
	w.awaitDone(t)
	told := w.events(t, bus.SubjectWebhookTested)
	if len(told) != 1 || told[0].GetWebhookTested().GetId() != `7QK2 <"'` || told[0].GetWebhookTested().GetHop() != "database" || told[0].GetWebhookTested().GetAt() == nil {
		t.Errorf("told %v", told)
	}
	// The worker itself notes its schedule at the start.
	if n := w.count(t, "SELECT (SELECT count(*) FROM settings WHERE key <> 'analysis_schedule') + (SELECT count(*) FROM chats WHERE external_id <> '-1001')"); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	if n := w.count(t, "SELECT count(*) FROM messages"); n != 1 {
		t.Errorf("%d messages, want the one beside it", n)
	}
}
