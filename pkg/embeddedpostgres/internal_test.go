//go:build unix

package embeddedpostgres

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

// Where the kernel does not end the server with its program, the next start
// has to. Here the server is started as such a kernel would leave it.
func TestStart_StopsAServerLeftBehind(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("/tmp", "embeddedpostgres-test-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	cfg := Config{DataDir: dir, Log: zerolog.Nop(), Settings: map[string]string{"fsync": "off", "shared_buffers": "16MB"}}
	first, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}

	left := first.place.account.command(context.Background(), first.place.dir, first.bin.program("postgres"), cfg.arguments(first.place.dataDir(), first.port)...)
	left.SysProcAttr = withoutParentDeath(left.SysProcAttr)
	if err := left.Start(); err != nil {
		t.Fatal(err)
	}
	gone := make(chan error, 1)
	go func() { gone <- left.Wait() }()
	leftBehind := &process{cmd: left, exited: make(chan struct{})}
	if err := leftBehind.awaitReady(t.Context(), first.url("postgres")); err != nil {
		t.Fatal(err)
	}

	second, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := <-gone; err != nil {
		t.Errorf("the server left behind ended with %v, want a clean shutdown", err)
	}
	if err := second.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func FuzzParsePostmasterPID(f *testing.F) {
	for _, s := range []string{"", "123\n/data\n", "-7\n", "0\n", "1\n", "99999999999999999999\n", "x"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		pid, err := parsePostmasterPID(content)
		if err == nil && (pid <= 1 || pid > nobodysPID) {
			t.Errorf("%q names process %d, which must not be signalled", content, pid)
		}
	})
}

func FuzzParseLinks(f *testing.F) {
	f.Add([]byte(`[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"}]`))
	f.Add([]byte(`[{"source":"/etc/passwd","target":"native/../../x"}]`))
	f.Fuzz(func(t *testing.T, content []byte) {
		links, err := parseLinks(content)
		if err != nil {
			return
		}
		for _, l := range links {
			for _, path := range []string{l.source, l.target} {
				if got := filepath.Join("/root", path); got != "/root" && !strings.HasPrefix(got, "/root/") {
					t.Errorf("%q leaves the package: %q", content, path)
				}
			}
		}
	})
}

func FuzzReadLocation(f *testing.F) {
	f.Add("# comment\n/var/lib/task-tracker/0123\n")
	f.Add("postgres\n")
	f.Add("")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, content string) {
		own, err := os.MkdirTemp(dir, "*")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(own, locationFile), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := readLocation(own); err == nil && !filepath.IsAbs(got) {
			t.Errorf("%q is read as %q, want an absolute path or an error", content, got)
		}
	})
}
