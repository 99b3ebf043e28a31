package openai

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/tasktracker/tasktracker/pkg/classify/mask"
)

//go:embed summary.md
var summaryPrompt string

var summaryLetters = letters(summaryPrompt)

// Sections are the parts of a summary.
var Sections = []string{"what_happened", "decisions", "blockers", "promises", "questions"}

const (
	// maxWritten bounds the sentence of a finding, maxSources what it rests on.
	maxWritten, maxSources = 300, 5
	// perFinding is what a finding of an answer comes to, perCandidate what stands around a
	// text that is sent, in tokens.
	perFinding, perCandidate = 120, 20
	// maxSplits is how often candidates are halved that are too many for the model.
	maxSplits = 2
)

// Candidate is something that rules found for a summary.
type Candidate struct {
	// Section is what the rules take it for, one of Sections.
	Section string
	// Author is who wrote it, "" for nobody: a name that is masked, not sent.
	Author string
	// Text is part of a message, letter by letter.
	Text string
}

// Source is what a Finding rests on.
type Source struct {
	// Candidate is its place in the list that was given.
	Candidate int
	// Quote occurs in its text letter by letter.
	Quote string
}

// Finding is one thing that a model chose.
type Finding struct {
	Section string
	// Text is the model's sentence; "" where it wrote none that can be shown.
	Text string
	// Sources are one at least.
	Sources []Source
}

// SummaryTokens guesses what Summarize takes for a list of candidates, in tokens.
func SummaryTokens(candidates []Candidate) int {
	total := estimate(summaryPrompt)
	for _, c := range candidates {
		total += estimate(c.Text) + perCandidate + perFinding
	}
	return total
}

// Model is the name of the model that is asked.
func (c *Classifier) Model() string { return c.config.Model }

// Addresses says whether a text speaks to the model. Such a text is not for Summarize.
func (c *Classifier) Addresses(text string) bool { return len(c.find(text)) > 0 }

// Summarize has a model choose among candidates and word what they say, in the language of
// that name. What holds whatever they or the model say: a finding rests on candidates of
// the call, by quotes that occur in them letter by letter; its sentence is of one line, bounded,
// without links, and is dropped where it repeats the prompt or has a number that its sources do
// not have. Each candidate counts once. The tokens are those of the calls that were answered. The error is
// an *Error, or what ctx ended with.
func (c *Classifier) Summarize(ctx context.Context, candidates []Candidate, language string) (findings []Finding, tokens int, err error) {
	return c.summarize(ctx, candidates, language, maxSplits)
}

func (c *Classifier) summarize(ctx context.Context, candidates []Candidate, language string, splits int) (findings []Finding, tokens int, err error) {
	asked := c.newDraft(candidates, language)
	format := c.dialect.current()
	got, err := c.complete(ctx, asked, format)
	tokens = got.promptTokens + got.completionTokens
	switch {
	case (hasTrait(err, traitTooLong) || errors.Is(err, errCut)) && len(candidates) > 1 && splits > 0:
		half := len(candidates) / 2
		first, more, err := c.summarize(ctx, candidates[:half], language, splits-1)
		if tokens += more; err != nil {
			return nil, tokens, err
		}
		second, more, err := c.summarize(ctx, candidates[half:], language, splits-1)
		for _, f := range second {
			for i := range f.Sources {
				f.Sources[i].Candidate += half
			}
		}
		return append(first, second...), tokens + more, err
	case KindOf(err) == KindInvalidAnswer:
		if hasTrait(err, traitGarbled) {
			format = below(got.format)
		}
		got, err = c.complete(ctx, asked, format)
		tokens += got.promptTokens + got.completionTokens
	}
	if err != nil {
		return nil, tokens, err
	}
	return got.findings, tokens, nil
}

// draft is one call's question about a summary.
type draft struct {
	user       string
	candidates map[int]int // by the index of this call, the place in the list
	order      []Candidate
	masked     *mask.Masked
}

var _ question = draft{}

