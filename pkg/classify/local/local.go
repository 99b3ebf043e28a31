// Package local is the built-in classifier: a linear model over hashed words, pairs of words
// and runs of characters for whether and which issue a text is, and rules for its priority.
// It calls nobody; docs/model-card.md says what it was trained on and how good it is.
package local

import (
	"context"
	_ "embed"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/classify/injection"
)

//go:embed weights.bin.gz
var shipped []byte

const (
	provider = "local"
	model    = "linear"
)

// Classifier judges with weights. It is safe for concurrent use.
type Classifier struct {
	weights *Weights
	adapted atomic.Pointer[adapted] // nil for the weights alone
	pool    sync.Pool
}

var _ classify.Classifier = (*Classifier)(nil)

// shippedWeights are read once, whoever needs them in a process.
var shippedWeights = sync.OnceValues(func() (*Weights, error) { return Load(shipped) })

// New is the classifier with the weights that are shipped. An error means that they do not
// fit this build.
func New() (*Classifier, error) {
	w, err := shippedWeights()
	if err != nil {
		return nil, fmt.Errorf("built-in classifier: %w", err)
	}
	return Use(w), nil
}

// Use is the classifier with these weights, which must not change any more.
func Use(w *Weights) *Classifier {
	return &Classifier{weights: w, pool: sync.Pool{New: func() any { return NewExtractor() }}}
}

// Version names the weights, and the adapter that is added to them.
func (c *Classifier) Version() string {
	if a := c.adapted.Load(); a != nil {
		return a.version
	}
	return c.weights.Version
}

// Base names the weights alone.
func (c *Classifier) Base() string { return c.weights.Version }

// TrainedOn tells whether a text was among those that the weights were found with.
func (c *Classifier) TrainedOn(text string) bool { return c.weights.Seen.Has(text) }

// Opinion is what the model makes of a text, after what was said before it, oldest first.
func (c *Classifier) Opinion(text string, context []string) Opinion {
	e := c.pool.Get().(*Extractor)
	defer c.pool.Put(e)
	return c.opinion(e, c.adapted.Load(), text, context)
}

// opinion is that of the weights with an adapter; nil stands for none.
func (c *Classifier) opinion(e *Extractor, a *adapted, text string, context []string) Opinion {
	o := c.shipped(e, text, context)
	if a == nil {
		return o
	}
	return o.with(a.add(c.weights.lengths(e.Features(text, context))))
}

// shipped is the opinion of the weights alone.
func (c *Classifier) shipped(e *Extractor, text string, context []string) Opinion {
	features := e.Features(text, context)
	c.weights.Weigh(features)
	c.weights.Weigh(e.Ending())
	return c.weights.Judge(c.weights.Scores(features, e.Ending()))
}

// Classify judges each input by itself. The error is that of ctx.
func (c *Classifier) Classify(ctx context.Context, inputs []classify.Input) ([]classify.Result, error) {
	e := c.pool.Get().(*Extractor)
	defer c.pool.Put(e)
	results := make([]classify.Result, len(inputs))
	for i, in := range inputs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		results[i] = c.judge(e, in)
	}
	return results, nil
}

func (c *Classifier) judge(e *Extractor, in classify.Input) classify.Result {
	began := time.Now()
	r := classify.Result{Provider: provider, Model: model, Version: c.weights.Version}
	adapter := c.adapted.Load()
	if adapter != nil {
		r.Version = adapter.version
	}
	if !wordy(in.Text) {
		r.Confidence, r.Reason, r.Duration = 1, "It holds no words.", time.Since(began)
		return r
	}
	text, injected := obeyingNobody(in.Text)
	if injected {
		r.Signals = append(r.Signals, signalInjection)
	}
	o := c.opinion(e, adapter, text, in.Context)
	if r.IsIssue = o.Issue >= o.Threshold; r.IsIssue {
		c.explain(e, text, o, &r)
	} else {
		r.Confidence, r.Likely = 1-o.Issue, classify.Category(KindNames[o.Kind()])
		r.Reason = fmt.Sprintf("Its words are those of messages that ask for nothing (%d %%).", percent(r.Confidence))
		if o.Issue > r.Confidence { // likelier than not, and yet not enough
			r.Reason = fmt.Sprintf("It may be %s (%d %%).", withArticle(o.Kind()), percent(o.Issue))
		}
	}
	r.Duration = time.Since(began)
	return r
}

