package outbox_test

import (
	"os"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }
