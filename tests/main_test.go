// Package tests drives the product as its users do: the real binaries, started
// as processes, over HTTP and WebSocket.
package tests

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
)

// root is the checkout; bin is where TestMain has built every binary.
var root, bin string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	if root, err = filepath.Abs(".."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	// Not os.TempDir's default mode: tests also run the binaries as another user.
	if bin, err = os.MkdirTemp("", "tasktracker-bin-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(bin)
	build := exec.Command("go", "build", "-o", bin+"/",
		"./services/api/cmd/...", "./services/ingest/cmd/...", "./services/realtime-gateway/cmd/...",
		"./services/worker/cmd/...", "./services/standalone/cmd/...", "github.com/nats-io/nats-server/v2")
	build.Dir = root
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the binaries: %v\n%s", err, out)
		return 1
	}
	if err := os.Chmod(bin, 0o755); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return postgrestest.Main(m)
}
