package bus_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
)

func TestConsumersShareAStreamAndHandleEachMessageOnce(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	publishNumbers(t, b, 0, 2000)
	seen := newRecord()
	for range 3 {
		start(t, batchConsumer(t, b, inboundConfig(), seen.handle).Run)
	}
	publishNumbers(t, b, 2000, 3000)
	seen.await(t, 3000)
	awaitEmpty(t, b, bus.StreamInbound)
	seen.mu.Lock()
	defer seen.mu.Unlock()
	for payload, n := range seen.done {
		if n != 1 {
			t.Errorf("%s was handled %d times", payload, n)
		}
	}
	if largest := slices.Max(seen.batches); largest < 2 || largest > 500 {
		t.Errorf("largest batch is %d", largest)
	}
}

func TestPoisonInABatchFailsAloneAndBecomesADeadLetter(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	publishNumbers(t, b, 0, 500)
	seen := newRecord()
	poison := errors.New("refused by https://api.telegram.org/bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/getFile")
	var alone []int
	start(t, batchConsumer(t, b, inboundConfig(), func(_ context.Context, batch []*bus.Delivery) error {
		for _, d := range batch {
			if string(d.Payload) == "77" {
				if len(batch) == 1 {
					alone = append(alone, d.Attempt)
				}
				return poison
			}
		}
		seen.add(batch)
		return nil
	}).Run)
	seen.await(t, 499)
	awaitMessages(t, b, bus.StreamDeadLetter, 1)
	awaitEmpty(t, b, bus.StreamInbound)
	got := letters(t, b)[0]
	if got.GetStream() != bus.StreamInbound || got.GetKind() != "message" || got.GetAttempts() != 3 ||
		got.GetSubject() != bus.InboundSubject("test", "1") || string(got.GetPayload()) != "77" || got.GetHeaders()["Nats-Msg-Id"] != "77" {
		t.Errorf("dead letter is %v", got.DeadLetter)
	}
	if got.GetReason() != "refused by https://api.telegram.org/bot[redacted]/getFile" {
		t.Errorf("reason is %q", got.GetReason())
	}
	if !slices.Equal(alone, []int{1, 2, 3}) {
		t.Errorf("the poison was tried alone at attempts %v", alone)
	}
}

func TestFailMarksOneMessageAndLetsTheBatchEnd(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	publishNumbers(t, b, 0, 10)
	seen := newRecord()
	start(t, batchConsumer(t, b, inboundConfig(), func(_ context.Context, batch []*bus.Delivery) error {
		for _, d := range batch {
			if string(d.Payload) == "3" {
				d.Fail(bus.Permanent(errors.New("not readable")))
			}
		}
		seen.add(batch)
		return nil
	}).Run)
	awaitMessages(t, b, bus.StreamDeadLetter, 1)
	awaitEmpty(t, b, bus.StreamInbound)
	if got := letters(t, b)[0]; got.GetAttempts() != 1 || got.GetReason() != "not readable" || string(got.GetPayload()) != "3" {
		t.Errorf("dead letter is %v", got.DeadLetter)
	}
	if n := seen.distinct(); n != 10 {
		t.Errorf("%d messages were handled", n)
	}
}

// giveBack delivers the messages of a durable consumer times times without an outcome,
// as a process does that dies with them in hand; the first only those in which is true.
func giveBack(t *testing.T, b *bus.Bus, cfg bus.ConsumerConfig, times int, which func(payload string) bool) {
	t.Helper()
	// A consumer of the same name, so that the deliveries count for it.
	cons, err := b.JetStream().CreateOrUpdateConsumer(t.Context(), cfg.Stream, jetstream.ConsumerConfig{
		Durable: cfg.Durable, AckPolicy: jetstream.AckExplicitPolicy, MaxDeliver: -1, AckWait: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	var hold []jetstream.Msg
	for given := 0; given < times; {
		m, err := cons.Next(jetstream.FetchMaxWait(patience))
		if err != nil {
			t.Fatal(err)
		}
		if !which(string(m.Data())) {
			hold = append(hold, m)
			continue
		}
		given++
		if err := m.Nak(); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range hold {
		if err := m.Nak(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAMessageThatCameBackOftenIsHandledAlone(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	cfg := inboundConfig()
	publishNumbers(t, b, 0, 20)
	giveBack(t, b, cfg, 2, func(payload string) bool { return payload == "5" })
	var mu sync.Mutex
	with := map[string]int{}
	seen := newRecord()
	start(t, batchConsumer(t, b, cfg, func(_ context.Context, batch []*bus.Delivery) error {
		mu.Lock()
		for _, d := range batch {
			with[string(d.Payload)] = len(batch)
		}
		mu.Unlock()
		seen.add(batch)
		return nil
	}).Run)
	seen.await(t, 20)
	mu.Lock()
	defer mu.Unlock()
	if with["5"] != 1 {
		t.Errorf("the suspect was handled in a batch of %d", with["5"])
	}
	if largest := slices.Max(slices.Collect(maps.Values(with))); largest < 2 {
		t.Errorf("its neighbours were handled in batches of at most %d", largest)
	}
}

func TestHoldKeepsMessagesWithoutCountingAttempts(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	cfg := inboundConfig()
	cfg.AckWait = 10 * time.Second // a busy machine stands still for seconds
	publishNumbers(t, b, 0, 400)
	seen := newRecord()
	up, arrived := make(chan struct{}), make(chan struct{})
	held := make(chan struct{}, 1)
	var mu sync.Mutex
	most := 0
	start(t, batchConsumer(t, b, cfg, func(_ context.Context, batch []*bus.Delivery) error {
		select {
		case <-up:
		default:
			select {
			case held <- struct{}{}:
			default:
			}
			<-arrived
			return bus.Hold(errors.New("database is down"), 0)
		}
		mu.Lock()
		for _, d := range batch {
			most = max(most, d.Attempt)
		}
		mu.Unlock()
		seen.add(batch)
		return nil
	}).Run)
	<-held
	// Another copy asks, for longer than the ack wait: signs of life keep what is in hand.
	other, err := b.JetStream().Consumer(t.Context(), cfg.Stream, cfg.Durable)
	if err != nil {
		t.Fatal(err)
	}
	awaitPending(t, other, 400)
	close(arrived)
	if m, err := other.Next(jetstream.FetchMaxWait(cfg.AckWait + cfg.AckWait/2)); !errors.Is(err, nats.ErrTimeout) {
		t.Errorf("another was given %v, %v", m, err)
	}
	close(up)
	seen.await(t, 400)
	awaitEmpty(t, b, bus.StreamInbound)
	mu.Lock()
	defer mu.Unlock()
	if most != 1 {
		t.Errorf("a message that waited was delivered %d times", most)
	}
	if n := len(letters(t, b)); n != 0 {
		t.Errorf("%d dead letters", n)
	}
}
