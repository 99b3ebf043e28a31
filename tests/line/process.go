package line

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Process is one program, running.
type Process struct {
	// Name is the name of the binary.
	Name string
	// Cmd may be read once the process has ended, and its Process.Pid before.
	Cmd *exec.Cmd

	t         testing.TB
	listening chan struct{} // closed once address is set
	address   string
	ended     chan struct{}

	mu  sync.Mutex
	log strings.Builder
}

// settingsKey is of processes that are started without a key of their own.
const settingsKey = "kR3vQ8m2Zt6Yp0Xw9Lb4Nd7Hs1Jf5GcA"

// Start runs a binary that Main has built, with this environment and nothing else of
// ours; its output is shown when the test fails. It is stopped when the test ends.
func Start(t testing.TB, name string, env map[string]string, options ...func(*exec.Cmd)) *Process {
	t.Helper()
	p := &Process{t: t, Name: name, listening: make(chan struct{}), ended: make(chan struct{})}
	p.Cmd = exec.Command(Binary(name))
	p.Cmd.Dir = t.TempDir() // no .env of the checkout
	// Conversations are judged after all tests: they count tasks that they made themselves.
	p.Cmd.Env = []string{"CLASSIFY_QUIET=10m", "PATH=" + os.Getenv("PATH"), "HOME=" + p.Cmd.Dir, "SETTINGS_ENCRYPTION_KEY=" + settingsKey}
	for key, value := range env {
		p.Cmd.Env = append(p.Cmd.Env, key+"="+value)
	}
	for _, option := range options {
		option(p.Cmd)
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p.Cmd.Stdout, p.Cmd.Stderr = writer, writer
	if err := p.Cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	writer.Close()
	read := make(chan struct{})
	go p.read(reader, read)
	go func() {
		_ = p.Cmd.Wait() // the exit code is read from ProcessState
		<-read
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.Stop(syscall.SIGTERM)
		if t.Failed() {
			t.Logf("output of %s:\n%s", name, tail(p.Output()))
		}
	})
	return p
}

// maxShown bounds how much of a process's output a failed test shows, in bytes.
const maxShown = 20_000

func tail(s string) string {
	if len(s) <= maxShown {
		return s
	}
	return "...\n" + s[len(s)-maxShown:]
}

// read keeps the output and finds the address in the line that says "started".
func (p *Process) read(r io.ReadCloser, done chan struct{}) {
	defer close(done)
	defer r.Close()
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		p.mu.Lock()
		p.log.WriteString(lines.Text() + "\n")
		p.mu.Unlock()
		var line struct{ Message, Address string }
		if p.address == "" && json.Unmarshal(lines.Bytes(), &line) == nil && line.Message == "started" && line.Address != "" {
			p.address = line.Address
			close(p.listening)
		}
	}
}

// Output is what the process has written so far.
func (p *Process) Output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// Ended is closed when the process has ended.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Listening is closed when the process listens: Base may be called then.
func (p *Process) Listening() <-chan struct{} { return p.listening }

// Base is the base URL of a process that listens.
func (p *Process) Base() string {
	<-p.listening
	return "http://" + strings.Replace(p.address, "[::]", "127.0.0.1", 1)
}

// URL waits until the process listens, then until it is ready, and gives its base URL.
func (p *Process) URL() string {
	p.t.Helper()
	select {
	case <-p.listening:
		base := p.Base()
		p.waitReady(base)
		return base
	case <-p.ended:
		p.t.Fatalf("%s ended before it listened:\n%s", p.Name, p.Output())
	case <-time.After(Patience):
		p.t.Fatalf("%s does not listen:\n%s", p.Name, p.Output())
	}
	return ""
}

func (p *Process) waitReady(base string) {
	p.t.Helper()
	last := ""
	Eventually(p.t, func() bool {
		select {
		case <-p.ended:
			p.t.Fatalf("%s ended before it was ready:\n%s", p.Name, p.Output())
		default:
		}
		resp, err := http.Get(base + "/readyz")
		if err != nil {
			last = err.Error()
			return false
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		last = string(body)
		return resp.StatusCode == http.StatusOK
	}, func() string { return p.Name + " is not ready: " + last })
}

// Stop sends a signal and waits for the end; the exit code is returned, -1 for one
// that a signal ended.
func (p *Process) Stop(sig os.Signal) int {
	p.t.Helper()
	select {
	case <-p.ended:
	default:
		_ = p.Cmd.Process.Signal(sig) // it may just have ended
		select {
		case <-p.ended:
		case <-time.After(Patience):
			_ = p.Cmd.Process.Signal(syscall.SIGQUIT) // Go prints where every goroutine is
			select {
			case <-p.ended:
			case <-time.After(Patience):
				_ = p.Cmd.Process.Kill()
				<-p.ended
			}
			p.t.Errorf("%s did not stop:\n%s", p.Name, p.Output())
		}
	}
	return p.ExitCode()
}

// ExitCode waits for the end of the process.
func (p *Process) ExitCode() int {
	<-p.ended
	return p.Cmd.ProcessState.ExitCode()
}
