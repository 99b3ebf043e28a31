package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/classify/modeltest"
	"github.com/tasktracker/tasktracker/services/api"
)

func TestASampleIsJudgedByTheModelServer(t *testing.T) {
	t.Parallel()
	server := modelServer(t, modeltest.Options{Key: aiKey})
	env := environment()
	input, output := 2.0, 8.0
	env.PriceInput, env.PriceOutput = &input, &output
	w := newAIWorld(t, env)
	trial := fmt.Sprintf(`{"text":"The export is broken since the deploy","base_url":%q,"model":"test-model","api_key":%q}`, server.URL(), aiKey)
	report := ok[object](w, http.MethodPost, tryPath, trial)
	result, _ := report["result"].(object)
	if report["ok"] != true || report["detail"] != nil || report["prompt_tokens"].(float64) < 1 || report["cost"].(float64) <= 0 || result["is_issue"] != true || result["category"] != "bug" {
		t.Errorf("report %v", report)
	}
	if now := get[object](w, aiPath); now["source"] != "environment" {
		t.Errorf("a trial was stored: %v", now)
	}
	used := report["prompt_tokens"].(float64) + report["completion_tokens"].(float64)
	if p := w.provider("openai"); p["tokens_today"] != used {
		t.Errorf("%v tokens today, the test used %v", p["tokens_today"], used)
	}
	ok[object](w, http.MethodPut, aiPath, fmt.Sprintf(`{"base_url":%q,"model":"test-model","api_key":%q}`, server.URL(), aiKey))
	if stored := ok[object](w, http.MethodPost, tryPath, ""); stored["ok"] != true || stored["model"] != "test-model" {
		t.Errorf("with what is stored and a sample of ours: %v", stored)
	}
	// The stored key goes to no other server, and is not asked for where one is given.
	elsewhere := modelServer(t, modeltest.Options{})
	to := fmt.Sprintf(`"base_url":%q`, elsewhere.URL())
	if at := w.refusedAt(http.MethodPost, tryPath, "{"+to+"}"); strings.Join(at, " ") != "api_key" {
		t.Errorf("faults at %v", at)
	}
	if report := ok[object](w, http.MethodPost, tryPath, "{"+to+`,"api_key":""}`); report["ok"] != true {
		t.Errorf("without a key: %v", report)
	}
	for _, r := range elsewhere.Requests() {
		if r.Header.Get("Authorization") != "" {
			t.Error("another server got a key")
		}
	}
}

func TestWhatIsWrongWithAModelServerIsSaid(t *testing.T) {
	t.Parallel()
	server := modelServer(t, modeltest.Options{})
	w := newAIWorld(t, environment())
	ok[object](w, http.MethodPut, aiPath, fmt.Sprintf(`{"base_url":%q,"model":"test-model","api_key":%q}`, server.URL(), aiKey))
	for fault, part := range map[modeltest.Fault]string{
		modeltest.Unauthorized: "does not accept the key", modeltest.RateLimited: "fewer requests", modeltest.InternalError: "fails (HTTP 500)",
		modeltest.BadGateway: "fails (HTTP 502)", modeltest.Redirect: "another address", modeltest.HTMLPage: "no chat completion",
		modeltest.Rubbish: "not the JSON", modeltest.HangUp: "cannot be reached", modeltest.Endless: "no chat completion", modeltest.NoCredit: "no credit",
	} {
		server.FailAlways(fault)
		report := ok[object](w, http.MethodPost, tryPath, `{"text":"The export is broken"}`)
		detail := fmt.Sprint(report["detail"])
		if report["ok"] != false || report["result"] != nil || !strings.Contains(detail, part) || strings.Contains(detail, "<") || strings.Contains(detail, "LLM_BASE_URL") {
			t.Errorf("fault %d: %v", fault, report)
		}
	}
	server.FailAlways(modeltest.None)
	if report := ok[object](w, http.MethodPost, tryPath, `{"model":"unknown"}`); report["ok"] != false || !strings.Contains(fmt.Sprint(report["detail"]), "does not know the model") {
		t.Errorf("an unknown model: %v", report)
	}
	ok[object](w, http.MethodPut, aiPath, `{"token_budget_per_day":1}`)
	if report := ok[object](w, http.MethodPost, tryPath, `{}`); report["ok"] != false || !strings.Contains(fmt.Sprint(report["detail"]), "budget") {
		t.Errorf("over the budget: %v", report)
	}
	for body, want := range map[string]string{
		`{"text":""}`: "text", `{"text":"  "}`: "text", `{"base_url":"http://u@x/v1","api_key":null}`: "base_url", `{"model":" "}`: "model", `{"api_key":"a b"}`: "api_key",
	} {
		if got := strings.Join(w.refusedAt(http.MethodPost, tryPath, body), " "); got != want {
			t.Errorf("%s: faults at %q", body, got)
		}
	}
	w.refusedAt(http.MethodPost, providersPath+"/other/test", `{}`)
}

