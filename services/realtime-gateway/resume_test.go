package gateway_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
)

// expectResync reads a resync frame and gives its seq, after which the client goes on.
func (p *peer) expectResync(reason string) uint64 {
	p.t.Helper()
	f := p.frame()
	var data struct {
		Reason string `json:"reason"`
	}
	if err := json.Unmarshal(f.Data, &data); err != nil || f.Type != "resync" || !strings.Contains(data.Reason, reason) {
		p.t.Fatalf("got %s, want a resync because %q", f.raw, reason)
	}
	return f.Seq
}

// eventsStream is the stream under test.
func (r *rig) eventsStream() jetstream.Stream {
	r.t.Helper()
	stream, err := r.bus.JetStream().Stream(r.t.Context(), bus.StreamEvents)
	if err != nil {
		r.t.Fatal(err)
	}
	return stream
}

func TestResume_GivesWhatWasMissedBeforeWhatIsNew(t *testing.T) {
	t.Parallel()
	r := start(t, config())
	p, _ := r.dial("")
	r.publish(1, 3)
	seen := p.expect(1, 3)
	_ = p.Close()
	r.publish(4, 6)
	p, first := r.dial(fmt.Sprintf("?since=%d", seen.Seq))
	if first.Seq != seen.Seq {
		t.Errorf("connection is at %d, want %d", first.Seq, seen.Seq)
	}
	p.expect(4, 6)
	r.publish(7, 7)
	p.expect(7, 7)
	r.counts("tasktracker_gateway_replays_total", 1, `"ring"`)
}

func TestResume_ReadsFromTheStreamWhatIsNotInMemory(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	r := &rig{t: t, bus: b}
	r.publish(1, 1000) // before the gateway starts
	r = startOn(t, config(), b)
	p, _ := r.dial("?since=10")
	var publishing sync.WaitGroup
	publishing.Go(func() { r.publish(1001, 1100) })
	p.expect(11, 1100)
	publishing.Wait()
	r.counts("tasktracker_gateway_replays_total", 1, `"stream"`)
	fromNothing, _ := r.dial("?since=0")
	fromNothing.expect(1, 1100)
}

func TestResume_TellsToReloadWhereItIsImpossible(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	r := &rig{t: t, bus: b}
	r.publish(1, 50)
	if err := r.eventsStream().Purge(t.Context(), jetstream.WithPurgeSequence(31)); err != nil {
		t.Fatal(err)
	}
	r = startOn(t, config(), b)
	next := 51
	for _, tc := range []struct{ query, reason string }{
		{"?since=29", "no longer kept"},
		{"?since=1000", "began anew"},
		{"?since=abc", "not a sequence"},
		{"?since=-1", "not a sequence"},
		{"?since=99999999999999999999999", "not a sequence"},
	} {
		p, first := r.dial(tc.query)
		at := p.expectResync(tc.reason)
		if at > uint64(next-1) || first.Seq != at {
			t.Errorf("%s: connection at %d, resync at %d, want both the same and at most %d", tc.query, first.Seq, at, next-1)
		}
		r.publish(next, next)
		p.expect(int(at)+1, next) // what another client has already may still be on its way to this one
		next++
	}
	p, _ := r.dial("?since=30")
	p.expect(31, next-1)
}

func TestResume_TellsToReloadWhereTooMuchWasMissed(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	r := &rig{t: t, bus: b}
	for n := 1; n < 10_100; n += 1010 {
		r.publish(n, n+1009)
	}
	r = startOn(t, config(), b)
	p, _ := r.dial("?since=5")
	p.expectResync("too much")
	r.publish(10_101, 10_101)
	p.expect(10_101, 10_101)
}

