package bus_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
)

// watchMonitored tells of each set that a watch reports.
func watchMonitored(t *testing.T, b *bus.Bus) <-chan bus.Monitored {
	t.Helper()
	told := make(chan bus.Monitored, 100)
	start(t, func(ctx context.Context) {
		if err := b.WatchMonitored(ctx, func(m bus.Monitored) { told <- m }); err != nil {
			t.Error(err)
		}
	})
	return told
}

func next(t *testing.T, told <-chan bus.Monitored) bus.Monitored {
	t.Helper()
	select {
	case m := <-told:
		return m
	case <-time.After(patience):
		t.Fatal("the watch told nothing")
		return bus.Monitored{}
	}
}

func TestAWatchTellsThePresentSetAndEachLaterOne(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	early := watchMonitored(t, b)
	if got := next(t, early); len(got.ChatIDs()) != 0 {
		t.Errorf("an empty bucket has %v", got)
	}
	want := bus.Monitored{Groups: []bus.MonitoredGroup{{ID: -1001, Name: "Support", Aliases: []int64{-5}}, {ID: -7}}}
	if err := b.PutMonitored(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	for _, told := range []<-chan bus.Monitored{early, watchMonitored(t, b)} {
		if diff := cmp.Diff(want, next(t, told)); diff != "" {
			t.Error(diff)
		}
	}
	ids := want.ChatIDs()
	for _, id := range []string{"-1001", "-5", "-7"} {
		if _, ok := ids[id]; !ok {
			t.Errorf("%s is not monitored", id)
		}
	}
	if len(ids) != 3 {
		t.Errorf("ids %v", ids)
	}
}

func TestUpdatesAtOnceAreAllKept(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	var writers sync.WaitGroup
	begin := make(chan struct{})
	for i := range int64(10) {
		writers.Go(func() {
			<-begin
			err := b.UpdateMonitored(t.Context(), func(m bus.Monitored) (bus.Monitored, error) {
				m.Groups = append(slices.Clone(m.Groups), bus.MonitoredGroup{ID: i})
				return m, nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	close(begin)
	writers.Wait()
	if got := next(t, watchMonitored(t, b)); len(got.ChatIDs()) != 10 {
		t.Errorf("%d of 10 were kept", len(got.ChatIDs()))
	}
}

func TestAnUpdateThatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	fault := errors.New("no database")
	err := b.UpdateMonitored(t.Context(), func(bus.Monitored) (bus.Monitored, error) { return bus.Monitored{}, fault })
	if !errors.Is(err, fault) {
		t.Errorf("got %v", err)
	}
	if n := stream(t, b, "KV_"+bus.BucketSettings).State.Msgs; n != 0 {
		t.Error("something was written")
	}
}

func TestAWatchPassesOverWhatDoesNotParse(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	told := watchMonitored(t, b)
	next(t, told)
	kv, err := b.JetStream().KeyValue(t.Context(), bus.BucketSettings)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kv.PutString(t.Context(), "telegram.monitored", "{not json"); err != nil {
		t.Fatal(err)
	}
	if err := b.PutMonitored(t.Context(), bus.Monitored{Groups: []bus.MonitoredGroup{{ID: 1}}}); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(next(t, told).ChatIDs()); got != "map[1:[]]" {
		t.Errorf("told %s", got)
	}
	if err := kv.Delete(t.Context(), "telegram.monitored"); err != nil {
		t.Fatal(err)
	}
	if got := next(t, told); len(got.ChatIDs()) != 0 {
		t.Errorf("after deletion: %v", got)
	}
}
