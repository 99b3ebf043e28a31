// Package train finds the weights of the built-in classifier, and measures it. It is used by
// commands only (`./just train`, `./just eval`).
package train

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tasktracker/tasktracker/pkg/classify/local"
)

// Row is a labelled text.
type Row struct {
	// Set is the name of its data set, and Part train, dev or test.
	Set, Part string
	Text      string
	Context   []string
	// Label is as published; Type, Kind and Language where the set has them.
	Label, Type, Kind, Language string
	// Group is the community, app or scenario that it comes from.
	Group string
	// Truth is the set of kinds (1<<local.KindBug...) of which it is one; Compete are those
	// between which its set decides. Where both are equal it says nothing.
	Truth, Compete uint
	// Intent is the number of its intent; -1 for none.
	Intent int
	// Place is where it was written.
	Place int
	// Weight is how much it counts in training.
	Weight float64
	// OneSided is for those of a team of which one side was written only: how likely an issue is
	// where people write, they do not tell.
	OneSided bool
}

// Issue tells whether the row is an issue, where it says so.
func (r *Row) Issue() (issue, known bool) {
	const noise = 1 << local.KindNoise
	if r.Set == setMessages { // whose authors took how-to questions for none
		return r.Label == "issue", true
	}
	if r.Compete&noise == 0 {
		return false, false
	}
	return r.Truth&noise == 0, r.Truth == noise || r.Truth&noise == 0
}

// positive tells what the outputs of its place call an issue: as Issue, but that a dialogue
// counts as one where it is a bug.
func (r *Row) positive() (yes, known bool) {
	if r.Place == local.PlaceDialogue {
		return r.Label == "bug", true
	}
	return r.Issue()
}

const (
	allKinds = 1<<local.Kinds - 1
	issues   = allKinds &^ (1 << local.KindNoise)
)

func kinds(of ...int) (set uint) {
	for _, k := range of {
		set |= 1 << k
	}
	return set
}

// published is a line of a data set.
type published struct {
	Text, Label, Source, Type, Dialog string
	// Of the seed set.
	Kind, Lang, Scenario string
	Context              []string
}

// Names of the sets, as their folders are called.
const (
	setGitHub   = "github-issues"
	setBugs     = "chat-bugs"
	setMessages = "chat-messages"
	setApps     = "app-reviews"
	setUkraine  = "ua-reviews"
	setJira     = "jira-priority"
	// SetSeed are the messages that we wrote ourselves.
	SetSeed = "seed"
)

// sets are the published ones.
var sets = []string{setGitHub, setBugs, setMessages, setApps, setUkraine, setJira}

// Load reads the data sets of a folder: train.jsonl and dev.jsonl of each folder in it whose
// name is known.
func Load(dir string) ([]Row, error) {
	var rows []Row
	for _, set := range sets {
		for _, part := range []string{"train", "dev"} {
			found, err := loadFile(filepath.Join(dir, set, part+".jsonl"), set, part)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return nil, err
			}
			rows = append(rows, found...)
		}
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("no data set in %s: it needs folders such as %s with train.jsonl and dev.jsonl", dir, setGitHub)
	}
	return rows, nil
}

// Part are the rows of some parts.
func Part(rows []Row, parts ...string) []*Row {
	var of []*Row
	for i := range rows {
		if slices.Contains(parts, rows[i].Part) {
			of = append(of, &rows[i])
		}
	}
	return of
}

// LoadFile reads one file: of a data set where its folder is called like one, else of the
// format of package seed.
func LoadFile(path string) ([]Row, error) {
	set := filepath.Base(filepath.Dir(path))
	if !slices.Contains(sets, set) {
		set = SetSeed
	}
	return loadFile(path, set, "test")
}

func loadFile(path, set, part string) ([]Row, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read data set: %w", err)
	}
	defer file.Close()
	rows, err := Read(file, set, part)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return rows, nil
}

// maxLine bounds a line of a data set, in bytes.
const maxLine = 16 << 20

// Read reads the JSON lines of one data set.
func Read(from io.Reader, set, part string) ([]Row, error) {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, maxLine)
	var rows []Row
	dialog := ""
	for n := 1; lines.Scan(); n++ {
		if len(strings.TrimSpace(lines.Text())) == 0 {
			continue
		}
		var p published
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		r := Row{Set: set, Part: part, Text: p.Text, Context: p.Context, Label: p.Label, Type: p.Type, Kind: p.Kind, Language: p.Lang,
			Group: p.Source, Compete: allKinds, Intent: -1, Weight: 1}
		if !label(&r, p) {
			return nil, fmt.Errorf("line %d: %s has no label %q", n, set, p.Label+p.Kind)
		}
		if p.Dialog != "" && p.Dialog == dialog {
			before := rows[len(rows)-1]
			r.Context = append(slices.Clone(before.Context), before.Text)
		}
		dialog = p.Dialog
		rows = append(rows, r)
	}
	return rows, lines.Err()
}

// label says what a published label means; false where it is unknown.
func label(r *Row, p published) bool {
	const (
		noise, bug, question = local.KindNoise, local.KindBug, local.KindQuestion
		feature, improvement = local.KindFeature, local.KindImprovement
	)
	var truth map[string]uint
	key := p.Label
	switch r.Set {
	case setGitHub: // holds issues only
		r.Place, r.Compete = local.PlaceTracker, issues
		truth = map[string]uint{"bug": kinds(bug), "feature": kinds(feature, improvement), "question": kinds(question)}
	case setJira:
		r.Place, r.Compete, key = local.PlaceLog, issues, p.Type
		truth = map[string]uint{"bug": kinds(bug), "improvement": kinds(feature, improvement, local.KindChore)}
	case setBugs: // the others may be anything
		r.Place = local.PlaceDialogue
		truth = map[string]uint{"bug": kinds(bug), "other": allKinds &^ kinds(bug)}
	case setMessages: // one labelling pass; how-to questions are among the others
		r.Place, r.Weight = local.PlaceMessage, 0.5
		truth = map[string]uint{"issue": kinds(bug), "solution": kinds(noise), "other": kinds(noise, question)}
	case setApps:
		r.Place = local.PlaceApp
		truth = map[string]uint{"bug": kinds(bug), "feature": kinds(feature), "improvement": kinds(improvement), "other": kinds(noise)}
	case setUkraine:
		r.Place, r.Intent = local.PlaceReview, slices.Index(local.IntentNames[:], p.Label)
		truth = map[string]uint{"complaint": kinds(bug), "question": kinds(question), "suggestion": kinds(feature, improvement), "gratitude": kinds(noise), "neutral": kinds(noise)}
	case SetSeed:
		r.Place, r.Group, key, r.Weight = local.PlaceTeam, p.Scenario, p.Kind, 8
		truth = seedKinds
		if fold(r.Group, 4) == 0 {
			r.Part = "test"
		}
	}
	r.Truth = truth[key]
	return r.Truth != 0
}

// seedKinds are the kinds of the seed set. What is no issue has names of its own, to see what
// raises false alarms.
var seedKinds = map[string]uint{
	"bug": 1 << local.KindBug, "feature": 1 << local.KindFeature, "improvement": 1 << local.KindImprovement, "question": 1 << local.KindQuestion, "chore": 1 << local.KindChore,
	"small_talk": 1, "thanks": 1, "plus_one": 1, "planning": 1, "standup": 1, "deploy_note": 1, "status": 1, "answer": 1, "announcement": 1,
}

// fold puts a group into one of n parts, always the same.
func fold(group string, n uint32) uint32 {
	h := fnv.New32a()
	io.WriteString(h, group)
	return h.Sum32() % n
}
