package backup_test

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tasktracker/tasktracker/tests/line"
)

// Everything that was accepted before a backup began is in it, though messages flow
// into the broker and on into the database all the while.
func TestABackupUnderLoadRestoresEverything(t *testing.T) {
	t.Parallel()
	for name, newPlace := range map[string]func(testing.TB) place{"standalone": newDataDir, "services": newServers} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, file := newPlace(t), backupFile(t)
			old := from.start(t)
			work(t, old)
			l := startLoad(t, old.webhook)
			l.await(t, 300)
			made := record(t, old.api)
			before := l.acceptedNow()
			mustTool(t, from.env(), "backup", file)
			l.await(t, len(l.acceptedNow())+50) // it went on
			l.stop()
			old.stop(t)

			to := newPlace(t)
			said := mustTool(t, to.env(), "restore", file)
			if !strings.Contains(said, "is restored") {
				t.Errorf("restore said %s", said)
			}
			restored := to.start(t)
			l.check(t, before, restored.api)
			if diff := gocmp.Diff(made, record(t, restored.api)); diff != "" {
				t.Errorf("what operators made: %s", diff)
			}
			worksOn(t, restored)
		})
	}
}

// worksOn has a restored system do what the old one did.
func worksOn(t testing.TB, s *system) {
	t.Helper()
	const fresh, sent, elsewhere = 5_000_000, 20, -77
	// Not of the group that is monitored, so not to be stored.
	line.PostUpdate(t, s.webhook, line.TelegramText(fresh-1, elsewhere, 1, "elsewhere"))
	var want []string
	for n := range int64(sent) {
		if status, said := line.PostUpdate(t, s.webhook, line.TelegramText(fresh+n, chat, fresh+n, "після відновлення")); status != http.StatusOK {
			t.Fatalf("webhook answered %d %s", status, said)
		}
		want = append(want, fmt.Sprintf("%d/%d", chat, fresh+n))
	}
	line.Eventually(t, func() bool {
		messages := line.AllMessages(t, s.api)
		return !slices.ContainsFunc(want, func(key string) bool { return line.Find(messages, key) == nil })
	}, func() string { return "what was sent after the restore is not stored" })
	if line.Find(line.AllMessages(t, s.api), fmt.Sprintf("%d/1", elsewhere)) != nil {
		t.Error("it has forgotten which groups are monitored")
	}
	task, ok := call(t, http.MethodPost, s.api+"/api/tasks", `{"title": "нова", "description": "", "category": "bug", "priority": "low", "source": "api"}`).(map[string]any)
	if !ok || task["id"] != 3.0 {
		t.Errorf("a new task: %v", task)
	}
	call(t, http.MethodPut, s.api+"/api/tasks/1/status", `{"status": "completed"}`)
}

// A standalone that does not run has no broker and no database to ask: the tool starts
// them for as long as it needs them.
func TestTheDataOfAStoppedStandaloneAreBackedUp(t *testing.T) {
	t.Parallel()
	from, file := newDataDir(t), backupFile(t)
	old := from.start(t)
	work(t, old)
	l := startLoad(t, old.webhook)
	l.await(t, 100)
	l.stop()
	made := record(t, old.api)
	// What is in the broker alone has to be in the backup too.
	old.processes[0].Stop(syscall.SIGKILL)
	mustTool(t, from.env(), "backup", file)

	to := newDataDir(t)
	mustTool(t, to.env(), "restore", file)
	restored := to.start(t)
	l.check(t, l.acceptedNow(), restored.api)
	if diff := gocmp.Diff(made, record(t, restored.api)); diff != "" {
		t.Errorf("what operators made: %s", diff)
	}
	// From one machine to servers of one's own.
	elsewhere := newServers(t)
	mustTool(t, elsewhere.env(), "restore", file)
	l.check(t, l.acceptedNow(), elsewhere.start(t).api)
}

func TestTheToolRefuses(t *testing.T) {
	t.Parallel()
	from, file := newDataDir(t), backupFile(t)
	running := from.start(t)
	work(t, running)
	mustTool(t, from.env(), "backup", file)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v: it has the text of every message", info.Mode(), err)
	}
	refuses := func(name string, env map[string]string, says string, code int, args ...string) {
		t.Helper()
		got, said := tool(t, env, args...)
		if got != code || !strings.Contains(said, says) || strings.Contains(said, "goroutine ") {
			t.Errorf("%s: exit code %d, said %s", name, got, said)
		}
	}
	refuses("to overwrite", from.env(), "exists already", 1, "backup", file)
	refuses("to restore into a running standalone", from.env(), "stop it first", 1, "restore", "--replace", file)
	nowhere := map[string]string{"DATA_DIR": filepath.Join(t.TempDir(), "none")}
	refuses("where nothing is", nowhere, "has no data", 1, "backup", backupFile(t))
	refuses("a wrong command", nowhere, "usage:", 2, "bckup")
	refuses("no command", nowhere, "usage:", 2)
	refuses("no file", nowhere, "usage:", 2, "restore")

	fresh := dataDir(line.DataDir(t))
	for name, damaged := range map[string][]byte{"cut": whole[:len(whole)-1], "flipped": flip(whole), "empty": {}} {
		bad := backupFile(t)
		if err := os.WriteFile(bad, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		refuses(name, fresh.env(), "backup", 1, "restore", bad)
		refuses(name, nil, "backup", 1, "verify", bad)
	}
	if _, err := os.Stat(string(fresh)); !os.IsNotExist(err) {
		t.Errorf("a damaged backup made the directory of data: %v", err)
	}

	running.stop(t)
	refuses("a place with data", from.env(), "--replace", 1, "restore", file)
	mustTool(t, from.env(), "restore", "--replace", file)
	leftovers, err := filepath.Glob(filepath.Join(filepath.Dir(file), ".*"))
	if err != nil || len(leftovers) > 0 {
		t.Errorf("temporary files %v, %v", leftovers, err)
	}
}

// A backup that is interrupted leaves nothing under its name, and nothing beside it.
func TestABackupFromAPlaceThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	to := servers{}
	maps.Copy(to, newServers(t).env())
	file := backupFile(t)
	if code, said := tool(t, to, "backup", file); code != 1 || !strings.Contains(said, "no release has migrated") {
		t.Errorf("exit code %d, said %s", code, said)
	}
	entries, err := os.ReadDir(filepath.Dir(file))
	if err != nil || len(entries) > 0 {
		t.Errorf("left %v, %v", entries, err)
	}
}

func flip(whole []byte) []byte {
	damaged := append([]byte(nil), whole...)
	damaged[len(damaged)/2] ^= 0x10
	return damaged
}
