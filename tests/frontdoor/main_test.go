package frontdoor

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tasktracker/tasktracker/tests/line"
)

func TestMain(m *testing.M) {
	os.Exit(line.Main(m))
}

// read is a file of the checkout.
func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(line.Root(), name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
