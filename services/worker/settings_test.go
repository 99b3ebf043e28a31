package worker_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tasktracker/tasktracker/pkg/aisettings"
	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/classify/modeltest"
	"github.com/tasktracker/tasktracker/pkg/classify/openai"
	"github.com/tasktracker/tasktracker/pkg/config"
	"github.com/tasktracker/tasktracker/pkg/store"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/worker"
)

const modelKey = "sk-proj-4fQz81LwVb7Kc2Xn9RtYp3Md"

func standInModel(t *testing.T, options modeltest.Options) *modeltest.Server {
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

// withModels has workers that know in what bounds to ask a model server, if they are told of one.
func withModels(w *world) {
	w.classifying = func(c *worker.ClassifyConfig) {
		c.LocalFallback = true
		c.LLMConfig = openai.Config{BaseURL: "http://127.0.0.1:1/v1", BatchSize: 8, Concurrency: 2, Timeout: 10 * time.Second, Attempts: 1, MaxText: 6000,
			MaskNames: true, MaskPhones: true, MaskEmails: true}
	}
}

func ref[T any](v T) *T { return &v }

// set does what the api does: the database first, then the bucket.
func (w *world) set(t *testing.T, change func(*bus.AISettings)) bus.AISettings {
	t.Helper()
	stored, _, err := w.store.UpdateAISettings(t.Context(), func(s *bus.AISettings) error { change(s); return nil })
	if err != nil {
		t.Fatal(err)
	}
	err = w.bus.UpdateAISettings(t.Context(), func(bus.AISettings) (bus.AISettings, error) { return w.store.AISettings(t.Context()) })
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

// ask has a model server judge.
func ask(t *testing.T, server *modeltest.Server) func(*bus.AISettings) {
	return func(s *bus.AISettings) {
		s.Provider, s.BaseURL, s.Model, s.APIKey = ref("openai"), ref(server.URL()), ref("test-model"), ref(ring(t).Seal(bus.PurposeAIKey, modelKey))
	}
}

// says waits until every one of n workers that go by the settings says that a provider is
// in a state.
func (w *world) says(t *testing.T, n int, settings bus.AISettings, id string, state bus.ProviderState) bus.AIProvider {
	t.Helper()
	var found bus.AIProvider
	eventually(t, fmt.Sprintf("%d workers say that %s is %s", n, id, state), func() bool {
		workers, err := w.bus.AIWorkers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		count := 0
		for _, said := range workers {
			if p := said.Providers[id]; said.SettingsAt.Equal(settings.UpdatedAt) && p.State == state {
				found = p
				count++
			}
		}
		return count == n
	})
	return found
}

func (w *world) judgedBy(t *testing.T, provider string) int {
	t.Helper()
	return w.count(t, "SELECT count(*) FROM messages WHERE provider = $1", provider)
}

func TestEveryWorkerTakesOverWhoJudges(t *testing.T) {
	t.Parallel()
	w, local := newClassifying(t)
	withModels(w)
	server := standInModel(t, modeltest.Options{Key: modelKey})
	w.start(t)
	w.start(t)
	w.put(t, received("1", "the export is broken"))
	w.awaitJudged(t)
	if n := w.judgedBy(t, "local"); n != 1 {
		t.Fatalf("%d messages judged by local", n)
	}
	stored := w.set(t, ask(t, server))
	w.says(t, 2, stored, "openai", bus.ProviderUnknown)
	w.put(t, received("2", "Оксана Коваль says the import is broken too", after(3*time.Hour)), received("3", "thanks", after(6*time.Hour)))
	w.awaitJudged(t)
	if n := w.judgedBy(t, "openai"); n != 2 || len(local.judged()) != 1 {
		t.Errorf("%d messages judged by openai, %d by local", n, len(local.judged()))
	}
	for _, r := range server.Requests() {
		if strings.Contains(r.Body, "Коваль") {
			t.Error("the name of an author was sent")
		}
	}
	if spent, err := w.store.TokenLedger().Spent(t.Context(), time.Now().UTC().Format(time.DateOnly)); err != nil || spent == 0 {
		t.Errorf("%d tokens are counted for all, %v", spent, err)
	}

	stored = w.set(t, func(s *bus.AISettings) { *s = bus.AISettings{} })
	w.says(t, 2, stored, "local", bus.ProviderReady)
	asked := len(server.Requests())
	w.put(t, received("4", "the page is broken", after(9*time.Hour)))
	w.awaitJudged(t)
	if n := w.judgedBy(t, "local"); n != 2 || len(server.Requests()) != asked {
		t.Errorf("%d messages judged by local, %d more by the server", n, len(server.Requests())-asked)
	}
}

func TestNothingIsSentBeforeTheSettingsAreKnown(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	server := standInModel(t, modeltest.Options{})
	withModels(w)
	inner := w.classifying
	w.classifying = func(c *worker.ClassifyConfig) { // the environment has what operators have forbidden
		inner(c)
		c.Provider, c.LLMConfig.BaseURL, c.LLMConfig.Model = "openai", server.URL(), "test-model"
	}
	// Stored, and lost in the broker.
	_, _, err := w.store.UpdateAISettings(t.Context(), func(s *bus.AISettings) error { s.Provider = ref("local"); return nil })
	if err != nil {
		t.Fatal(err)
	}
	w.put(t, received("1", "it is broken"))
	w.start(t)
	w.awaitJudged(t)
	if n := len(server.Requests()); n != 0 || w.judgedBy(t, "local") != 1 {
		t.Errorf("%d requests to the server of the environment", n)
	}
}

func TestThresholdsAndQuietChangeAtRunTime(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	withModels(w)
	w.start(t)
	w.put(t, received("1", "maybe a dark theme")) // 0.6
	w.awaitJudged(t)
	stored := w.set(t, func(s *bus.AISettings) { s.TaskThreshold, s.ProposalThreshold = ref(0.55), ref(0.5) })
	w.says(t, 1, stored, "local", bus.ProviderReady)
	w.put(t, received("2", "maybe a light theme", after(3*time.Hour)))
	w.awaitJudged(t)
	if tasks, proposals := len(w.tasks(t)), w.count(t, "SELECT count(*) FROM proposals"); tasks != 1 || proposals != 1 {
		t.Errorf("%d tasks, %d proposals", tasks, proposals)
	}
	stored = w.set(t, func(s *bus.AISettings) { s.QuietSeconds = ref(600.0) })
	w.says(t, 1, stored, "local", bus.ProviderReady)
	w.put(t, received("3", "maybe a grey theme", after(6*time.Hour)))
	w.awaitDone(t)
	if n := w.count(t, "SELECT count(*) FROM conversations WHERE judge_at > now() + interval '5 minutes'"); n != 1 {
		t.Errorf("%d conversations wait until it is quiet", n)
	}
}

func TestDegradationIsVisible(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	withModels(w)
	server := standInModel(t, modeltest.Options{Key: modelKey})
	stored := w.set(t, ask(t, server))
	registry := w.startCounted(t)
	w.put(t, received("1", "it is broken"))
	w.awaitJudged(t)
	w.says(t, 1, stored, "openai", bus.ProviderReady)

	server.FailAlways(modeltest.InternalError)
	w.put(t, received("2", "that is broken", after(3*time.Hour)))
	w.awaitJudged(t)
	if p := w.says(t, 1, stored, "openai", bus.ProviderFailing); !strings.Contains(p.Detail, "HTTP 500") {
		t.Errorf("detail %q", p.Detail)
	}
	if n := w.judgedBy(t, "local"); n != 1 {
		t.Errorf("%d messages judged by local meanwhile", n)
	}
	eventually(t, "clients are told", func() bool { return slices.Contains(w.sections(t), "ai_providers") })
	if got := gauge(t, registry, "tasktracker_worker_provider_state", "openai", "failing"); got != 1 {
		t.Errorf("the metric says %v", got)
	}

	// Without the built-in classifier messages wait, and are judged when the server is back.
	stored = w.set(t, func(s *bus.AISettings) { s.LocalFallback = ref(false) })
	w.says(t, 1, stored, "openai", bus.ProviderUnknown)
	w.put(t, received("3", "again broken", after(6*time.Hour)))
	w.awaitDone(t)
	eventually(t, "the conversation is held", func() bool {
		return w.count(t, "SELECT count(*) FROM conversations WHERE held_since IS NOT NULL") == 1
	})
	server.FailAlways(modeltest.None)
	if _, err := w.pool.Exec(t.Context(), "UPDATE conversations SET judge_at = now() WHERE held_since IS NOT NULL"); err != nil {
		t.Fatal(err)
	}
	w.awaitJudged(t)
	if n := w.judgedBy(t, "openai"); n != 2 {
		t.Errorf("%d messages judged by openai", n)
	}

	stored = w.set(t, func(s *bus.AISettings) { s.LocalFallback, s.TokenBudgetPerDay = nil, ref(int64(1)) })
	w.says(t, 1, stored, "openai", bus.ProviderUnknown)
	w.put(t, received("4", "once more broken", after(9*time.Hour)))
	w.awaitJudged(t)
	w.says(t, 1, stored, "openai", bus.ProviderOverBudget)
	if n := w.judgedBy(t, "local"); n != 2 {
		t.Errorf("%d messages judged by local over the budget", n)
	}
}

func TestAKeyThatDoesNotOpenIsSaid(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	withModels(w)
	server := standInModel(t, modeltest.Options{})
	stored := w.set(t, func(s *bus.AISettings) {
		ask(t, server)(s)
		s.APIKey = ref("v2.00000000." + strings.Repeat("A", 80))
	})
	w.start(t)
	if p := w.says(t, 1, stored, "openai", bus.ProviderNotConfigured); !strings.Contains(p.Detail, "SETTINGS_ENCRYPTION_KEY") {
		t.Errorf("detail %q", p.Detail)
	}
	w.put(t, received("1", "it is broken"))
	w.awaitJudged(t)
	if n := len(server.Requests()); n != 0 || w.judgedBy(t, "local") != 1 {
		t.Errorf("%d requests without the key", n)
	}
}

// sections are those of which settings_updated was told.
func (w *world) sections(t *testing.T) []string {
	t.Helper()
	var sections []string
	for _, e := range w.events(t, bus.SubjectSettingsUpdated) {
		sections = append(sections, e.Event.GetPayload().(*eventsv1.Event_SettingsUpdated).SettingsUpdated.GetSection())
	}
	return sections
}

// gauge reads a metric with two labels.
func gauge(t *testing.T, registry prometheus.Gatherer, name string, labels ...string) float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			var values []string
			for _, l := range m.GetLabel() {
				values = append(values, l.GetValue())
			}
			if family.GetName() == name && slices.Equal(values, labels) {
				return m.GetGauge().GetValue()
			}
		}
	}
	t.Fatalf("no metric %s %v", name, labels)
	return 0
}

// What both the worker and the api read of the environment they read alike.
func TestSettingsOfTheProviderAreDescribedOnce(t *testing.T) {
	t.Parallel()
	of := map[string]config.Setting{}
	for _, s := range config.Describe(worker.ClassifyConfig{}) {
		of[s.Name] = s
	}
	for _, want := range config.Describe(aisettings.Settings{}) {
		if got := of[want.Name]; !reflect.DeepEqual(got, want) {
			t.Errorf("the worker has %+v, the api %+v", got, want)
		}
	}
}

var _ openai.Ledger = store.TokenLedger{}
