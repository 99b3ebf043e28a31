package tests

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait for something that has to come; nothing is asserted
// about how long it takes.
const patience = 60 * time.Second

// process is one of our binaries, running.
type process struct {
	t       *testing.T
	name    string
	cmd     *exec.Cmd
	address chan string
	ended   chan struct{}

	mu  sync.Mutex
	log strings.Builder
}

// start runs a binary with this environment and nothing else of ours; its output
// is shown when the test fails.
func start(t *testing.T, name string, env map[string]string, options ...func(*exec.Cmd)) *process {
	t.Helper()
	p := &process{t: t, name: name, address: make(chan string, 1), ended: make(chan struct{})}
	p.cmd = exec.Command(filepath.Join(bin, name))
	p.cmd.Dir = t.TempDir() // no .env of the checkout
	p.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.cmd.Dir}
	for key, value := range env {
		p.cmd.Env = append(p.cmd.Env, key+"="+value)
	}
	for _, option := range options {
		option(p.cmd)
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stdout, p.cmd.Stderr = writer, writer
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	writer.Close()
	read := make(chan struct{})
	go p.read(reader, read)
	go func() {
		_ = p.cmd.Wait() // the exit code is read from ProcessState
		<-read
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.stop(syscall.SIGTERM)
		if t.Failed() {
			t.Logf("output of %s:\n%s", name, p.output())
		}
	})
	return p
}

// read keeps the output and finds the address in the line that says "started".
func (p *process) read(r io.ReadCloser, done chan struct{}) {
	defer close(done)
	defer r.Close()
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		p.mu.Lock()
		p.log.WriteString(lines.Text() + "\n")
		p.mu.Unlock()
		var line struct{ Message, Address string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Message == "started" && line.Address != "" {
			select {
			case p.address <- line.Address:
			default:
			}
		}
	}
}

func (p *process) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// url waits until the process listens, then until it is ready, and gives its base URL.
func (p *process) url() string {
	p.t.Helper()
	select {
	case address := <-p.address:
		p.address <- address
		base := "http://" + strings.Replace(address, "[::]", "127.0.0.1", 1)
		p.waitReady(base)
		return base
	case <-p.ended:
		p.t.Fatalf("%s ended before it listened:\n%s", p.name, p.output())
	case <-time.After(patience):
		p.t.Fatalf("%s does not listen:\n%s", p.name, p.output())
	}
	return ""
}

func (p *process) waitReady(base string) {
	p.t.Helper()
	last := ""
	eventually(p.t, func() bool {
		select {
		case <-p.ended:
			p.t.Fatalf("%s ended before it was ready:\n%s", p.name, p.output())
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
	}, func() string { return p.name + " is not ready: " + last })
}

// stop sends a signal and waits for the end; the exit code is returned.
func (p *process) stop(sig os.Signal) int {
	p.t.Helper()
	select {
	case <-p.ended:
	default:
		_ = p.cmd.Process.Signal(sig) // it may just have ended
		select {
		case <-p.ended:
		case <-time.After(patience):
			_ = p.cmd.Process.Kill()
			<-p.ended
			p.t.Errorf("%s did not stop:\n%s", p.name, p.output())
		}
	}
	return p.cmd.ProcessState.ExitCode()
}

// eventually waits until ok is true, looking often; it is how these tests wait
// for what another process does.
func eventually(t *testing.T, ok func() bool, describe func() string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatal(describe())
		case <-tick.C:
		}
	}
}

// startNATS runs a real nats-server with JetStream as a process and gives its URL.
func startNATS(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command(filepath.Join(bin, "nats-server"), "-js", "-sd", filepath.Join(dir, "js"),
		"-a", "127.0.0.1", "-p", "-1", "--ports_file_dir", dir)
	if err := cmd.Start(); err != nil {
		t.Fatalf("start nats-server: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait() // by signal
	})
	file := filepath.Join(dir, fmt.Sprintf("nats-server_%d.ports", cmd.Process.Pid))
	var ports struct{ NATS []string }
	eventually(t, func() bool {
		data, err := os.ReadFile(file)
		return err == nil && json.Unmarshal(data, &ports) == nil && len(ports.NATS) > 0
	}, func() string { return "nats-server wrote no ports file" })
	return ports.NATS[0]
}