func (c *Classifier) newDraft(candidates []Candidate, language string) draft {
	type finding struct {
		Index   int    `json:"index"`
		Section string `json:"section"`
		Text    string `json:"text"`
	}
	texts, names := make([]string, len(candidates)), []string{}
	for i, candidate := range candidates {
		names = append(names, candidate.Author)
		texts[i] = bounded(candidate.Text, c.config.MaxText)
	}
	d := draft{candidates: map[int]int{}, order: candidates, masked: c.masker(names...).Mask(texts...)}
	found := make([]finding, len(candidates))
	for i, candidate := range candidates {
		index := draw(d.candidates)
		d.candidates[index] = i
		text, _ := screen(mask.Cut(d.masked.Texts[i], c.config.MaxText), c.find)
		found[i] = finding{index, candidate.Section, text}
	}
	data, err := json.Marshal(map[string]any{"findings": found})
	if err != nil {
		data = []byte(`{"findings": []}`) // strings and numbers always encode
	}
	d.user = between(data) + " Answer with the JSON object; write the texts in " + language + "."
	return d
}

func (d draft) texts() (system, user string) { return summaryPrompt, d.user }

func (d draft) shape() (string, jsontext.Value) { return "summary", summarySchema }

// doubtful: no message may talk the model out of answering and so take it from the others.
func (d draft) doubtful() bool { return true }

func (d draft) estimate() (asked, answered int) {
	return estimate(summaryPrompt) + estimate(d.user), perFinding * len(d.order)
}

func (d draft) maxTokens() int64 { return int64(4096 + 400*len(d.order)) }

// written is a result of an answer, as the schema has it; nil is what is missing.
type written struct {
	Section *string `json:"section"`
	Sources []struct {
		Index *int    `json:"index"`
		Quote *string `json:"quote"`
	} `json:"sources"`
	Text *string `json:"text"`
}

// read wants the whole list: of one that breaks off nobody knows what is missing.
func (d draft) read(content string, into *reply) error {
	items, whole := readAnswer[written](content)
	switch {
	case !whole && into.truncated:
		return errCut
	case !whole, len(items) > 0 && !slices.ContainsFunc(items, func(i written) bool { return i.Section != nil }): // or a list in a broken one
		return errGarbled
	}
	into.findings = d.match(items)
	if len(items) > 0 && len(into.findings) == 0 {
		return errUnfounded
	}
	return nil
}

// match keeps what the data bears out.
func (d draft) match(items []written) []Finding {
	used := map[int]bool{}
	var findings []Finding
	for _, i := range items {
		section := strings.ToLower(strings.TrimSpace(text(i.Section)))
		if !slices.Contains(Sections, section) {
			continue
		}
		f := Finding{Section: section}
		for _, s := range i.Sources {
			if s.Index == nil || len(f.Sources) == maxSources {
				continue
			}
			at, known := d.candidates[*s.Index]
			if !known || used[at] {
				continue
			}
			if quote := locate(d.order[at].Text, d.masked.Unmask(text(s.Quote))); quote != "" {
				used[at] = true
				f.Sources = append(f.Sources, Source{at, quote})
			}
		}
		if len(f.Sources) == 0 {
			continue
		}
		f.Text = d.sentence(text(i.Text), f.Sources)
		findings = append(findings, f)
	}
	return findings
}

var figures = regexp.MustCompile(`\d+`)

// sentence is a model's sentence, fit to be shown; "" where it says what its sources do not.
func (d draft) sentence(text string, sources []Source) string {
	said, own := []rune(letters(text)), ""
	for _, s := range sources {
		own += d.order[s.Candidate].Text + "\n"
	}
	for at := 0; at+echo <= len(said); at += echoStep {
		if run := string(said[at : at+echo]); strings.Contains(summaryLetters, run) && !strings.Contains(letters(own), run) {
			return ""
		}
	}
	shown := d.masked.UnmaskPersonal(presentable(text, maxWritten))
	known := figures.FindAllString(own, -1)
	for _, figure := range figures.FindAllString(d.masked.Unmask(shown), -1) {
		if !slices.Contains(known, figure) && !strings.Contains(shown, "_"+figure+"]") {
			return ""
		}
	}
	return shown
}

// summarySchema keeps to what verdictSchema keeps to. The sources stand before the sentence, so
// that it follows from them.
var summarySchema = jsontext.Value(`{
	"type": "object",
	"properties": {"results": {"type": "array", "items": {
		"type": "object",
		"properties": {
			"section": {"type": "string", "enum": ["what_happened", "decisions", "blockers", "promises", "questions"]},
			"sources": {"type": "array", "items": {
				"type": "object",
				"properties": {"index": {"type": "integer"}, "quote": {"type": "string"}},
				"required": ["index", "quote"],
				"additionalProperties": false
			}},
			"text": {"type": "string"}
		},
		"required": ["section", "sources", "text"],
		"additionalProperties": false
	}}},
	"required": ["results"],
	"additionalProperties": false
}`)
