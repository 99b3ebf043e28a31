//go:build unix

package embeddedpostgres_test

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/tasktracker/tasktracker/pkg/embeddedpostgres"
	"github.com/tasktracker/tasktracker/pkg/testdir"
)

// programEnv has the test binary be a program that runs a server on the data
// directory that is its value, until it is killed.
const programEnv = "EMBEDDEDPOSTGRES_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if dir := os.Getenv(programEnv); dir != "" {
		os.Exit(program(dir, os.Getenv(programEnv+"_BINARIES")))
	}
	goleak.VerifyTestMain(m)
}

func program(dataDir, binariesDir string) int {
	cfg := testConfig(dataDir)
	cfg.BinariesDir = binariesDir
	server, err := embeddedpostgres.Start(context.Background(), cfg)
	if err != nil {
		fmt.Println("error:", err)
		return 1
	}
	fmt.Println(server.URL())
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	if err := server.Stop(context.Background()); err != nil {
		fmt.Println("error:", err)
		return 1
	}
	fmt.Println("stopped")
	return 0
}

func testConfig(dataDir string) embeddedpostgres.Config {
	return embeddedpostgres.Config{DataDir: dataDir, Log: zerolog.Nop(), Settings: map[string]string{"fsync": "off", "shared_buffers": "16MB"}}
}

// reachableDir is a directory that every user can reach, unlike t.TempDir.
func reachableDir(t *testing.T) string {
	t.Helper()
	parent, ok := testdir.Memory()
	if !ok {
		parent = "/tmp"
	}
	dir, err := os.MkdirTemp(parent, "embeddedpostgres-test-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func start(t *testing.T, cfg embeddedpostgres.Config) *embeddedpostgres.Server {
	t.Helper()
	cfg.Log = zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.InfoLevel)
	server, err := embeddedpostgres.Start(t.Context(), cfg)
	if err != nil {
		t.Fatalf("start: %v", err)
	}
	t.Cleanup(func() { stop(t, server) })
	return server
}

func stop(t *testing.T, server *embeddedpostgres.Server) {
	t.Helper()
	if err := server.Stop(context.Background()); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// query returns the one text value that sql yields.
func query(t *testing.T, url, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	defer conn.Close(context.Background())
	var value string
	if err := conn.QueryRow(t.Context(), sql).Scan(&value); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

func serverPID(t *testing.T, server *embeddedpostgres.Server) int {
	t.Helper()
	return pidIn(t, filepath.Join(server.Dir(), "data", "postmaster.pid"))
}

func pidIn(t *testing.T, path string) int {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// alive says whether the process exists and is no zombie.
func alive(pid int) bool {
	out, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && !strings.HasPrefix(strings.TrimSpace(string(out)), "Z")
}

// await polls until what holds.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(time.Minute)
	for !holds() {
		select {
		case <-deadline:
			t.Fatalf("waited for %s in vain", what)
		case <-ticker.C:
		}
	}
}

// startProgram runs this test binary as a program of its own; it returns when
// the program's server answers.
func startProgram(t *testing.T, dataDir string) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), programEnv+"="+dataDir)
	return cmd, launch(t, cmd)
}

func launch(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	if _, err := cmd.StdinPipe(); err != nil { // held open: the program runs until it is killed
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGKILL)
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	line = strings.TrimSpace(line)
	if err != nil || !strings.HasPrefix(line, "postgres://") {
		t.Fatalf("program said %q (%v)", line, err)
	}
	return line
}

func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
}

// packageWithoutLinks copies the npm package as it is when its install script
// was not allowed to run.
func packageWithoutLinks(t *testing.T, to string) string {
	t.Helper()
	native, err := embeddedpostgres.FindBinaries()
	if err != nil {
		t.Fatal(err)
	}
	pkg := filepath.Dir(native)
	err = filepath.WalkDir(pkg, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(pkg, path)
		target := filepath.Join(to, rel)
		switch {
		case entry.IsDir():
			return os.MkdirAll(target, 0o755)
		case entry.Type()&fs.ModeSymlink != 0:
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, info.Mode().Perm())
	})
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(to, "native")
}

func execute(t *testing.T, url string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	defer conn.Close(context.Background())
	for _, sql := range statements {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}
