package bus_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
)

// grouped is a bus that publishes in groups, to a server that syncs every write.
func grouped(t testing.TB, inboundMaxBytes int64, options ...func(*server.Options)) *bus.Bus {
	t.Helper()
	options = append(options, func(o *server.Options) { o.SyncAlways = true })
	cfg := bus.Config{NATSReplicas: 1, NATSSync: bus.SyncAlways, InboundMaxBytes: inboundMaxBytes}
	b := bustest.StartServer(t, options...).ConnectAs(t, cfg)
	if err := b.EnsureStreams(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	return b
}

func inStream(t testing.TB, b *bus.Bus, name string) (info *jetstream.StreamInfo) {
	t.Helper()
	stream, err := b.JetStream().Stream(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return stream.CachedInfo()
}

// together publishes all at once, each for itself, and gives how each went.
func together(t testing.TB, b *bus.Bus, messages []bus.Message) []error {
	t.Helper()
	errs := make([]error, len(messages))
	var group sync.WaitGroup
	for i, m := range messages {
		group.Go(func() { errs[i] = b.Publish(t.Context(), m) })
	}
	group.Wait()
	return errs
}

func TestPublish_InGroupsStoresEachOnceAndInOrder(t *testing.T) {
	t.Parallel()
	b := grouped(t, 64<<20)
	const publishers, each = 40, 25
	var group sync.WaitGroup
	for p := range publishers {
		group.Go(func() {
			for n := range each {
				id := fmt.Sprintf("%d-%d", p, n)
				err := b.Publish(t.Context(),
					bus.Message{Subject: fmt.Sprintf("inbound.telegram.%d", p), ID: "in-" + id, Payload: []byte(id)},
					bus.Message{Subject: bus.SubjectMessageNew, ID: "new-" + id, Payload: []byte(id)})
				if err != nil {
					t.Errorf("%s: %v", id, err)
				}
			}
		})
	}
	group.Wait()
	for _, name := range []string{bus.StreamInbound, bus.StreamEvents} {
		if got := inStream(t, b, name).State.Msgs; got != publishers*each {
			t.Errorf("%s has %d messages, want %d", name, got, publishers*each)
		}
	}
	stream, err := b.JetStream().Stream(t.Context(), bus.StreamEvents)
	if err != nil {
		t.Fatal(err)
	}
	next := map[int]int{}
	for seq := uint64(1); seq <= publishers*each; seq++ {
		m, err := stream.GetMsg(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		var p, n int
		if _, err := fmt.Sscanf(string(m.Data), "%d-%d", &p, &n); err != nil || n != next[p] {
			t.Fatalf("message %d is %q, want the %d. of publisher %d (%v)", seq, m.Data, next[p], p, err)
		}
		next[p]++
	}
}

// Whoever is in a group with what is stored already, or cannot be stored, is stored.
func TestPublish_InGroupsTellsEachItsOwn(t *testing.T) {
	t.Parallel()
	b := grouped(t, 64<<20)
	var messages []bus.Message
	for i := range 200 {
		messages = append(messages, bus.Message{Subject: "inbound.telegram.1", ID: fmt.Sprint(i % 150), Payload: []byte("x")})
	}
	messages[120].Payload = make([]byte, 2<<20) // over the server's maximum
	messages[120].ID = "large"
	for i, err := range together(t, b, messages) {
		if large := i == 120; large != errors.Is(err, bus.ErrTooLarge) || !large && err != nil {
			t.Errorf("message %d: %v", i, err)
		}
	}
	if got := inStream(t, b, bus.StreamInbound).State.Msgs; got != 149 {
		t.Errorf("%d messages are stored, want 149", got)
	}
	// More than one batch holds, by one caller.
	many := make([]bus.Message, 1203)
	for i := range many {
		many[i] = bus.Message{Subject: bus.SubjectMessageUpdated, ID: fmt.Sprint("u", i), Payload: []byte("y")}
	}
	for range 2 {
		if err := b.Publish(t.Context(), many...); err != nil {
			t.Fatal(err)
		}
	}
	if got := inStream(t, b, bus.StreamEvents).State.Msgs; got != 1203 {
		t.Errorf("%d events are stored, want 1203", got)
	}
}

func TestPublish_InGroupsFillsAStreamToItsLimit(t *testing.T) {
	t.Parallel()
	b := grouped(t, 1<<20)
	var messages []bus.Message
	for i := range 100 {
		messages = append(messages, bus.Message{Subject: "inbound.telegram.1", ID: fmt.Sprint(i), Payload: []byte(strings.Repeat("x", 20<<10))})
	}
	stored := 0
	for i, err := range together(t, b, messages) {
		switch {
		case err == nil:
			stored++
		case !errors.Is(err, bus.ErrFull):
			t.Errorf("message %d: %v", i, err)
		}
	}
	if got := inStream(t, b, bus.StreamInbound).State.Msgs; stored == 0 || stored == 100 || got != uint64(stored) {
		t.Errorf("%d were promised, %d are stored", stored, got)
	}
}

// A broker that does not take batches (before 2.12, or a stream that was made by an
// older release) still takes the messages.
func TestPublish_InGroupsWithoutBatches(t *testing.T) {
	t.Parallel()
	b := grouped(t, 64<<20)
	config := inStream(t, b, bus.StreamInbound).Config
	config.AllowAtomicPublish = false
	if _, err := b.JetStream().UpdateStream(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	var messages []bus.Message
	for i := range 300 {
		messages = append(messages, bus.Message{Subject: "inbound.telegram.1", ID: fmt.Sprint(i), Payload: []byte("x")})
	}
	for i, err := range together(t, b, messages) {
		if err != nil {
			t.Errorf("message %d: %v", i, err)
		}
	}
	if got := inStream(t, b, bus.StreamInbound).State.Msgs; got != 300 {
		t.Errorf("%d messages are stored, want 300", got)
	}
}

func TestPublish_InGroupsWhileTheBrokerIsDown(t *testing.T) {
	t.Parallel()
	s := bustest.StartServer(t, func(o *server.Options) { o.SyncAlways = true })
	cfg := bus.Config{NATSReplicas: 1, NATSSync: bus.SyncAlways, InboundMaxBytes: 64 << 20}
	b := s.ConnectAs(t, cfg)
	if err := b.EnsureStreams(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	s.Shutdown()
	s.WaitForShutdown()
	var messages []bus.Message
	for i := range 50 {
		messages = append(messages, bus.Message{Subject: "inbound.telegram.1", ID: fmt.Sprint(i), Payload: []byte("x")})
	}
	for i, err := range together(t, b, messages) {
		if !errors.Is(err, bus.ErrUnavailable) {
			t.Errorf("message %d: %v", i, err)
		}
	}
}

// BenchmarkPublish compares 64 publishers, each of its own, with and without groups, and
// says what groups of a size cost.
func BenchmarkPublish(b *testing.B) {
	payload := make([]byte, 800)
	for _, sync := range []string{bus.SyncInterval, bus.SyncAlways} {
		b.Run("sync=always/"+map[string]string{bus.SyncInterval: "alone", bus.SyncAlways: "grouped"}[sync], func(b *testing.B) {
			cfg := bus.Config{NATSReplicas: 1, NATSSync: sync, InboundMaxBytes: 4 << 30}
			broker := bustest.StartServer(b, func(o *server.Options) { o.SyncAlways = true }).ConnectAs(b, cfg)
			if err := broker.EnsureStreams(b.Context(), cfg); err != nil {
				b.Fatal(err)
			}
			b.SetParallelism(32)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := broker.Publish(b.Context(), bus.Message{Subject: "inbound.telegram.1", Payload: payload}); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}
