package bus_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

func TestAllThatMatchAreReplayedInOrderAfterADryRun(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	for i := range 6 {
		putLetter(t, b, fmt.Sprintf("m%d no such chat", i), func(l *eventsv1.DeadLetter) {
			l.Headers["Trace"] = fmt.Sprint(i)
			switch i {
			case 1:
				l.Kind = "avatar"
			case 2:
				l.Subject = ""
			case 4:
				l.Reason = "something else"
			}
		})
	}
	if err := b.DeleteDeadLetter(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if counts, err := b.CountDeadLetters(t.Context()); err != nil || !slices.Equal(counts, []bus.DeadLetterCount{
		{Stream: "INBOUND", Kind: "message", Count: 4}, {Stream: "INBOUND", Kind: "avatar", Count: 1}}) {
		t.Errorf("counts %v, %v", counts, err)
	}
	which := bus.DeadLettersReplay{Filter: bus.DeadLetterFilter{Stream: "INBOUND", Kind: "message", Text: "NO SUCH"}, DryRun: true}
	dry, err := b.ReplayDeadLetters(t.Context(), which)
	if err != nil || dry != (bus.DeadLettersReplayed{Matched: 3, Replayable: 2, UpTo: 6}) {
		t.Fatalf("dry run %+v, %v", dry, err)
	}
	if n := stream(t, b, bus.StreamInbound).State.Msgs; n != 0 {
		t.Fatalf("a dry run published %d", n)
	}
	which.DryRun, which.UpTo = false, dry.UpTo
	putLetter(t, b, "no such chat, later", nil) // failed after the dry run: it stays
	done, err := b.ReplayDeadLetters(t.Context(), which)
	if err != nil || done != (bus.DeadLettersReplayed{Matched: 3, Replayable: 2, Replayed: 2, UpTo: 6}) {
		t.Fatalf("replay %+v, %v", done, err)
	}
	inbound, err := b.JetStream().Stream(t.Context(), bus.StreamInbound)
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for seq := range uint64(2) {
		m, err := inbound.GetMsg(t.Context(), seq+1)
		if err != nil {
			t.Fatal(err)
		}
		order = append(order, m.Header.Get("Trace"))
	}
	if got := strings.Join(order, " "); got != "3 5" {
		t.Errorf("replayed in the order %s", got)
	}
	if left, err := b.ListDeadLetters(t.Context(), bus.DeadLetterFilter{Kind: "message"}, 0, 10); err != nil || len(left) != 3 {
		t.Errorf("%d are left, %v", len(left), err)
	}
}

func TestThePipelineIsMeasured(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	putLetter(t, b, "x", nil)
	var names []string
	for _, s := range b.Pipeline(t.Context()) {
		names = append(names, s.Name)
		if empty := s.Name != bus.StreamDeadLetter; empty != (s.Passed == 0) || empty != s.Oldest.IsZero() || empty != s.Newest.IsZero() {
			t.Errorf("%+v", s)
		}
	}
	if got := strings.Join(names, " "); got != "INBOUND JOBS EVENTS DEADLETTER" {
		t.Errorf("streams %s", got)
	}
}
