package standalone_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/config"
	"github.com/tasktracker/tasktracker/services/standalone"
)

// A setting that several services go by is told once.
func TestAWrongSettingIsToldOnce(t *testing.T) {
	t.Setenv("AI_PROVIDER", "x")
	t.Setenv("CLASSIFY_AUTONOMY", "y")
	err := config.Load(filepath.Join(t.TempDir(), "none"), &standalone.Config{})
	if err == nil || strings.Count(err.Error(), "AI_PROVIDER") != 1 || strings.Count(err.Error(), "CLASSIFY_AUTONOMY") != 1 {
		t.Errorf("it says: %v", err)
	}
}
