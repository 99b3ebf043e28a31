package clauses_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/clauses"
)

func TestASentenceIsTakenApart(t *testing.T) {
	t.Parallel()
	for sentence, want := range map[string]string{
		"It reads like an improvement (81 %).":                                     "reads_like category=improvement percent=81",
		"It reads like a bug (97 %); something is down, it happens in production.": "reads_like category=bug percent=97|signal_outage|signal_production",
		"It may be an improvement (65 %).":                                         "may_be category=improvement percent=65",
		"Its words are those of messages that ask for nothing (60 %).":             "asks_for_nothing percent=60",
		"It holds no words.":                                                       "no_words",
		"Invalid Telegram bot token: Unauthorized. Copy the token again from @BotFather (/mybots, then API Token); if it was revoked, the one shown there is the new one.": "token_refused detail=Unauthorized",
		"A person said that this is no issue.":        "person_no_issue",
		"0.85 is at least 0.75: a task":               "task least=0.75 probability=0.85",
		"a person said so; 0.00 is below 0.45: noise": "by_person|noise below=0.45 probability=0.00",
		"0.60 is at least 0.45 and below 0.75: a proposal; 0.50 the same as task 7: a person is asked":                                         "proposal below=0.75 least=0.45 probability=0.60|same_asked score=0.50 task=7",
		"0.85 is at least 0.75: a task; 0.90 the same as task 3, to which its messages are attached: Both say: export, pdf; but other numbers": "task least=0.75 probability=0.85|same_attached score=0.90 shared=export, pdf; but other numbers task=3",
		"It led to task 12, which was made of its conversation: 0.85 is at least 0.75: a task.":                                                "answer_made task=12|task least=0.75 probability=0.85",
		"It led to task 12, which a person made.":                                                                 "answer_by_person task=12",
		"Proposal 4 was made of its conversation, and a person rejected it (not_actionable).":                     "answer_rejected proposal=4 reject_reason=not_actionable",
		"Nothing followed from its conversation: nothing more is known.":                                          "answer_nothing|answer_unknown",
		"No classifier could judge it; it is tried again until one can. See the last judgement for the reason.":   "answer_held",
		"model is empty: name a model of the server":                                                              "model_missing",
		"The model server took longer than LLM_TIMEOUT: raise it, lower LLM_BATCH_SIZE, or take a quicker model.": "model_slow limit=LLM_TIMEOUT setting=LLM_BATCH_SIZE",
		"The model server took longer than 5m0s: take a quicker model.":                                           "model_slow_summary limit=5m0s",
		"The model server fails (HTTP 500): see its log.":                                                         "model_fails http=500",
		"shape not understood: message_id is not a positive integer of 64 bits":                                   "shape|letter_message_id",
		"The user reports that the export fails.":                                                                 "",
		"It reads like a bug (97 %), says somebody who is a model.":                                               "",
		"": "",
	} {
		var got []string
		for _, c := range clauses.Of(sentence) {
			words := []string{c.Code}
			for _, name := range slices.Sorted(maps.Keys(c.Values)) {
				words = append(words, name+"="+c.Values[name])
			}
			got = append(got, strings.Join(words, " "))
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q: %q, want %q", sentence, strings.Join(got, "|"), want)
		}
	}
}

// What goes wrong by itself is said where it goes wrong: whoever adds such a sentence there adds it here.
func TestEveryTroubleIsTakenApart(t *testing.T) {
	t.Parallel()
	said := regexp.MustCompile(`"((?:The (?:model|token|text|account|built-in)|There are no|No worker|This build|It did not)[^"]*\.)"|notUnderstood\("([^"]+)"\)|errors\.New\("((?:delivered too|decode: )[^"]+)"\)`)
	found := 0
	for _, pattern := range []string{"../classify/openai/*.go", "../telegram/*.go", "../bus/*.go", "../../services/worker/*.go", "../../services/api/internal/ai/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %d files", pattern, err, len(files))
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, m := range said.FindAllStringSubmatch(string(source), -1) {
				sentence := strings.NewReplacer("%d", "3", "%s", "5m0s").Replace(m[1] + m[2] + m[3])
				if m[2] != "" {
					sentence = "shape not understood: " + sentence
				}
				found++
				if len(clauses.Of(sentence)) == 0 {
					t.Errorf("%s: no clause for %q", file, sentence)
				}
			}
		}
	}
	if found < 40 {
		t.Errorf("only %d sentences were found: they are said elsewhere now", found)
	}
}

// The contract names them all, for clients that say them in another language.
func TestTheContractNamesEveryClause(t *testing.T) {
	t.Parallel()
	contract, err := os.ReadFile("../../proto/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, described, _ := strings.Cut(string(contract), "\n    ClauseCode:\n")
	described, _, _ = strings.Cut(described, "\n      type:")
	for _, code := range clauses.Codes() {
		if !strings.Contains(described, "`"+code+"`") {
			t.Errorf("ClauseCode of proto/openapi.yaml does not name %s", code)
		}
	}
}
