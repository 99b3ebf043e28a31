package openai

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/openai/openai-go/v3"
	"github.com/sony/gobreaker/v2"
)

const (
	// firstBackOff doubles with each attempt up to longestBackOff, give or take a half.
	firstBackOff, longestBackOff = 500 * time.Millisecond, 15 * time.Second
	// longestPause is the longest that a call waits for a rate limit to end; beyond it the
	// call fails, so that something else can judge meanwhile.
	longestPause = 30 * time.Second
	// breakerFailures in a row open the breaker for breakerPause; then one call tries.
	breakerFailures, breakerPause = 5, 30 * time.Second
	// maxLessons is how often a request is changed for a server that refuses it: two formats,
	// two names of the bound, the temperature.
	maxLessons = 5
)

// question is what a call asks, and how its answer is read.
type question interface {
	// texts are the instructions and the data.
	texts() (system, user string)
	// shape names the answer and gives its schema.
	shape() (name string, schema jsontext.Value)
	// estimate guesses what the question and its answer come to, in tokens; maxTokens bounds the
	// answer.
	estimate() (asked, answered int)
	maxTokens() int64
	// doubtful says whether the data speaks to the model.
	doubtful() bool
	// read takes what was asked for out of what a model wrote. errGarbled means that it is no JSON
	// of ours.
	read(content string, into *reply) error
}

// reply is what a call brought.
type reply struct {
	verdicts  map[int]verdict // of a prompt
	findings  []Finding       // of a draft
	truncated bool
	format    format

	promptTokens, completionTokens int
	estimated                      bool // the server counted none
	duration                       time.Duration

	// fault is an error that says nothing of the server, so that the breaker does not count it.
	fault error
}

func newBreaker(m *monitor) *gobreaker.CircuitBreaker[reply] {
	return gobreaker.NewCircuitBreaker[reply](gobreaker.Settings{
		Timeout: breakerPause,
		ReadyToTrip: func(counts gobreaker.Counts) bool {
			return counts.ConsecutiveFailures >= breakerFailures || m.hopeless() != nil
		},
		// Only what says that the server does not work counts; a rate limit has a pause of its own.
		IsExcluded: func(err error) bool {
			fault, ok := asError(err)
			switch {
			case err == nil:
				return false
			case !ok || fault == errLedger || fault.trait == traitRefused:
				return true
			}
			return fault.trait != traitHopeless && fault.Kind != KindUnavailable && fault.Kind != KindInvalidAnswer
		},
	})
}

// complete asks once, with as many attempts as the settings allow, and notes how it
// ended. The reply counts tokens also where there is an error.
func (c *Classifier) complete(ctx context.Context, q question, f format) (reply, error) {
	waits := backoff.NewExponentialBackOff()
	waits.InitialInterval, waits.MaxInterval, waits.Multiplier = firstBackOff, longestBackOff, 2
	got, err := backoff.Retry(ctx, func() (reply, error) {
		got, err := c.adapt(ctx, q, f)
		if fault, ok := asError(err); err != nil && (!ok || !fault.temporary()) {
			err = backoff.Permanent(err)
		}
		return got, err
	}, backoff.WithBackOff(waits), backoff.WithMaxTries(uint(c.config.Attempts)), backoff.WithMaxElapsedTime(0))
	if permanent, ok := errors.AsType[*backoff.PermanentError](err); ok {
		err = permanent.Err
	}
	if err == nil && got.fault != nil {
		return got, got.fault
	}
	c.monitor.ended(err)
	return got, err
}

// adapt asks, and asks otherwise where a refusal teaches how.
func (c *Classifier) adapt(ctx context.Context, q question, f format) (reply, error) {
	for range maxLessons {
		got, err := c.guarded(ctx, q, f)
		fault, ok := asError(err)
		if !ok || fault.lesson == lessonNone {
			return got, err
		}
		next, learned := c.dialect.learn(fault.lesson, f)
		if !learned {
			return got, err
		}
		f = next
	}
	return c.guarded(ctx, q, f)
}

