package ingest_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, bustest.LeftByClient())
}
