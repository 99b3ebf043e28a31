package bench_test

import (
	"flag"
	"os"
	"testing"

	"github.com/tasktracker/tasktracker/tests/line"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if flag.Lookup("test.bench").Value.String() == "" {
		os.Exit(m.Run()) // there is nothing to build for
	}
	os.Exit(line.Main(m, "./tests/bench/bare"))
}
