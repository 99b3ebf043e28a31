package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/classify/modeltest"
)

func classified(t *testing.T, provider, in string) ([]map[string]any, error) {
	t.Helper()
	var out bytes.Buffer
	err := run(context.Background(), provider, strings.NewReader(in), &out)
	var lines []map[string]any
	for decoder := json.NewDecoder(&out); decoder.More(); {
		var line map[string]any
		if err := decoder.Decode(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	return lines, err
}

func TestEachLineGetsItsAnswer(t *testing.T) {
	lines, err := classified(t, "local", `{"text":"прод лежить, користувачі не можуть увійти","context":["що сталось?"]}
{"text":"дякую, все працює"}
{"text":""}
`)
	if err != nil || len(lines) != 3 {
		t.Fatalf("%v %v", lines, err)
	}
	for i, want := range []bool{true, false, false} {
		for _, field := range []string{"is_issue", "category", "priority", "confidence", "quote", "reason", "signals", "provider", "model", "version", "prompt_tokens", "completion_tokens", "milliseconds"} {
			if _, ok := lines[i][field]; !ok {
				t.Errorf("line %d lacks %s", i, field)
			}
		}
		if lines[i]["is_issue"] != want || want == (lines[i]["category"] == nil) {
			t.Errorf("line %d: %v", i, lines[i])
		}
	}
	if lines[0]["priority"] != "critical" {
		t.Errorf("an outage is %v", lines[0]["priority"])
	}
}

func TestALineThatIsNoneKeepsItsPlace(t *testing.T) {
	lines, err := classified(t, "local", "rubbish\n{\"text\":\"thanks\"}\n{\"context\":[]}\n[]\n")
	if err == nil || len(lines) != 4 {
		t.Fatalf("%v %v", lines, err)
	}
	for i, bad := range []bool{true, false, true, true} {
		if _, ok := lines[i]["error"]; ok != bad {
			t.Errorf("line %d: %v", i, lines[i])
		}
	}
}

func TestAModelServerIsAsked(t *testing.T) {
	server, err := modeltest.Start(modeltest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	t.Setenv("LLM_BASE_URL", server.URL())
	t.Setenv("LLM_MODEL", "test-model")
	t.Chdir(t.TempDir())
	lines, err := classified(t, "openai", `{"text":"the page is broken"}`)
	if err != nil || len(lines) != 1 || lines[0]["provider"] != "openai" || lines[0]["prompt_tokens"] == 0.0 {
		t.Errorf("%v %v", lines, err)
	}
}

func TestAnUnknownProviderIsRefused(t *testing.T) {
	if _, err := classified(t, "oracle", ""); err == nil || !strings.Contains(err.Error(), "openai") {
		t.Error(err)
	}
}
