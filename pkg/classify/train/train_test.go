package train_test

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/classify/local"
	"github.com/tasktracker/tasktracker/pkg/classify/seed"
	"github.com/tasktracker/tasktracker/pkg/classify/train"
)

// rows are messages of made-up teams, from which it can be learnt.
func rows(t *testing.T) []*train.Row {
	t.Helper()
	var lines strings.Builder
	for team := range 30 {
		for i := range 4 {
			fmt.Fprintf(&lines, `{"text":"the printer %d is broken again in room %d","kind":"bug","scenario":"team-%d"}`+"\n", i, team, team)
			fmt.Fprintf(&lines, `{"text":"thank you team %d, lovely cake number %d","kind":"thanks","scenario":"team-%d"}`+"\n", team, i, team)
		}
	}
	found, err := train.Read(strings.NewReader(lines.String()), train.SetSeed, "train")
	if err != nil {
		t.Fatal(err)
	}
	return train.Part(found, "train", "test")
}

func TestWhatIsTaughtIsLearntAndSaved(t *testing.T) {
	weights := train.Calibrated(rows(t))
	var file bytes.Buffer
	if err := weights.Save(&file); err != nil {
		t.Fatal(err)
	}
	loaded, err := local.Load(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []*local.Weights{weights, loaded} {
		c := local.Use(w)
		if o := c.Opinion("the scanner is broken in room 77", nil); o.Issue < 0.6 || o.Kind() != local.KindBug {
			t.Errorf("a bug: %+v", o)
		}
		if o := c.Opinion("thank you, lovely", nil); o.Issue > 0.4 {
			t.Errorf("thanks: %+v", o)
		}
		if !c.TrainedOn("The printer 1 is  broken again in room 3") || c.TrainedOn("never seen before") {
			t.Error("it does not know what it was trained on")
		}
	}
	if loaded.Version == "" {
		t.Error("loaded weights have no version")
	}
}

func TestTheSameRowsGiveTheSameWeights(t *testing.T) {
	var files [2]bytes.Buffer
	for i := range files {
		if err := train.Fit(rows(t)).Save(&files[i]); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0].Bytes(), files[1].Bytes()) {
		t.Error("they differ")
	}
}

func TestRowsThatAreNoneAreRefused(t *testing.T) {
	for name, line := range map[string]string{
		"no JSON": "{", "unknown kind": `{"text":"a","kind":"wish"}`, "no kind": `{"text":"a"}`,
	} {
		if _, err := train.Read(strings.NewReader(`{"text":"a","kind":"bug"}`+"\n\n"+line), train.SetSeed, "train"); err == nil || !strings.Contains(err.Error(), "line 3") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := train.Load(t.TempDir()); err == nil {
		t.Error("an empty folder holds data sets")
	}
}

// The published sets are read by their own labels.
func TestPublishedSets(t *testing.T) {
	dir := t.TempDir()
	for set, lines := range map[string]string{
		"github-issues": `{"text":"a","label":"feature","source":"x"}`,
		"jira-priority": `{"text":"a","label":"medium","type":"improvement"}`,
		"chat-bugs":     `{"text":"a","label":"other"}`,
		"chat-messages": `{"text":"it is broken","label":"issue","dialog":"d"}` + "\n" + `{"text":"use this","label":"solution","dialog":"d"}`,
		"ua-reviews":    `{"text":"а","label":"gratitude"}`,
		"app-reviews":   `{"text":"a","label":"improvement"}`,
	} {
		if err := os.Mkdir(filepath.Join(dir, set), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, set, "dev.jsonl"), []byte(lines), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	found, err := train.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	type verdict struct{ issue, known bool }
	got := map[string][]verdict{}
	for i := range found {
		issue, known := found[i].Issue()
		got[found[i].Set] = append(got[found[i].Set], verdict{issue, known})
		if found[i].Label == "solution" && (len(found[i].Context) != 1 || found[i].Context[0] != "it is broken") {
			t.Errorf("what was said before is %q", found[i].Context)
		}
	}
	want := map[string][]verdict{"github-issues": {{false, false}}, "jira-priority": {{false, false}}, "chat-bugs": {{false, false}},
		"chat-messages": {{true, true}, {false, true}}, "ua-reviews": {{false, true}}, "app-reviews": {{true, true}}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if _, err := train.LoadFile(filepath.Join(dir, "app-reviews", "dev.jsonl")); err != nil {
		t.Error(err)
	}
}

func TestFigures(t *testing.T) {
	c := train.NewConfusion("a", "b")
	for _, pair := range []string{"aa", "aa", "ab", "ba", "bb", "bb", "bb"} {
		c.Add(pair[:1], pair[1:])
	}
	precision, recall, f1 := c.Of("a")
	if precision != 2.0/3 || recall != 2.0/3 || math.Abs(f1-2.0/3) > 1e-9 {
		t.Errorf("a: %v %v %v", precision, recall, f1)
	}
	if got := c.MacroF1(); math.Abs(got-(2.0/3+0.75)/2) > 1e-9 {
		t.Errorf("macro-F1 %v", got)
	}
	var calibration train.Calibration
	for i := range 10 {
		calibration.Add(0.95, i < 9)
		calibration.Add(0.65, i < 2)
	}
	if got := calibration.Error(); math.Abs(got-(0.05+0.45)/2) > 1e-9 {
		t.Errorf("calibration error %v", got)
	}
}

// What is shipped keeps its worth on teams that it was not trained on: a bound far below the
// figures of the model card, to see a broken file or a broken feature.
func TestTheShippedModelIsWorthItsCard(t *testing.T) {
	own, err := seed.Rows()
	if err != nil {
		t.Fatal(err)
	}
	c, err := local.New()
	if err != nil {
		t.Fatal(err)
	}
	held := train.Part(own, "test")
	if len(held) < 200 {
		t.Fatalf("%d rows are held apart", len(held))
	}
	report := train.Measure(c, held)[0]
	if _, _, f1 := report.Issue.Of("issue"); f1 < 0.75 {
		t.Errorf("F1 of issues is %.2f", f1)
	}
	if report.Seen > len(held)/20 {
		t.Errorf("%d of %d held-apart rows were trained on", report.Seen, len(held))
	}
	var out bytes.Buffer
	train.Print(&out, []*train.Report{report})
	for _, want := range []string{"is_issue", "expected calibration error", "false alarms among thanks"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q", want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"text":"a","kind":"bug"}`)
	f.Fuzz(func(t *testing.T, lines string) {
		found, err := train.Read(strings.NewReader(lines), train.SetSeed, "train")
		if err == nil && len(found) > strings.Count(lines, "\n")+1 {
			t.Errorf("%d rows of %q", len(found), lines)
		}
	})
}
