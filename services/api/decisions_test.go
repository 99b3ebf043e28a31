package api_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
	"github.com/tasktracker/tasktracker/pkg/outbox"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/services/api"
)

// People decide, correct and take back while the machine judges the same conversations, over and
// over: whoever waits for the other in a circle is tried again, and nobody hears of it.
func TestPeopleDecideWhileTheMachineJudges(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	const conversations, rounds = 6, 5
	for i := range conversations {
		w.save(telegram(fmt.Sprint(i+1), "Олена", "Чек не друкується", fmt.Sprintf("2026-11-%02dT10:00:00Z", 10+i)))
	}
	w.judged(0.6)
	task := ok[object](w, http.MethodPost, "/api/tasks", newTask("Каса"))
	made := map[int]string{} // the tasks of the later ones, by conversation
	for id := conversations/2 + 1; id <= conversations; id++ {
		answer := ok[object](w, http.MethodPost, fmt.Sprintf("/api/proposals/%d/accept", id), "{}")
		made[id] = fmt.Sprintf("/api/tasks/%v", answer["task"].(object)["id"])
	}
	decided := make(chan struct{})
	var machine, people sync.WaitGroup
	machine.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-decided:
				return
			default:
			}
			if _, err := w.pool.Exec(w.background(), "UPDATE conversations SET judge_at = now(), version = version + 1"); err != nil {
				t.Error(err)
			}
			if err := w.judge([]float64{0.6, 0.9}[n%2], store.DuplicateLimits{Sure: 1, Likely: 0.3}); err != nil {
				t.Errorf("judging: %v", err)
			}
		}
	})
	for person := range 3 {
		people.Go(func() {
			for n := range rounds {
				for i := range conversations {
					id := (i+person*2)%conversations + 1
					proposal, message := fmt.Sprintf("/api/proposals/%d/", id), fmt.Sprintf("/api/messages/%d/classification", id)
					calls := [][3]string{
						{http.MethodPost, proposal + []string{"accept", "merge"}[n%2], []string{"{}", fmt.Sprintf(`{"task_id":%v}`, task["id"])}[n%2]},
						{http.MethodPut, message, `{"is_issue":true,"category":"chore"}`},
						{http.MethodPost, proposal + "undo", ""},
						{http.MethodDelete, message, ""},
					}
					if of := made[id]; of != "" { // what is corrected of a task is kept beside what its conversation was taken for
						calls = [][3]string{{http.MethodPatch, of, fmt.Sprintf(`{"category":%q}`, []string{"chore", "feature"}[n%2])},
							{http.MethodPatch, of, `{"category":"bug"}`}, {http.MethodPost, of + "/confirm", "{}"}}
					}
					for _, call := range calls {
						if status, said, _ := w.call(call[0], call[1], call[2]); status != http.StatusOK && status != http.StatusConflict {
							t.Errorf("%s %s: %d %s", call[0], call[1], status, said)
						}
					}
				}
			}
		})
	}
	people.Wait()
	close(decided)
	machine.Wait()
	for _, wrong := range []string{
		"SELECT count(*) FROM proposals p JOIN conversation_tasks c USING (conversation_id) WHERE p.status IN ('accepted', 'merged') AND p.task_id <> c.task_id AND c.task_id <> kept_task(p.task_id)",
		"SELECT count(*) FROM proposals p WHERE p.status = 'accepted' AND NOT EXISTS (SELECT FROM tasks t WHERE t.id = p.task_id)",
	} {
		var n int
		if err := w.pool.QueryRow(t.Context(), wrong).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d, %v: %s", n, err, wrong)
		}
	}
}

// What people decide stands though the broker is away, or has no stream for what is told of it;
// that is told once as soon as it can be.
func TestDecisionsStandWithoutABroker(t *testing.T) {
	t.Parallel()
	for name, fails := range map[string]func(t *testing.T, server *bustest.Server, b *bus.Bus){
		"away": func(_ *testing.T, server *bustest.Server, _ *bus.Bus) {
			server.Shutdown()
			server.WaitForShutdown()
		},
		"without its stream": func(t *testing.T, _ *bustest.Server, b *bus.Bus) {
			if err := b.JetStream().DeleteStream(t.Context(), bus.StreamEvents); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := bustest.StartServer(t)
			b := server.Connect(t)
			if err := b.EnsureStreams(t.Context(), bustest.Config()); err != nil {
				t.Fatal(err)
			}
			w := onBus(t, api.Config{}, postgrestest.New(t), b)
			w.save(telegram("1", "Олена", "Чек не друкується", "2026-11-15T22:30:00Z"))
			w.judged(0.6)
			if _, err := w.pool.Exec(t.Context(), "DELETE FROM outbox"); err != nil { // what judging told
				t.Fatal(err)
			}
			fails(t, server, b)
			if p, task := decision(w, "accept", ""); p["status"] != "accepted" || task["id"] == nil {
				t.Errorf("accepted: %v, %v", p, task)
			}
			if p := get[object](w, "/api/proposals/1"); p["status"] != "accepted" || p["task_id"] == nil {
				t.Errorf("the proposal: %v", p)
			}
			w.bus = bustest.New(t) // the broker is back
			w.relayed(t)
			if got := w.events(); got["events.proposal.updated"] != 1 || got["events.task.created"] != 1 || got["events.message.updated"] != 1 {
				t.Errorf("events %v", got)
			}
		})
	}
}

// relayed does the worker's part: the outbox is brought out until it is empty.
func (w *world) relayed(t *testing.T) {
	t.Helper()
	if _, err := w.pool.Exec(t.Context(), "UPDATE outbox SET not_before = now()"); err != nil {
		t.Fatal(err)
	}
	relay, err := outbox.NewRelay(w.bus, w.store, outbox.Options{}, zerolog.Nop(), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { relay.Run(ctx) })
	defer running.Wait()
	defer cancel()
	until(t, "the outbox is empty", func() bool {
		n, err := w.store.OutboxSize(t.Context())
		return err == nil && n == 0
	})
}