// explain says which issue it is and why.
func (c *Classifier) explain(e *Extractor, text string, o Opinion, r *classify.Result) {
	best := o.Kind()
	r.Confidence = o.Issue
	r.Category = classify.Category(KindNames[best])
	found := r.Signals
	r.Priority, r.Signals = Priority(text)
	r.Quote = c.quote(e, text, best)
	r.Reason = fmt.Sprintf("It reads like %s (%d %%)", withArticle(best), percent(r.Confidence))
	for i, s := range r.Signals {
		if i == 0 {
			r.Reason += "; " + signalWords[s]
		} else {
			r.Reason += ", " + signalWords[s]
		}
	}
	r.Reason += "."
	r.Signals = append(r.Signals, found...)
}

func withArticle(kind int) string {
	if kind == KindImprovement {
		return "an " + KindNames[kind]
	}
	return "a " + KindNames[kind]
}

// signalInjection says that a text speaks to a model; what it says there is not judged.
const signalInjection = "prompt_injection"

// obeyingNobody is a text without what it tells a model to do, and whether there was such.
func obeyingNobody(text string) (string, bool) {
	spans := injection.Find(text)
	if len(spans) == 0 {
		return text, false
	}
	return without(text, spans), true
}

// without is a text without parts of it, which line breaks stand for.
func without(text string, spans []injection.Span) string {
	var left strings.Builder
	from := 0
	for _, s := range spans {
		left.WriteString(text[from:s.From])
		left.WriteByte('\n')
		from = s.To
	}
	left.WriteString(text[from:])
	return emptyCode.ReplaceAllString(left.String(), "")
}

// emptyCode is what is left of code that was cut out.
var emptyCode = regexp.MustCompile("```\\s*```")

func percent(p float64) int { return int(100 * p) }

// wordy tells whether there is a letter outside of links.
func wordy(text string) bool {
	for field := range strings.FieldsSeq(text) {
		if isLink(field) {
			continue
		}
		for _, r := range field {
			if unicode.IsLetter(r) {
				return true
			}
		}
	}
	return false
}

// Bounds of quotes: bytes of one, and how many sentences are looked at for it.
const (
	maxQuote     = 240
	maxSentences = 12
)

// quote is the sentence that speaks most for the kind, shortened.
func (c *Classifier) quote(e *Extractor, text string, kind int) string {
	sentences := sentences(text)
	best, most := "", float32(0)
	for i, s := range sentences {
		if len(sentences) == 1 {
			best = s
			break
		}
		features := e.Features(s, nil)
		c.weights.Weigh(features)
		scores := c.weights.Scores(features, nil)
		if v := scores[kind] - scores[KindNoise]; i == 0 || v > most {
			best, most = s, v
		}
	}
	if len(best) <= maxQuote {
		return best
	}
	end := maxQuote
	for !utf8.RuneStart(best[end]) {
		end--
	}
	if space := strings.LastIndexFunc(best[:end], unicode.IsSpace); space > maxQuote/2 {
		end = space
	}
	return strings.TrimSpace(best[:end])
}

// sentences cuts a text at line breaks and after punctuation; those with words, the first
// maxSentences.
func sentences(text string) []string {
	var all []string
	start := 0
	add := func(end int) {
		if s := strings.TrimSpace(text[start:end]); wordy(s) {
			all = append(all, s)
		}
		start = end
	}
	for i, r := range text {
		if len(all) == maxSentences {
			return all
		}
		switch r {
		case '\n':
			add(i)
		case '.', '!', '?', '…':
			if end := i + utf8.RuneLen(r); end == len(text) || unicode.IsSpace(firstRune(text[end:])) {
				add(end)
			}
		}
	}
	if start < len(text) {
		add(len(text))
	}
	return all
}
