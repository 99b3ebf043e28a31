package outbox_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
	"github.com/tasktracker/tasktracker/pkg/outbox"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/pkg/store"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

const patience = time.Minute

// world is a database and a broker of one test's own.
type world struct {
	store *store.Store
	bus   *bus.Bus
}

func newWorld(t *testing.T) world {
	t.Helper()
	return world{store: store.New(postgrestest.New(t)), bus: bustest.New(t)}
}

func (w world) write(t *testing.T, subject string, n int) (written []store.OutboxEvent) {
	t.Helper()
	for range n {
		events, err := w.store.Emit(t.Context(), subject, &eventsv1.Event{
			Payload: &eventsv1.Event_SettingsUpdated{SettingsUpdated: &eventsv1.SettingsUpdated{Section: "x"}}})
		if err != nil {
			t.Fatal(err)
		}
		written = append(written, events...)
	}
	return written
}

func (w world) start(t *testing.T, broker outbox.RelayBroker, opts outbox.Options) {
	t.Helper()
	relay, err := outbox.NewRelay(broker, w.store, opts, zerolog.Nop(), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); relay.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case <-done:
		case <-time.After(patience):
			t.Error("relay did not stop")
		}
	})
}

// awaitEmpty waits until no row is left.
func (w world) awaitEmpty(t *testing.T) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for {
		n, err := w.store.OutboxSize(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%d rows are left", n)
		}
	}
}

// published lists the ids in EVENTS, in the order of the stream.
func (w world) published(t *testing.T) []string {
	t.Helper()
	stream, err := w.bus.JetStream().Stream(t.Context(), bus.StreamEvents)
	if err != nil {
		t.Fatal(err)
	}
	info, err := stream.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for seq := uint64(1); seq <= info.State.LastSeq; seq++ {
		m, err := stream.GetMsg(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, m.Header.Get(jetstream.MsgIDHeader))
	}
	return found
}

func TestPublisherBringsEventsOutAndEmptiesTheOutbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	events := w.write(t, bus.SubjectSettingsUpdated, 3)
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // the caller has gone
	outbox.NewPublisher(w.bus, w.store, zerolog.Nop()).Publish(ctx, events)
	if n, err := w.store.OutboxSize(t.Context()); err != nil || n != 0 {
		t.Errorf("%d rows are left, %v", n, err)
	}
	if got := w.published(t); len(got) != 3 || got[0] != events[0].MsgID || got[2] != events[2].MsgID {
		t.Errorf("published %v", got)
	}
}

func TestPublisherLeavesToTheRelayWhatItCannotPublish(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var log bytes.Buffer
	outbox.NewPublisher(&brokenBroker{RelayBroker: w.bus}, w.store, zerolog.New(&log)).Publish(t.Context(), w.write(t, bus.SubjectSettingsUpdated, 1))
	if !strings.Contains(log.String(), "stay in the outbox") {
		t.Errorf("log %q", log.String())
	}
	w.start(t, w.bus, outbox.Options{})
	w.awaitEmpty(t)
	if got := w.published(t); len(got) != 1 {
		t.Errorf("published %v", got)
	}
}

func TestTwoRelaysPublishARowOnceAndWhatIsWrittenLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.write(t, bus.SubjectSettingsUpdated, 1200)
	// Without polling to speak of: rows written later are heard of by NOTIFY.
	for range 2 {
		w.start(t, w.bus, outbox.Options{Poll: time.Hour})
	}
	w.awaitEmpty(t)
	w.write(t, bus.SubjectSettingsUpdated, 20)
	w.awaitEmpty(t)
	seen := map[string]int{}
	for _, id := range w.published(t) {
		seen[id]++
	}
	if len(seen) != len(first)+20 {
		t.Errorf("%d different events, want %d", len(seen), len(first)+20)
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s was published %d times", id, n)
		}
	}
}

func TestOneRelayKeepsTheOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	events := w.write(t, bus.SubjectSettingsUpdated, 700)
	w.start(t, w.bus, outbox.Options{})
	w.awaitEmpty(t)
	for i, id := range w.published(t) {
		if id != events[i].MsgID {
			t.Fatalf("event %d is %s, want %s", i, id, events[i].MsgID)
		}
	}
}

// brokenBroker is a bus whose connection is lost until it is mended.
type brokenBroker struct {
	outbox.RelayBroker
	mu     sync.Mutex
	mended bool
	asked  chan struct{} // told of each Ready while broken; may be nil
}

func (b *brokenBroker) mend() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mended = true
}

func (b *brokenBroker) works() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.mended
}

func (b *brokenBroker) Ready(ctx context.Context) error {
	if b.works() {
		return b.RelayBroker.Ready(ctx)
	}
	select {
	case b.asked <- struct{}{}:
	default:
	}
	return bus.ErrUnavailable
}

func (b *brokenBroker) Publish(ctx context.Context, messages ...bus.Message) error {
	if b.works() {
		return b.RelayBroker.Publish(ctx, messages...)
	}
	return bus.ErrUnavailable
}

func TestRelayWaitsForABrokerThatIsDownWithoutCountingAttempts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write(t, bus.SubjectSettingsUpdated, 5)
	broken := &brokenBroker{RelayBroker: w.bus, asked: make(chan struct{})}
	w.start(t, broken, outbox.Options{Poll: 5 * time.Millisecond, MaxAttempts: 2})
	for range 10 {
		select {
		case <-broken.asked:
		case <-time.After(patience):
			t.Fatal("the relay gave up")
		}
	}
	broken.mend()
	w.awaitEmpty(t)
	if got := w.published(t); len(got) != 5 {
		t.Errorf("published %v", got)
	}
	if dead, err := w.bus.ListDeadLetters(t.Context(), bus.DeadLetterFilter{}, 0, 10); err != nil || len(dead) != 0 {
		t.Errorf("%d dead letters, %v", len(dead), err)
	}
}

func TestARowThatFailsForItsOwnSakeBecomesADeadLetterAndStopsNobody(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault    error
		subject  string
		attempts int32
	}{
		"NoStreamTakesIt": {subject: "of.no.stream", attempts: 3},
		"TooLarge":        {subject: "events.too.large", fault: bus.ErrTooLarge, attempts: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.write(t, bus.SubjectSettingsUpdated, 2)
			bad := w.write(t, c.subject, 1)[0]
			w.write(t, bus.SubjectSettingsUpdated, 2)
			w.start(t, pickyBroker{w.bus, c.subject, c.fault}, outbox.Options{Poll: 5 * time.Millisecond, MaxAttempts: 3, RetryBase: time.Millisecond})
			w.awaitEmpty(t)
			if got := w.published(t); len(got) != 4 {
				t.Errorf("published %v", got)
			}
			dead, err := w.bus.ListDeadLetters(t.Context(), bus.DeadLetterFilter{}, 0, 10)
			if err != nil || len(dead) != 1 {
				t.Fatalf("%d dead letters, %v", len(dead), err)
			}
			if l := dead[0]; l.GetAttempts() != c.attempts || !bytes.Equal(l.GetPayload(), bad.Payload) || l.GetSubject() != c.subject || l.GetReason() == "" {
				t.Errorf("dead letter %v", l.DeadLetter)
			}
		})
	}
}

// pickyBroker refuses one subject, where fault is set.
type pickyBroker struct {
	outbox.RelayBroker
	subject string
	fault   error
}

func (b pickyBroker) Publish(ctx context.Context, messages ...bus.Message) error {
	for _, m := range messages {
		if m.Subject == b.subject && b.fault != nil {
			return errors.Join(errors.New("publish"), b.fault)
		}
	}
	return b.RelayBroker.Publish(ctx, messages...)
}
