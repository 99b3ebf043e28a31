package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tasktracker/tasktracker/pkg/aisettings"
	"github.com/tasktracker/tasktracker/pkg/classify/openai"
	"github.com/tasktracker/tasktracker/pkg/digest"
	"github.com/tasktracker/tasktracker/pkg/store"
)

const (
	// draftPortion is how many findings a model is given at once, draftCentral how many messages that
	// say what all are about it chooses from.
	draftPortion, draftCentral = 20, 40
	// draftLimit is how long a portion may take, with all attempts; draftLease is how long a run
	// stands still after its worker has died meanwhile.
	draftLimit, draftLease = 2 * time.Minute, 150 * time.Second
)

// modelFaults are the kinds of faults of a model server.
var modelFaults = []openai.Kind{openai.KindKeyRefused, openai.KindOverBudget, openai.KindRateLimited, openai.KindUnavailable, openai.KindInvalidAnswer, openai.KindRequestRefused}

// writer is a model that can write summaries: *openai.Classifier.
type writer interface {
	Addresses(text string) bool
	Summarize(ctx context.Context, candidates []openai.Candidate, language string) (findings []openai.Finding, tokens int, err error)
	Model() string
}

var _ writer = (*openai.Classifier)(nil)

// draft is a summary that a model writes, portion by portion, over what the rules have found.
type draft struct {
	// Portions are what it is given, Kept what it is not: that stays as the rules found it.
	Portions [][]sorted `json:"portions"`
	Kept     []sorted   `json:"kept"`
	Done     int        `json:"done"` // portions
	Written  []sorted   `json:"written"`
	Tokens   int        `json:"tokens"`
	// Fallback is why the model writes no more; "" while it does.
	Fallback string `json:"fallback,omitempty"`
}

// sorted is a finding with its part of the summary.
type sorted struct {
	Section string `json:"section"`
	digest.Finding
}

// languages are the names by which a model is told in which language to write.
var languages = map[string]string{"en": "English", "uk": "Ukrainian", "ru": "Russian"}

// write has a model write the summary of a run, if one should, and returns its name; what becomes of it is in
// at.Draft. The error is that of the store, or of ctx.
func (a *analyst) write(ctx context.Context, run *store.AnalysisRun, at *checkpoint) (model string, err error) {
	if at.Draft == nil {
		w, reason := a.writer()
		switch {
		case a.tokens == 0:
			return "", nil
		case w == nil:
			if reason != "" {
				at.Draft = &draft{Fallback: reason}
			}
			return "", nil
		}
		messages, err := a.store.MessagesToQuote(ctx, at.Digest.Quoted())
		if err != nil {
			return "", err
		}
		at.Draft = newDraft(&at.Digest, said(messages), w, a.tokens)
	}
	if len(at.Draft.Portions) == 0 {
		return "", nil
	}
	d := at.Draft
	for d.Done < len(d.Portions) && d.Fallback == "" {
		w, reason := a.writer() // it may have been changed: what must not leave any more does not
		if w == nil {
			at.Draft = &draft{Tokens: d.Tokens, Fallback: reason}
			return "", nil
		}
		if err := a.checkpoint(ctx, run, at); err != nil {
			return "", err
		}
		if model = w.Model(); d.Tokens >= a.tokens {
			d.keep()
			break
		}
		if err := a.learn(ctx); err != nil {
			return "", err
		}
		if err := a.portion(ctx, w, d, languages[at.Digest.Languages.Most()]); err != nil {
			return "", err
		}
	}
	if model == "" { // all was written by a worker before this one
		if w, _ := a.writer(); w != nil {
			model = w.Model()
		}
	}
	if d.Fallback == "" && len(d.Portions) > 0 && len(d.Written) == 0 {
		d.Fallback = "The model kept nothing of what was found: choose a model that follows instructions better."
	}
	return model, nil
}

// checkpoint stores how far a summary is, keeps the run meanwhile, and tells clients.
func (a *analyst) checkpoint(ctx context.Context, run *store.AnalysisRun, at *checkpoint) error {
	stored, err := json.Marshal(at)
	if err != nil {
		return fmt.Errorf("write the checkpoint of analysis run %d: %w", run.ID, err)
	}
	if err := a.store.CheckpointAnalysisRun(ctx, run, stored, draftLease); err != nil {
		return err
	}
	event := store.AnalysisProgress(*run, "summarizing")
	progress := event.GetAnalysisProgress()
	progress.Step, progress.Steps = int32(at.Draft.Done), int32(len(at.Draft.Portions))
	a.tell(ctx, run.ID, event)
	return nil
}

