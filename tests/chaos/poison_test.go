package chaos

import (
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/tests/line"
)

// publishInbound puts something into INBOUND that no ingest would.
func publishInbound(t *testing.T, url string, payload []byte) {
	t.Helper()
	js := connectJetStream(t, url)
	if _, err := js.Publish(t.Context(), bus.InboundSubject("telegram", "-5"), payload); err != nil {
		t.Fatal(err)
	}
}

func connectJetStream(t *testing.T, url string) jetstream.JetStream {
	t.Helper()
	conn, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// unstorable is a message in good form that no database takes: U+0000 has no place in
// PostgreSQL's text.
func unstorable(t *testing.T) []byte {
	t.Helper()
	payload, err := proto.Marshal(&eventsv1.Inbound{
		ReceivedAt: timestamppb.Now(),
		Payload: &eventsv1.Inbound_MessageReceived{MessageReceived: &eventsv1.MessageReceived{
			Message: &eventsv1.Message{SourceName: "telegram", ChatId: "-5", ExternalMessageId: "1\x00", Content: "poison",
				HasWords: true, Author: "Оксана", AuthorId: "42", SentAt: timestamppb.New(time.Now())},
			Chat:    &eventsv1.Chat{SourceName: "telegram", ChatId: "-5", Kind: "supergroup", Name: "Support"},
			Version: 1,
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

// Batches of 500 have one message in them that cannot be read, and one that cannot be
// stored. These two become dead letters; every other one is stored.
func TestPoisonInABatchOf500(t *testing.T) {
	t.Parallel()
	database := postgrestest.URL(t)
	server := line.StartNATS(t)
	l := StartLine(t, Config{NATSURL: server.URL, DatabaseURL: database, Env: map[string]string{"WORKER_RETRY_DELAY": "100ms"}})
	client := StartClient(t, l.Base)
	for _, w := range l.All(Worker) {
		stopAsOrchestrator(t, w) // so that what comes now is taken in full batches
	}
	load := StartLoad(t, l.Base)
	load.AwaitAccepted(250)
	publishInbound(t, server.URL, []byte("no protobuf \xff\xff"))
	load.AwaitAccepted(250)
	publishInbound(t, server.URL, unstorable(t))
	load.AwaitAccepted(250)
	for _, w := range l.All(Worker) {
		w.Start()
	}
	line.Eventually(t, func() bool { return len(deadLetters(t, l.Base)) >= 2 }, func() string { return "the poison is not among the dead letters" })
	VerifyMessages(t, load.Stop(), l.Base, database, client)
	var reasons []string
	for _, d := range deadLetters(t, l.Base) {
		reasons = append(reasons, d.Stream+": "+d.Reason)
	}
	all := strings.Join(reasons, "\n")
	if len(reasons) != 2 || !strings.Contains(all, "INBOUND: decode") || !strings.Contains(all, "INBOUND: store batch of 1") {
		t.Errorf("dead letters:\n%s", all)
	}
}
