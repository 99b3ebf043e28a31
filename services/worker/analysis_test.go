package worker_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/digest"
	"github.com/tasktracker/tasktracker/pkg/store"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/worker"
)

var march = store.AnalysisSpan{From: noon.Add(-12 * time.Hour), To: noon.Add(12 * time.Hour)}

// say stores messages as the worker does, a second apart.
func (w *world) say(t *testing.T, first int, texts ...string) {
	t.Helper()
	batch := make([]store.Incoming, len(texts))
	for i, text := range texts {
		batch[i] = store.Incoming{Version: 1, Message: &eventsv1.Message{SourceName: "telegram", ChatId: "-1001", ExternalMessageId: fmt.Sprint(first + i),
			Content: text, HasWords: true, Author: []string{"Оксана", "Ivan"}[i%2], AuthorId: fmt.Sprint(i % 2),
			SentAt: timestamppb.New(noon.Add(time.Duration(first+i) * time.Second))}}
	}
	if _, err := w.store.SaveMessages(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
}

func (w *world) ask(t *testing.T, span store.AnalysisSpan) int64 {
	t.Helper()
	run, _, err := w.store.QueueAnalysisRun(t.Context(), span)
	if err != nil {
		t.Fatal(err)
	}
	return run.ID
}

func (w *world) awaitRun(t *testing.T, id int64, status string) store.AnalysisRun {
	t.Helper()
	var run store.AnalysisRun
	eventually(t, "the run is "+status, func() bool {
		var err error
		if run, err = w.store.GetAnalysisRun(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		return run.Status == status
	})
	return run
}

type summary struct {
	digest.Summary
	NewTasks    []store.AnalysisTask `json:"new_tasks"`
	ClosedTasks []store.AnalysisTask `json:"closed_tasks"`
	Counts      store.AnalysisCounts `json:"counts"`
	Provider    string               `json:"provider"`
	Model       *string              `json:"model"`
	Fallback    *string              `json:"fallback"`
	Tokens      int                  `json:"tokens"`
}

func summaryOf(t *testing.T, run store.AnalysisRun) (s summary) {
	t.Helper()
	if err := json.Unmarshal(run.Summary, &s); err != nil {
		t.Fatalf("summary %s: %v", run.Summary, err)
	}
	return s
}

func TestAnalysisRunWritesASummary(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.say(t, 1, "Ми вирішили перенести реліз на понеділок.", "The release is blocked by the payment gateway.", "I'll fix the gateway by 2026-03-05.",
		"The payment gateway times out, the release waits", "no words of note", "Хто перевірить звіт?")
	w.say(t, 90_000, "We decided to go on holiday.") // the day after
	if _, err := w.pool.Exec(t.Context(), "UPDATE messages SET is_issue = true, category = 'bug', priority = 'high', confidence = 0.9, provider = 'local', classified_at = now() WHERE content LIKE '%times out%'"); err != nil {
		t.Fatal(err)
	}
	made, err := w.store.CreateTask(t.Context(), store.NewTask{Title: "Gateway", Category: "bug", Priority: "high", Source: "api"}, store.Actor{Kind: "user", Name: "api"})
	if err != nil {
		t.Fatal(err)
	}
	done, err := w.store.CreateTask(t.Context(), store.NewTask{Title: "Report", Category: "bug", Priority: "low", Source: "api", Status: "completed"}, store.Actor{Kind: "user", Name: "api"})
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"UPDATE tasks SET created_at = $1 WHERE id = $2"} {
		if _, err := w.pool.Exec(t.Context(), query, noon, made.Task.GetId()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.pool.Exec(t.Context(), "INSERT INTO task_history (task_id, changed_at, field, old_value, new_value, actor_kind) VALUES ($2, $1, 'status', 'open', 'completed', 'user')", noon, done.Task.GetId()); err != nil {
		t.Fatal(err)
	}
	w.start(t)
	run := w.awaitRun(t, w.ask(t, march), store.RunCompleted)
	if run.Processed != 6 || run.Messages != 6 || run.StartedAt == nil || run.FinishedAt == nil || run.Checkpoint != nil {
		t.Errorf("run %+v", run)
	}
	s := summaryOf(t, run)
	for _, c := range []struct {
		what string
		list []digest.Finding
		want string
	}{
		{"decisions", s.Decisions, "Ми вирішили перенести реліз на понеділок."}, {"blockers", s.Blockers, "The release is blocked by the payment gateway."},
		{"promises", s.Promises, "I'll fix the gateway by 2026-03-05."}, {"questions", s.Questions, "Хто перевірить звіт?"},
	} {
		if len(c.list) != 1 || c.list[0].Quotes[0].Quote != c.want {
			t.Errorf("%s %+v, want %q", c.what, c.list, c.want)
		}
	}
	if due := s.Promises[0].DueAt; due == nil || due.Format(time.DateOnly) != "2026-03-05" {
		t.Errorf("promised by %v", due)
	}
	if len(s.WhatHappened) == 0 || s.Provider != "local" || s.Language != "en" || s.Counts.Messages != 6 || s.Counts.Authors != 2 || s.Counts.Chats != 1 || s.Counts.Issues["bug"] != 1 {
		t.Errorf("summary %+v", s)
	}
	if len(s.NewTasks) != 1 || s.NewTasks[0].Title != "Gateway" || len(s.ClosedTasks) != 1 || s.ClosedTasks[0].Title != "Report" {
		t.Errorf("new %v, closed %v", s.NewTasks, s.ClosedTasks)
	}
	eventually(t, "the end is told", func() bool {
		all := w.events(t, bus.SubjectAnalysisProgress)
		last := all[len(all)-1].GetAnalysisProgress()
		return last.GetStage() == "done" && last.GetStatus() == "completed" && last.GetRunId() == run.ID && last.GetProcessed() == 6 && last.GetTotal() == 6
	})
	if n := w.count(t, "SELECT count(*) FROM messages WHERE analyzed") + w.count(t, "SELECT count(*) FROM tasks WHERE category = 'summary'"); n != 0 {
		t.Errorf("the run marked messages or made tasks: %d", n)
	}
}

func TestNothingToAnalyse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.say(t, 1, "The release is blocked by the gateway.")
	w.start(t)
	other := march
	other.Chats = []string{"-1002"}
	for _, span := range []store.AnalysisSpan{other, {From: noon.AddDate(1, 0, 0), To: noon.AddDate(1, 0, 1)}} {
		if run := w.awaitRun(t, w.ask(t, span), store.RunCompleted); run.Summary != nil || run.Messages != 0 || run.Error != "" {
			t.Errorf("run %+v, summary %s", run, run.Summary)
		}
	}
	other.Chats = []string{"-1002", "-1001"}
	if run := w.awaitRun(t, w.ask(t, other), store.RunCompleted); len(summaryOf(t, run).Blockers) != 1 {
		t.Errorf("of the chat: %s", run.Summary)
	}
}

// hanging is a connection to the database whose worker stands still at a statement, as one
// does that is about to be killed.
type hanging struct {
	mu      sync.Mutex
	word    string
	left    int // times that the statement passes before
	reached chan struct{}
	release chan struct{}
}

func newHanging(word string, passes int) *hanging {
	return &hanging{word: word, left: passes, reached: make(chan struct{}), release: make(chan struct{})}
}

func (h *hanging) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if !strings.Contains(data.SQL, h.word) {
		return ctx
	}
	h.mu.Lock()
	h.left--
	at := h.left == -1
	h.mu.Unlock()
	if at {
		close(h.reached)
		<-h.release
	}
	return ctx
}

func (h *hanging) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// lots are messages of three portions; the first and the last say something.
func lots() []string {
	texts := make([]string, 1200)
	for i := range texts {
		texts[i] = fmt.Sprintf("message %d about the gateway", i)
	}
	texts[0], texts[1199] = "We decided to wait.", "I'll fix the gateway tomorrow."
	return texts
}

func TestRunGoesOnAfterACrash(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.say(t, 1, lots()...)
	id := w.ask(t, march)
	dying := newHanging("name: CheckpointAnalysisRun", 1) // one portion is stored, the second is not
	stop := w.startOn(t, store.New(openPool(t, w.pool.Config().ConnString(), func(c *pgxpool.Config) { c.ConnConfig.Tracer = dying })))
	<-dying.reached
	run, err := w.store.GetAnalysisRun(t.Context(), id)
	if err != nil || run.Processed != 500 || run.Status != store.RunRunning {
		t.Fatalf("after a portion: %+v, %v", run, err)
	}
	// Its lease is over.
	if _, err := w.pool.Exec(t.Context(), "UPDATE analysis_runs SET lease_until = now()"); err != nil {
		t.Fatal(err)
	}
	var seen statements
	stopSecond := w.startOn(t, store.New(openPool(t, w.pool.Config().ConnString(), func(c *pgxpool.Config) { c.ConnConfig.Tracer = &seen })))
	run = w.awaitRun(t, id, store.RunCompleted)
	stopSecond()
	if n := seen.with("name: CheckpointAnalysisRun"); n != 2 {
		t.Errorf("the second worker read %d portions, want the two that were left", n)
	}
	close(dying.release) // what the first wakes up with is refused
	stop()
	after, err := w.store.GetAnalysisRun(t.Context(), id)
	if err != nil || after.Processed != 1200 || string(after.Summary) != string(run.Summary) {
		t.Errorf("the first worker changed the run to %+v, %v", after, err)
	}
	s := summaryOf(t, run)
	if run.Messages != 1200 || len(s.Decisions) != 1 || len(s.Promises) != 1 || len(s.WhatHappened) == 0 {
		t.Errorf("summary %+v of %d messages", s, run.Messages)
	}
}

func TestCancelledRunEndsBetweenPortions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.say(t, 1, lots()...)
	id := w.ask(t, march)
	slow := newHanging("name: CheckpointAnalysisRun", 1)
	var after statements
	stop := w.startOn(t, store.New(openPool(t, w.pool.Config().ConnString(), func(c *pgxpool.Config) { c.ConnConfig.Tracer = both{slow, &after} })))
	<-slow.reached
	if _, _, err := w.store.CancelAnalysisRun(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	close(slow.release)
	next := w.ask(t, store.AnalysisSpan{From: noon.AddDate(1, 0, 0), To: noon.AddDate(1, 0, 1)})
	w.awaitRun(t, next, store.RunCompleted)
	stop()
	run, err := w.store.GetAnalysisRun(t.Context(), id)
	if err != nil || run.Status != store.RunCancelled || run.Processed != 500 || run.Summary != nil {
		t.Errorf("run %+v, %v", run, err)
	}
	if n := after.with("name: MessagesSent "); n != 3 { // two portions of it, and the source of the next run
		t.Errorf("%d portions were read", n)
	}
}

// both are two tracers.
type both struct {
	first  *hanging
	second *statements
}

func (b both) TraceQueryStart(ctx context.Context, c *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	return b.first.TraceQueryStart(b.second.TraceQueryStart(ctx, c, data), c, data)
}

func (b both) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func TestRunThatDoesNotGetOnFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.say(t, 1, "The release is blocked by the gateway.")
	id := w.ask(t, march)
	// As after five workers that died of it.
	if _, err := w.pool.Exec(t.Context(), "UPDATE analysis_runs SET attempts = 5, status = 'running', lease_until = now()"); err != nil {
		t.Fatal(err)
	}
	w.start(t)
	if run := w.awaitRun(t, id, store.RunFailed); !strings.Contains(run.Error, "5 attempts") || run.FinishedAt == nil {
		t.Errorf("run %+v", run)
	}
}

