package worker_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/pkg/store"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

func TestABatchIsStoredInOneStatementAndAnnounced(t *testing.T) {
	t.Parallel()
	var seen statements
	pool := openPool(t, postgrestest.URL(t), func(c *pgxpool.Config) { c.ConnConfig.Tracer = &seen })
	w := &world{pool: pool, store: store.New(pool), bus: bustest.New(t)}
	w.put(t, numbered(0, 500)...)
	w.start(t)
	w.awaitDone(t)
	if n := w.count(t, "SELECT count(*) FROM messages"); n != 500 {
		t.Errorf("%d rows", n)
	}
	// A batch is what arrives within the linger: 500 that wait already may come as a few, on a busy machine as some more.
	if n := seen.with("name: UpsertMessages"); n < 1 || n > 100 {
		t.Errorf("%d statements stored 500 messages", n)
	}
	events := w.events(t, bus.SubjectMessageUpdated)
	if len(events) != 500 {
		t.Fatalf("%d events", len(events))
	}
	for _, e := range events {
		m := e.GetMessageUpdated().GetMessage()
		if !m.GetPersisted() || m.GetId() == 0 || e.id != "updated:telegram:-1001:"+m.GetExternalMessageId()+":1" || e.GetOccurredAt() == nil {
			t.Fatalf("event %s: %v", e.id, e.Event)
		}
	}
	if n := len(w.letters(t)); n != 0 {
		t.Errorf("%d dead letters", n)
	}
}

func TestARedeliveryChangesNothingAndAnnouncesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start(t)
	for range 3 {
		w.put(t, received("1", "hello"), received("2", "world", edited(5, 2)))
		w.awaitDone(t)
	}
	if n := w.count(t, "SELECT count(*) FROM messages"); n != 2 {
		t.Errorf("%d rows", n)
	}
	if got := w.updates(t); len(got) != 2 {
		t.Errorf("announced %q", got)
	}
}

func TestEditsOutOfOrderAndWithoutAVisibleChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start(t)
	for _, step := range []*eventsv1.Inbound{
		received("1", "third", edited(20, 3)), received("1", "second", edited(10, 2)), received("1", "first"),
		received("1", "third", edited(30, 4)), // nothing visible changes
	} {
		w.put(t, step)
		w.awaitDone(t)
	}
	if got := w.updates(t); !slices.Equal(got, []string{"third"}) {
		t.Errorf("announced %q", got)
	}
	if n := w.count(t, "SELECT count(*) FROM messages WHERE content = 'third'"); n != 1 {
		t.Error("the newest edit is not what is stored")
	}
	w.put(t, received("1", "fourth", edited(40, 5)))
	w.awaitDone(t)
	if got := w.updates(t); !slices.Equal(got, []string{"third", "fourth"}) {
		t.Errorf("announced %q", got)
	}
}

func TestPoisonAmongFiveHundredIsIsolated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	batch := numbered(0, 500)
	batch[77].GetMessageReceived().Raw = []byte("{not json")
	w.put(t, batch...)
	undecodable := bus.Message{Subject: bus.InboundSubject("telegram", "-1001"), Payload: []byte("\xff\xff not protobuf")}
	if err := w.bus.Publish(t.Context(), undecodable); err != nil {
		t.Fatal(err)
	}
	w.put(t, &eventsv1.Inbound{ReceivedAt: timestamppb.New(noon)}) // of a kind that a later release knows
	w.start(t)
	w.awaitDone(t)
	if n := w.count(t, "SELECT count(*) FROM messages"); n != 499 {
		t.Errorf("%d rows", n)
	}
	reasons := map[string]int32{}
	for _, l := range w.letters(t) {
		switch {
		case strings.Contains(l.GetReason(), "decode: the payload is of no kind"):
			reasons["unknown"] = l.GetAttempts()
		case strings.Contains(l.GetReason(), "decode"):
			reasons["undecodable"] = l.GetAttempts()
			if string(l.GetPayload()) != string(undecodable.Payload) {
				t.Errorf("the original is %q", l.GetPayload())
			}
		case strings.Contains(l.GetReason(), "json"):
			reasons["poison"] = l.GetAttempts()
		default:
			t.Errorf("dead letter %v", l.DeadLetter)
		}
	}
	if fmt.Sprint(reasons) != "map[poison:3 undecodable:1 unknown:1]" {
		t.Errorf("attempts by reason: %v", reasons)
	}
}

