//go:build unix

package embeddedpostgres_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/embeddedpostgres"
)

// running is what Running says of a directory.
func running(t *testing.T, dir string) string {
	t.Helper()
	address, err := embeddedpostgres.Running(dir)
	if err != nil {
		t.Fatalf("running: %v", err)
	}
	return address
}

func TestRunning(t *testing.T) {
	t.Parallel()
	dir := reachableDir(t)
	if got := running(t, dir); got != "" {
		t.Errorf("where nothing was ever started: %q", got)
	}
	program, address := startProgram(t, dir)
	if got := running(t, dir); got != address {
		t.Errorf("while another program runs it: %q, want %q", got, address)
	}
	if got := query(t, running(t, dir), `SELECT 'it answers'`); got != "it answers" {
		t.Errorf("it says %q", got)
	}
	kill(t, program)
	server := start(t, testConfig(dir)) // which ends what the program left
	pidFile := filepath.Join(server.Dir(), "data", "postmaster.pid")
	left, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	stop(t, server)
	if got := running(t, dir); got != "" {
		t.Errorf("after a stop: %q", got)
	}
	// As a power cut leaves it: the number is of no process, or of another one by now.
	if err := os.WriteFile(pidFile, left, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := running(t, dir); got != "" {
		t.Errorf("with the file of a server that has gone: %q", got)
	}
	if err := os.WriteFile(pidFile, []byte("no number\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := embeddedpostgres.Running(dir); err == nil {
		t.Errorf("with a file that makes no sense: %q", got)
	}
	if err := os.Remove(pidFile); err != nil {
		t.Fatal(err)
	}
}
