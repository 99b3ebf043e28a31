// Command classify judges texts: JSON lines {"text": "...", "context": ["said before", ...]}
// come in on standard input, JSON lines with the verdicts go out, in order. A line that is
// none gets {"error": "..."} in its place.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/classify/local"
	"github.com/tasktracker/tasktracker/pkg/classify/openai"
	"github.com/tasktracker/tasktracker/pkg/config"
)

// maxLine bounds a line, in bytes.
const maxLine = 16 << 20

// batch is how many lines a model server is asked about at a time.
const batch = 64

// question is a line that comes in.
type question struct {
	Text    *string  `json:"text"`
	Context []string `json:"context"`
}

// answer is a line that goes out.
type answer struct {
	IsIssue          bool     `json:"is_issue"`
	Category         *string  `json:"category"`
	Priority         *string  `json:"priority"`
	Confidence       float64  `json:"confidence"`
	Quote            string   `json:"quote"`
	Reason           string   `json:"reason"`
	Signals          []string `json:"signals"`
	Title            string   `json:"title,omitempty"`
	Intent           string   `json:"intent,omitempty"`
	Provider         string   `json:"provider"`
	Model            string   `json:"model"`
	Version          string   `json:"version"`
	PromptTokens     int      `json:"prompt_tokens"`
	CompletionTokens int      `json:"completion_tokens"`
	Milliseconds     float64  `json:"milliseconds"`
}

// fault is a line that goes out where nothing could be judged.
type fault struct {
	Error string `json:"error"`
}

func main() {
	provider := flag.String("provider", "local", "who judges: local (built in) or openai (the model server of LLM_BASE_URL)")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), `classify judges texts. It reads JSON lines {"text": "...", "context": ["said before"]} and writes JSON lines.`)
		flag.PrintDefaults()
	}
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *provider, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "classify:", err)
		os.Exit(1)
	}
}

// judge gives a result or an error for each input.
type judge func(ctx context.Context, inputs []classify.Input) ([]classify.Result, []error)

func run(ctx context.Context, provider string, in io.Reader, out io.Writer) error {
	c := &command{out: bufio.NewWriter(out)}
	switch provider {
	case "local":
		built, err := local.New()
		if err != nil {
			return err
		}
		c.local, c.batch = built, 1
		c.judge = func(ctx context.Context, inputs []classify.Input) ([]classify.Result, []error) {
			results, err := built.Classify(ctx, inputs)
			if err != nil {
				return make([]classify.Result, len(inputs)), []error{err}
			}
			return results, make([]error, len(inputs))
		}
	case "openai":
		var cfg openai.Config
		if err := config.Load(".env", &cfg); err != nil {
			return err
		}
		server, err := openai.New(cfg)
		if err != nil {
			return err
		}
		defer server.Close()
		c.judge, c.batch = server.ClassifyEach, batch
	default:
		return fmt.Errorf("provider %q: use local or openai", provider)
	}
	return errors.Join(c.read(ctx, in), c.out.Flush())
}

// command is one run.
type command struct {
	judge judge
	local *local.Classifier // nil where a model server judges
	batch int
	out   *bufio.Writer
	// waiting are lines that were read and not answered; faults are those that are none.
	waiting []classify.Input
	faults  []string
	bad     int
}

func (c *command) read(ctx context.Context, in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		var q question
		problem := ""
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			problem = fmt.Sprintf("line %d is not a JSON object with text: %v", n, err)
		} else if q.Text == nil {
			problem = fmt.Sprintf(`line %d has no text: write {"text": "..."}`, n)
			q.Text = new(string)
		}
		input := classify.Input{Context: q.Context}
		if problem == "" {
			input.Text = *q.Text
		}
		c.waiting, c.faults = append(c.waiting, input), append(c.faults, problem)
		if len(c.waiting) >= c.batch {
			if err := c.answer(ctx); err != nil {
				return err
			}
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if err := c.answer(ctx); err != nil {
		return err
	}
	if c.bad > 0 {
		return fmt.Errorf("%d lines could not be judged; they hold an error in the answer", c.bad)
	}
	return nil
}

// answer judges what waits, and writes a line for each.
func (c *command) answer(ctx context.Context) error {
	var inputs []classify.Input
	for i, problem := range c.faults {
		if problem == "" {
			inputs = append(inputs, c.waiting[i])
		}
	}
	results, problems := c.judge(ctx, inputs)
	if err := ctx.Err(); err != nil {
		return err
	}
	to, next := json.NewEncoder(c.out), 0
	to.SetEscapeHTML(false)
	for i, problem := range c.faults {
		var line any
		if problem == "" {
			result, err := results[next], problems[next]
			next++
			if err != nil {
				problem = err.Error()
			} else {
				line = c.line(c.waiting[i], result)
			}
		}
		if problem != "" {
			c.bad++
			line = fault{problem}
		}
		if err := to.Encode(line); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	c.waiting, c.faults = c.waiting[:0], c.faults[:0]
	return nil
}

func (c *command) line(in classify.Input, r classify.Result) answer {
	a := answer{IsIssue: r.IsIssue, Confidence: r.Confidence, Quote: r.Quote, Reason: r.Reason, Signals: append([]string{}, r.Signals...), Title: r.Title,
		Provider: r.Provider, Model: r.Model, Version: r.Version, PromptTokens: r.PromptTokens, CompletionTokens: r.CompletionTokens,
		Milliseconds: float64(r.Duration) / float64(time.Millisecond)}
	if r.Category != "" {
		a.Category = (*string)(&r.Category)
	}
	if r.Priority != "" {
		a.Priority = (*string)(&r.Priority)
	}
	if c.local != nil {
		a.Intent = c.local.Opinion(in.Text, in.Context).Intent()
	}
	return a
}
