package bus_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
)

func TestEnsureStreams_RefusesStreamsOfANewerRelease(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	for _, made := range []string{"2", "x"} {
		stream, err := b.JetStream().Stream(t.Context(), bus.StreamJobs)
		if err != nil {
			t.Fatal(err)
		}
		cfg := stream.CachedInfo().Config
		if cfg.Metadata["task-tracker-layout"] == "" {
			t.Fatal("the stream does not say which layout it has")
		}
		cfg.Metadata["task-tracker-layout"] = made
		cfg.Description = "of a newer release"
		if _, err := b.JetStream().UpdateStream(t.Context(), cfg); err != nil {
			t.Fatal(err)
		}
		err = b.EnsureStreams(t.Context(), bustest.Config())
		if !errors.Is(err, bus.ErrNewerLayout) || !strings.Contains(err.Error(), "Start a release that is at least as new") {
			t.Errorf("layout %s: got %v", made, err)
		}
		if stream, err = b.JetStream().Stream(t.Context(), bus.StreamJobs); err != nil || stream.CachedInfo().Config.Description != "of a newer release" {
			t.Errorf("layout %s: it changed the stream (%v)", made, err)
		}
	}
}

func TestEnsureStreams_TakesStreamsFromBeforeLayouts(t *testing.T) {
	t.Parallel()
	b := bustest.StartServer(t).Connect(t)
	if _, err := b.JetStream().CreateStream(t.Context(), jetstream.StreamConfig{
		Name: bus.StreamJobs, Subjects: []string{"jobs.>"}, Retention: jetstream.WorkQueuePolicy, Discard: jetstream.DiscardNew,
	}); err != nil {
		t.Fatal(err)
	}
	if err := b.EnsureStreams(t.Context(), bustest.Config()); err != nil {
		t.Error(err)
	}
}
