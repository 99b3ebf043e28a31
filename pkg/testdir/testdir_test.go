//go:build unix

package testdir_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/testdir"
)

func TestADirectoryIsGoneWithItsTest(t *testing.T) {
	var dir string
	t.Run("in use", func(t *testing.T) {
		dir = testdir.New(t)
		if err := os.WriteFile(filepath.Join(dir, "file"), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	})
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is left: %v", dir, err)
	}
}

// What a program left that was killed, another removes as it begins; what one that runs has, it leaves.
func TestWhatAKilledProgramLeftIsRemoved(t *testing.T) {
	parent, ok := testdir.Memory()
	if !ok {
		t.Skip("no room in memory")
	}
	if os.Getenv("TESTDIR_SWEEP") != "" {
		testdir.New(t) // the first of its program
		return
	}
	ended := exec.Command("true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(parent, "task-tracker-test-run-"+strconv.Itoa(ended.Process.Pid)+"-left")
	used := filepath.Join(parent, "task-tracker-test-run-"+strconv.Itoa(os.Getpid())+"-used")
	for _, dir := range []string{left, used} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
	}
	again := exec.Command(os.Args[0], "-test.run", "TestWhatAKilledProgramLeftIsRemoved")
	again.Env = append(os.Environ(), "TESTDIR_SWEEP=1")
	if out, err := again.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("%s is left: %v", left, err)
	}
	if _, err := os.Stat(used); err != nil {
		t.Errorf("what is in use was removed: %v", err)
	}
}