// portion has a model write the next portion. What the server fails at becomes the draft's
// Fallback; the error is that of ctx.
func (a *analyst) portion(ctx context.Context, w writer, d *draft, language string) error {
	portion := d.Portions[d.Done]
	timed, cancel := context.WithTimeout(ctx, draftLimit)
	defer cancel()
	findings, tokens, err := w.Summarize(timed, candidates(portion), language)
	d.Tokens += tokens
	a.metrics.tokens.Add(float64(tokens))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		kind := openai.KindOf(err)
		if d.Fallback = aisettings.Words(err.Error()); kind == "" {
			kind = openai.KindUnavailable
		}
		if errors.Is(err, context.DeadlineExceeded) && timed.Err() != nil {
			d.Fallback = fmt.Sprintf("The model server took longer than %s: take a quicker model.", draftLimit)
		}
		a.metrics.fallbacks.WithLabelValues(string(kind)).Inc()
		a.log.Warn().Err(err).Msg("the model server cannot write a summary; it is quoted by rules")
		return nil
	}
	for _, f := range findings {
		d.Written = append(d.Written, word(f, portion))
	}
	d.Done++
	return nil
}

// newDraft divides what was found into portions. What speaks to the model, or would come above
// the bound of tokens, is kept from it.
func newDraft(state *digest.State, messages []digest.Message, w writer, bound int) *draft {
	found := state.Summary(messages)
	d := &draft{}
	all := slices.Concat(inSection("decisions", found.Decisions), inSection("blockers", found.Blockers),
		inSection("promises", found.Promises), inSection("questions", found.Questions))
	known := map[int64]bool{}
	for _, f := range all {
		known[f.Quotes[0].MessageID] = true
	}
	for _, f := range inSection("what_happened", state.Central(messages, draftCentral)) {
		if !known[f.Quotes[0].MessageID] {
			all = append(all, f)
		}
	}
	var sent []sorted
	tokens := 0
	for _, f := range all {
		cost := openai.SummaryTokens(candidates([]sorted{f})) - openai.SummaryTokens(nil)
		if len(sent)%draftPortion == 0 {
			cost += openai.SummaryTokens(nil)
		}
		if w.Addresses(f.Quotes[0].Quote) || tokens+cost > bound {
			d.hold(f)
			continue
		}
		tokens += cost
		sent = append(sent, f)
	}
	byTime(sent)
	for portion := range slices.Chunk(sent, draftPortion) {
		d.Portions = append(d.Portions, portion)
	}
	return d
}

// hold leaves a finding as the rules found it; a message that only is near to what all are
// about is none.
func (d *draft) hold(f sorted) {
	if f.Section != "what_happened" {
		d.Kept = append(d.Kept, f)
	}
}

// keep holds what the model has not been given.
func (d *draft) keep() {
	for _, portion := range d.Portions[d.Done:] {
		for _, f := range portion {
			d.hold(f)
		}
	}
	d.Done = len(d.Portions)
}

func inSection(section string, findings []digest.Finding) []sorted {
	all := make([]sorted, len(findings))
	for i, f := range findings {
		all[i] = sorted{section, f}
	}
	return all
}

func candidates(portion []sorted) []openai.Candidate {
	all := make([]openai.Candidate, len(portion))
	for i, f := range portion {
		all[i] = openai.Candidate{Section: f.Section, Text: f.Quotes[0].Quote}
		if f.Author != nil {
			all[i].Author = *f.Author
		}
	}
	return all
}

// word makes a finding of what the model chose: its sentence, and of the rules' findings the
// authors, times and deadlines.
func word(f openai.Finding, portion []sorted) sorted {
	first := portion[f.Sources[0].Candidate]
	s := sorted{f.Section, digest.Finding{Text: f.Text, Author: first.Author, SentAt: first.SentAt}}
	if s.Text == "" {
		s.Text = first.Text
	}
	for _, source := range f.Sources {
		from := portion[source.Candidate]
		s.Quotes = append(s.Quotes, digest.Quote{MessageID: from.Quotes[0].MessageID, Quote: source.Quote})
		if s.DueAt == nil {
			s.DueAt = from.DueAt
		}
		if s.Author != nil && (from.Author == nil || *from.Author != *s.Author) {
			s.Author = nil
		}
		if from.SentAt.Before(s.SentAt) {
			s.SentAt = from.SentAt
		}
	}
	return s
}

// summary puts together what was written and kept. Messages are those of now: quotes that do not stand any
// more are left out, and findings with none left.
func (d *draft) summary(messages []digest.Message, language string) digest.Summary {
	texts := make(map[int64]string, len(messages))
	for _, m := range messages {
		texts[m.ID] = m.Text
	}
	all := slices.Concat(d.Written, d.Kept)
	byTime(all)
	lists := map[string][]digest.Finding{}
	for _, f := range all {
		f.Quotes = slices.DeleteFunc(slices.Clone(f.Quotes), func(q digest.Quote) bool { return !strings.Contains(texts[q.MessageID], q.Quote) })
		if len(f.Quotes) > 0 {
			lists[f.Section] = append(lists[f.Section], f.Finding)
		}
	}
	last := func(section string) []digest.Finding {
		list := lists[section]
		return append([]digest.Finding{}, list[max(0, len(list)-digest.MaxFindings):]...)
	}
	return digest.Summary{WhatHappened: last("what_happened"), Decisions: last("decisions"), Blockers: last("blockers"),
		Promises: last("promises"), Questions: last("questions"), Language: language}
}

func byTime(findings []sorted) {
	slices.SortStableFunc(findings, func(a, b sorted) int { return a.SentAt.Compare(b.SentAt) })
}
