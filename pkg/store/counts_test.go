package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/store"
)

// The hours that are counted as messages come and go are those that counting gives,
// whatever happened, wherever the period begins and whatever the clock of the zone.
func TestActivity_IsWhatCountingGives(t *testing.T) {
	t.Parallel()
	s, pool := world(t)
	var batch []store.Incoming
	for i := range 200 {
		at := noon.Add(time.Duration(i*i) * 13 * time.Second)
		batch = append(batch, incoming(fmt.Sprint(i), "x", sentAt(at), func(in *store.Incoming) {
			in.Message.SourceName = []string{"telegram", "mail"}[i%2]
			in.Chat = nil
		}))
	}
	save(t, s, batch[:150]...)
	save(t, store.New(pool), batch...) // the first again, and others
	save(t, s, incoming("7", "edited", edited(5, 2), sentAt(noon.Add(99*time.Hour)), func(in *store.Incoming) { in.Message.SourceName = "mail" }))
	exec(t, pool, "DELETE FROM messages WHERE id % 7 = 0; DELETE FROM messages WHERE external_message_id = 'none'")
	exec(t, pool, "UPDATE messages SET sent_at = sent_at + interval '90 minutes' WHERE id % 11 = 0")
	check := func() {
		t.Helper()
		for _, zone := range []string{"UTC", "Europe/Kyiv", "Asia/Kathmandu", "America/New_York"} {
			tz, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			for _, period := range [][2]time.Duration{{0, 200 * time.Hour}, {17 * time.Minute, 5*time.Hour + time.Second}, {time.Minute, 2 * time.Minute},
				{-time.Hour, 0}, {30 * time.Minute, 90 * time.Minute}, {time.Hour, time.Hour}} {
				from, to := noon.Add(period[0]), noon.Add(period[1])
				got, err := s.Activity(t.Context(), from, to, tz)
				if err != nil {
					t.Fatal(err)
				}
				rows, err := pool.Query(t.Context(), `SELECT date_trunc('hour', sent_at, $3) AS hour, s.name AS source, count(*) AS count FROM messages m
					JOIN sources s ON s.id = m.source_id WHERE sent_at >= $1 AND sent_at < $2 GROUP BY 1, 2 ORDER BY 1, 2`, from, to, zone)
				if err != nil {
					t.Fatal(err)
				}
				want, err := pgx.CollectRows(rows, pgx.RowToStructByName[store.ActivityBucket])
				if err != nil {
					t.Fatal(err)
				}
				if len(got) != len(want) {
					t.Fatalf("%s from %v to %v: %d hours, want %d", zone, period[0], period[1], len(got), len(want))
				}
				for i := range want {
					if !got[i].Hour.Equal(want[i].Hour) || got[i].Source != want[i].Source || got[i].Count != want[i].Count {
						t.Errorf("%s from %v to %v: %v, want %v", zone, period[0], period[1], got[i], want[i])
					}
				}
			}
		}
	}
	check()
	exec(t, pool, "TRUNCATE messages CASCADE")
	check()
	save(t, s, batch...)
	check()
}

func TestStats_AreWhatCountingGives(t *testing.T) {
	t.Parallel()
	s, pool := world(t)
	check := func() {
		t.Helper()
		got, err := s.Stats(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for column, counts := range map[string]map[string]int64{"status": got.All.ByStatus, "category": got.All.ByCategory, "priority": got.All.ByPriority} {
			for value, n := range counts {
				if want := count(t, pool, "SELECT count(*) FROM tasks WHERE "+column+" = $1", value); n != int64(want) {
					t.Errorf("%s %s: %d, want %d", column, value, n, want)
				}
			}
		}
		if n := count(t, pool, "SELECT count(*) FROM tasks"); got.All.Total != int64(n) || got.Trend.Total != int64(n) {
			t.Errorf("%d tasks, %d lately, want %d", got.All.Total, got.Trend.Total, n)
		}
	}
	check()
	for i := range 30 {
		n := newTask(fmt.Sprint(i))
		n.Category, n.Priority = store.Categories()[i%3], store.Priorities()[i%4]
		task := create(t, s, n)
		if i%2 == 0 {
			status := store.Statuses()[i%5]
			if _, err := s.UpdateTask(t.Context(), task.GetId(), user, func(e *store.TaskEdit) error { e.Status = status; return nil }); err != nil {
				t.Fatal(err)
			}
		}
	}
	check()
	exec(t, pool, "UPDATE tasks SET status = 'cancelled', category = 'chore' WHERE id % 3 = 0; UPDATE tasks SET title = 'x'; DELETE FROM tasks WHERE id % 4 = 0")
	check()
	exec(t, pool, "TRUNCATE tasks CASCADE")
	check()
	create(t, s, newTask("again"))
	check()
}

// The names of authors are those with messages, for a process that remembers them too.
func TestMessageFilters_ForgetNamesThatEditsLeaveWithoutMessages(t *testing.T) {
	t.Parallel()
	remembers, pool := world(t)
	writes := store.New(pool)
	check := func(want string) {
		t.Helper()
		for who, s := range map[string]*store.Store{"remembering": remembers, "new": store.New(pool)} {
			f, err := s.MessageFilters(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(strings.Fields(want), append([]string{}, f.Authors...)); diff != "" {
				t.Errorf("%s: %s", who, diff)
			}
		}
	}
	by := func(author string) func(*store.Incoming) {
		return func(in *store.Incoming) { in.Message.Author = author }
	}
	check("")
	save(t, writes, incoming("1", "x", by("Borys")), incoming("2", "x", by("Anna")))
	check("Anna Borys")
	save(t, writes, incoming("3", "x", by("Clara")), incoming("4", "x", by("")))
	check("Anna Borys Clara")
	save(t, writes, incoming("1", "y", by("Anna"), edited(1, 2)))
	check("Anna Clara")
	save(t, writes, incoming("5", "x", by("Borys")))
	check("Anna Borys Clara")
	exec(t, pool, "DELETE FROM messages WHERE external_message_id = '3'")
	check("Anna Borys")
	exec(t, pool, "INSERT INTO author_names (source_id, name) VALUES (1, 'Nobody')")
	check("Anna Borys")
	save(t, writes, incoming("6", "x", by("Nobody")))
	check("Anna Borys Nobody")
	exec(t, pool, "TRUNCATE messages CASCADE")
	check("")
	names := []string{"b", "a", "c"}
	for i, name := range names {
		save(t, writes, incoming(fmt.Sprint(i), "x", by(name)))
	}
	slices.Sort(names)
	check(strings.Join(names, " "))
}
