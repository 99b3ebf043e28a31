package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

var user = store.Actor{Kind: "user", Name: "olena"}

func newTask(title string, messages ...int64) store.NewTask {
	return store.NewTask{Title: title, Description: "опис", Category: "bug", Priority: "high", Source: "api", MessageIDs: messages}
}

func create(t testing.TB, s *store.Store, n store.NewTask) *eventsv1.Task {
	t.Helper()
	r, err := s.CreateTask(t.Context(), n, user)
	if err != nil {
		t.Fatal(err)
	}
	return r.Task
}

func TestCreateTask(t *testing.T) {
	t.Parallel()
	s, _ := world(t)
	m := save(t, s, incoming("1", "каса впала"))[0].Message
	r, err := s.CreateTask(t.Context(), newTask("Каса", m.GetId()), user)
	if err != nil {
		t.Fatal(err)
	}
	if r.Task.GetStatus() != "open" || !slices.Equal(r.Task.GetSourceMessageIds(), []int64{m.GetId()}) {
		t.Errorf("task %v", r.Task)
	}
	if len(r.Events) != 3 || r.Events[0].Subject != bus.SubjectTaskCreated || r.Events[1].Subject != bus.SubjectStatsUpdated ||
		r.Events[2].Subject != bus.SubjectMessageUpdated {
		t.Errorf("events %+v", r.Events)
	}
	linked, err := s.MessagesByIDs(t.Context(), []int64{m.GetId()})
	if err != nil || linked[0].GetTaskId() != r.Task.GetId() {
		t.Errorf("message leads to task %d, %v", linked[0].GetTaskId(), err)
	}
	for _, refused := range []struct {
		message int64
		want    error
	}{{m.GetId(), store.ErrConflict}, {999_999, store.ErrNoMessage}} {
		if _, err := s.CreateTask(t.Context(), newTask("Каса", refused.message), user); !errors.Is(err, refused.want) {
			t.Errorf("a task of message %d: %v, want %v", refused.message, err, refused.want)
		}
	}
	for name, change := range map[string]func(*store.NewTask){
		"empty title":      func(n *store.NewTask) { n.Title = "" },
		"long title":       func(n *store.NewTask) { n.Title = strings.Repeat("ї", 201) },
		"unknown status":   func(n *store.NewTask) { n.Status = "done" },
		"unknown category": func(n *store.NewTask) { n.Category = "x" },
		"unknown priority": func(n *store.NewTask) { n.Priority = "urgent" },
	} {
		n := newTask("t")
		change(&n)
		if _, err := s.CreateTask(t.Context(), n, user); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
	create(t, s, newTask(strings.Repeat("ї", 200)))
}

func TestUpdateTask(t *testing.T) {
	t.Parallel()

	t.Run("KeepsEveryChangeAndTellsWhatChanged", func(t *testing.T) {
		t.Parallel()
		s, _ := world(t)
		task := create(t, s, newTask("t"))
		due := noon.Add(time.Hour)
		r, err := s.UpdateTask(t.Context(), task.GetId(), user, func(e *store.TaskEdit) error {
			e.Status, e.DueAt, e.Labels = "in_progress", &due, []string{"a", "b"}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if want := []string{"status", "due_at", "labels"}; !slices.Equal(r.Changed, want) {
			t.Errorf("changed %v, want %v", r.Changed, want)
		}
		if !r.Task.GetDueAt().AsTime().Equal(due) || r.Task.GetStatus() != "in_progress" {
			t.Errorf("task %v", r.Task)
		}
		history, err := s.TaskHistory(t.Context(), task.GetId(), 0, 500)
		slices.Reverse(history)
		if err != nil || len(history) != 4 || history[0].Field != "created" ||
			*history[1].From != "open" || *history[1].To != "in_progress" || history[1].Actor != user || history[2].From != nil {
			t.Errorf("history %+v, %v", history, err)
		}
		var event eventsv1.Event
		if err := proto.Unmarshal(r.Events[0].Payload, &event); err != nil {
			t.Fatal(err)
		}
		if got := event.GetTaskUpdated(); got.GetTask().GetStatus() != "in_progress" || len(got.GetChanged()) != 3 || event.GetOccurredAt() == nil {
			t.Errorf("event %v", &event)
		}
	})

	t.Run("WritesNothingWhereNothingChangesOrFails", func(t *testing.T) {
		t.Parallel()
		s, pool := world(t)
		task := create(t, s, newTask("t"))
		r, err := s.UpdateTask(t.Context(), task.GetId(), user, func(e *store.TaskEdit) error { e.Title = "t"; return nil })
		if err != nil || len(r.Changed)+len(r.Events) != 0 || r.Task == nil {
			t.Errorf("%+v, %v", r, err)
		}
		mine := errors.New("mine")
		if _, err := s.UpdateTask(t.Context(), task.GetId(), user, func(e *store.TaskEdit) error { e.Title = "x"; return mine }); !errors.Is(err, mine) {
			t.Error(err)
		}
		if _, err := s.UpdateTask(t.Context(), task.GetId(), user, func(e *store.TaskEdit) error { e.Status = "x"; return nil }); !errors.Is(err, store.ErrInvalid) {
			t.Error(err)
		}
		if n := count(t, pool, "SELECT count(*) FROM outbox"); n != 2 {
			t.Errorf("%d events, want those of the creation", n)
		}
	})

	t.Run("SaysNotFound", func(t *testing.T) {
		t.Parallel()
		s, _ := world(t)
		_, err1 := s.UpdateTask(t.Context(), 7, user, func(*store.TaskEdit) error { return nil })
		_, err2 := s.GetTask(t.Context(), 7)
		_, err3 := s.TaskHistory(t.Context(), 7, 0, 500)
		_, err4 := s.GetMessage(t.Context(), 7)
		for _, err := range []error{err1, err2, err3, err4} {
			if !errors.Is(err, store.ErrNotFound) {
				t.Error(err)
			}
		}
	})

	t.Run("LosesNoChangeOfMany", func(t *testing.T) {
		t.Parallel()
		s, _ := world(t)
		id := create(t, s, newTask("t")).GetId()
		var wg sync.WaitGroup
		start := make(chan struct{})
		for range 20 {
			wg.Go(func() {
				<-start
				if _, err := s.UpdateTask(t.Context(), id, user, func(e *store.TaskEdit) error { e.Title += "x"; return nil }); err != nil {
					t.Error(err)
				}
			})
		}
		close(start)
		wg.Wait()
		task, err := s.GetTask(t.Context(), id)
		if err != nil || task.GetTitle() != "t"+strings.Repeat("x", 20) {
			t.Errorf("title %q, %v", task.GetTitle(), err)
		}
	})
}

func TestListTasks(t *testing.T) {
	t.Parallel()
	s, _ := world(t)
	for i := range 25 {
		n := newTask(fmt.Sprintf("задача LL-%d", i))
		n.Status = store.Statuses()[i%5]
		n.Source = []string{"api", "Telegram"}[i%2]
		create(t, s, n)
	}
	for name, c := range map[string]struct {
		f    store.TaskFilter
		want int
	}{
		"all": {store.TaskFilter{}, 25}, "status": {store.TaskFilter{Status: "pending"}, 5},
		"source": {store.TaskFilter{Source: "telegram"}, 12}, "query": {store.TaskFilter{Query: "LL-7"}, 1},
		"word form": {store.TaskFilter{Query: "задачу"}, 25}, "both": {store.TaskFilter{Status: "open", Source: "api"}, 3},
		"none": {store.TaskFilter{Category: "chore"}, 0}, "nothing to find": {store.TaskFilter{Query: "!"}, 0},
	} {
		c.f.Limit = 4
		var got []int64
		for {
			page, err := s.ListTasks(t.Context(), c.f)
			if err != nil {
				t.Fatal(err)
			}
			for _, task := range page.Tasks {
				got = append(got, task.GetId())
			}
			if c.f.Cursor = page.NextCursor; c.f.Cursor == "" {
				break
			}
		}
		descending := slices.IsSortedFunc(got, func(a, b int64) int { return int(b - a) })
		if len(got) != c.want || !descending {
			t.Errorf("%s: %v, want %d", name, got, c.want)
		}
	}
	if _, err := s.ListTasks(t.Context(), store.TaskFilter{Cursor: "x!"}); !errors.Is(err, store.ErrBadCursor) {
		t.Error(err)
	}
	stats, err := s.Stats(t.Context())
	if err != nil || stats.All.Total != 25 || stats.All.ByStatus["cancelled"] != 5 || stats.Trend.Total != 25 || stats.All.ByPriority["low"] != 0 {
		t.Errorf("%+v, %v", stats, err)
	}
}

func TestOutbox(t *testing.T) {
	t.Parallel()

	t.Run("GivesEachRowToOneClaimerInOrder", func(t *testing.T) {
		t.Parallel()
		s, _ := world(t)
		for range 50 {
			create(t, s, newTask("t"))
		}
		var (
			mu   sync.Mutex
			wg   sync.WaitGroup
			seen = map[int64]int{}
		)
		for range 4 {
			wg.Go(func() {
				for {
					events, err := s.ClaimOutbox(t.Context(), 7)
					if err != nil {
						t.Error(err)
						return
					}
					if len(events) == 0 {
						return
					}
					if !slices.IsSortedFunc(events, func(a, b store.OutboxEvent) int { return int(a.ID - b.ID) }) {
						t.Error("not by id")
					}
					mu.Lock()
					for _, e := range events {
						seen[e.ID]++
						if e.MsgID != fmt.Sprintf("outbox-%d", e.ID) || e.Attempts != 1 {
							t.Errorf("event %+v", e)
						}
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if len(seen) != 100 {
			t.Errorf("%d events claimed, want 100", len(seen))
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("event %d was claimed %d times", id, n)
			}
		}
	})

	t.Run("KeepsFailedOnesAndForgetsPublishedOnes", func(t *testing.T) {
		t.Parallel()
		s, pool := world(t)
		create(t, s, newTask("t"))
		events, err := s.ClaimOutbox(t.Context(), 10)
		if err != nil || len(events) != 2 {
			t.Fatalf("%d, %v", len(events), err)
		}
		if err := s.FailOutbox(t.Context(), events[0].ID, "bus down\xff", 0); err != nil {
			t.Fatal(err)
		}
		if err := s.MarkPublished(t.Context(), []int64{events[1].ID}); err != nil {
			t.Fatal(err)
		}
		again, err := s.ClaimOutbox(t.Context(), 10)
		if err != nil || len(again) != 1 || again[0].ID != events[0].ID || again[0].Attempts != 2 || !strings.HasPrefix(again[0].LastError, "bus down") {
			t.Errorf("%+v, %v", again, err)
		}
		exec(t, pool, "UPDATE outbox SET not_before = now()") // the lease is over
		if again, err = s.ClaimOutbox(t.Context(), 10); err != nil || len(again) != 1 {
			t.Errorf("after the lease: %+v, %v", again, err)
		}
		if n, err := s.OutboxSize(t.Context()); err != nil || n != 1 {
			t.Errorf("size %d, %v", n, err)
		}
	})

	t.Run("WakesTheListenerOnCommit", func(t *testing.T) {
		t.Parallel()
		s, _ := world(t)
		wake := make(chan struct{}, 1)
		done := make(chan error, 1)
		go func() { done <- s.ListenOutbox(t.Context(), wake) }()
		<-wake // listening
		create(t, s, newTask("t"))
		<-wake
	})
}
