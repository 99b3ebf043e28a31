package bus_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
)

func TestMain(m *testing.M) {
	if code := m.Run(); code != 0 {
		os.Exit(code)
	}
	// The embedded server's own goroutines outlive its shutdown by a little, which Find waits for.
	if err := goleak.Find(bustest.LeftByClient()); err != nil {
		_, _ = os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}

func stream(t *testing.T, b *bus.Bus, name string) *jetstream.StreamInfo {
	t.Helper()
	s, err := b.JetStream().Stream(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	info, err := s.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func TestPublishStoresOnceUnderOneID(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	m := bus.Message{Subject: bus.InboundSubject("telegram", "-100"), ID: "telegram:1", Payload: []byte("x")}
	for range 3 {
		if err := b.Publish(t.Context(), m, bus.Message{Subject: bus.SubjectMessageNew, ID: "new:1"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{bus.StreamInbound, bus.StreamEvents} {
		if n := stream(t, b, name).State.Msgs; n != 1 {
			t.Errorf("%s has %d messages, want 1", name, n)
		}
	}
}

func TestPublishIsRefusedByAFullStreamAndWorksAgainAfterIt(t *testing.T) {
	t.Parallel()
	b := bustest.StartServer(t).Connect(t)
	cfg := bustest.Config()
	cfg.InboundMaxBytes = 1 << 20
	if err := b.EnsureStreams(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	m := bus.Message{Subject: bus.InboundSubject("telegram", "1"), Payload: make([]byte, 300_000)}
	var err error
	for range 10 {
		if err = b.Publish(t.Context(), m); err != nil {
			break
		}
	}
	if !errors.Is(err, bus.ErrFull) {
		t.Fatalf("error %v, want ErrFull", err)
	}
	s, err := b.JetStream().Stream(t.Context(), bus.StreamInbound)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.Publish(t.Context(), m); err != nil {
		t.Errorf("after it has drained: %v", err)
	}
}

func TestPublishTellsTooLargeFromUnavailable(t *testing.T) {
	t.Parallel()
	server := bustest.StartServer(t)
	b := server.Connect(t)
	if err := b.EnsureStreams(t.Context(), bustest.Config()); err != nil {
		t.Fatal(err)
	}
	if err := b.Publish(t.Context(), bus.Message{Subject: bus.SubjectMessageNew, Payload: make([]byte, 2<<20)}); !errors.Is(err, bus.ErrTooLarge) {
		t.Errorf("2 MiB: %v, want ErrTooLarge", err)
	}
	server.Shutdown()
	server.WaitForShutdown()
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if err := b.Publish(ctx, bus.Message{Subject: bus.SubjectMessageNew}); !errors.Is(err, bus.ErrUnavailable) {
		t.Errorf("without a broker: %v, want ErrUnavailable", err)
	}
	if err := b.Ready(ctx); err == nil {
		t.Error("ready without a broker")
	}
}

func TestEnsureStreamsAgainKeepsWhatIsStored(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	if err := b.Publish(t.Context(), bus.Message{Subject: bus.SubjectTaskCreated}); err != nil {
		t.Fatal(err)
	}
	cfg := bustest.Config()
	cfg.InboundMaxBytes *= 2
	if err := b.EnsureStreams(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	if n := stream(t, b, bus.StreamEvents).State.Msgs; n != 1 {
		t.Errorf("EVENTS has %d messages, want 1", n)
	}
	if got := stream(t, b, bus.StreamInbound).Config.MaxBytes; got != cfg.InboundMaxBytes {
		t.Errorf("INBOUND is limited to %d bytes, want %d", got, cfg.InboundMaxBytes)
	}
	if err := b.Ready(t.Context()); err != nil {
		t.Errorf("not ready: %v", err)
	}
}

func TestConnectGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := bus.Connect(ctx, bus.Config{NATSURL: "nats://127.0.0.1:1"}, "test", zerolog.Nop()); !errors.Is(err, nats.ErrNoServers) {
		t.Errorf("error %v, want ErrNoServers", err)
	}
}

func TestSubjectsAreSafeForAnyID(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", "-1002988379206", "a.b", "*", ">", "x y", "\x00", "кімната", strings.Repeat("x", 1000)} {
		subject := bus.InboundSubject("api", id)
		if strings.Count(subject, ".") != 2 || strings.ContainsAny(subject, "*> \x00") || len(subject) > 200 {
			t.Errorf("chat id %q gives subject %q", id, subject)
		}
	}
	if bus.InboundSubject("api", "a.b") == bus.InboundSubject("api", "a_b") {
		t.Error("two ids share a subject")
	}
	if got, want := bus.DeadSubject(bus.StreamInbound, "message"), "dead.inbound.message"; got != want {
		t.Errorf("dead subject %q, want %q", got, want)
	}
}

func TestConfigSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	err := bus.Config{NATSURL: "nats", NATSReplicas: 9, InboundMaxBytes: 1}.Validate()
	for _, name := range []string{"NATS_URL", "NATS_REPLICAS", "INBOUND_MAX_BYTES"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v does not name %s", err, name)
		}
	}
}
