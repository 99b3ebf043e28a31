//go:build unix

package embeddedpostgres_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

func TestStart_AfterOurProgramWasKilled(t *testing.T) {
	t.Parallel()
	cfg := testConfig(reachableDir(t))
	cmd, url := startProgram(t, cfg.DataDir)
	execute(t, url, `CREATE TABLE kept ()`, `INSERT INTO kept DEFAULT VALUES`)
	kill(t, cmd)
	server := start(t, cfg)
	if got := query(t, server.URL(), `SELECT count(*)::text FROM kept`); got != "1" {
		t.Errorf("%s rows, want 1", got)
	}
}

func TestStart_AfterInitdbWasKilled(t *testing.T) {
	t.Parallel()
	cfg := testConfig(reachableDir(t))
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), programEnv+"="+cfg.DataDir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	half := func() []string {
		found, _ := filepath.Glob(filepath.Join(cfg.DataDir, "postgres", "data.init-*", "PG_VERSION"))
		return found
	}
	await(t, "initdb to be in the middle of its work", func() bool { return len(half()) > 0 })
	kill(t, cmd)
	server := start(t, cfg)
	if got := query(t, server.URL(), `SELECT 'answers'`); got != "answers" {
		t.Error(got)
	}
	if left := half(); len(left) > 0 {
		t.Errorf("left behind: %s", left)
	}
}

func TestStart_LeavesAStrangerAlone(t *testing.T) {
	t.Parallel()
	cfg := testConfig(reachableDir(t))
	server := start(t, cfg)
	pidFile := filepath.Join(server.Dir(), "data", "postmaster.pid")
	content, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	owner, err := os.Stat(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	stop(t, server)

	// A stranger of the server's own user, which is what PostgreSQL stops at.
	stranger := exec.Command("sleep", "1000")
	stat := owner.Sys().(*syscall.Stat_t)
	if os.Geteuid() == 0 {
		stranger.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: stat.Uid, Gid: stat.Gid}}
	}
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stranger.Process.Kill()
		_ = stranger.Wait()
	})
	first := len(strconv.Itoa(pidOf(content)))
	stale := append([]byte(strconv.Itoa(stranger.Process.Pid)), content[first:]...)
	if err := os.WriteFile(pidFile, stale, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(pidFile, int(stat.Uid), int(stat.Gid)); err != nil {
		t.Fatal(err)
	}

	start(t, cfg)
	if !alive(stranger.Process.Pid) {
		t.Error("a process that only had the server's old number was killed")
	}
}

func TestStart_WithABrokenPidFile(t *testing.T) {
	t.Parallel()
	cfg := testConfig(reachableDir(t))
	server := start(t, cfg)
	stop(t, server)
	if err := os.WriteFile(filepath.Join(server.Dir(), "data", "postmaster.pid"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, cfg)
}

func pidOf(content []byte) int {
	pid := 0
	for _, c := range content {
		if c < '0' || c > '9' {
			break
		}
		pid = pid*10 + int(c-'0')
	}
	return pid
}
