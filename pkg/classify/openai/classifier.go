// Package openai judges messages by a language model behind any server that speaks
// OpenAI's chat completions: OpenAI, Ollama, vLLM, LM Studio, llama.cpp and others.
//
// # What holds whatever a message or a model says
//
// A message is data: it is sent as a JSON string, without the sentences that speak to
// the model (package injection), and without secrets (package mask). What comes back can do nothing but classify: results count only
// by indexes that are drawn for each call and that no message can know; categories and
// priorities are those of package classify; a quote occurs in its message letter by letter;
// reason and title are bounded, of one line, without links and control characters, and dropped
// where they repeat the prompt or another conversation of the call.
//
// What cannot be held: a model may judge a message wrongly because of what it says, where its
// wording is unknown to package injection, and in a batch even others beside it. A batch of 1
// keeps them wholly apart. Reason and title remain words of the model: show them as text, and as such. A leak
// of the prompt that is reworded or encrypted is not seen; the prompt is no secret.
//
// # Faults
//
// A call is repeated with back-off where that may help, and not made at all while a
// circuit breaker is open, a rate limit lasts or the day's token budget is spent. Every error of the
// server is an *Error.
//
// # Changes of settings
//
// A Classifier keeps the Config that it was made of. Making one is cheap: to change
// settings, make another with the same Ledger, use that from then on, and Close the old one when
// its calls are over.
package openai

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/sony/gobreaker/v2"
	"golang.org/x/sync/errgroup"

	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/classify/injection"
)

// Provider is the name of this provider in results.
const Provider = "openai"

// SignalInjection is the signal of a result whose message, or what stands around it, had sentences that
// speak to the model. The model did not see them; the caller may want a second opinion.
const SignalInjection = "prompt_injection"

// Classifier judges by a model server. It is safe for concurrent use.
type Classifier struct {
	config  Config
	ledger  Ledger
	authors func() []string
	// find finds what speaks to the model: injection.Find.
	find func(text string) []injection.Span

	transport http.RoundTripper
	chat      openai.ChatCompletionService
	models    openai.ModelService

	slots   chan struct{} // one for each call that runs
	breaker *gobreaker.CircuitBreaker[reply]
	dialect dialect
	monitor monitor
}

var _ classify.Classifier = (*Classifier)(nil)

// Option changes what New makes.
type Option func(*Classifier)

// WithLedger counts tokens in a ledger that is shared with others; by default each
// Classifier has its own.
func WithLedger(ledger Ledger) Option { return func(c *Classifier) { c.ledger = ledger } }

// WithAuthors gives the names that are masked besides @mentions, where the settings ask
// for it. It is called once for each Classify.
func WithAuthors(authors func() []string) Option { return func(c *Classifier) { c.authors = authors } }

// WithTransport sends requests by another transport than one of its own.
func WithTransport(transport http.RoundTripper) Option {
	return func(c *Classifier) { c.transport = transport }
}

// New gives a Classifier, or what Config.Validate says. It makes no connection.
func New(config Config, options ...Option) (*Classifier, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	c := &Classifier{
		config: config, ledger: &MemoryLedger{}, authors: func() []string { return nil }, find: injection.Find,
		slots: make(chan struct{}, config.Concurrency),
	}
	c.transport = &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: config.Concurrency,
		TLSHandshakeTimeout: 10 * time.Second, IdleConnTimeout: 90 * time.Second,
	}
	for _, option := range options {
		option(c)
	}
	c.dialect.begin(config.BaseURL)
	c.monitor.begin()
	c.breaker = newBreaker(&c.monitor)
	requests := c.requestOptions()
	c.chat = openai.NewChatCompletionService(requests...)
	c.models = openai.NewModelService(requests...)
	return c, nil
}

// Close lets go of idle connections. Calls that still run end well.
func (c *Classifier) Close() {
	if idle, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		idle.CloseIdleConnections()
	}
}

// Classify implements classify.Classifier. The error is the first input's that has one.
func (c *Classifier) Classify(ctx context.Context, inputs []classify.Input) ([]classify.Result, error) {
	results, faults := c.ClassifyEach(ctx, inputs)
	for i, err := range faults {
		if err != nil {
			return nil, fmt.Errorf("judge message %d of %d: %w", i+1, len(inputs), err)
		}
	}
	return results, nil
}

