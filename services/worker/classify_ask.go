package worker

import (
	"cmp"
	"context"
	"slices"

	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/conversation"
	"github.com/tasktracker/tasktracker/pkg/store"
)

// turns are what is to be judged of each conversation.
func (j *judge) turns(ctx context.Context, claimed []store.Conversation) ([][]conversation.Turn, error) {
	var elsewhere []int64
	said := make([][]conversation.Utterance, len(claimed))
	for i, c := range claimed {
		here := make(map[int64]bool, len(c.Messages))
		for _, m := range c.Messages {
			here[m.ID] = true
			said[i] = append(said[i], m.Utterance)
		}
		for _, m := range c.Messages {
			if m.ReplyTo != 0 && !here[m.ReplyTo] {
				elsewhere = append(elsewhere, m.ReplyTo)
			}
		}
	}
	contents, err := j.store.Contents(ctx, elsewhere)
	if err != nil {
		return nil, err
	}
	turns := make([][]conversation.Turn, len(claimed))
	for i := range claimed {
		turns[i] = conversation.Turns(said[i], contents)
	}
	return turns, nil
}

// ask judges all turns in one call. Conversations of which a turn could not be judged are to
// be held, for the reason in Fallback.
func (j *judge) ask(ctx context.Context, claimed []store.Conversation, turns [][]conversation.Turn) (judgements, held []store.Judgement, err error) {
	var inputs []classify.Input
	for _, of := range turns {
		for _, t := range of {
			inputs = append(inputs, t.Input)
		}
	}
	var results []judged
	if len(inputs) > 0 {
		// Until the lease ends there must be time to store it.
		if results, err = j.cascade.judge(ctx, inputs, j.lease*3/4); err != nil {
			return nil, nil, err
		}
	}
	for i, c := range claimed {
		judgement := store.Judgement{Conversation: c}
		unjudged := ""
		for _, t := range turns[i] {
			r := results[0]
			results = results[1:]
			if r.Result == nil {
				unjudged = r.fallback
				continue
			}
			judgement.Verdicts = append(judgement.Verdicts, j.verdict(t, *r.Result))
			judgement.Duration += r.Duration
			judgement.Fallback = cmp.Or(judgement.Fallback, r.fallback)
			j.metrics.judged.WithLabelValues(r.Provider).Inc()
		}
		if unjudged == "" {
			judgements = append(judgements, judgement)
		} else {
			held = append(held, store.Judgement{Conversation: c, Fallback: unjudged})
		}
	}
	return judgements, held, nil
}

// verdict is a result about a turn. The rules decide the least priority of an issue, whatever
// a model says.
func (j *judge) verdict(t conversation.Turn, r classify.Result) store.Verdict {
	v := store.Verdict{Messages: t.Messages, Probability: 1 - r.Confidence, Category: string(r.Category), Priority: string(r.Priority),
		Quote: r.Quote, Reason: r.Reason, Title: r.Title, Signals: r.Signals, Provider: r.Provider, Model: r.Model, Version: r.Version}
	if r.IsIssue {
		v.Probability = r.Confidence
	} else {
		v.Category = string(r.Likely) // what a proposal would be of
	}
	if j.floor == nil {
		return v
	}
	least, signals := j.floor(t.Input.Text)
	if slices.Index(store.Priorities(), string(least)) > slices.Index(store.Priorities(), v.Priority) {
		v.Priority = string(least)
	}
	for _, s := range signals {
		if !slices.Contains(v.Signals, s) {
			v.Signals = append(v.Signals, s)
		}
	}
	return v
}
