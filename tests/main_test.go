// Package tests drives the product as its users do: the real binaries, started
// as processes, over HTTP and WebSocket.
package tests

import (
	"os"
	"testing"

	"github.com/tasktracker/tasktracker/tests/line"
)

func TestMain(m *testing.M) { os.Exit(line.Main(m)) }
