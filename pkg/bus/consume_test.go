package bus_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
)

// patience bounds every wait of these tests; nothing is asserted about how long things take.
const patience = 30 * time.Second

func inboundConfig() bus.ConsumerConfig {
	return bus.ConsumerConfig{Stream: bus.StreamInbound, Durable: "test", Kind: "message", MaxAttempts: 3, RetryBase: time.Millisecond, RetryMax: 5 * time.Millisecond}
}

// publishNumbers publishes the numbers from until before to, each as its own message.
func publishNumbers(t *testing.T, b *bus.Bus, from, to int) {
	t.Helper()
	var batch []bus.Message
	for i := from; i < to; i++ {
		batch = append(batch, bus.Message{Subject: bus.InboundSubject("test", "1"), ID: strconv.Itoa(i), Payload: []byte(strconv.Itoa(i))})
	}
	if err := b.Publish(t.Context(), batch...); err != nil {
		t.Fatal(err)
	}
}

// record is what handlers saw. Its channel tells that something was added.
type record struct {
	mu      sync.Mutex
	done    map[string]int // payload → how often it was handled to the end
	batches []int
	changed chan struct{}
}

func newRecord() *record {
	return &record{done: make(map[string]int), changed: make(chan struct{}, 1)}
}

func (r *record) add(batch []*bus.Delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.batches = append(r.batches, len(batch))
	for _, d := range batch {
		r.done[string(d.Payload)]++
	}
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

func (r *record) distinct() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.done)
}

func (r *record) handle(_ context.Context, batch []*bus.Delivery) error {
	r.add(batch)
	return nil
}

// await waits until n different messages were handled.
func (r *record) await(t *testing.T, n int) {
	t.Helper()
	deadline := time.After(patience)
	for r.distinct() < n {
		select {
		case <-r.changed:
		case <-deadline:
			t.Fatalf("%d of %d messages were handled", r.distinct(), n)
		}
	}
}

// awaitEmpty waits until a stream has no message left.
func awaitEmpty(t *testing.T, b *bus.Bus, name string) {
	t.Helper()
	awaitMessages(t, b, name, 0)
}

func awaitMessages(t *testing.T, b *bus.Bus, name string, n uint64) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for {
		have := stream(t, b, name).State.Msgs
		if have == n {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s has %d messages, want %d", name, have, n)
		}
	}
}

// start runs a consumer until stop is called, or the test ends.
func start(t *testing.T, run func(context.Context)) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); run(ctx) }()
	stop = func() {
		cancel()
		select {
		case <-done:
		case <-time.After(patience):
			t.Error("consumer did not stop")
		}
	}
	t.Cleanup(stop)
	return stop
}

func batchConsumer(t *testing.T, b *bus.Bus, cfg bus.ConsumerConfig, handle bus.BatchHandler) *bus.BatchConsumer {
	t.Helper()
	c, err := b.NewBatchConsumer(bus.BatchConfig{ConsumerConfig: cfg}, handle)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func letters(t *testing.T, b *bus.Bus) []bus.DeadLetter {
	t.Helper()
	found, err := b.ListDeadLetters(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

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
	if with["6"] < 2 {
		t.Errorf("its neighbour was handled in a batch of %d", with["6"])
	}
}

func TestHoldKeepsMessagesWithoutCountingAttempts(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	cfg := inboundConfig()
	cfg.AckWait = 2 * time.Second
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
	if m, err := other.Next(jetstream.FetchMaxWait(3 * cfg.AckWait)); !errors.Is(err, nats.ErrTimeout) {
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

// awaitPending waits until n messages of a consumer are in somebody's hand.
func awaitPending(t *testing.T, cons jetstream.Consumer, n int) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for {
		info, err := cons.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if info.NumAckPending == n {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%d messages are in hand, want %d", info.NumAckPending, n)
		}
	}
}

func TestAConsumerThatWasDeletedIsMadeAgain(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	registry := prometheus.NewRegistry()
	metrics, err := bus.NewConsumerMetrics(registry)
	if err != nil {
		t.Fatal(err)
	}
	cfg := inboundConfig()
	cfg.Metrics = metrics
	seen := newRecord()
	c := batchConsumer(t, b, cfg, seen.handle)
	if c.Ready() == nil {
		t.Error("ready before Run")
	}
	start(t, c.Run)
	publishNumbers(t, b, 0, 10)
	seen.await(t, 10)
	if err := b.JetStream().DeleteConsumer(t.Context(), bus.StreamInbound, cfg.Durable); err != nil {
		t.Fatal(err)
	}
	publishNumbers(t, b, 10, 20)
	seen.await(t, 20)
	if err := c.Ready(); err != nil {
		t.Error(err)
	}
}

func TestAConsumerSurvivesThatItsStreamIsDeleted(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	seen := newRecord()
	start(t, batchConsumer(t, b, inboundConfig(), seen.handle).Run)
	publishNumbers(t, b, 0, 10)
	seen.await(t, 10)
	if err := b.JetStream().DeleteStream(t.Context(), bus.StreamInbound); err != nil {
		t.Fatal(err)
	}
	if err := b.EnsureStreams(t.Context(), bustest.Config()); err != nil {
		t.Fatal(err)
	}
	publishNumbers(t, b, 10, 20)
	seen.await(t, 20)
}

func TestStoppingInMidLoadLosesNothing(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	const total = 5000
	publishNumbers(t, b, 0, total)
	seen := newRecord()
	for seen.distinct() < total {
		before := seen.distinct()
		stop := start(t, batchConsumer(t, b, inboundConfig(), seen.handle).Run)
		seen.await(t, min(before+700, total))
		stop()
	}
	awaitEmpty(t, b, bus.StreamInbound)
	seen.mu.Lock()
	defer seen.mu.Unlock()
	for payload, n := range seen.done {
		if n != 1 {
			t.Errorf("%s was handled %d times", payload, n)
		}
	}
}

func TestStoppingWhileHoldingHandsBack(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	publishNumbers(t, b, 0, 100)
	held := make(chan struct{}, 1)
	stop := start(t, batchConsumer(t, b, inboundConfig(), func(context.Context, []*bus.Delivery) error {
		select {
		case held <- struct{}{}:
		default:
		}
		return bus.Hold(errors.New("database is down"), time.Hour)
	}).Run)
	<-held
	stop()
	seen := newRecord()
	start(t, batchConsumer(t, b, inboundConfig(), seen.handle).Run)
	seen.await(t, 100)
	awaitEmpty(t, b, bus.StreamInbound)
}

func TestStartAndStopManyTimes(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	for i := range 50 {
		ctx, cancel := context.WithCancel(t.Context())
		c := batchConsumer(t, b, inboundConfig(), func(context.Context, []*bus.Delivery) error { return nil })
		if i%2 == 0 {
			cancel()
		} else {
			publishNumbers(t, b, i, i+1)
		}
		done := make(chan struct{})
		go func() { defer close(done); c.Run(ctx) }()
		cancel()
		select {
		case <-done:
		case <-time.After(patience):
			t.Fatal("did not stop")
		}
	}
}

func TestAConsumerNeedsItsNames(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	for i, cfg := range []bus.ConsumerConfig{{}, {Stream: "S", Durable: "d"}, {Stream: "S", Kind: "k"}} {
		if _, err := b.NewBatchConsumer(bus.BatchConfig{ConsumerConfig: cfg}, nil); err == nil {
			t.Error(fmt.Sprint("batch ", i))
		}
		if _, err := b.NewJobConsumer(bus.JobConfig{ConsumerConfig: cfg}, nil); err == nil {
			t.Error(fmt.Sprint("job ", i))
		}
	}
}
