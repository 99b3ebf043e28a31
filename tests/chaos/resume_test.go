package chaos

import (
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/tests/line"
)

// Two clients are away while events beyond the stream's limit come. The one whose next
// event is the oldest that is kept gets every event; the one that needs an older event is
// told to reload, and knows everything afterwards.
func TestResumingAtTheLimitOfTheStream(t *testing.T) {
	t.Parallel()
	database := postgrestest.URL(t)
	server := line.StartNATS(t)
	l := StartLine(t, Config{NATSURL: server.URL, DatabaseURL: database})
	oldest, tooOld := StartClient(t, l.Base), StartClient(t, l.Base)
	load := StartLoad(t, l.Base)
	load.AwaitAccepted(perSecond)
	tooOld.Pause()
	load.AwaitAccepted(perSecond)
	oldest.Pause()
	load.AwaitAccepted(perSecond)

	// The limit is 24 hours or 1 GiB; what the broker does at it is done here by hand.
	events, err := connectJetStream(t, server.URL).Stream(t.Context(), bus.StreamEvents)
	if err != nil {
		t.Fatal(err)
	}
	if tooOld.Last() >= oldest.Last() {
		t.Fatalf("the clients stand at %d and %d", tooOld.Last(), oldest.Last())
	}
	drop(t, events, oldest.Last()+1)
	// Gateways that have just started have nothing in memory and depend on the stream.
	for _, g := range l.All(Gateway) {
		stopAsOrchestrator(t, g)
		g.Start()
		g.AwaitReady()
	}
	load.AwaitAccepted(perSecond)
	tooOld.Resume()
	oldest.Resume()
	load.AwaitAccepted(perSecond)
	Verify(t, load.Stop(), l.Base, database, oldest, tooOld)
	if oldest.Resyncs() != 0 {
		t.Errorf("the client at the limit was told to reload %d times", oldest.Resyncs())
	}
	if tooOld.Resyncs() == 0 {
		t.Error("the client beyond the limit was not told to reload")
	}
}

// drop removes every event before seq.
func drop(t *testing.T, events jetstream.Stream, seq uint64) {
	t.Helper()
	if err := events.Purge(t.Context(), jetstream.WithPurgeSequence(seq)); err != nil {
		t.Fatal(err)
	}
	info, err := events.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if info.State.FirstSeq != seq {
		t.Fatalf("the stream begins at %d, want %d", info.State.FirstSeq, seq)
	}
}
