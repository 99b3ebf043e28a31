package line

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gofrs/flock"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
)

// program is where Main found the checkout and put the binaries.
var program struct{ root, bin string }

// Root is the checkout.
func Root() string { return program.root }

// Binary is the path of a program that Main has built.
func Binary(name string) string { return filepath.Join(program.bin, name) }

// Main builds every binary of the product and a NATS server, runs the tests of a
// package and stops the PostgreSQL that they shared. It returns the program's exit
// status. more are packages of the workspace to build beside these.
func Main(m *testing.M, more ...string) int {
	err := build(more)
	if !shared() {
		defer os.RemoveAll(program.bin)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return postgrestest.Main(m)
}

// sharedBin names a directory for the binaries that the packages of one run share: who
// comes second finds them built, and links nothing again. Whoever sets it removes it.
const sharedBin = "LINE_BIN"

func shared() bool { return os.Getenv(sharedBin) != "" }

func build(more []string) (err error) {
	if program.root, err = checkout(); err != nil {
		return err
	}
	if !shared() {
		if program.bin, err = os.MkdirTemp("", "tasktracker-bin-"); err != nil {
			return err
		}
		return buildAll(more)
	}
	program.bin = os.Getenv(sharedBin)
	lock := flock.New(filepath.Join(program.bin, "lock"))
	if err := lock.Lock(); err != nil {
		return fmt.Errorf("wait for others to build: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	return buildAll(more)
}

func buildAll(more []string) error {
	packages := append([]string{"./services/api/cmd/...", "./services/ingest/cmd/...", "./services/realtime-gateway/cmd/...",
		"./services/worker/cmd/...", "./services/standalone/cmd/...", "github.com/nats-io/nats-server/v2"}, more...)
	if err := Build("", nil, packages...); err != nil {
		return err
	}
	// Not the mode of MkdirTemp: tests also run the binaries as another user.
	return os.Chmod(program.bin, 0o755)
}

// Build builds packages of the workspace with these flags. Their binaries are named
// <into>/<name>, or <name> where into is "".
func Build(into string, flags []string, packages ...string) error {
	command := exec.Command("go", slices.Concat([]string{"build", "-o", filepath.Join(program.bin, into) + "/"}, flags, packages)...)
	command.Dir = program.root
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build the binaries: %w\n%s", err, out)
	}
	return nil
}

// checkout is the nearest directory above that has the workspace file.
func checkout() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("these tests run within the checkout: no go.work found above")
		}
	}
}
