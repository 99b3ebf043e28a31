package worker_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/worker"
)

// benchMessages are stored and judged in one round.
const benchMessages = 10_000

// chatter is what fifty chats say: conversations of five messages by three people, every
// fourth of them about an issue.
func chatter() []*eventsv1.Inbound {
	var said []*eventsv1.Inbound
	for i := range benchMessages / 50 {
		text := "каса знову друкує, дякую всім за допомогу сьогодні"
		if i%20 == 0 {
			text = "the export of invoices is broken since the deploy of 3.14.2, please look at it, @ivan"
		}
		at := time.Duration(i/5)*time.Hour + time.Duration(i%5)*20*time.Second
		for chat := range 50 {
			said = append(said, received(fmt.Sprint(i), text, inChat(chat), after(at), by(fmt.Sprint(chat*10+i%3), fmt.Sprintf("Author %d", chat*10+i%3))))
		}
	}
	return said
}

// BenchmarkJudging lets a worker store 10,000 messages that wait, with the consumer that groups
// paused, then has them grouped and, when they have been quiet for a second, judged by a classifier that takes no
// time: from stored message to task. Beside it a worker does both at once. It prints the rates of storing alone, of
// storing while judging, of judging, and of the whole.
func BenchmarkJudging(b *testing.B) {
	var alone, judging, beside, whole time.Duration
	said := chatter()
	for range b.N {
		stored, judged := measureApart(b, said)
		alone, judging = alone+stored, judging+judged
		stored, judged = measureTogether(b, said)
		beside, whole = beside+stored, whole+judged
	}
	n := float64(b.N * benchMessages)
	b.ReportMetric(n/alone.Seconds(), "stored/s")
	b.ReportMetric(n/beside.Seconds(), "stored-while-judging/s")
	b.ReportMetric(100*alone.Seconds()/beside.Seconds(), "%-of-stored")
	b.ReportMetric(n/judging.Seconds(), "judged/s")
	b.ReportMetric(n/whole.Seconds(), "stored-and-judged/s")
}

func newBenchWorld(b *testing.B, said []*eventsv1.Inbound) *world {
	b.Helper()
	w := newWorld(b)
	w.classifier = &byWords{}
	w.classifying = func(c *worker.ClassifyConfig) {
		c.Quiet = time.Second
		c.DuplicateSure, c.DuplicateLikely = 1, 1 // all say the same: compared, and yet a task each
	}
	w.put(b, said...)
	return w
}

// measureApart measures storing, then judging what is stored.
func measureApart(b *testing.B, said []*eventsv1.Inbound) (stored, judged time.Duration) {
	b.Helper()
	w := newBenchWorld(b, said)
	began := time.Now()
	defer w.start(b)()
	js := w.bus.JetStream()
	eventually(b, "the consumer is there", func() bool {
		_, err := js.PauseConsumer(b.Context(), bus.StreamJobs, "worker-classify", time.Now().Add(time.Hour))
		return err == nil
	})
	w.awaitStored(b)
	stored = time.Since(began)
	began = time.Now()
	if _, err := js.ResumeConsumer(b.Context(), bus.StreamJobs, "worker-classify"); err != nil {
		b.Fatal(err)
	}
	w.awaitAllJudged(b)
	return stored, time.Since(began)
}

// measureTogether measures storing while it is judged, and the whole.
func measureTogether(b *testing.B, said []*eventsv1.Inbound) (stored, whole time.Duration) {
	b.Helper()
	w := newBenchWorld(b, said)
	began := time.Now()
	defer w.start(b)()
	w.awaitStored(b)
	stored = time.Since(began)
	w.awaitAllJudged(b)
	return stored, time.Since(began)
}

func (w *world) awaitStored(b *testing.B) {
	b.Helper()
	eventually(b, "INBOUND is empty", func() bool { return w.messages(b, bus.StreamInbound) == 0 })
}

// awaitAllJudged waits until every message has its verdict.
func (w *world) awaitAllJudged(b *testing.B) {
	b.Helper()
	w.awaitDone(b)
	eventually(b, "every conversation is judged", func() bool {
		return w.count(b, "SELECT count(*) FROM conversations WHERE judge_at IS NOT NULL") == 0
	})
	if n := w.count(b, "SELECT count(*) FROM messages WHERE is_issue IS NULL"); n != 0 {
		b.Fatalf("%d messages have no verdict", n)
	}
	if n := w.count(b, "SELECT count(*) FROM tasks"); n != benchMessages/20 {
		b.Fatalf("%d tasks", n)
	}
}
