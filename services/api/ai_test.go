package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/aisettings"
	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
	"github.com/tasktracker/tasktracker/pkg/classify/modeltest"
	"github.com/tasktracker/tasktracker/pkg/classify/openai"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
	"github.com/tasktracker/tasktracker/services/api"
)

const (
	aiPath        = "/api/ai/settings"
	providersPath = "/api/ai/providers"
	tryPath       = providersPath + "/openai/test"
	modelsPath    = "/api/ai/models"

	aiKey    = "sk-proj-4fQz81LwVb7Kc2Xn9RtYp3Md"
	otherKey = "sk-proj-8hTj52GsEa6Nd0Uf1WqZo7Bx"
)

// environment is what a process reads where nothing but AI_PROVIDER is set.
func environment() aisettings.Settings {
	return aisettings.Settings{
		Provider: "local", LocalFallback: true, Autonomy: "live", Quiet: 10 * time.Second, TaskThreshold: 0.75, ProposalThreshold: 0.45, DuplicateSure: 0.85, DuplicateLikely: 0.45,
		ModelServer: openai.Config{BaseURL: "https://api.openai.com/v1", BatchSize: 8, Concurrency: 2, DailyTokens: 2_000_000, Timeout: 20 * time.Second,
			Attempts: 3, MaxText: 6000, MaskNames: true, MaskPhones: true, MaskEmails: true},
	}
}

// newAIWorld is a world in which no key is told to anybody.
func newAIWorld(t *testing.T, env aisettings.Settings, change ...func(*api.Deps)) *world {
	t.Helper()
	w := onBus(t, api.Config{AIConfig: env}, postgrestest.New(t), bustest.New(t), change...)
	t.Cleanup(func() {
		for where, text := range w.everything() {
			for _, key := range []string{aiKey, otherKey} {
				if form := telegramtest.FindToken(key, []byte(text)); form != "" {
					t.Errorf("a key is in %s, %s", where, form)
				}
			}
		}
	})
	return w
}

// differences says what was wanted, where that is not what came; "" where it is.
func differences(want, got any) string {
	if reflect.DeepEqual(want, got) {
		return ""
	}
	return fmt.Sprintf("want %v\ngot  %v", want, got)
}

