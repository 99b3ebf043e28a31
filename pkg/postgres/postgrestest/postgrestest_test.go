//go:build unix

package postgrestest_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
)

// childEnv has TestChild do what its value says.
const childEnv = "POSTGRESTEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) == "no Main" {
		os.Exit(m.Run())
	}
	os.Exit(postgrestest.Main(m))
}

func TestNew_GivesEachTestItsOwnMigratedDatabase(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for range 3 {
		pool := postgrestest.New(t)
		var name string
		if err := pool.QueryRow(t.Context(), `SELECT current_database()`).Scan(&name); err != nil {
			t.Fatal(err)
		}
		names[name] = true
		if _, err := pool.Exec(t.Context(), `SELECT FROM messages`); err != nil {
			t.Errorf("not migrated: %v", err)
		}
		if _, err := pool.Exec(t.Context(), `CREATE TABLE of_this_test ()`); err != nil {
			t.Errorf("not alone: %v", err)
		}
	}
	if len(names) != 3 {
		t.Errorf("got databases %v, want three", names)
	}
}

func TestNewEmpty_HasNoTables(t *testing.T) {
	t.Parallel()
	var tables int
	err := postgrestest.NewEmpty(t).QueryRow(t.Context(),
		`SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`).Scan(&tables)
	if err != nil || tables != 0 {
		t.Errorf("%d tables (%v), want none", tables, err)
	}
}

func TestURL_IsDroppedWithItsTest(t *testing.T) {
	t.Parallel()
	admin := postgrestest.NewEmpty(t)
	var name string
	t.Run("test", func(t *testing.T) {
		url := postgrestest.URL(t)
		name = url[strings.LastIndex(url, "/")+1 : strings.Index(url, "?")]
	})
	var exists bool
	if err := admin.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&exists); err != nil || exists {
		t.Errorf("database %q exists: %t (%v)", name, exists, err)
	}
}

// TestChild is run by the tests below, in a program of its own.
func TestChild(t *testing.T) {
	does := os.Getenv(childEnv)
	if does == "" {
		t.Skip("a part of other tests")
	}
	pool := postgrestest.New(t)
	var dir string
	if err := pool.QueryRow(t.Context(), `SELECT current_setting('data_directory')`).Scan(&dir); err != nil {
		t.Fatal(err)
	}
	fmt.Printf("data=%s=\n", dir)
	switch does {
	case "panic":
		go func() { panic("in another goroutine, where nothing recovers it") }()
		<-t.Context().Done()
	case "hang":
		<-t.Context().Done()
	}
}

// child runs TestChild and returns what it printed, and the data directory of
// its server. One that hangs is killed when its server runs.
func child(t *testing.T, does string, env ...string) (output, dir string, err error) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.timeout=5m", "-test.v")
	cmd.Env = append(append(os.Environ(), childEnv+"="+does), env...)
	var out strings.Builder
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(pipe); lines.Scan(); {
		fmt.Fprintln(&out, lines.Text())
		if _, rest, found := strings.Cut(lines.Text(), "data="); found {
			dir, _, _ = strings.Cut(rest, "=")
			if does == "hang" {
				_ = cmd.Process.Kill()
			}
		}
	}
	err = cmd.Wait()
	return out.String(), dir, err
}

func TestMain_LeavesNothingBehind(t *testing.T) {
	t.Parallel()
	out, dir, err := child(t, "end")
	if err != nil || dir == "" {
		t.Fatalf("%v: %s", err, out)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there (%v)", dir, err)
	}
}

func TestMain_LeavesNoServerHoweverItsProgramEnds(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere the next program stops the server")
	}
	for does, why := range map[string]string{"panic": "nothing recovers it", "hang": ""} {
		t.Run(does, func(t *testing.T) {
			t.Parallel()
			out, dir, err := child(t, does)
			if err == nil || !strings.Contains(out, why) || dir == "" {
				t.Fatalf("%v: %s", err, out)
			}
			ticker := time.NewTicker(20 * time.Millisecond)
			defer ticker.Stop()
			deadline := time.After(2 * time.Minute)
			// A server removes the file as the last thing it does.
			for pidFile := filepath.Join(dir, "postmaster.pid"); ; {
				if _, err := os.Stat(pidFile); os.IsNotExist(err) {
					break
				}
				select {
				case <-deadline:
					t.Fatalf("the server on %s runs on", dir)
				case <-ticker.C:
				}
			}
			// The files go with the next program.
			if out, _, err := child(t, "end"); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if _, err := os.Stat(dir); !os.IsNotExist(err) {
				t.Errorf("%s is still there (%v)", dir, err)
			}
		})
	}
}

func TestMain_IsDemanded(t *testing.T) {
	t.Parallel()
	if out, _, err := child(t, "no Main"); err == nil || !strings.Contains(out, "postgrestest.Main") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestMain_UsesTheServerItIsGiven(t *testing.T) {
	t.Parallel()
	admin := postgrestest.NewEmpty(t)
	var here string
	if err := admin.QueryRow(t.Context(), `SELECT current_setting('data_directory')`).Scan(&here); err != nil {
		t.Fatal(err)
	}
	// Its databases have its prefix; any that is not ours and stays is a leak.
	before := otherDatabases(t)
	out, dir, err := child(t, "end", postgrestest.URLEnv+"="+postgrestest.EmptyURL(t))
	if err != nil || dir != here {
		t.Errorf("%v: it used %s, want %s: %s", err, dir, here, out)
	}
	if after := otherDatabases(t); after != before {
		t.Errorf("databases of other programs: %d before, %d after", before, after)
	}
}

// otherDatabases counts the databases that this program did not make.
func otherDatabases(t *testing.T) (n int) {
	t.Helper()
	pool := postgrestest.NewEmpty(t)
	err := pool.QueryRow(t.Context(),
		`SELECT count(*) FROM pg_database WHERE datname NOT LIKE regexp_replace(current_database(), '[0-9]+$', '') || '%'`).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
