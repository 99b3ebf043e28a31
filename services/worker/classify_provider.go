package worker

import (
	"context"
	"errors"
	"fmt"

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

// judged is a result with why it is not the first provider's; "" where it is.
type judged struct {
	classify.Result
	fallback string
}

// cascade judges by the model server where there is one, what that cannot judge by the
// built-in classifier, and what that must not judge not at all.
type cascade struct {
	model   model               // nil for none
	local   classify.Classifier // nil where it must not judge
	metrics *classifyMetrics
	log     zerolog.Logger
	failing bool // the last call of the model failed; of one goroutine
}

// judge gives a result for each input, in order; nil where nobody can judge it, with the
// reason. The error is that of ctx.
func (c *cascade) judge(ctx context.Context, inputs []classify.Input) ([]*judged, error) {
	results, reasons := make([]*judged, len(inputs)), make([]string, len(inputs))
	if c.model != nil {
		if err := c.askModel(ctx, inputs, results, reasons); err != nil {
			return nil, err
		}
	}
	var left []int
	for i, r := range results {
		if r == nil {
			left = append(left, i)
		}
	}
	if len(left) == 0 || c.local == nil {
		return results, nil
	}
	rest := make([]classify.Input, len(left))
	for k, i := range left {
		rest[k] = inputs[i]
	}
	found, err := c.local.Classify(ctx, rest)
	if err != nil {
		return nil, fmt.Errorf("%w: the built-in classifier: %w", errHeld, err)
	}
	for k, i := range left {
		results[i] = &judged{found[k], reasons[i]}
	}
	return results, nil
}

func (c *cascade) askModel(ctx context.Context, inputs []classify.Input, results []*judged, reasons []string) error {
	found, faults := c.model.ClassifyEach(ctx, inputs)
	if err := ctx.Err(); err != nil && errors.Is(err, context.Canceled) {
		return err
	}
	var last error
	for i, err := range faults {
		if err == nil {
			results[i] = &judged{Result: found[i]}
			continue
		}
		last = err
		reasons[i] = err.Error()
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
