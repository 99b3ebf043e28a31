package aisettings_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/aisettings"
	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/classify/openai"
)

func settings() aisettings.Settings {
	return aisettings.Settings{
		Provider: aisettings.OpenAI, LocalFallback: true, Autonomy: "live", Quiet: 10 * time.Second, TaskThreshold: 0.75, ProposalThreshold: 0.45, DuplicateSure: 0.85, DuplicateLikely: 0.45,
		ModelServer: openai.Config{BaseURL: "http://localhost:11434/v1", Model: "m", APIKey: "of-the-environment", BatchSize: 8, Concurrency: 2, Timeout: time.Minute, Attempts: 3, MaxText: 6000},
	}
}

func ref[T any](v T) *T { return &v }

func TestAKeyIsForOneServer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"http://localhost:11434/v1", "http://LOCALHOST:11434/v2/", true},
		{"https://x.example/v1", "https://x.example:443/v1", true},
		{"http://x.example", "http://x.example:80/v1", true},
		{"http://[::1]:8000/v1", "http://[::1]:8000", true},
		{"http://x.example/v1", "https://x.example/v1", false},
		{"https://x.example/v1", "https://x.example:8443/v1", false},
		{"https://x.example/v1", "https://x.example.evil/v1", false},
		{"https://x.example/v1", "https://y@x.example.evil/v1", false},
		{"https://x.example/v1", "https://evil/x.example/v1", false},
		{"https://x.example/v1", ":", false},
	} {
		if got := aisettings.SameServer(c.a, c.b); got != c.same {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
	}
}

func TestWhatIsSetCoversTheEnvironment(t *testing.T) {
	t.Parallel()
	open := func(purpose, sealed string) (string, error) {
		if purpose != bus.PurposeAIKey || sealed != "sealed" {
			return "", errors.New("cannot be opened")
		}
		return "opened", nil
	}
	if got, err := settings().With(bus.AISettings{}, open); err != nil || got != settings() {
		t.Errorf("nothing set: %+v, %v", got, err)
	}
	got, err := settings().With(bus.AISettings{Provider: ref("local"), APIKey: ref("sealed"), QuietSeconds: ref(0.5), LocalFallback: ref(false), TokenBudgetPerDay: ref(int64(5))}, open)
	want := settings()
	want.Provider, want.APIKey, want.Quiet, want.LocalFallback, want.DailyTokens = "local", "opened", 500*time.Millisecond, false, 5
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := settings().With(bus.AISettings{APIKey: ref("")}, open); err != nil || got.APIKey != "" {
		t.Errorf("a server without a key: %q, %v", got.APIKey, err)
	}
	if got, err := settings().With(bus.AISettings{APIKey: ref("damaged")}, open); err == nil || got.APIKey != "" {
		t.Errorf("a key that does not open: %q, %v", got.APIKey, err)
	}
}

func TestEveryWrongSettingIsNamed(t *testing.T) {
	t.Parallel()
	if err := settings().Validate(); err != nil {
		t.Error(err)
	}
	wrong := settings()
	wrong.Autonomy, wrong.Quiet, wrong.TaskThreshold, wrong.ProposalThreshold, wrong.DuplicateLikely, wrong.Model, wrong.BaseURL = "off", -1, 2, 0, 0.9, " ", "http://u:secret@x"
	var fields []string
	for _, fault := range aisettings.Faults(wrong.Validate()) {
		fields = append(fields, aisettings.Field(fault.Setting))
		if strings.Contains(fault.Error(), "secret") {
			t.Errorf("quotes a password: %v", fault)
		}
	}
	if got := strings.Join(fields, " "); got != "base_url model autonomy quiet_seconds task_threshold proposal_threshold duplicate_likely_threshold" {
		t.Errorf("faults at %s", got)
	}
	wrong = aisettings.Settings{Provider: "other", Autonomy: "live", TaskThreshold: 1, ProposalThreshold: 1, DuplicateSure: 1, DuplicateLikely: 1}
	if err := wrong.Validate(); err == nil || aisettings.Words(err.Error()) != `provider is "other": use local or openai` {
		t.Error(err)
	}
}