// A client may come from a gateway that has received more than this one.
func TestResume_WaitsForEventsThatTheClientHasAlready(t *testing.T) {
	t.Parallel()
	server := bustest.StartServer(t)
	b := server.Connect(t)
	if err := b.EnsureStreams(t.Context(), bustest.Config()); err != nil {
		t.Fatal(err)
	}
	r := startOn(t, config(), b)
	// The consumer is lost without a word, so that this gateway falls behind.
	names := r.eventsStream().ConsumerNames(t.Context())
	for name := range names.Name() {
		if err := r.eventsStream().DeleteConsumer(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	r.publish(1, 20)
	p, _ := r.dial("?since=15")
	p.expect(16, 20)
	r.publish(21, 21)
	p.expect(21, 21)
}

func TestStream_DeletedAndMadeAnew(t *testing.T) {
	t.Parallel()
	r := start(t, config())
	p, _ := r.dial("")
	r.publish(1, 5)
	p.expect(1, 5)
	if err := r.bus.JetStream().DeleteStream(t.Context(), bus.StreamEvents); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the gateway is not ready", func() bool { return r.Ready(t.Context()) != nil })
	if err := r.bus.EnsureStreams(t.Context(), bustest.Config()); err != nil {
		t.Fatal(err)
	}
	r.publish(1, 1)
	at := p.expectResync("began anew")
	if at == 0 { // the gateway saw the new stream before its first event
		p.expect(1, 1)
	}
	r.publish(2, 2)
	if f := p.expect(2, 2); f.Seq != 2 {
		t.Errorf("seq is %d, want that of the new stream, 2", f.Seq)
	}
	old, _ := r.dial("?since=5")
	old.expectResync("began anew")
	young, _ := r.dial("?since=1")
	young.expect(2, 2)
}

func TestStream_LosesItsConsumer(t *testing.T) {
	t.Parallel()
	r := start(t, config())
	p, _ := r.dial("")
	for n := 1; n <= 30; n += 10 {
		r.publish(n, n+4)
		for name := range r.eventsStream().ConsumerNames(t.Context()).Name() {
			if err := r.eventsStream().DeleteConsumer(t.Context(), name); err != nil {
				t.Fatal(err)
			}
		}
		r.publish(n+5, n+9)
	}
	p.expect(1, 30)
	eventually(t, "a rebuild is counted: the consumer was lost", func() bool { return r.value("tasktracker_gateway_consumer_rebuilds_total") > 0 })
}

func TestStream_EventsExpireWhileTheConsumerIsLost(t *testing.T) {
	t.Parallel()
	r := start(t, config())
	p, _ := r.dial("")
	r.publish(1, 2)
	p.expect(1, 2)
	for name := range r.eventsStream().ConsumerNames(t.Context()).Name() {
		if err := r.eventsStream().DeleteConsumer(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	r.publish(3, 9)
	if err := r.eventsStream().Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.publish(10, 10)
	p.expectResync("expired")
	p.expect(10, 10)
	r.counts("tasktracker_gateway_resyncs_total", 1)
}

// Clients that come and go at random see every event exactly once and in order,
// whichever of two gateways they come to.
func TestResume_IsExactWhilePublishing(t *testing.T) {
	t.Parallel()
	const clients, events = 8, 3000
	b := bustest.New(t)
	gateways := []*rig{startOn(t, config(), b), startOn(t, config(), b)}
	var all sync.WaitGroup
	all.Go(func() {
		for n := 1; n < events; n += 20 {
			gateways[0].publish(n, n+19)
		}
	})
	for id := range clients {
		all.Go(func() {
			random := rand.New(rand.NewPCG(7, uint64(id)))
			if err := comeAndGo(gateways, random, events); err != nil {
				t.Errorf("client %d: %v", id, err)
			}
		})
	}
	all.Wait()
	for _, g := range gateways {
		if n := g.value("tasktracker_gateway_resyncs_total"); n != 0 {
			t.Errorf("%v resyncs, want none", n)
		}
	}
}

// comeAndGo reads all events over many connections.
func comeAndGo(gateways []*rig, random *rand.Rand, events uint64) error {
	for seen := uint64(0); seen < events; {
		g := gateways[random.IntN(len(gateways))]
		conn, _, err := websocket.DefaultDialer.DialContext(g.t.Context(), g.url(fmt.Sprintf("?since=%d", seen)), nil)
		if err != nil {
			return fmt.Errorf("dial: %w", err)
		}
		p := &peer{Conn: conn, t: g.t}
		for stay := random.IntN(400); stay >= 0 && seen < events; stay-- {
			f, err := p.next()
			if err != nil {
				return fmt.Errorf("after %d: %w", seen, err)
			}
			switch {
			case f.Type == "connection" && f.Seq == seen:
			case f.Type == "message.new" && f.Seq == seen+1:
				seen++
			default:
				return fmt.Errorf("after %d came %s", seen, f.raw)
			}
		}
		if err := conn.Close(); err != nil {
			return fmt.Errorf("close: %w", err)
		}
	}
	return nil
}