func modelServer(t *testing.T, options modeltest.Options) *modeltest.Server {
	t.Helper()
	s, err := modeltest.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// aiRecord is what the workers follow.
func (w *world) aiRecord() bus.AISettings {
	w.t.Helper()
	var now bus.AISettings
	err := w.bus.UpdateAISettings(w.t.Context(), func(s bus.AISettings) (bus.AISettings, error) { now = s; return s, nil })
	if err != nil {
		w.t.Fatal(err)
	}
	return now
}

// refusedAt calls and gives the places of the faults of a 422.
func (w *world) refusedAt(method, path, body string) []string {
	w.t.Helper()
	status, said, _ := w.call(method, path, body)
	if status != http.StatusUnprocessableEntity {
		w.t.Errorf("%s %s: %d %s", path, body, status, said)
		return nil
	}
	var at []string
	var faults struct {
		Detail []struct {
			Loc []any
			Msg string
		}
	}
	if err := json.Unmarshal([]byte(said), &faults); err != nil {
		w.t.Fatal(err)
	}
	for _, fault := range faults.Detail {
		at = append(at, fmt.Sprint(fault.Loc[1:]...))
		if strings.Contains(fault.Msg, "LLM_") || strings.Contains(fault.Msg, "CLASSIFY_") {
			w.t.Errorf("%s %s speaks of the environment: %s", path, body, fault.Msg)
		}
	}
	return at
}

func TestAISettingsChangeAtRunTime(t *testing.T) {
	t.Parallel()
	w := newAIWorld(t, environment())
	want := object{
		"provider": "local", "base_url": "https://api.openai.com/v1", "model": "", "has_api_key": false, "api_key_hint": nil, "local_fallback": true, "autonomy": "live",
		"task_threshold": 0.75, "proposal_threshold": 0.45, "duplicate_sure_threshold": 0.85, "duplicate_likely_threshold": 0.45, "quiet_seconds": 10.0, "mask_names": true, "mask_phones": true, "mask_emails": true,
		"token_budget_per_day": 2e6, "source": "environment", "updated_at": nil,
	}
	first := get[object](w, aiPath)
	if diff := differences(want, first); diff != "" {
		t.Fatal(diff)
	}
	saved := ok[object](w, http.MethodPut, aiPath, `{"provider":"openai","base_url":"http://localhost:11434/v1 ","model":"llama3","api_key":"`+aiKey+`",
		"autonomy":"shadow","task_threshold":0.8,"quiet_seconds":2.5,"mask_names":false,"token_budget_per_day":0}`)
	if saved["updated_at"] == nil {
		t.Error("no time of the change")
	}
	delete(saved, "updated_at")
	delete(want, "updated_at")
	changed := object{"provider": "openai", "base_url": "http://localhost:11434/v1", "model": "llama3", "has_api_key": true, "api_key_hint": "p3Md",
		"autonomy": "shadow", "task_threshold": 0.8, "quiet_seconds": 2.5, "mask_names": false, "token_budget_per_day": 0.0, "source": "stored"}
	maps.Copy(want, changed)
	if diff := differences(want, saved); diff != "" {
		t.Error(diff)
	}
	record := w.aiRecord()
	opened, err := testRing(t).Open(bus.PurposeAIKey, *record.APIKey)
	if err != nil || opened != aiKey || *record.Model != "llama3" || *record.Autonomy != "shadow" || record.LocalFallback != nil {
		t.Errorf("the workers get %+v, key %q, %v", record, opened, err)
	}

	// A part leaves the rest; null deletes the key.
	part := ok[object](w, http.MethodPut, aiPath, `{"model":"qwen"}`)
	if part["model"] != "qwen" || part["has_api_key"] != true || part["task_threshold"] != 0.8 {
		t.Errorf("after a part: %v", part)
	}
	if none := ok[object](w, http.MethodPut, aiPath, `{"api_key":null}`); none["has_api_key"] != false || none["api_key_hint"] != nil {
		t.Errorf("without the key: %v", none)
	}
	if short := ok[object](w, http.MethodPut, aiPath, `{"api_key":"short-key"}`); short["has_api_key"] != true || short["api_key_hint"] != nil {
		t.Errorf("with a short key: %v", short)
	}
	told := w.events()["events.settings.updated"]
	ok[object](w, http.MethodPut, aiPath, `{"model":"qwen"}`)
	if again := w.events()["events.settings.updated"]; told != 4 || again != told {
		t.Errorf("told %d times, then %d", told, again)
	}

	if diff := differences(first, ok[object](w, http.MethodDelete, aiPath, "")); diff != "" {
		t.Error(diff)
	}
	if record := w.aiRecord(); record != (bus.AISettings{}) {
		t.Errorf("the workers still get %+v", record)
	}
	var rows int
	if err := w.pool.QueryRow(t.Context(), "SELECT count(*) FROM ai_settings").Scan(&rows); err != nil || rows != 0 {
		t.Errorf("%d rows, %v", rows, err)
	}
	ok[object](w, http.MethodDelete, aiPath, "")
}

func TestWrongAISettingsChangeNothing(t *testing.T) {
	t.Parallel()
	w := newAIWorld(t, environment())
	ok[object](w, http.MethodPut, aiPath, `{"provider":"openai","base_url":"https://models.example.org/v1","model":"m","api_key":"`+aiKey+`"}`)
	before, record := get[object](w, aiPath), w.aiRecord()
	for body, want := range map[string]string{
		`{"provider":"other"}`:                                  "provider",
		`{"autonomy":"off"}`:                                    "autonomy",
		`{"model":" "}`:                                         "model",
		`{"base_url":"ftp://models.example.org"}`:               "base_url",
		`{"base_url":"http://"}`:                                "base_url api_key",
		`{"base_url":"https://u:p@models.example.org/v1"}`:      "base_url",
		`{"base_url":"https://models.example.org/v1?x=1"}`:      "base_url",
		`{"api_key":"two words"}`:                               "api_key",
		`{"api_key":5}`:                                         "api_key",
		`{"task_threshold":1.5}`:                                "task_threshold",
		`{"task_threshold":0.4}`:                                "proposal_threshold",
		`{"proposal_threshold":0.9}`:                            "proposal_threshold",
		`{"quiet_seconds":601}`:                                 "quiet_seconds",
		`{"token_budget_per_day":-1}`:                           "token_budget_per_day",
		`{"mask_names":null}`:                                   "mask_names",
		`{"base_url":"https://evil.example.org/v1"}`:            "api_key",
		`{"base_url":"http://models.example.org/v1"}`:           "api_key",
		`{"base_url":"https://models.example.org:8443/v1"}`:     "api_key",
		`{"provider":"local","base_url":"https://a b/v1"}`:      "base_url api_key",
		`{"model":"","task_threshold":0.5,"quiet_seconds":600}`: "model",
	} {
		if got := strings.Join(w.refusedAt(http.MethodPut, aiPath, body), " "); got != want {
			t.Errorf("%s: faults at %q, want %q", body, got, want)
		}
	}
	if diff := differences(before, get[object](w, aiPath)); diff != "" {
		t.Errorf("it changed:\n%s", diff)
	}
	if diff := differences(record, w.aiRecord()); diff != "" {
		t.Errorf("the workers were told:\n%s", diff)
	}
	// The same server under another path keeps its key; another one gets its own.
	if moved := ok[object](w, http.MethodPut, aiPath, `{"base_url":"https://MODELS.example.org:443/v2"}`); moved["has_api_key"] != true {
		t.Errorf("moved: %v", moved)
	}
	if other := ok[object](w, http.MethodPut, aiPath, `{"base_url":"https://other.example.org/v1","api_key":"`+otherKey+`"}`); other["api_key_hint"] != "o7Bx" {
		t.Errorf("another server: %v", other)
	}
}

func TestAKeyUnderAnotherEncryptionKeyIsSaidToBeUnreadable(t *testing.T) {
	t.Parallel()
	w := newAIWorld(t, environment())
	ok[object](w, http.MethodPut, aiPath, `{"provider":"openai","base_url":"http://localhost:1/v1","model":"m","api_key":"`+aiKey+`"}`)
	if _, err := w.pool.Exec(t.Context(), "UPDATE ai_settings SET api_key = 'v2.00000000.'||repeat('A', 80)"); err != nil {
		t.Fatal(err)
	}
	if now := get[object](w, aiPath); now["has_api_key"] != true || now["api_key_hint"] != nil {
		t.Errorf("settings %v", now)
	}
	if report := ok[object](w, http.MethodPost, tryPath, `{}`); report["ok"] != false || !strings.Contains(fmt.Sprint(report["detail"]), "Enter the key again") {
		t.Errorf("report %v", report)
	}
	if p := w.provider("openai"); p["state"] != "not_configured" || p["configured"] != false {
		t.Errorf("provider %v", p)
	}
	if at := w.refusedAt(http.MethodPut, aiPath, `{"model":"n"}`); strings.Join(at, " ") != "api_key" {
		t.Errorf("faults at %v", at)
	}
}

// provider is one of those that can judge.
func (w *world) provider(id string) object {
	w.t.Helper()
	for _, p := range get[[]object](w, providersPath) {
		if p["id"] == id {
			return p
		}
	}
	w.t.Fatalf("no provider %s", id)
	return nil
}

func TestProvidersAreAsTheWorkersSeeThem(t *testing.T) {
	t.Parallel()
	w := newAIWorld(t, environment())
	if p := w.provider("openai"); p["state"] != "not_configured" || p["active"] != false || p["model"] != nil || p["budget"] != 2e6 {
		t.Errorf("before it is set: %v", p)
	}
	if p := w.provider("local"); p["state"] != "unknown" || p["active"] != true || !strings.Contains(fmt.Sprint(p["detail"]), "worker") {
		t.Errorf("without a worker: %v", p)
	}
	ok[object](w, http.MethodPut, aiPath, `{"provider":"openai","base_url":"http://localhost:1/v1","model":"m"}`)
	at := w.aiRecord().UpdatedAt
	says := func(id string, settings time.Time, state bus.ProviderState, detail string) {
		t.Helper()
		err := w.bus.PutAIWorker(t.Context(), id, bus.AIWorker{SettingsAt: settings, Providers: map[string]bus.AIProvider{
			"openai": {State: state, Detail: detail}, "local": {State: bus.ProviderReady, Model: "linear", Version: "3"},
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	says("old", time.Time{}, bus.ProviderFailing, "of the settings before")
	if p := w.provider("openai"); p["state"] != "unknown" || p["configured"] != true {
		t.Errorf("no worker goes by the settings yet: %v", p)
	}
	says("one", at, bus.ProviderReady, "")
	if p := w.provider("openai"); p["state"] != "ready" || p["detail"] != nil || p["active"] != true || p["model"] != "m" {
		t.Errorf("one worker: %v", p)
	}
	says("two", at, bus.ProviderCircuitOpen, "It is left alone.")
	if p := w.provider("openai"); p["state"] != "circuit_open" || p["detail"] != "It is left alone." {
		t.Errorf("two workers: %v", p)
	}
	if p := w.provider("local"); p["state"] != "ready" || p["configured"] != true || p["version"] != "3" || p["budget"] != nil {
		t.Errorf("local: %v", p)
	}
	if err := w.bus.RemoveAIWorker(t.Context(), "two"); err != nil {
		t.Fatal(err)
	}
	if p := w.provider("openai"); p["state"] != "ready" {
		t.Errorf("the second has gone: %v", p)
	}
}
