//go:build unix

package embeddedpostgres_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/embeddedpostgres"
)

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("about what only root has to do")
	}
}

// removeAtEnd removes data that may lie outside the test's directory.
func removeAtEnd(t *testing.T, dataDir string) {
	t.Helper()
	t.Cleanup(func() {
		if err := embeddedpostgres.Remove(context.Background(), dataDir, zerolog.Nop()); err != nil {
			t.Errorf("remove: %v", err)
		}
	})
}

func TestStart_AsRootWhereTheServersUserCannotReach(t *testing.T) {
	t.Parallel()
	needRoot(t)
	home := t.TempDir() // inside a directory of mode 0700
	cfg := testConfig(filepath.Join(home, "data"))
	cfg.BinariesDir = packageWithoutLinks(t, filepath.Join(home, "package"))
	removeAtEnd(t, cfg.DataDir)

	server := start(t, cfg)
	if strings.HasPrefix(server.Dir(), home) || strings.HasPrefix(server.Dir(), "/tmp/") {
		t.Fatalf("placed in %s", server.Dir())
	}
	location, err := os.ReadFile(filepath.Join(cfg.DataDir, "postgres.location"))
	if err != nil || !strings.Contains(string(location), server.Dir()+"\n") {
		t.Errorf("postgres.location says %q (%v), want %s", location, err, server.Dir())
	}
	execute(t, server.URL(), `CREATE TABLE kept (word text)`, `INSERT INTO kept VALUES ('here')`)
	stop(t, server)

	// The first choice holds, though the directory has become reachable and
	// though its record is gone.
	if err := os.Chmod(filepath.Dir(home), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(cfg.DataDir, "postgres.location")); err != nil {
		t.Fatal(err)
	}
	again := start(t, cfg)
	if got := query(t, again.URL(), `SELECT word FROM kept`); got != "here" || again.Dir() != server.Dir() {
		t.Errorf("got %q from %s, want what was put into %s", got, again.Dir(), server.Dir())
	}
}

func TestStart_NeverAbandonsData(t *testing.T) {
	t.Parallel()
	cfg := testConfig(reachableDir(t))
	server := start(t, cfg)
	execute(t, server.URL(), `CREATE TABLE kept ()`)
	stop(t, server)
	if err := os.Rename(server.Dir(), server.Dir()+".away"); err != nil {
		t.Fatal(err)
	}
	if _, err := embeddedpostgres.Start(t.Context(), cfg); !errors.Is(err, embeddedpostgres.ErrInaccessible) || !strings.Contains(err.Error(), server.Dir()) {
		t.Fatalf("got %v, want ErrInaccessible naming %s", err, server.Dir())
	}
	if err := os.Rename(server.Dir()+".away", server.Dir()); err != nil {
		t.Fatal(err)
	}
	query(t, start(t, cfg).URL(), `SELECT count(*)::text FROM kept`)
}

func TestStart_InAMovedDirectory(t *testing.T) {
	t.Parallel()
	parent := reachableDir(t)
	server := start(t, testConfig(filepath.Join(parent, "before")))
	execute(t, server.URL(), `CREATE TABLE kept ()`)
	stop(t, server)
	if err := os.Rename(filepath.Join(parent, "before"), filepath.Join(parent, "after")); err != nil {
		t.Fatal(err)
	}
	query(t, start(t, testConfig(filepath.Join(parent, "after"))).URL(), `SELECT count(*)::text FROM kept`)
}

func TestRemove_DeletesTheDatabaseOnly(t *testing.T) {
	t.Parallel()
	cfg := testConfig(reachableDir(t))
	other := filepath.Join(cfg.DataDir, "settings.key")
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	server := start(t, cfg)
	stop(t, server)
	for range 2 {
		if err := embeddedpostgres.Remove(t.Context(), cfg.DataDir, zerolog.Nop()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(server.Dir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there (%v)", server.Dir(), err)
	}
	if _, err := os.Stat(other); err != nil {
		t.Error(err)
	}
	start(t, cfg) // anew
}

// Root runs the package's tests; this one has an ordinary user run a program,
// and root find that user's data afterwards.
func TestStart_AsAnOrdinaryUserThenAsRoot(t *testing.T) {
	t.Parallel()
	needRoot(t)
	const nobody = 65534
	dir := reachableDir(t)
	home := filepath.Join(dir, "home")
	if err := errors.Join(os.Mkdir(home, 0o700), os.Chown(home, nobody, nobody)); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "program")
	if err := copyProgram(os.Args[0], binary); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary)
	cmd.Dir = dir
	cmd.Env = []string{programEnv + "=" + filepath.Join(home, "data"), programEnv + "_BINARIES=" + packageWithoutLinks(t, filepath.Join(dir, "package"))}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	execute(t, launch(t, cmd), `CREATE TABLE kept ()`)
	kill(t, cmd)

	server := start(t, testConfig(filepath.Join(home, "data")))
	query(t, server.URL(), `SELECT count(*)::text FROM kept`)
	info, err := os.Stat(filepath.Join(server.Dir(), "data", "postmaster.pid"))
	if err != nil || info.Sys().(*syscall.Stat_t).Uid != nobody {
		t.Errorf("the server runs as another user than the one whose data these are (%v)", err)
	}
}

func TestStart_AsAnotherUserThanTheDatas(t *testing.T) {
	t.Parallel()
	needRoot(t)
	cfg := testConfig(reachableDir(t))
	server := start(t, cfg)
	stop(t, server)
	if err := os.Chown(cfg.DataDir, 12345, 12345); err != nil { // a user without a name, who may write there
		t.Fatal(err)
	}
	dir := reachableDir(t)
	binary := filepath.Join(dir, "program")
	if err := copyProgram(os.Args[0], binary); err != nil {
		t.Fatal(err)
	}
	native := packageWithoutLinks(t, filepath.Join(dir, "package"))
	lock := filepath.Join(cfg.DataDir, "postgres.lock")
	for _, owner := range []int{0, 12345} { // stopped at the lock, then at the place
		if err := os.Chown(lock, owner, owner); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(binary)
		cmd.Dir = dir
		cmd.Env = []string{programEnv + "=" + cfg.DataDir, programEnv + "_BINARIES=" + native}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 12345, Gid: 12345}}
		out, err := cmd.Output()
		if err == nil || !bytes.Contains(out, []byte(embeddedpostgres.ErrInaccessible.Error())) {
			t.Errorf("another user's start: %s (%v), want ErrInaccessible", out, err)
		}
	}
}

func copyProgram(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}