// clock is the time that workers of a test see.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

func TestScheduleMakesOneRunOfAMoment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kyiv, err := time.LoadLocation("Europe/Kyiv")
	if err != nil {
		t.Fatal(err)
	}
	// The database's clock says since when the schedule is in force: moments lie ahead of it.
	morning := time.Date(2126, 3, 29, 9, 0, 0, 0, kyiv)
	c := &clock{now: morning.Add(-time.Hour)}
	w.now = c.Now
	w.scheduling = worker.AnalysisConfig{AnalysisSchedule: "0 9 * * *", AnalysisTimeZone: "Europe/Kyiv"}
	scheduled := func() int { return w.count(t, "SELECT count(*) FROM analysis_runs WHERE requested_by = 'schedule'") }
	stopped := func(stops ...func()) {
		for _, stop := range stops {
			stop()
		}
	}
	stops := []func(){w.start(t), w.start(t), w.start(t)}
	// The day before, as made up: the schedule is in force since long before that moment.
	eventually(t, "the moment of the day before has its run", func() bool { return scheduled() == 1 })
	c.set(morning.Add(time.Second))
	eventually(t, "the moment has its run", func() bool { return scheduled() == 2 })
	run := w.awaitRun(t, int64(w.count(t, "SELECT max(id)::int FROM analysis_runs")), store.RunCompleted)
	if !run.To.Equal(morning) || !run.From.Equal(morning.AddDate(0, 0, -1)) || run.RequestedBy != "schedule" || run.Chats != nil {
		t.Errorf("run %+v", run)
	}
	stopped(stops...)

	// Three days nobody is there: the last moment is made up, once.
	c.set(morning.AddDate(0, 0, 3).Add(5 * time.Hour))
	stops = []func(){w.start(t), w.start(t)}
	eventually(t, "the last moment is made up", func() bool { return scheduled() == 3 })
	// A run that is asked for now is done after one more look of the worker that does it.
	w.awaitRun(t, w.ask(t, march), store.RunCompleted)
	stopped(stops...)
	if n := w.count(t, "SELECT count(*) FROM analysis_runs WHERE scheduled_for = $1", morning.AddDate(0, 0, 3)); n != 1 || scheduled() != 3 {
		t.Errorf("%d runs of the last moment, %d in all", n, scheduled())
	}
}