// ClassifyEach judges each input by itself: for each, in order, a result and nil, or an
// *Error, or what ctx ended with.
func (c *Classifier) ClassifyEach(ctx context.Context, inputs []classify.Input) ([]classify.Result, []error) {
	jobs := c.prepare(inputs)
	var calls errgroup.Group
	calls.SetLimit(c.config.Concurrency)
	for batch := range batches(jobs, c.config.BatchSize) {
		calls.Go(func() error {
			c.judge(ctx, batch)
			return nil
		})
	}
	_ = calls.Wait() // faults are kept with their jobs
	results, faults := make([]classify.Result, len(jobs)), make([]error, len(jobs))
	for i, j := range jobs {
		if faults[i] = j.err; j.err == nil {
			results[i] = j.result
		}
	}
	return results, faults
}

// batches divides jobs into batches of at most size. What speaks to the model is judged
// alone, so that it could change no other verdict even where some of it was not seen.
func batches(jobs []*job, size int) func(yield func([]*job) bool) {
	return func(yield func([]*job) bool) {
		var trusted []*job
		for _, j := range jobs {
			if !j.suspicious {
				trusted = append(trusted, j)
			} else if !yield([]*job{j}) {
				return
			}
		}
		for batch := range slices.Chunk(trusted, size) {
			if !yield(batch) {
				return
			}
		}
	}
}

// judge asks for the verdicts of a batch, once more for those that are missing, and
// leaves a result or an error in every job.
func (c *Classifier) judge(ctx context.Context, batch []*job) {
	got, err := c.ask(ctx, batch, c.dialect.current())
	if hasTrait(err, traitTooLong) && len(batch) > 1 {
		c.judge(ctx, batch[:len(batch)/2])
		c.judge(ctx, batch[len(batch)/2:])
		return
	}
	if err != nil && KindOf(err) != KindInvalidAnswer {
		fail(batch, err)
		return
	}
	left := slices.DeleteFunc(slices.Clone(batch), func(j *job) bool { return j.done })
	if len(left) == 0 {
		return
	}
	size := len(left)
	switch {
	case hasTrait(err, traitRefused):
		size = 1 // one text may have spoilt it for all
	case got.truncated:
		size = (size + 1) / 2
	}
	format := c.dialect.current()
	if hasTrait(err, traitGarbled) {
		format = below(got.format)
	}
	for again := range slices.Chunk(left, size) {
		if _, err := c.ask(ctx, again, format); err != nil {
			fail(again, err)
		}
		fail(again, errMissing)
	}
}

// fail leaves an error in the jobs that have no verdict yet.
func fail(jobs []*job, err error) {
	for _, j := range jobs {
		if !j.done && j.err == nil {
			j.err = err
		}
	}
}

// ask makes one call, in a format, and takes the verdicts out of its answer.
func (c *Classifier) ask(ctx context.Context, batch []*job, format format) (reply, error) {
	prompt := newPrompt(batch)
	got, err := c.complete(ctx, prompt, format)
	c.share(batch, got)
	if err == nil {
		c.monitor.judged(prompt.settle(got.verdicts, c.version()))
	}
	return got, err
}

// share divides what a call took among its conversations.
func (c *Classifier) share(batch []*job, got reply) {
	n := len(batch)
	for i, j := range batch {
		j.result.PromptTokens += part(got.promptTokens, n, i)
		j.result.CompletionTokens += part(got.completionTokens, n, i)
		j.result.Duration += got.duration / time.Duration(n)
	}
}

// part is the ith of n parts of a whole, which come to the whole together.
func part(whole, n, i int) int {
	if i < whole%n {
		return whole/n + 1
	}
	return whole / n
}

func (c *Classifier) version() classify.Result {
	return classify.Result{Provider: Provider, Model: c.config.Model, Version: PromptVersion}
}

// slot waits for one of the calls that may run at a time.
func (c *Classifier) slot(ctx context.Context) (release func(), err error) {
	select {
	case c.slots <- struct{}{}:
		return sync.OnceFunc(func() { <-c.slots }), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
