package line

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// NATS is a real nats-server with JetStream, as a process of its own.
type NATS struct {
	// URL is where clients reach it, the same after a restart.
	URL string

	t       testing.TB
	binary  string
	env     map[string]string
	dir     string
	options []string
	server  *Process
}

// StartNATS runs a server on a free port. options are further arguments of
// nats-server.
func StartNATS(t testing.TB, options ...string) *NATS {
	t.Helper()
	return StartNATSBinary(t, "nats-server", nil, options...)
}

// StartNATSBinary is StartNATS with another build of the server and with an environment.
func StartNATSBinary(t testing.TB, binary string, env map[string]string, options ...string) *NATS {
	t.Helper()
	n := &NATS{t: t, binary: binary, env: env, dir: t.TempDir(), options: options}
	n.start("127.0.0.1:" + FreePort(t)) // which it has again after Restart
	return n
}

func (n *NATS) start(address string) {
	n.t.Helper()
	n.server = Start(n.t, n.binary, n.env, func(cmd *exec.Cmd) {
		cmd.Args = append(cmd.Args, "-js", "-sd", filepath.Join(n.dir, "js"), "-l", filepath.Join(n.dir, "nats.log"),
			"-a", "127.0.0.1", "-p", address[len("127.0.0.1:"):], "--ports_file_dir", n.dir)
		cmd.Args = append(cmd.Args, n.options...)
	})
	file := filepath.Join(n.dir, fmt.Sprintf("nats-server_%d.ports", n.server.Cmd.Process.Pid))
	var ports struct{ NATS []string }
	Eventually(n.t, func() bool {
		select {
		case <-n.server.Ended():
			n.t.Fatalf("nats-server ended at its start:\n%s", n.Log())
		default:
		}
		data, err := os.ReadFile(file)
		return err == nil && json.Unmarshal(data, &ports) == nil && len(ports.NATS) > 0
	}, func() string { return "nats-server wrote no ports file:\n" + n.Log() })
	n.URL = ports.NATS[0]
}

// Stop ends the server by a signal and waits for the end.
func (n *NATS) Stop(sig syscall.Signal) {
	n.t.Helper()
	n.server.Stop(sig)
}

// Restart starts it again after Stop, on the same port and with what it had stored.
func (n *NATS) Restart() {
	n.t.Helper()
	n.start(n.URL[len("nats://"):])
}

// Process is the server's process; another one after Restart.
func (n *NATS) Process() *Process { return n.server }

// Log is what the server has logged.
func (n *NATS) Log() string {
	data, err := os.ReadFile(filepath.Join(n.dir, "nats.log"))
	if err != nil {
		return err.Error()
	}
	return tail(string(data))
}
