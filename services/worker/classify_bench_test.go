package worker_test

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/classify/seed"
	"github.com/tasktracker/tasktracker/pkg/classify/train"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/worker"
)

// benchMessages are stored and judged in one round.
const benchMessages = 10_000

// inFifty has fifty chats say what text says, in conversations of five messages by three people.
func inFifty(text func(i, chat int) string) []*eventsv1.Inbound {
	var said []*eventsv1.Inbound
	for i := range benchMessages / 50 {
		at := time.Duration(i/5)*time.Hour + time.Duration(i%5)*20*time.Second
		for chat := range 50 {
			author := strconv.Itoa(chat*10 + i%3)
			said = append(said, received(strconv.Itoa(i), text(i, chat), inChat(chat), after(at), by(author, "Author "+author)))
		}
	}
	return said
}

// chatter is about an issue in every fourth conversation.
func chatter(i, _ int) string {
	if i%20 == 0 {
		return "the export of invoices is broken since the deploy of 3.14.2, please look at it, @ivan"
	}
	return "каса знову друкує, дякую всім за допомогу сьогодні"
}

// BenchmarkJudging lets a worker store 10,000 messages that wait, with the consumer that groups
// paused, then has them grouped and, when they have been quiet for a second, judged: from stored message to task. Beside
// it a worker does both at once. It prints the rates of storing alone, of storing while judging, of judging, and of the
// whole, and what a message costs the processor: in this process, which has the broker, and in PostgreSQL. "words" are
// judged by a classifier that takes no time and become a task each; "built-in" are the messages of pkg/classify/seed,
// again and again, judged and compared as by default. "chat" is in between: every fourth conversation opens with an
// issue of these, and all others say what is none.
func BenchmarkJudging(b *testing.B) {
	b.Run("words", func(b *testing.B) {
		measureJudging(b, inFifty(chatter), func(w *world) {
			w.classifier = &byWords{}
			w.classifying = func(c *worker.ClassifyConfig) {
				c.Quiet = time.Second
				c.DuplicateSure, c.DuplicateLikely = 1, 1 // all say the same: compared, and yet a task each
			}
		}, benchMessages/20)
	})
	b.Run("built-in", func(b *testing.B) {
		rows := seedRows(b)
		said := inFifty(func(i, chat int) string { return rows[(i*50+chat*7919)%len(rows)].Text })
		measureJudging(b, said, func(w *world) {
			w.classifying = func(c *worker.ClassifyConfig) { c.Quiet, c.SubjectThreshold = time.Second, 0.9 }
		}, -1)
	})
	b.Run("chat", func(b *testing.B) {
		var issues, others []string
		for _, r := range seedRows(b) {
			if issue, known := r.Issue(); issue {
				issues = append(issues, r.Text)
			} else if known {
				others = append(others, r.Text)
			}
		}
		said := inFifty(func(i, chat int) string {
			if i%20 == 0 {
				return issues[(i*50+chat*7919)%len(issues)]
			}
			return others[(i*50+chat*7919)%len(others)]
		})
		measureJudging(b, said, func(w *world) { w.classifying = func(c *worker.ClassifyConfig) { c.Quiet = time.Second } }, -1)
	})
}

func seedRows(b *testing.B) []train.Row {
	b.Helper()
	rows, err := seed.Rows()
	if err != nil {
		b.Fatal(err)
	}
	return rows
}

// measureJudging expects that many tasks; -1 for any number.
func measureJudging(b *testing.B, said []*eventsv1.Inbound, how func(*world), tasks int) {
	b.Helper()
	var apart, together figures
	for range b.N {
		w := newBenchWorld(b, said, how)
		measureApart(b, w, &apart)
		w.expectTasks(b, tasks)
		w = newBenchWorld(b, said, how)
		measureTogether(b, w, &together)
		w.expectTasks(b, tasks)
	}
	n := float64(b.N * benchMessages)
	b.ReportMetric(n/apart.stored.Seconds(), "stored/s")
	b.ReportMetric(n/together.stored.Seconds(), "stored-while-judging/s")
	b.ReportMetric(100*apart.stored.Seconds()/together.stored.Seconds(), "%-of-stored")
	b.ReportMetric(n/apart.judged.Seconds(), "judged/s")
	b.ReportMetric(n/together.judged.Seconds(), "stored-and-judged/s")
	b.ReportMetric(float64(apart.judging.process.Microseconds())/n, "judging-µs/message")
	b.ReportMetric(float64(apart.judging.postgres.Microseconds())/n, "judging-postgres-µs/message")
	b.ReportMetric(float64(together.judging.process.Microseconds())/n, "whole-µs/message")
	b.ReportMetric(float64(together.judging.postgres.Microseconds())/n, "whole-postgres-µs/message")
}

