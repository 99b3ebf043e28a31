// Package backup_test backs the real product up while messages flow, and restores it.
package backup_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/tests/line"
)

func TestMain(m *testing.M) { os.Exit(line.Main(m)) }

// tool runs the operator's tool as an operator does, and returns its exit code and
// what it said.
func tool(t testing.TB, env map[string]string, args ...string) (int, string) {
	t.Helper()
	cmd := exec.Command(line.Binary("tasktracker"), args...)
	cmd.Dir = line.Root() // where it finds PostgreSQL's binaries
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	for key, value := range env {
		cmd.Env = append(cmd.Env, key+"="+value)
	}
	said, err := cmd.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatalf("run tasktracker %q: %v (%v)", args, err, exit)
	}
	t.Logf("tasktracker %q: %s", args, said)
	return cmd.ProcessState.ExitCode(), string(said)
}

func mustTool(t testing.TB, env map[string]string, args ...string) string {
	t.Helper()
	code, said := tool(t, env, args...)
	if code != 0 {
		t.Fatalf("tasktracker %q: exit code %d", args, code)
	}
	return said
}

// system is a running product.
type system struct {
	// webhook and api are base URLs; env is what the operator's tool needs.
	webhook, api string
	env          map[string]string
	processes    []*line.Process
}

func (s *system) stop(t testing.TB) {
	t.Helper()
	for _, p := range s.processes {
		if code := p.Stop(syscall.SIGTERM); code != 0 {
			t.Errorf("%s exited with %d", p.Name, code)
		}
	}
}

// place is somewhere to run and restore the product.
type place interface {
	env() map[string]string
	start(t testing.TB) *system
}

// dataDir is a standalone's.
type dataDir string

func newDataDir(t testing.TB) place { return dataDir(line.DataDir(t)) }

func (d dataDir) env() map[string]string {
	return map[string]string{"DATA_DIR": string(d), "NATS_SYNC": "interval"}
}

func (d dataDir) start(t testing.TB) *system {
	p := line.StartStandalone(t, string(d), nil)
	return &system{webhook: p.URL(), api: p.URL(), env: d.env(), processes: []*line.Process{p}}
}

// servers is a PostgreSQL and a NATS server for services as processes of their own.
type servers map[string]string

func newServers(t testing.TB) place {
	return servers{"DATABASE_URL": postgrestest.EmptyURL(t), "NATS_URL": line.StartNATS(t).URL, "NATS_SYNC": "interval"}
}

func (s servers) env() map[string]string { return s }

func (s servers) start(t testing.TB) *system {
	env := map[string]string{"HTTP_ADDR": "127.0.0.1:0"}
	for key, value := range s {
		env[key] = value
	}
	started := &system{env: s}
	for _, name := range []string{"worker", "ingest", "realtime-gateway", "api"} {
		started.processes = append(started.processes, line.Start(t, name, env))
	}
	started.processes[0].URL()
	started.webhook, started.api = started.processes[1].URL(), started.processes[3].URL()
	return started
}

func backupFile(t testing.TB) string { return filepath.Join(t.TempDir(), "backup.tar.zst") }
