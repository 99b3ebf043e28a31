package api_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/pkg/store/storetest"
	"github.com/tasktracker/tasktracker/services/api"
)

const (
	benchRate    = 200 // requests a second, of all kinds together
	benchSeconds = 30
	benchWarmUp  = 10 // seconds
)

// BenchmarkAPIOverAMillionMessages asks the api, over 1,000,000 messages and 100,000
// tasks, 200 requests a second of every kind in turn, each when it is due whether or not
// those before are answered. It prints p50 and p99 of each kind, from when a request was
// due, and the processor time of a request: of this process, load generator included,
// and of PostgreSQL.
func BenchmarkAPIOverAMillionMessages(b *testing.B) {
	pool := postgrestest.New(b)
	if err := storetest.LoadMillion(b.Context(), pool); err != nil {
		b.Fatal(err)
	}
	if _, err := pool.Exec(b.Context(), "DELETE FROM tasks WHERE id % 2 = 0"); err != nil {
		b.Fatal(err)
	}
	if _, err := pool.Exec(b.Context(), "VACUUM ANALYZE tasks"); err != nil {
		b.Fatal(err)
	}
	w := onPool(b, api.Config{}, pool)
	w.client.CloseIdleConnections()
	w.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}} // without the checks of tests
	b.Cleanup(w.client.CloseIdleConnections)
	kinds := benchKinds(w)
	names := make([]string, 0, len(kinds))
	for name := range kinds {
		names = append(names, name)
	}
	slices.Sort(names)
	openLoop(w, names, kinds, benchWarmUp) // every connection's first request of a kind finds its caches cold
	b.ResetTimer()
	for range b.N {
		own, database := processorTime(b), databaseTime()
		took := openLoop(w, names, kinds, benchSeconds)
		n := float64(benchRate * benchSeconds)
		for _, name := range names {
			fmt.Printf("%-28s p50 %6.2f ms  p99 %6.2f ms  of %d\n", name, quantile(took[name], 0.5), quantile(took[name], 0.99), len(took[name]))
		}
		fmt.Printf("CPU a request: %.2f ms api with the load, %.2f ms PostgreSQL\n",
			1e3*(processorTime(b)-own).Seconds()/n, 1e3*(databaseTime()-database).Seconds()/n)
	}
}

// benchKinds are the paths of each kind of request.
func benchKinds(w *world) map[string][]string {
	deep := func(filter string) []string {
		var paths []string
		for _, day := range []string{"2024-06-01", "2025-01-15", "2025-08-20"} {
			_, _, header := w.call(http.MethodGet, "/api/messages?limit=50&date_to="+day+filter, "")
			cursor := header.Get("X-Next-Cursor")
			if cursor == "" {
				w.t.Fatalf("no page after %s%s", day, filter)
			}
			paths = append(paths, "/api/messages?limit=50&cursor="+cursor+filter)
		}
		return paths
	}
	q := url.QueryEscape
	return map[string][]string{
		"messages: first page": {"/api/messages"},
		"messages: filtered": {"/api/messages?author=author+12", "/api/messages?source=tele&classification=issue", "/api/messages?chat_id=-1",
			"/api/messages?author=4242", "/api/messages?date_from=2026-01-10&date_to=2026-01-12&tz=Europe/Kyiv", "/api/messages?chat_id=-999&classification=issue"},
		"messages: deep":             deep(""),
		"messages: deep, filtered":   append(deep("&classification=issue&source=tele"), deep("&author=author+12")...),
		"messages: search":           {"/api/messages?q=" + q("каса"), "/api/messages?q=" + q("деплой"), "/api/messages?q=LL-4242", "/api/messages?q=w77", "/api/messages?q=w77+v7"},
		"messages: search, filtered": {"/api/messages?q=" + q("каса") + "&classification=issue", "/api/messages?q=w77&author=author+12", "/api/messages?q=v7&chat_id=-3"},
		"messages: filters":          {"/api/messages/filters"},
		"message":                    {"/api/messages/500000", "/api/messages/900003"},
		"tasks: first page":          {"/api/tasks?limit=50"},
		"tasks: filtered":            {"/api/tasks?limit=50&status=open&priority=high", "/api/tasks?limit=50&q=task", "/api/tasks?limit=50&q=LL-4241", "/api/tasks?limit=50&source=telegram&category=bug"},
		"stats":                      {"/api/stats"},
		"activity: week":             {"/api/activity?period=week&tz=Europe/Kyiv"},
		"activity: month":            {"/api/activity?period=month&month=1&year=2026&tz=Europe/Kyiv", "/api/activity?period=month&month=6&year=2025"},
	}
}

// openLoop sends every request when it is due, for so many seconds, and returns the
// milliseconds of each kind.
func openLoop(w *world, names []string, kinds map[string][]string, seconds int) map[string][]float64 {
	var (
		mu    sync.Mutex
		wg    sync.WaitGroup
		took  = map[string][]float64{}
		start = time.Now()
	)
	for i := range benchRate * seconds {
		due := start.Add(time.Duration(i) * time.Second / benchRate)
		time.Sleep(time.Until(due))
		name := names[i%len(names)]
		path := kinds[name][i/len(names)%len(kinds[name])]
		wg.Go(func() {
			benchGet(w, path)
			ms := float64(time.Since(due)) / 1e6
			mu.Lock()
			defer mu.Unlock()
			took[name] = append(took[name], ms)
		})
	}
	wg.Wait()
	return took
}

func benchGet(w *world, path string) {
	resp, err := w.client.Get(w.url + path)
	if err != nil {
		w.t.Error(err)
		return
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		w.t.Errorf("%s: %d %v", path, resp.StatusCode, err)
	}
}

func quantile(all []float64, q float64) float64 {
	slices.Sort(all)
	return all[int(q*float64(len(all)-1))]
}

// processorTime is what this process has used.
func processorTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// databaseTime is what PostgreSQL, which this process started, has used: all that descend
// from this process, by /proc; 0 elsewhere than on Linux, and for a server of one's own.
func databaseTime() time.Duration {
	children, ticks := map[int][]int{}, map[int]int64{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue // has ended
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])) // from the third on
		if err != nil || len(fields) < 15 {
			continue
		}
		parent, _ := strconv.Atoi(fields[1])
		children[parent] = append(children[parent], pid)
		for _, field := range fields[11:15] { // its own time, and that of children who have ended
			n, _ := strconv.ParseInt(field, 10, 64)
			ticks[pid] += n
		}
	}
	var sum int64
	for waiting := slices.Clone(children[os.Getpid()]); len(waiting) > 0; waiting = waiting[1:] {
		sum += ticks[waiting[0]]
		waiting = append(waiting, children[waiting[0]]...)
	}
	return time.Duration(sum) * 10 * time.Millisecond // USER_HZ is 100
}
