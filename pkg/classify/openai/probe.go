package openai

import (
	"context"
	"slices"
	"time"

	"github.com/tasktracker/tasktracker/pkg/classify"
)

// maxModels is the most names that Models returns.
const maxModels = 1000

// Models lists what the server has, by name. Errors are as those of Classify. The list says
// nothing of which can chat.
func (c *Classifier) Models(ctx context.Context) ([]string, error) {
	timed, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	page, err := c.models.List(timed)
	if err != nil {
		return nil, c.fault(ctx, timed, err)
	}
	names := make([]string, 0, len(page.Data))
	for _, model := range page.Data {
		if model.ID != "" {
			names = append(names, model.ID)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return names[:min(len(names), maxModels)], nil
}

// TestReport is what a test call found out.
type TestReport struct {
	// Result is the verdict on the sample; only with a valid answer.
	Result classify.Result
	// Valid says whether the model's answer was; Format how it was asked for.
	Valid  bool
	Format string
	// Latency is that of the last request.
	Latency time.Duration
	// PromptTokens and CompletionTokens are those of the last request; TokensEstimated
	// says that the server counted none.
	PromptTokens, CompletionTokens int
	TokensEstimated                bool
	// Cost is theirs in the currency of the settings; nil without prices.
	Cost *float64
}

// Test judges a sample at once: it does not wait for a rate limit or the breaker, and
// tries no fault again, except in the formats that the server may know. The report is
// as whole as it came also with an error, which is as those of Classify. Its tokens count.
func (c *Classifier) Test(ctx context.Context, sample classify.Input) (TestReport, error) {
	p := newPrompt(c.prepare([]classify.Input{sample}))
	got, err := c.probe(ctx, p)
	report := TestReport{
		Valid: err == nil, Format: got.format.String(), Latency: got.duration,
		PromptTokens: got.promptTokens, CompletionTokens: got.completionTokens, TokensEstimated: got.estimated,
		Cost: c.cost(got),
	}
	if err != nil {
		return report, err
	}
	c.share(p.order, got)
	p.settle(got.verdicts, c.version())
	report.Result = p.order[0].result
	return report, nil
}

// probe asks in one format after the other, until a well-formed answer comes.
func (c *Classifier) probe(ctx context.Context, p prompt) (reply, error) {
	f := c.dialect.current()
	for range maxLessons {
		got, err := c.attempt(ctx, p, f)
		if err == nil {
			return got, nil
		}
		next, again := f, false
		if hasTrait(err, traitGarbled) {
			next, again = below(f), f < formatText
		} else if fault, ok := asError(err); ok && fault.lesson != lessonNone {
			next, again = c.dialect.learn(fault.lesson, f)
		}
		if !again {
			return got, err
		}
		f = next
	}
	return c.attempt(ctx, p, f)
}

func (c *Classifier) cost(got reply) *float64 {
	if c.config.PriceInput == nil || c.config.PriceOutput == nil {
		return nil
	}
	cost := (float64(got.promptTokens)*(*c.config.PriceInput) + float64(got.completionTokens)*(*c.config.PriceOutput)) / 1e6
	return &cost
}
