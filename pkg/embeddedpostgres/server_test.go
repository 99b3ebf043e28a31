//go:build unix

package embeddedpostgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/embeddedpostgres"
)

func TestStart_KeepsDataFromOneStartToTheNext(t *testing.T) {
	t.Parallel()
	cfg := embeddedpostgres.Config{DataDir: filepath.Join(reachableDir(t), "made", "by", "start")}
	first := start(t, cfg)
	execute(t, first.URL(), `CREATE TABLE kept (word text)`, `INSERT INTO kept VALUES ('ПРИВІТ Ґанок')`)
	pid := serverPID(t, first)
	stop(t, first)
	if alive(pid) {
		t.Errorf("process %d is there after Stop", pid)
	}

	second := start(t, cfg)
	if first.Dir() != second.Dir() {
		t.Errorf("placed in %s, then in %s", first.Dir(), second.Dir())
	}
	got := query(t, second.URL(), `SELECT lower(word) FROM kept WHERE word ILIKE '%привіт%'`)
	if want := "привіт ґанок"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStart_SettlesForDurability(t *testing.T) {
	t.Parallel()
	server := start(t, embeddedpostgres.Config{DataDir: reachableDir(t), Settings: map[string]string{"work_mem": "5MB"}})
	want := map[string]string{
		"server_version_num": "18", "fsync": "on", "synchronous_commit": "on", "data_checksums": "on", "server_encoding": "UTF8",
		"listen_addresses": "127.0.0.1", "TimeZone": "UTC", "password_encryption": "scram-sha-256", "work_mem": "5MB",
	}
	got := map[string]string{}
	for name := range want {
		got[name] = query(t, server.URL(), "SHOW "+name)
	}
	got["server_version_num"] = got["server_version_num"][:2]
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	if info, err := os.Stat(filepath.Join(server.Dir(), "password")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("password file: %v, %v", info, err)
	}
	wrong := strings.Replace(server.URL(), "tasktracker:", "tasktracker:x", 1)
	if pool, err := pgxpool.New(t.Context(), wrong); err != nil || pool.Ping(t.Context()) == nil {
		t.Error("a wrong password was let in")
	} else {
		pool.Close()
	}
}

func TestStart_RunsTheServerApartFromUs(t *testing.T) {
	t.Parallel()
	server := start(t, testConfig(reachableDir(t)))
	pid := serverPID(t, server)
	group, err := syscall.Getpgid(pid)
	if err != nil || group != pid {
		t.Errorf("the server's process group is %d (%v), want its own, %d: Ctrl-C would reach it", group, err, pid)
	}
	if environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid)); err == nil && strings.Contains(string(environ), "PATH=") {
		t.Error("the server was given our environment")
	}
}

func TestStart_RefusesADirectoryInUse(t *testing.T) {
	t.Parallel()
	cfg := testConfig(reachableDir(t))
	start(t, cfg)
	_, err := embeddedpostgres.Start(t.Context(), cfg)
	if !errors.Is(err, embeddedpostgres.ErrInUse) || !strings.Contains(err.Error(), fmt.Sprintf("process %d ", os.Getpid())) || !strings.Contains(err.Error(), cfg.DataDir) {
		t.Errorf("second start: %v; want ErrInUse naming us and the directory", err)
	}
	if err := embeddedpostgres.Remove(t.Context(), cfg.DataDir, zerolog.Nop()); !errors.Is(err, embeddedpostgres.ErrInUse) {
		t.Errorf("remove: %v; want ErrInUse", err)
	}
}

func TestStart_TwoAtOnce(t *testing.T) {
	t.Parallel()
	one, two := start(t, testConfig(reachableDir(t))), start(t, testConfig(reachableDir(t)))
	execute(t, one.URL(), `CREATE TABLE only_in_one ()`)
	if got := query(t, two.URL(), `SELECT coalesce(to_regclass('only_in_one')::text, 'none')`); got != "none" {
		t.Errorf("two servers share a database: %s", got)
	}
}

func TestStart_RefusesDataOfAnotherVersion(t *testing.T) {
	t.Parallel()
	cfg := testConfig(reachableDir(t))
	server := start(t, cfg)
	stop(t, server)
	if err := os.WriteFile(filepath.Join(server.Dir(), "data", "PG_VERSION"), []byte("17\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := embeddedpostgres.Start(t.Context(), cfg); !errors.Is(err, embeddedpostgres.ErrVersion) {
		t.Errorf("got %v, want ErrVersion", err)
	}
}

func TestStart_SaysEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := embeddedpostgres.Start(t.Context(), embeddedpostgres.Config{Settings: map[string]string{"port": "1"}})
	if err == nil || !strings.Contains(err.Error(), "DataDir") || !strings.Contains(err.Error(), "port") {
		t.Errorf("got %v", err)
	}
	cfg := testConfig(reachableDir(t))
	cfg.Settings["no_such_setting"] = "1"
	if _, err := embeddedpostgres.Start(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "no_such_setting") {
		t.Errorf("got %v, want the server's own words", err)
	}
	if _, err := embeddedpostgres.FindBinaries(t.TempDir()); !errors.Is(err, embeddedpostgres.ErrNoBinaries) {
		t.Errorf("got %v, want ErrNoBinaries", err)
	}
}

func TestServer_IsRestartedOnItsPortWhenItDies(t *testing.T) {
	t.Parallel()
	server := start(t, testConfig(reachableDir(t)))
	pool, err := pgxpool.New(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(t.Context(), `CREATE TABLE kept ()`); err != nil {
		t.Fatal(err)
	}
	died := serverPID(t, server)
	if err := syscall.Kill(died, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	await(t, "the pool to reach a new server", func() bool {
		_, err := pool.Exec(t.Context(), `SELECT FROM kept`)
		return err == nil && serverPID(t, server) != died
	})
	if err := server.Err(); err != nil {
		t.Errorf("Err of a running server: %v", err)
	}
}

func TestServer_IsDoneWhenItKeepsFailing(t *testing.T) {
	t.Parallel()
	cfg := testConfig(reachableDir(t))
	server, err := embeddedpostgres.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	control := filepath.Join(server.Dir(), "data", "global", "pg_control")
	if err := os.Rename(control, control+".away"); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(serverPID(t, server), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-server.Done()
	if err := server.Err(); !errors.Is(err, embeddedpostgres.ErrFailing) || !strings.Contains(err.Error(), "pg_control") {
		t.Errorf("Err is %v, want ErrFailing with the server's words", err)
	}
	if err := server.Stop(t.Context()); !errors.Is(err, embeddedpostgres.ErrFailing) {
		t.Errorf("Stop says %v", err)
	}
	// The directory is free again, and its data are still what they were.
	if err := os.Rename(control+".away", control); err != nil {
		t.Fatal(err)
	}
	start(t, cfg)
}

func TestStop_EndsSessionsAndComesTwice(t *testing.T) {
	t.Parallel()
	server := start(t, testConfig(reachableDir(t)))
	pool, err := pgxpool.New(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	pid := serverPID(t, server)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for range 2 {
		if err := server.Stop(ended); err != nil {
			t.Errorf("stop: %v", err)
		}
	}
	if alive(pid) {
		t.Errorf("process %d is there after Stop", pid)
	}
}