// figures are sums over rounds: judged is the time from stored, or from the beginning where
// both is done at once, till the last verdict; judging the processor time in it.
type figures struct {
	stored, judged time.Duration
	judging        processor
}

func newBenchWorld(b *testing.B, said []*eventsv1.Inbound, how func(*world)) *world {
	b.Helper()
	w := newWorld(b)
	how(w)
	w.put(b, said...)
	return w
}

// measureApart measures storing, then judging what is stored.
func measureApart(b *testing.B, w *world, sum *figures) {
	b.Helper()
	began := time.Now()
	defer w.start(b)()
	js := w.bus.JetStream()
	eventually(b, "the consumer is there", func() bool {
		_, err := js.PauseConsumer(b.Context(), bus.StreamJobs, "worker-classify", time.Now().Add(time.Hour))
		return err == nil
	})
	w.awaitStored(b)
	sum.stored += time.Since(began)
	began, used := time.Now(), w.processor(b)
	if _, err := js.ResumeConsumer(b.Context(), bus.StreamJobs, "worker-classify"); err != nil {
		b.Fatal(err)
	}
	w.awaitAllJudged(b)
	sum.judged += time.Since(began)
	sum.judging.add(w.processor(b), used)
}

// measureTogether measures storing while it is judged, and the whole.
func measureTogether(b *testing.B, w *world, sum *figures) {
	b.Helper()
	began, used := time.Now(), w.processor(b)
	defer w.start(b)()
	w.awaitStored(b)
	sum.stored += time.Since(began)
	w.awaitAllJudged(b)
	sum.judged += time.Since(began)
	sum.judging.add(w.processor(b), used)
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
		time.Sleep(50 * time.Millisecond) // what it costs to ask is not to count
		return w.count(b, "SELECT count(*) FROM conversations WHERE judge_at IS NOT NULL") == 0
	})
	if n := w.count(b, "SELECT count(*) FROM messages WHERE is_issue IS NULL"); n != 0 {
		b.Fatalf("%d messages have no verdict", n)
	}
}

func (w *world) expectTasks(b *testing.B, want int) {
	b.Helper()
	if n := w.count(b, "SELECT count(*) FROM tasks"); want >= 0 && n != want || n == 0 {
		b.Fatalf("%d tasks", n)
	}
}

// processor is time used of processors.
type processor struct{ process, postgres time.Duration }

func (p *processor) add(is, was processor) {
	p.process += is.process - was.process
	p.postgres += is.postgres - was.postgres
}

// processor is what was used so far by this process, and by PostgreSQL where /proc tells it.
func (w *world) processor(b *testing.B) processor {
	b.Helper()
	var used processor
	var self syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &self); err != nil {
		b.Fatal(err)
	}
	used.process = time.Duration(self.Utime.Nano() + self.Stime.Nano())
	postmaster := stat(w.count(b, "SELECT pg_backend_pid()"), parentField)
	entries, err := os.ReadDir("/proc")
	if err != nil || postmaster == 0 {
		return used
	}
	const tick = 10 * time.Millisecond // USER_HZ is 100
	used.postgres = tick * time.Duration(stat(postmaster, childrenUser)+stat(postmaster, childrenSystem))
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil && stat(pid, parentField) == postmaster {
			used.postgres += tick * time.Duration(stat(pid, userField)+stat(pid, systemField))
		}
	}
	return used
}

// Fields of /proc/<pid>/stat, counted from the one behind the name (man 5 proc). childrenUser and
// childrenSystem are of the children that have ended.
const (
	parentField, userField, systemField = 1, 11, 12
	childrenUser, childrenSystem        = 13, 14
)

// stat is 0 where there is no such process, or no /proc.
func stat(pid, field int) int {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := bytes.Fields(content[bytes.LastIndexByte(content, ')')+1:])
	n, _ := strconv.Atoi(string(fields[field]))
	return n
}