func TestModelsOfAServer(t *testing.T) {
	t.Parallel()
	server := modelServer(t, modeltest.Options{Key: aiKey, Models: []string{"b", "a"}})
	open := modelServer(t, modeltest.Options{Models: []string{"c"}})
	w := newAIWorld(t, environment())
	ok[object](w, http.MethodPut, aiPath, fmt.Sprintf(`{"base_url":%q,"api_key":%q}`, server.URL(), aiKey))
	if got := fmt.Sprint(get[object](w, modelsPath)["models"]); got != "[a b]" {
		t.Errorf("models %s", got)
	}
	if got := fmt.Sprint(get[object](w, modelsPath+"?base_url="+open.URL())["models"]); got != "[c]" {
		t.Errorf("models of another server %s", got)
	}
	elsewhere := modelServer(t, modeltest.Options{Key: aiKey}) // which would take the key
	for address, part := range map[string]string{elsewhere.URL(): "does not accept the key", "http://127.0.0.1:1/v1": "cannot be reached", open.URL() + "/x": "HTTP 404"} {
		status, said, _ := w.call(http.MethodGet, modelsPath+"?base_url="+address, "")
		if status != http.StatusBadGateway || !strings.Contains(said, part) {
			t.Errorf("%s: %d %s", address, status, said)
		}
	}
	for _, address := range []string{"file:///etc/passwd", "http://u:p@localhost/v1", "http://"} {
		if at := w.refusedAt(http.MethodGet, modelsPath+"?base_url="+address, ""); strings.Join(at, " ") != "base_url" {
			t.Errorf("%s: faults at %v", address, at)
		}
	}
}

// builtIn stands for the classifier that is built in.
type builtIn struct{ err error }

func (b builtIn) Classify(_ context.Context, inputs []classify.Input) ([]classify.Result, error) {
	if b.err != nil {
		return nil, b.err
	}
	return []classify.Result{{IsIssue: true, Category: "bug", Priority: "high", Confidence: 0.9, Quote: inputs[0].Text, Reason: "It says so.", Model: "linear", Version: "3"}}, nil
}

func TestASampleIsJudgedByTheBuiltInClassifier(t *testing.T) {
	t.Parallel()
	const path = providersPath + "/local/test"
	if report := ok[object](newAIWorld(t, environment()), http.MethodPost, path, `{}`); report["ok"] != false || !strings.Contains(fmt.Sprint(report["detail"]), "no built-in classifier") {
		t.Errorf("without one: %v", report)
	}
	w := newAIWorld(t, environment(), func(d *api.Deps) { d.Local = builtIn{} })
	report := ok[object](w, http.MethodPost, path, `{"text":"it is broken"}`)
	want := object{"is_issue": true, "category": "bug", "priority": "high", "confidence": 0.9, "quote": "it is broken", "reason": "It says so.", "reason_clauses": []any{}}
	if diff := differences(want, report["result"]); diff != "" || report["model"] != "linear" || report["cost"] != nil {
		t.Errorf("%v\n%s", report, diff)
	}
	w = newAIWorld(t, environment(), func(d *api.Deps) { d.Local = builtIn{errors.New("weights are damaged")} })
	if report := ok[object](w, http.MethodPost, path, `{}`); report["ok"] != false || strings.Contains(fmt.Sprint(report["detail"]), "weights") {
		t.Errorf("one that fails: %v", report)
	}
}
