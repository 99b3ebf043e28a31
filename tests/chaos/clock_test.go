package chaos

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/tests/line"
)

// The clock of a program in Go cannot be changed from outside without changing the
// machine's: libfaketime stands between a program and the C library, which Go does not
// ask. So the same sources are built with a standard library whose time.Now goes back by
// an hour, a number of seconds after the start. Time that only grows (timers, time.Since)
// is as always, as it is where somebody sets a clock.
const (
	clockBack    = time.Hour
	clockBackEnv = "CLOCK_BACK_AFTER"
	clockDir     = "clock"

	nowAsItIs  = "func Now() Time {\n\tsec, nsec, mono := runtimeNow()\n"
	nowSetBack = nowAsItIs + "\tif clockBackAfter > 0 && mono-startNano > clockBackAfter {\n\t\tsec -= 3600\n\t}\n"

	clockSource = `package time

import "syscall"

// clockBackAfter is after how many nanoseconds the clock is set back; 0: never.
var clockBackAfter = func() int64 {
	text, _ := syscall.Getenv("` + clockBackEnv + `")
	d, _ := ParseDuration(text)
	return int64(d)
}()
`
)

// buildWithClock builds the services and the broker so; once for all tests.
var buildWithClock = sync.OnceValue(func() error {
	dir, err := os.MkdirTemp("", "tasktracker-clock-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return err
	}
	library := filepath.Join(strings.TrimSpace(string(out)), "src", "time")
	source, err := os.ReadFile(filepath.Join(library, "time.go"))
	if err != nil {
		return err
	}
	replace := map[string]string{}
	for name, text := range map[string]string{
		"time.go":       strings.Replace(string(source), nowAsItIs, nowSetBack, 1),
		"clock_back.go": clockSource,
	} {
		replace[filepath.Join(library, name)] = filepath.Join(dir, name)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o644); err != nil {
		return err
	}
	return line.Build(clockDir, []string{"-overlay", file}, "./services/api/cmd/...", "./services/ingest/cmd/...",
		"./services/realtime-gateway/cmd/...", "./services/worker/cmd/...", "github.com/nats-io/nats-server/v2")
})

// wentBack fails where a process's own log does not show that its clock was set back.
func wentBack(t *testing.T, p *line.Process) {
	t.Helper()
	var last time.Time
	for text := range strings.Lines(p.Output()) {
		var entry struct{ Time time.Time }
		if json.Unmarshal([]byte(text), &entry) != nil || entry.Time.IsZero() {
			continue
		}
		if entry.Time.Before(last.Add(-clockBack / 2)) {
			return
		}
		last = entry.Time
	}
	t.Errorf("the log of %s does not go back:\n%s", p.Name, p.Output())
}

// The clocks of all services are set back by an hour, each at another moment, while
// messages flow and workers are killed.
func TestTheClockOfTheServicesIsSetBack(t *testing.T) {
	long(t)
	if err := buildWithClock(); err != nil {
		t.Fatal(err)
	}
	database := postgrestest.URL(t)
	cfg := Config{
		NATSURL: line.StartNATS(t).URL, DatabaseURL: database,
		Binaries: map[string]string{}, Of: map[string]map[string]string{},
	}
	random := moments(t)
	for _, name := range []string{Ingest, Worker, Gateway, API} {
		cfg.Binaries[name] = filepath.Join(clockDir, name)
		after := 4*time.Second + time.Duration(random.Int64N(int64(4*time.Second)))
		cfg.Of[name] = map[string]string{clockBackEnv: after.String()}
	}
	l := StartLine(t, cfg)
	client := StartClient(t, l.Base)
	load := StartLoad(t, l.Base)
	load.AwaitAccepted(12 * perSecond) // twelve seconds' worth: every clock has been set back meanwhile
	var first []*line.Process
	for _, c := range l.All() {
		first = append(first, c.Process())
	}
	for _, c := range l.All(Worker) { // what it had in hand is delivered again, by clocks that disagree
		c.Kill()
		c.Start()
	}
	for _, c := range l.All(Ingest, Gateway, API) {
		stopAsOrchestrator(t, c) // its last line tells the time
		c.Start()
	}
	l.AwaitReady()
	load.AwaitAccepted(perSecond)
	Verify(t, load.Stop(), l.Base, database, client)
	for _, p := range first {
		if p.Name != cfg.Binaries[Worker] {
			wentBack(t, p)
		}
	}
	t.Log(load, client)
}

// The clock of the broker is set back by an hour, and the broker restarted later.
func TestTheClockOfTheBrokerIsSetBack(t *testing.T) {
	long(t)
	if err := buildWithClock(); err != nil {
		t.Fatal(err)
	}
	database := postgrestest.URL(t)
	server := line.StartNATSBinary(t, filepath.Join(clockDir, "nats-server"), map[string]string{clockBackEnv: "8s"})
	l := StartLine(t, Config{NATSURL: server.URL, DatabaseURL: database})
	client := StartClient(t, l.Base)
	load := StartLoad(t, l.Base)
	load.AwaitAccepted(12 * perSecond)
	before := connectJetStream(t, server.URL)
	stream, err := before.Stream(t.Context(), "EVENTS")
	if err != nil {
		t.Fatal(err)
	}
	if last := stream.CachedInfo().State.LastTime; time.Since(last) < clockBack/2 {
		t.Fatalf("the broker's clock says %s: it was not set back", last)
	}
	Verify(t, load.Stop(), l.Base, database, client)
	t.Log(load, client)
}
