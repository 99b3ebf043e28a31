package bus_test

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

func putLetter(t *testing.T, b *bus.Bus, id string, edit func(*eventsv1.DeadLetter)) {
	t.Helper()
	letter := &eventsv1.DeadLetter{Stream: bus.StreamInbound, Kind: "message", Subject: bus.InboundSubject("test", "1"), Reason: id,
		Headers: map[string]string{"Nats-Msg-Id": "original", "Nats-Expected-Last-Sequence": "7", "Trace": "abc"}, Payload: []byte(id)}
	if edit != nil {
		edit(letter)
	}
	if err := b.PublishDeadLetter(t.Context(), id, letter); err != nil {
		t.Fatal(err)
	}
}

func TestDeadLettersAreListedNewestFirstByPages(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	if got := letters(t, b); len(got) != 0 {
		t.Errorf("%d letters in an empty stream", len(got))
	}
	for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
		putLetter(t, b, id, nil)
		putLetter(t, b, id, nil) // one failure, told twice
	}
	for _, seq := range []uint64{2, 5, 6} {
		if err := b.DeleteDeadLetter(t.Context(), seq); err != nil {
			t.Fatal(err)
		}
	}
	var pages []string
	before := uint64(0)
	for {
		page, err := b.ListDeadLetters(t.Context(), bus.DeadLetterFilter{}, before, 2)
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, l := range page {
			text += string(l.GetPayload())
			before = l.Seq
		}
		pages = append(pages, text)
		if len(page) < 2 {
			break
		}
	}
	if got := strings.Join(pages, "|"); got != "dc|a" {
		t.Errorf("pages %q", got)
	}
	if err := b.DeleteDeadLetter(t.Context(), 5); !errors.Is(err, bus.ErrNotFound) {
		t.Errorf("deleting again: %v", err)
	}
}

func TestReplayPublishesTheOriginalOnceAndRemovesTheLetter(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	putLetter(t, b, "x", nil)
	var racers sync.WaitGroup
	begin := make(chan struct{})
	faults := make([]error, 8)
	for i := range faults {
		racers.Go(func() {
			<-begin
			_, faults[i] = b.ReplayDeadLetter(t.Context(), 1)
		})
	}
	close(begin)
	racers.Wait()
	won := 0
	for _, err := range faults {
		if err == nil {
			won++
		} else if !errors.Is(err, bus.ErrNotFound) {
			t.Errorf("replay: %v", err)
		}
	}
	if won == 0 {
		t.Error("nobody replayed it")
	}
	if n := stream(t, b, bus.StreamDeadLetter).State.Msgs; n != 0 {
		t.Errorf("%d dead letters are left", n)
	}
	inbound, err := b.JetStream().Stream(t.Context(), bus.StreamInbound)
	if err != nil {
		t.Fatal(err)
	}
	if n := stream(t, b, bus.StreamInbound).State.Msgs; n != 1 {
		t.Fatalf("%d messages were published", n)
	}
	m, err := inbound.GetMsg(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if string(m.Data) != "x" || m.Subject != bus.InboundSubject("test", "1") || m.Header.Get("Trace") != "abc" ||
		m.Header.Get("Nats-Msg-Id") == "original" || m.Header.Get("Nats-Expected-Last-Sequence") != "" {
		t.Errorf("replayed %q on %s with %v", m.Data, m.Subject, m.Header)
	}
	if _, err := b.ReplayDeadLetter(t.Context(), 1); !errors.Is(err, bus.ErrNotFound) {
		t.Errorf("replaying again: %v", err)
	}
}

func TestALetterWithoutASubjectIsNotReplayed(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	putLetter(t, b, "x", func(l *eventsv1.DeadLetter) { l.Subject = "" })
	if _, err := b.ReplayDeadLetter(t.Context(), 1); !errors.Is(err, bus.ErrNotReplayable) {
		t.Errorf("replay: %v", err)
	}
	if n := stream(t, b, bus.StreamDeadLetter).State.Msgs; n != 1 {
		t.Error("the letter is gone")
	}
}

func TestALetterIsKeptWhereItsOriginalCannotBePublished(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	putLetter(t, b, "x", func(l *eventsv1.DeadLetter) { l.Subject = "of.no.stream" })
	if _, err := b.ReplayDeadLetter(t.Context(), 1); !errors.Is(err, bus.ErrUnavailable) {
		t.Errorf("replay: %v", err)
	}
	if n := stream(t, b, bus.StreamDeadLetter).State.Msgs; n != 1 {
		t.Error("the letter is gone")
	}
}

func TestAnOriginalTooLargeForALetterIsCutAndNotReplayable(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	putLetter(t, b, "x", func(l *eventsv1.DeadLetter) { l.Payload = bytes.Repeat([]byte("y"), 1<<20) }) // the server's default limit
	got := letters(t, b)[0]
	if got.Replayable() || len(got.GetPayload()) < 1<<19 || !strings.Contains(got.GetReason(), "cut from 1048576 bytes") {
		t.Errorf("letter of %d bytes, subject %q, reason %q", len(got.GetPayload()), got.GetSubject(), got.GetReason())
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain: text 12:30":                     "plain: text 12:30",
		"a\x00b\xff":                            "ab\uFFFD",
		"dial postgres://me:pa55@db:5432/x: no": "dial postgres://me:[redacted]@db:5432/x: no",
		"Get \"https://x/file/bot123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11/photos/1.jpg\"": "Get \"https://x/file/bot[redacted]/photos/1.jpg\"",
	} {
		if got := bus.Redact(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	if long := bus.Redact(strings.Repeat("ї", 5000)); len(long) > 2000 || !utf8.ValidString(long) {
		t.Errorf("%d bytes", len(long))
	}
}

func FuzzRedact(f *testing.F) {
	const token = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
	for _, seed := range []string{"", "https://x/bot", "://:", "\xff\x00", "a://b:c@"} {
		f.Add(seed, "/getFile")
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		got := bus.Redact(before + token + " " + after)
		if strings.Contains(got, token[10:]) && !strings.Contains(before+after, token[10:]) {
			t.Errorf("the token is in %q", got)
		}
		if !utf8.ValidString(got) || len(got) > 2000 || strings.Contains(got, "\x00") {
			t.Errorf("not fit to be stored: %q", got)
		}
	})
}
