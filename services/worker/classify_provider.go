package worker

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/classify/openai"
)

// errHeld means that nobody can judge now: what is to be judged waits.
var errHeld = errors.New("no classifier can judge now")

// model is a classifier that may fail for single inputs: *openai.Classifier.
type model interface {
	ClassifyEach(ctx context.Context, inputs []classify.Input) ([]classify.Result, []error)
}

var _ model = (*openai.Classifier)(nil)

// judged is what became of an input.
type judged struct {
	*classify.Result // nil where nobody can judge it now
	// fallback is why it is not the first provider's result, or none at all; "" where it
	// is the first's.
	fallback string
}

// cascade judges by the model server where there is one, what that cannot judge by the
// built-in classifier, and what that must not judge not at all.
type cascade struct {
	model   model               // nil for none
	local   classify.Classifier // nil where it must not judge, or is not there
	metrics *classifyMetrics
	log     zerolog.Logger
	failing bool // the last call of the model failed; of one goroutine
}

// judge says what became of each input, in order. The model server gets as long as limit.
// The error is that of ctx.
func (c *cascade) judge(ctx context.Context, inputs []classify.Input, limit time.Duration) ([]judged, error) {
	results := make([]judged, len(inputs))
	if c.model != nil {
		if err := c.askModel(ctx, inputs, results, limit); err != nil {
			return nil, err
		}
	}
	var left []int
	for i, r := range results {
		if r.Result == nil {
			left = append(left, i)
		}
	}
	if len(left) > 0 && c.local != nil {
		c.askLocal(ctx, inputs, results, left)
	}
	for _, i := range left {
		if results[i].Result == nil && results[i].fallback == "" {
			results[i].fallback = errHeld.Error()
		}
	}
	return results, ctx.Err()
}

// askLocal has the built-in classifier judge the inputs that are left. Where it fails it
// is asked for each half, so that a text that it cannot read holds up no other.
func (c *cascade) askLocal(ctx context.Context, inputs []classify.Input, results []judged, left []int) {
	rest := make([]classify.Input, len(left))
	for k, i := range left {
		rest[k] = inputs[i]
	}
	found, err := c.classifyLocally(ctx, rest)
	switch {
	case err == nil:
		for k, i := range left {
			results[i].Result = &found[k]
		}
	case len(left) > 1 && ctx.Err() == nil:
		c.askLocal(ctx, inputs, results, left[:len(left)/2])
		c.askLocal(ctx, inputs, results, left[len(left)/2:])
	default:
		why := fmt.Sprintf("%v: the built-in classifier: %v", errHeld, err)
		if first := results[left[0]].fallback; first != "" {
			why += "; before that: " + first
		}
		for _, i := range left {
			results[i].fallback = why
		}
	}
}

// classifyLocally turns what breaks the promises of classify.Classifier into an error.
func (c *cascade) classifyLocally(ctx context.Context, inputs []classify.Input) (found []classify.Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.log.Error().Interface("panic", p).Bytes("stack", debug.Stack()).Msg("the built-in classifier panicked")
			err = errors.New("it panicked; the log says where")
		}
	}()
	found, err = c.local.Classify(ctx, inputs)
	if err == nil && len(found) != len(inputs) {
		err = fmt.Errorf("%d results for %d texts", len(found), len(inputs))
	}
	return found, err
}

// askModel has the model server judge all inputs, as far as it can. The error is that of ctx.
func (c *cascade) askModel(ctx context.Context, inputs []classify.Input, results []judged, limit time.Duration) error {
	asking, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	found, faults := c.model.ClassifyEach(asking, inputs)
	if err := ctx.Err(); err != nil {
		return err
	}
	var last error
	for i, err := range faults {
		if err == nil {
			results[i].Result = &found[i]
			continue
		}
		last = err
		results[i].fallback = err.Error()
		kind := string(openai.KindOf(err))
		if kind == "" {
			kind = string(openai.KindUnavailable)
		}
		c.metrics.fallbacks.WithLabelValues(kind).Inc()
	}
	switch {
	case last != nil && !c.failing:
		c.log.Warn().Err(last).Bool("local", c.local != nil).Msg("the model server cannot judge; going on without it where that is allowed")
	case last == nil && c.failing:
		c.log.Info().Msg("the model server judges again")
	}
	c.failing = last != nil
	return nil
}
