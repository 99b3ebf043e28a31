//go:build unix

package embeddedpostgres

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"
)

const (
	// maxLogLine and keptLines bound what the server's output can take.
	maxLogLine = 8 << 10
	keptLines  = 12

	// readyPoll is the time between two attempts to connect to a new server.
	readyPoll = 25 * time.Millisecond
)

// process is one run of the server.
type process struct {
	cmd     *exec.Cmd
	exited  chan struct{} // closed when err is set
	err     error         // why it ended; read after exited
	started time.Time

	mu   sync.Mutex
	tail []string // the last lines that it printed
}

// startProcess starts the server. The caller stays on its thread while the
// server lives (see dieWithUs).
func startProcess(p place, bin binaries, args []string, log zerolog.Logger) (*process, error) {
	output, writer, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe for the server's log: %w", err)
	}
	defer writer.Close()
	cmd := p.account.command(context.Background(), p.dir, bin.program("postgres"), args...)
	cmd.Stdout, cmd.Stderr = writer, writer
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start PostgreSQL: %w", err), output.Close())
	}
	proc := &process{cmd: cmd, exited: make(chan struct{}), started: time.Now()}
	read := make(chan struct{})
	go func() {
		defer close(read)
		proc.follow(output, log)
	}()
	go func() {
		defer close(proc.exited)
		err := cmd.Wait()
		// Backends of a killed server hold the pipe until they notice.
		select {
		case <-read:
		case <-time.After(immediateTimeout):
		}
		_ = output.Close()
		<-read
		proc.err = proc.explain(err)
	}()
	return proc, nil
}

// follow logs the server's lines, and goes on reading whatever they are: a
// server whose pipe is full would stand still.
func (proc *process) follow(output io.Reader, log zerolog.Logger) {
	reader := bufio.NewReaderSize(output, maxLogLine)
	for {
		line, more, err := reader.ReadLine()
		if err != nil {
			return
		}
		proc.line(string(line), log)
		for more && err == nil { // the rest of a line that is too long
			_, more, err = reader.ReadLine()
		}
	}
}

func (proc *process) line(line string, log zerolog.Logger) {
	proc.mu.Lock()
	proc.tail = append(proc.tail, line)
	proc.tail = proc.tail[max(0, len(proc.tail)-keptLines):]
	proc.mu.Unlock()
	level := zerolog.DebugLevel
	switch severity, _, _ := strings.Cut(line, ":"); severity {
	case "WARNING":
		level = zerolog.WarnLevel
	case "PANIC":
		level = zerolog.ErrorLevel
	}
	log.WithLevel(level).Str("component", "postgresql").Msg(line)
}

func (proc *process) explain(err error) error {
	proc.mu.Lock()
	defer proc.mu.Unlock()
	status := "exit status 0"
	if err != nil {
		status = err.Error()
	}
	return fmt.Errorf("PostgreSQL ended (%s): %s", status, strings.Join(proc.tail, " | "))
}

// awaitReady returns when the server answers at url, or why it does not. A
// server that is recovering from a crash may take its time; ctx bounds it.
func (proc *process) awaitReady(ctx context.Context, url string) error {
	ticker := time.NewTicker(readyPoll)
	defer ticker.Stop()
	for {
		conn, err := pgx.Connect(ctx, url)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-proc.exited:
			return proc.err
		case <-ctx.Done():
			return fmt.Errorf("wait for PostgreSQL to answer: %w", context.Cause(ctx))
		case <-ticker.C:
		}
	}
}

// shutdown ends the server and returns when it is gone: fast, then (after
// fastTimeout, or as soon as hurry is closed) immediately, then by SIGKILL.
func (proc *process) shutdown(hurry <-chan struct{}) {
	for _, step := range []struct {
		signal syscall.Signal
		limit  time.Duration
		hurry  <-chan struct{}
	}{{syscall.SIGINT, fastTimeout, hurry}, {syscall.SIGQUIT, immediateTimeout, nil}, {syscall.SIGKILL, time.Hour, nil}} {
		_ = proc.cmd.Process.Signal(step.signal) // fails when it is gone, which is what we wait for
		select {
		case <-proc.exited:
			return
		case <-step.hurry:
		case <-time.After(step.limit):
		}
	}
}
