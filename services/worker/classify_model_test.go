package worker_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/classify/modeltest"
	"github.com/tasktracker/tasktracker/pkg/classify/openai"
	"github.com/tasktracker/tasktracker/services/worker"
)

// modelServer is a model server of one test's own.
func modelServer(t *testing.T) *modeltest.Server {
	t.Helper()
	server, err := modeltest.Start(modeltest.Options{Key: "sk-test", Delay: 2 * patience, RetryAfter: 2 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("model server: %v", err)
		}
	})
	return server
}

// answerWithin is how long a worker waits for a model server that is slow on purpose; any other
// has as long as a busy machine may take.
func answerWithin(fault modeltest.Fault) time.Duration {
	if fault == modeltest.Slow {
		return time.Second
	}
	return patience
}

// askModel has the model server judge, with the built-in classifier behind it or not.
func (w *world) askModel(server *modeltest.Server, fallback bool, fault modeltest.Fault) {
	server.FailAlways(fault)
	w.classifying = func(c *worker.ClassifyConfig) {
		c.Provider, c.LocalFallback = "openai", fallback
		c.LLMConfig = openai.Config{BaseURL: server.URL(), Model: "test-model", APIKey: "sk-test", BatchSize: 8, Concurrency: 2, DailyTokens: 1_000_000,
			Timeout: answerWithin(fault), Attempts: 1, MaxText: 6000, MaskNames: true}
	}
}

func TestTheModelServerJudges(t *testing.T) {
	t.Parallel()
	server := modelServer(t)
	w, local := newClassifying(t)
	w.askModel(server, true, modeltest.None)
	w.measured()
	w.start(t)
	w.put(t, received("1", "the export is broken"), received("2", "thanks", after(time.Hour)))
	w.awaitJudged(t)
	tasks := w.tasks(t)
	if len(tasks) != 1 || tasks[0].GetTitle() != "The export is broken" || tasks[0].GetPriority() != "high" || len(local.judged()) != 0 {
		t.Errorf("tasks %v, %d judged by the built-in classifier", tasks, len(local.judged()))
	}
	if n := w.count(t, "SELECT count(*) FROM conversations WHERE provider = 'openai' AND model = 'test-model' AND prompt_version <> ''"); n != 2 {
		t.Errorf("%d conversations judged by the model", n)
	}
	if n := w.count(t, "SELECT count(*) FROM task_history WHERE field = 'created' AND actor_kind = 'ai' AND actor_name = 'openai'"); n != 1 {
		t.Errorf("%d tasks made by the model", n)
	}
	w.awaitMetric(t, "tasktracker_worker_turns_judged_total", "openai", 2)
}

// Names of people who wrote here, in this conversation or another, do not leave the machine.
func TestNamesOfAuthorsDoNotLeave(t *testing.T) {
	t.Parallel()
	server := modelServer(t)
	w, _ := newClassifying(t)
	w.askModel(server, false, modeltest.None)
	w.start(t)
	w.put(t, received("1", "thanks", by("7", "Богдан Ткач")))
	w.awaitJudged(t)
	w.put(t, received("2", "Olha and Богдан say that the export is broken", after(time.Hour), by("8", "Olha Moroz")))
	w.awaitJudged(t)
	for _, r := range server.Requests() {
		if strings.Contains(r.Body, "Богдан") || strings.Contains(r.Body, "Olha") {
			t.Errorf("sent %s", r.User)
		}
	}
	if tasks := w.tasks(t); len(tasks) != 1 || tasks[0].GetTitle() != "Olha and Богдан say that the export is broken" {
		t.Errorf("tasks %v", tasks)
	}
}

// Whatever the model server does, the built-in classifier judges in its place, and the
// attempt says why.
func TestTheBuiltInClassifierStandsInForTheModelServer(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault modeltest.Fault
		kind  openai.Kind
	}{
		"401":      {modeltest.Unauthorized, openai.KindKeyRefused},
		"429":      {modeltest.RateLimited, openai.KindRateLimited},
		"500":      {modeltest.InternalError, openai.KindUnavailable},
		"slow":     {modeltest.Slow, openai.KindUnavailable},
		"rubbish":  {modeltest.Rubbish, openai.KindInvalidAnswer},
		"hangs up": {modeltest.HangUp, openai.KindUnavailable},
		"no money": {modeltest.NoCredit, openai.KindOverBudget},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := modelServer(t)
			w, local := newClassifying(t)
			w.askModel(server, true, tc.fault)
			w.measured()
			w.start(t)
			w.put(t, received("1", "the export is broken"))
			w.awaitJudged(t)
			if n := w.count(t, "SELECT count(*) FROM tasks JOIN task_history h ON h.task_id = tasks.id AND h.actor_name = 'local'"); n != 1 || len(local.judged()) != 1 {
				t.Errorf("%d tasks, %d judged by the built-in classifier", n, len(local.judged()))
			}
			if n := w.count(t, "SELECT count(*) FROM classification_attempts WHERE provider = 'local' AND decision = 'task' AND error <> '' AND error NOT LIKE '%sk-test%'"); n != 1 {
				t.Errorf("%d attempts say why", n)
			}
			w.awaitMetric(t, "tasktracker_worker_classifier_fallbacks_total", string(tc.kind), 1)
			if len(server.Requests()) == 0 {
				t.Error("the model server was not asked")
			}
		})
	}
}

// A verdict that the model left out is the built-in classifier's; the others stay.
func TestWhatTheModelLeavesOutIsJudgedLocally(t *testing.T) {
	t.Parallel()
	server := modelServer(t)
	w, local := newClassifying(t)
	w.askModel(server, true, modeltest.None)
	server.Fail(modeltest.Missing, modeltest.InternalError)
	grouped := w.classifying
	w.classifying = func(c *worker.ClassifyConfig) { grouped(c); c.Quiet = 10 * time.Minute }
	w.start(t)
	w.put(t, received("1", "the export is broken"), received("2", "the import is broken", after(time.Hour)))
	w.awaitDone(t)
	w.due(t) // both in one call
	w.awaitJudged(t)
	if n := w.count(t, "SELECT count(*) FROM conversations WHERE provider = 'openai' AND decision = 'task'"); n != 1 {
		t.Errorf("%d tasks of the model", n)
	}
	if n := w.count(t, "SELECT count(*) FROM conversations WHERE provider = 'local' AND decision = 'task'"); n != 1 || len(local.judged()) != 1 {
		t.Errorf("%d tasks of the built-in classifier, which judged %d", n, len(local.judged()))
	}
}

func TestWithoutFallbackMessagesWaitForTheModelServer(t *testing.T) {
	t.Parallel()
	server := modelServer(t)
	w, local := newClassifying(t)
	w.askModel(server, false, modeltest.InternalError)
	w.start(t)
	w.put(t, received("1", "the export is broken"))
	w.awaitDone(t)
	eventually(t, "the conversation is held", func() bool {
		return w.count(t, "SELECT count(*) FROM conversations WHERE held_since IS NOT NULL AND judge_at > now()") == 1
	})
	if n := w.count(t, "SELECT count(*) FROM classification_attempts WHERE provider = '' AND error LIKE '%model server%'"); n != 1 {
		t.Errorf("%d attempts say why", n)
	}
	server.FailAlways(modeltest.None)
	w.due(t)
	w.awaitJudged(t)
	if n := w.count(t, "SELECT count(*) FROM conversations WHERE provider = 'openai' AND decision = 'task' AND held_since IS NULL"); n != 1 || len(local.judged()) != 0 {
		t.Errorf("%d tasks of the model, %d judged by the built-in classifier", n, len(local.judged()))
	}
}
