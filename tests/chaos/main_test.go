package chaos

import (
	"os"
	"testing"

	"github.com/tasktracker/tasktracker/tests/line"
)

func TestMain(m *testing.M) { os.Exit(line.Main(m, "./tests/chaos/killerworker")) }