// (What really ends its process is found by pkg/bus; see its tests, and tests/chaos.)
func TestAMessageThatWasInHandWhenProcessesDiedIsStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(t, numbered(0, 3)...)
	// The deliveries of processes that die with the second message in hand, more often
	// than a message may fail.
	cons, err := w.bus.JetStream().CreateOrUpdateConsumer(t.Context(), bus.StreamInbound, jetstream.ConsumerConfig{
		Durable: "worker", AckPolicy: jetstream.AckExplicitPolicy, MaxDeliver: -1, AckWait: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	for died := 0; died < 5; {
		m, err := cons.Next(jetstream.FetchMaxWait(patience))
		if err != nil {
			t.Fatal(err)
		}
		meta, err := m.Metadata()
		if err != nil {
			t.Fatal(err)
		}
		if meta.Sequence.Stream == 2 {
			died++
			err = m.Nak()
		} else {
			err = m.DoubleAck(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	w.start(t)
	w.awaitDone(t)
	if got := w.letters(t); len(got) != 0 {
		t.Errorf("dead letters %v", got)
	}
	if n := w.count(t, "SELECT count(*) FROM messages WHERE external_message_id = '1'"); n != 1 {
		t.Error("the message is not stored")
	}
}

func TestThreeWorkersShareTheWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 3 {
		w.start(t)
	}
	for from := 0; from < 2000; from += 100 {
		w.put(t, numbered(from, from+100)...)
	}
	w.awaitDone(t)
	if n := w.count(t, "SELECT count(*) FROM messages"); n != 2000 {
		t.Errorf("%d rows", n)
	}
	if n := len(w.events(t, bus.SubjectMessageUpdated)); n != 2000 {
		t.Errorf("%d events", n)
	}
}

func TestStoppingInMidLoadLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const total = 3000
	w.put(t, numbered(0, total)...)
	for stored := 0; stored < total; {
		stop := w.start(t)
		eventually(t, "more is stored", func() bool {
			return w.count(t, "SELECT count(*) FROM messages") >= min(stored+400, total)
		})
		stop()
		stored = w.count(t, "SELECT count(*) FROM messages")
	}
	w.start(t) // for the jobs of the last batch
	w.awaitDone(t)
	if n := w.count(t, "SELECT count(*) FROM conversation_messages"); n != total {
		t.Errorf("%d messages are in conversations", n)
	}
	if n := len(w.events(t, bus.SubjectMessageUpdated)); n != total {
		t.Errorf("%d events", n)
	}
}

func TestAWorkerOutlivesItsConsumersAndReportsItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start(t)
	w.put(t, received("1", "a"))
	w.awaitDone(t)
	if err := w.bus.JetStream().DeleteConsumer(t.Context(), bus.StreamInbound, "worker"); err != nil {
		t.Fatal(err)
	}
	w.put(t, received("2", "b"))
	w.awaitDone(t)
	if n := w.count(t, "SELECT count(*) FROM messages"); n != 2 {
		t.Errorf("%d rows", n)
	}
}

func TestAMigrationMovesTheMonitoredGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	name := "Support"
	if _, _, err := w.store.UpdateGroups(t.Context(), func([]store.Group) ([]store.Group, error) {
		return []store.Group{{ID: -500, Name: &name}, {ID: -7}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	w.start(t)
	w.put(t, &eventsv1.Inbound{ReceivedAt: timestamppb.New(noon), Payload: &eventsv1.Inbound_ChatMigrated{ChatMigrated: &eventsv1.ChatMigrated{
		SourceName: "telegram", FromChatId: "-500", ToChatId: "-1002988379206", Name: "Support"}}})
	w.awaitDone(t)
	settings, err := w.store.WebhookSettings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(settings.Groups) != 2 || settings.Groups[0].ID != -1002988379206 {
		t.Errorf("groups in the database: %v", settings.Groups)
	}
	var got bus.Monitored
	if err := w.bus.UpdateMonitored(t.Context(), func(m bus.Monitored) (bus.Monitored, error) { got = m; return m, nil }); err != nil {
		t.Fatal(err)
	}
	ids := got.ChatIDs()
	for _, id := range []string{"-500", "-1002988379206", "-7"} {
		if _, ok := ids[id]; !ok {
			t.Errorf("%s is not monitored: %v", id, got)
		}
	}
	eventually(t, "the outbox brings settings_updated out", func() bool { return len(w.events(t, bus.SubjectSettingsUpdated)) > 0 })
}

func TestTheBucketIsFilledFromTheDatabaseAtStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, _, err := w.store.UpdateGroups(t.Context(), func([]store.Group) ([]store.Group, error) {
		return []store.Group{{ID: -7}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	w.start(t)
	eventually(t, "the bucket has the group", func() bool {
		found := false
		if err := w.bus.UpdateMonitored(t.Context(), func(m bus.Monitored) (bus.Monitored, error) {
			_, found = m.ChatIDs()["-7"]
			return m, nil
		}); err != nil {
			t.Fatal(err)
		}
		return found
	})
}
