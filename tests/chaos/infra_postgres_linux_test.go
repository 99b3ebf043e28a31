package chaos

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/embeddedpostgres"
	"github.com/tasktracker/tasktracker/tests/line"
)

// Postgres is a PostgreSQL server of one test's own, which the test may kill, stop and
// start again: at the same address, on the same data, with nobody else to restart it.
type Postgres struct {
	// URL is the address of an empty database.
	URL string

	t       testing.TB
	command exec.Cmd // how to start it
	log     string   // a file
	pid     int
	ended   chan struct{} // closed when the process of this pid has ended
}

// StartPostgres makes a database in dir/postgres, or wherever the server's account may go,
// and runs a server on it until the test ends.
func StartPostgres(t testing.TB, dir string) *Postgres {
	t.Helper()
	line.RemoveData(t, dir)
	// The package finds account, place and binaries; its supervision is not wanted here.
	server, err := embeddedpostgres.Start(t.Context(), embeddedpostgres.Config{
		DataDir: dir, Log: zerolog.Nop(),
		// The machine stays up, whatever is killed on it.
		Settings: map[string]string{"fsync": "off", "shared_buffers": "32MB", "min_wal_size": "32MB", "max_wal_size": "64MB"},
	})
	if err != nil {
		t.Fatal(err)
	}
	p := &Postgres{t: t, URL: server.URL(), log: filepath.Join(t.TempDir(), "postgres.log")}
	err = p.learn(server.Dir())
	if stopped := server.Stop(context.WithoutCancel(t.Context())); err != nil || stopped != nil {
		t.Fatal(err, stopped)
	}
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			log, _ := os.ReadFile(p.log)
			t.Logf("log of PostgreSQL:\n%s", log[max(0, len(log)-4000):])
		}
	})
	p.Start()
	return p
}

// learn takes over how the running server of a place was started.
func (p *Postgres) learn(place string) error {
	text, err := os.ReadFile(filepath.Join(place, "data", "postmaster.pid"))
	if err != nil {
		return err
	}
	pid, _, _ := strings.Cut(string(text), "\n")
	proc := filepath.Join("/proc", pid)
	program, err := os.Readlink(filepath.Join(proc, "exe"))
	if err != nil {
		return err
	}
	args, err := os.ReadFile(filepath.Join(proc, "cmdline"))
	if err != nil {
		return err
	}
	env, err := os.ReadFile(filepath.Join(proc, "environ"))
	if err != nil {
		return err
	}
	info, err := os.Stat(filepath.Join(place, "data"))
	if err != nil {
		return err
	}
	split := func(list []byte) []string { return strings.Split(string(bytes.TrimRight(list, "\x00")), "\x00") }
	p.command = exec.Cmd{Path: program, Args: split(args), Env: split(env), Dir: place}
	// The kernel ends it with this program, however that ends.
	p.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && os.Geteuid() == 0 {
		p.command.SysProcAttr.Credential = &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}
	}
	return nil
}

// Start starts the server after Kill or Shutdown, and returns when it answers.
func (p *Postgres) Start() {
	p.t.Helper()
	p.begin()
	var last error
	line.Eventually(p.t, func() bool {
		select {
		case <-p.ended: // what a killed server left takes a moment to go
			p.begin()
		default:
		}
		last = p.ping()
		return last == nil
	}, func() string { return fmt.Sprintf("PostgreSQL does not answer: %v", last) })
}

func (p *Postgres) ping() error {
	conn, err := pgx.Connect(p.t.Context(), p.URL)
	if err != nil {
		return err
	}
	return conn.Close(p.t.Context())
}

// begin starts the process.
func (p *Postgres) begin() {
	p.t.Helper()
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		p.t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Cmd{Path: p.command.Path, Args: p.command.Args, Env: p.command.Env, Dir: p.command.Dir, SysProcAttr: p.command.SysProcAttr, Stdout: log, Stderr: log}
	started, ended := make(chan error), make(chan struct{})
	go func() {
		defer close(ended)
		// The kernel takes the end of the thread that started it for the end of its parent.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		p.t.Fatal(err)
	}
	p.pid, p.ended = cmd.Process.Pid, ended
}

// Kill is kill -9 of all of its processes.
func (p *Postgres) Kill() {
	p.t.Helper()
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// Shutdown stops the server as its operator does, sessions ended first.
func (p *Postgres) Shutdown() {
	p.t.Helper()
	_ = syscall.Kill(p.pid, syscall.SIGINT)
	<-p.ended
}

// Pause stops all of its processes where they are (SIGSTOP): connections stay, new ones
// are taken by the kernel, nothing answers.
func (p *Postgres) Pause() { p.t.Helper(); p.signal(syscall.SIGSTOP) }

// Resume lets them go on after Pause.
func (p *Postgres) Resume() { p.t.Helper(); p.signal(syscall.SIGCONT) }

func (p *Postgres) signal(sig syscall.Signal) {
	p.t.Helper()
	select {
	case <-p.ended:
		return
	default:
	}
	// The first one makes the others: it must be the first to stand still.
	_ = syscall.Kill(p.pid, sig)
	for _, pid := range line.Descendants(p.t, p.pid) {
		_ = syscall.Kill(pid, sig)
	}
}
