package ingest

import (
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
)

// Every update is compared with every secret.
func TestASecretIsComparedWithoutAllocation(t *testing.T) {
	right := strings.Repeat("a", maxSecret)
	a := newAccount(Config{TelegramWebhookSecret: right}, bus.TelegramBot{}, nil, time.Now())
	if !a.admits(right) || a.admits(right+"a") || a.admits(right[1:]) {
		t.Error("the wrong ones are admitted")
	}
	if n := testing.AllocsPerRun(100, func() { a.admits(right) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
