package datadir_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/services/standalone/internal/datadir"
)

func TestTheHolderIsFound(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{"shallow": "data", "deep": strings.Repeat("very-long-name/", 12)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), dir)
			unlock, err := datadir.Lock(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer unlock()
			if _, err := datadir.Lock(dir); err == nil || !strings.Contains(err.Error(), "in use") {
				t.Errorf("a second lock: %v", err)
			}
			if _, err := datadir.Dial(dir); !errors.Is(err, datadir.ErrNobody) {
				t.Errorf("nobody listens: %v", err)
			}
			// What is left of a process that was killed.
			if err := os.WriteFile(filepath.Join(dir, "standalone.sock"), nil, 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := datadir.Dial(dir); !errors.Is(err, datadir.ErrNobody) {
				t.Errorf("a file left behind: %v", err)
			}
			listener, err := datadir.Listen(dir)
			if err != nil {
				t.Fatal(err)
			}
			said := make(chan string)
			go func() {
				conn, err := listener.Accept()
				if err != nil {
					said <- err.Error()
					return
				}
				defer conn.Close()
				text, err := io.ReadAll(conn)
				if err != nil {
					said <- err.Error()
					return
				}
				said <- string(text)
			}()
			info, err := os.Stat(filepath.Join(dir, "standalone.sock"))
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v, %v", info.Mode(), err)
			}
			conn, err := datadir.Dial(dir)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(conn, "hello"); err != nil {
				t.Error(err)
			}
			conn.Close()
			if got := <-said; got != "hello" {
				t.Errorf("heard %q", got)
			}
			if err := listener.Close(); err != nil {
				t.Error(err)
			}
			if _, err := os.Lstat(filepath.Join(dir, "standalone.sock")); !os.IsNotExist(err) {
				t.Errorf("the socket stays behind: %v", err)
			}
		})
	}
}
