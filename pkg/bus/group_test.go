package bus_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
)

// inGroups runs a test with each way of publishing together.
func inGroups(t *testing.T, test func(t *testing.T, syncs string)) {
	t.Parallel()
	for _, syncs := range []string{bus.SyncAlways, bus.SyncInterval} {
		t.Run(syncs, func(t *testing.T) {
			t.Parallel()
			test(t, syncs)
		})
	}
}

// grouped is a bus that publishes to a server that syncs so.
func grouped(t testing.TB, syncs string, inboundMaxBytes int64, options ...func(*server.Options)) *bus.Bus {
	t.Helper()
	options = append(options, func(o *server.Options) { o.SyncAlways = syncs == bus.SyncAlways })
	cfg := bus.Config{NATSReplicas: 1, NATSSync: syncs, InboundMaxBytes: inboundMaxBytes}
	b := bustest.StartServer(t, options...).ConnectAs(t, cfg)
	if err := b.EnsureStreams(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	return b
}

// plain is a connection that knows nothing of streams.
func plain(t testing.TB, s *bustest.Server) *nats.Conn {
	t.Helper()
	conn, err := nats.Connect("", nats.InProcessServer(s.Server))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
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
	inGroups(t, func(t *testing.T, syncs string) {
		b := grouped(t, syncs, 64<<20)
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
	})
}

// Whoever is in a group with what is stored already, or cannot be stored, is stored.
func TestPublish_InGroupsTellsEachItsOwn(t *testing.T) {
	inGroups(t, func(t *testing.T, syncs string) {
		b := grouped(t, syncs, 64<<20)
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
	})
}

func TestPublish_InGroupsFillsAStreamToItsLimit(t *testing.T) {
	inGroups(t, func(t *testing.T, syncs string) {
		b := grouped(t, syncs, 1<<20)
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
	})
}

// A broker that does not take batches (before 2.12, or a stream that was made by an
// older release) still takes the messages.
func TestPublish_InGroupsWithoutBatches(t *testing.T) {
	inGroups(t, func(t *testing.T, syncs string) {
		b := grouped(t, syncs, 64<<20)
		config := inStream(t, b, bus.StreamInbound).Config
		config.AllowAtomicPublish, config.AllowBatchPublish = false, false
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
	})
}

func TestPublish_InGroupsWhileTheBrokerIsDown(t *testing.T) {
	inGroups(t, func(t *testing.T, syncs string) {
		s := bustest.StartServer(t, func(o *server.Options) { o.SyncAlways = syncs == bus.SyncAlways })
		cfg := bus.Config{NATSReplicas: 1, NATSSync: syncs, InboundMaxBytes: 64 << 20}
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
	})
}

// A broker that has just started says that nobody is there until it has its streams, once for
// each message of a batch.
func TestPublish_InGroupsOnceTheStreamIsThere(t *testing.T) {
	inGroups(t, func(t *testing.T, syncs string) {
		cfg := bus.Config{NATSReplicas: 1, NATSSync: syncs, InboundMaxBytes: 64 << 20}
		b := bustest.StartServer(t, func(o *server.Options) { o.SyncAlways = syncs == bus.SyncAlways }).ConnectAs(t, cfg)
		messages := make([]bus.Message, 300)
		for i := range messages {
			messages[i] = bus.Message{Subject: bus.SubjectMessageUpdated, ID: fmt.Sprint(i), Payload: []byte("x")}
		}
		for range 2 {
			if err := b.Publish(t.Context(), messages...); !errors.Is(err, bus.ErrUnavailable) {
				t.Errorf("without a stream: %v, want that the broker is not available", err)
			}
		}
		if err := b.EnsureStreams(t.Context(), cfg); err != nil {
			t.Fatal(err)
		}
		if err := b.Publish(t.Context(), messages...); err != nil {
			t.Errorf("with the stream: %v", err)
		}
	})
}

// A broker that knows no batches stores each message and acknowledges each.
func TestPublish_InGroupsToAnOldBroker(t *testing.T) {
	inGroups(t, func(t *testing.T, syncs string) {
		s := bustest.StartServer(t)
		broker := plain(t, s)
		stored := map[string]bool{}
		_, err := broker.Subscribe("old.>", func(m *nats.Msg) {
			stored[m.Header.Get(jetstream.MsgIDHeader)] = true
			if m.Reply != "" {
				if err := m.Respond(fmt.Appendf(nil, `{"stream":"OLD","seq":%d}`, len(stored))); err != nil {
					t.Error(err)
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := broker.Flush(); err != nil {
			t.Fatal(err)
		}
		b := s.ConnectAs(t, bus.Config{NATSReplicas: 1, NATSSync: syncs})
		for round := range 2 {
			messages := make([]bus.Message, 30)
			for i := range messages {
				messages[i] = bus.Message{Subject: "old.x", ID: fmt.Sprintf("%d-%d", round, i), Payload: []byte("x")}
			}
			if err := b.Publish(t.Context(), messages...); err != nil {
				t.Fatal(err)
			}
		}
		if err := broker.Drain(); err != nil {
			t.Fatal(err)
		}
		if len(stored) != 60 {
			t.Errorf("%d messages are stored, want 60", len(stored))
		}
	})
}

// A fast batch is confirmed before replicas have all of it, where one of its ids is on its
// way already.
func TestPublish_NoFastBatchesToReplicas(t *testing.T) {
	t.Parallel()
	for replicas, want := range map[int]bool{1: true, 3: false} {
		s := bustest.StartServer(t)
		b := s.ConnectAs(t, bus.Config{NATSReplicas: replicas, NATSSync: bus.SyncInterval})
		if err := b.EnsureStreams(t.Context(), bustest.Config()); err != nil {
			t.Fatal(err)
		}
		watcher := plain(t, s)
		published, err := watcher.SubscribeSync(bus.SubjectMessageUpdated)
		if err != nil {
			t.Fatal(err)
		}
		if err := watcher.Flush(); err != nil {
			t.Fatal(err)
		}
		if err := b.Publish(t.Context(), slices.Repeat([]bus.Message{{Subject: bus.SubjectMessageUpdated}}, 30)...); err != nil {
			t.Fatal(err)
		}
		m, err := published.NextMsg(time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.HasSuffix(m.Reply, ".$FI"); got != want {
			t.Errorf("%d replicas: in a fast batch: %t, want %t", replicas, got, want)
		}
	}
}

// What was on its way when the connection is lost holds up nothing that comes after.
func TestPublish_InGroupsEndsWithTheConnection(t *testing.T) {
	inGroups(t, func(t *testing.T, syncs string) {
		s := bustest.StartServer(t)
		broker := plain(t, s)
		unanswered, err := broker.SubscribeSync("mute.>")
		if err != nil {
			t.Fatal(err)
		}
		if err := broker.Flush(); err != nil {
			t.Fatal(err)
		}
		b := s.ConnectAs(t, bus.Config{NATSReplicas: 1, NATSSync: syncs})
		for _, size := range []int{1, 30} {
			published := make(chan error, 1)
			go func() {
				published <- b.Publish(t.Context(), slices.Repeat([]bus.Message{{Subject: "mute.x"}}, size)...)
			}()
			for range size {
				if _, err := unanswered.NextMsg(time.Minute); err != nil {
					t.Fatal(err)
				}
			}
			if err := b.LoseConnection(); err != nil {
				t.Fatal(err)
			}
			if err := <-published; !errors.Is(err, bus.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%d messages: %v, want that the connection was lost", size, err)
			}
		}
	})
}

// BenchmarkPublish compares 64 publishers, each of one message at a time, in groups and
// each alone, with each way of syncing.
func BenchmarkPublish(b *testing.B) {
	payload := make([]byte, 800)
	const subject = "inbound.telegram.1"
	for _, syncs := range []string{bus.SyncInterval, bus.SyncAlways} {
		onDisk := func(o *server.Options) { o.StoreDir = b.TempDir() } // where a sync costs what it does
		broker := grouped(b, syncs, 4<<30, onDisk)
		for name, publish := range map[string]func() error{
			"alone": func() error {
				ack, err := broker.JetStream().PublishMsgAsync(&nats.Msg{Subject: subject, Data: payload})
				if err != nil {
					return err
				}
				select {
				case <-ack.Ok():
					return nil
				case err := <-ack.Err():
					return err
				}
			},
			"grouped": func() error {
				return broker.Publish(b.Context(), bus.Message{Subject: subject, Payload: payload})
			},
		} {
			b.Run("sync="+syncs+"/"+name, func(b *testing.B) {
				b.SetParallelism(32)
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if err := publish(); err != nil {
							b.Error(err)
							return
						}
					}
				})
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
			})
		}
	}
}