// guarded asks where neither a rate limit nor the breaker forbids it, and a slot is free.
func (c *Classifier) guarded(ctx context.Context, q question, f format) (reply, error) {
	if err := c.waitOut(ctx); err != nil {
		return reply{}, err
	}
	release, err := c.slot(ctx)
	if err != nil {
		return reply{}, err
	}
	defer release()
	got, err := c.breaker.Execute(func() (reply, error) {
		got, err := c.attempt(ctx, q, f)
		if q.doubtful() && KindOf(err) == KindInvalidAnswer {
			// A message may have talked the model out of answering: it must not be able to
			// take the model from the others.
			got.fault, err = err, nil
		}
		return got, err
	})
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		if fault := c.monitor.hopeless(); fault != nil {
			return got, fault
		}
		return got, errBreaker
	}
	return got, err
}

// waitOut waits until a rate limit is over, with jitter so that not all calls come back at once.
func (c *Classifier) waitOut(ctx context.Context) error {
	wait, by := c.monitor.pause()
	if wait <= 0 {
		return ctx.Err()
	}
	if wait > longestPause {
		return &Error{Kind: by.Kind, Status: by.Status, RetryAfter: wait, Message: by.Message, trait: traitPaused}
	}
	timer := time.NewTimer(wait + rand.N(wait/10+1))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// attempt asks once and settles the tokens.
func (c *Classifier) attempt(ctx context.Context, q question, f format) (reply, error) {
	day := today()
	asked, answered := q.estimate()
	reserved := int64(asked + answered)
	enough, err := c.ledger.Reserve(ctx, day, reserved, c.config.DailyTokens)
	switch {
	case err != nil:
		return reply{}, errLedger
	case !enough:
		return reply{}, errBudget
	}
	got, err := c.send(ctx, q, f)
	used := int64(got.promptTokens + got.completionTokens)
	if hasTrait(err, traitSpent) {
		used = int64(asked) // what a server did before it was given up is not known
	}
	if c.ledger.Settle(context.WithoutCancel(ctx), day, reserved, used) != nil && err == nil {
		err = errLedger
	}
	c.monitor.called(got, err)
	if fault, ok := asError(err); ok && fault.RetryAfter > 0 {
		c.monitor.pauseFor(fault)
	}
	return got, err
}

// send makes one request, within the time that the settings allow, and reads its answer.
func (c *Classifier) send(ctx context.Context, q question, f format) (reply, error) {
	begin := time.Now()
	timed, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	completion, err := c.chat.New(timed, c.dialect.request(c.config.Model, q, f))
	got := reply{format: f, duration: time.Since(begin)}
	if err != nil {
		return got, c.fault(ctx, timed, err)
	}
	got.count(q, completion)
	if len(completion.Choices) == 0 {
		return got, errUnusual
	}
	choice := completion.Choices[0]
	if choice.Message.Refusal != "" || choice.FinishReason == "content_filter" {
		return got, errRefusal
	}
	got.truncated = choice.FinishReason == "length"
	if err = q.read(choice.Message.Content, &got); !hasTrait(err, traitGarbled) {
		c.dialect.worked(f)
	}
	return got, err
}

// fault makes an *Error of what openai-go returns, or what ctx ended with.
func (c *Classifier) fault(ctx, timed context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if timed.Err() != nil {
		return errTimeout
	}
	if fault, ok := asError(err); ok {
		return fault
	}
	return errUnusual // a body that is no completion
}

// count takes the tokens that the server counted, or guesses where it tells none that
// can be.
func (r *reply) count(q question, completion *openai.ChatCompletion) {
	const most = 10_000_000
	r.promptTokens, r.completionTokens = int(completion.Usage.PromptTokens), int(completion.Usage.CompletionTokens)
	if r.promptTokens > 0 && r.promptTokens < most && r.completionTokens >= 0 && r.completionTokens < most {
		return
	}
	r.estimated = true
	r.promptTokens, _ = q.estimate()
	r.completionTokens = 0
	for _, choice := range completion.Choices {
		r.completionTokens += estimate(choice.Message.Content)
	}
}