func TestScheduleDoesNotMakeUpWhatWasBeforeIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	// The last midnight was before the schedule was set: now.
	w.scheduling = worker.AnalysisConfig{AnalysisSchedule: "0 0 * * *", AnalysisTimeZone: "UTC"}
	w.now = func() time.Time { return noon }
	w.start(t)
	w.awaitRun(t, w.ask(t, march), store.RunCompleted)
	if n := w.count(t, "SELECT count(*) FROM analysis_runs WHERE scheduled_for IS NOT NULL"); n != 0 {
		t.Errorf("%d runs of moments before the schedule", n)
	}
}

func TestPostToIsRefusedInWords(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{
		"": "", "-1001": "", " -1001/12 , -5 ": "", strings.TrimSuffix(strings.Repeat("-1001,", 10), ","): "",
		"1001": "the number of a group", "-1001/": "the number of a group", "-1001/x": "-1001/x", "-1001,,": `""`, "@team": "@team", "-9999999999999999999": "the number of a group",
		strings.TrimSuffix(strings.Repeat("-1001,", 11), ","): "at most 10",
	} {
		err := worker.AnalysisConfig{AnalysisSchedule: "0 9 * * *", AnalysisTimeZone: "UTC", AnalysisPostTo: to}.Validate()
		if (err == nil) != (want == "") || err != nil && !(strings.Contains(err.Error(), want) && strings.HasPrefix(err.Error(), "ANALYSIS_POST_TO")) {
			t.Errorf("%q: %v, want %q", to, err, want)
		}
	}
	err := worker.AnalysisConfig{AnalysisTimeZone: "UTC", AnalysisPostTo: "-1001"}.Validate()
	if err == nil || !strings.Contains(err.Error(), "without ANALYSIS_SCHEDULE there is nothing to post") {
		t.Errorf("without a schedule: %v", err)
	}
}

func TestScheduleIsRefusedInWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ schedule, zone, want string }{
		{"", "UTC", ""}, {"0 9 * * 1-5", "Europe/Kyiv", ""}, {"*/15 8-18 * * mon-fri", "UTC", ""},
		{"9:00", "UTC", "ANALYSIS_SCHEDULE"}, {"0 9 * *", "UTC", "five fields"}, {"@every 1s", "UTC", "five fields"}, {"60 9 * * *", "UTC", "ANALYSIS_SCHEDULE"},
		{"0 0 30 2 *", "UTC", "never comes"}, {"TZ=UTC 0 9 * * *", "UTC", "ANALYSIS_TIME_ZONE"}, {"0 9 * * *", "Kyiv", "ANALYSIS_TIME_ZONE"}, {"", "Local", "ANALYSIS_TIME_ZONE"},
	} {
		err := worker.AnalysisConfig{AnalysisSchedule: c.schedule, AnalysisTimeZone: c.zone}.Validate()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q in %q: %v, want %q", c.schedule, c.zone, err, c.want)
		}
	}
}
