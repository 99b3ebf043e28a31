package local

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/tasktracker/tasktracker/pkg/classify"
)

// Lesson is a text with what a person said about it.
type Lesson struct {
	classify.Input
	IsIssue bool
	// Category is of an issue; empty where the person named none.
	Category classify.Category
}

// kind is the number of a lesson's category; KindNoise where it says nothing of it.
func (l Lesson) kind() int {
	if !l.IsIssue {
		return KindNoise
	}
	return max(KindNoise, slices.Index(KindNames[:], string(l.Category)))
}

// How an adapter learns. Corrections are few: each is heard often, and what follows from one
// is kept small, so that several that say the same are needed to turn a verdict.
const (
	lessonEpochs = 20
	lessonRate   = 2.0
	lessonDecay  = 0.01 // of what a lesson touches, each time
)

// heard is a lesson as an adapter hears it: features, and what the weights alone say.
type heard struct {
	features []Feature
	base     Opinion
	issue    bool
	kind     int
}

// Learn makes an adapter of lessons; the same lessons give the same one.
func (c *Classifier) Learn(lessons []Lesson) *Adapter {
	table, bias := make([]float32, adapterRows*Kinds), [Kinds]float32{}
	all := c.hear(lessons)
	random := rand.New(rand.NewPCG(1, 7))
	for epoch := range lessonEpochs {
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		rate := float32(lessonRate / (1 + float64(epoch)/4))
		for _, h := range all {
			gradient := h.gradient(table, bias)
			for _, f := range h.features {
				row := table[adapterRow(f) : adapterRow(f)+Kinds]
				for k := range row {
					row[k] -= rate * (gradient[k]*f.Value + lessonDecay*f.Value*f.Value*row[k])
				}
			}
			for k := range bias {
				bias[k] -= rate * (gradient[k] + lessonDecay*bias[k]) / 20
			}
		}
	}
	return rounded(table, bias)
}

// hear reads lessons; those without words teach nothing.
func (c *Classifier) hear(lessons []Lesson) []heard {
	e := c.pool.Get().(*Extractor)
	defer c.pool.Put(e)
	var all []heard
	for _, l := range lessons {
		if !wordy(l.Text) {
			continue
		}
		text, _ := obeyingNobody(l.Text)
		h := heard{issue: l.IsIssue, kind: l.kind(), features: slices.Clone(c.weights.lengths(e.Features(text, l.Context)))}
		h.base = c.shipped(e, text, l.Context)
		all = append(all, h)
	}
	return all
}

// gradient is that of the loss in what an adapter adds.
func (h heard) gradient(table []float32, bias [Kinds]float32) (gradient [Kinds]float32) {
	sum := bias
	for _, f := range h.features {
		at := adapterRow(f)
		for k, v := range table[at : at+Kinds] {
			sum[k] += f.Value * v
		}
	}
	o := h.base.with(sum)
	gradient[KindNoise] = float32(o.Issue)
	if h.issue {
		gradient[KindNoise]--
	}
	if h.kind == KindNoise {
		return gradient
	}
	for k := KindBug; k < Kinds; k++ {
		gradient[k] = float32(o.Kinds[k] / max(1-o.Kinds[KindNoise], 1e-9))
	}
	gradient[h.kind]--
	return gradient
}

// rounded keeps one byte of each weight.
func rounded(table []float32, bias [Kinds]float32) *Adapter {
	a := &Adapter{bias: bias, table: make([]int8, len(table))}
	for k := range Kinds {
		top := float32(0)
		for i := k; i < len(table); i += Kinds {
			top = max(top, table[i], -table[i])
		}
		if top == 0 {
			continue
		}
		a.scale[k] = top / math.MaxInt8
		for i := k; i < len(table); i += Kinds {
			a.table[i] = int8(math.Round(float64(table[i] / a.scale[k])))
		}
	}
	return a
}

// Worth is what a classifier is worth on lessons.
type Worth struct {
	// Lessons are those with words; Right those of which it says the same, category
	// included where the person named one.
	Lessons, Right int
	// Loss is the mean of how unlikely it held what the person said, as a logarithm.
	Loss float64
}

// Better reports whether w is worth more than another on the same lessons: it must be right as
// often at least, and surer of what is true by a margin.
func (w Worth) Better(than Worth) bool {
	const margin = 0.98
	return w.Right >= than.Right && w.Loss < than.Loss*margin
}

// Worth judges lessons with an adapter; nil stands for the weights alone.
func (c *Classifier) Worth(a *Adapter, lessons []Lesson) (w Worth) {
	for _, h := range c.hear(lessons) {
		o := h.base
		if a != nil {
			o = o.with(a.add(h.features))
		}
		w.Lessons++
		issue := o.Issue >= o.Threshold
		if issue == h.issue && (h.kind == KindNoise || o.Kind() == h.kind) {
			w.Right++
		}
		likely := o.Issue
		if !h.issue {
			likely = 1 - o.Issue
		}
		w.Loss -= math.Log(max(likely, 1e-6))
		if h.kind != KindNoise {
			w.Loss -= math.Log(max(o.Kinds[h.kind]/max(1-o.Kinds[KindNoise], 1e-9), 1e-6))
		}
	}
	w.Loss /= max(1, float64(w.Lessons))
	return w
}
