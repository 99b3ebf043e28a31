package train

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/tasktracker/tasktracker/pkg/classify/local"
)

// head says how outputs are found; the numbers by cross-validation over train and dev.
type head struct {
	cost float64 // of a mistake, against that of large weights
	// ratio is to which power what tells the answers apart is believed sooner, 0 for not at all.
	ratio float64
	// hinge is for the squared distance to where an answer is clear enough, rather than the
	// logarithm of its probability.
	hinge bool
	// ending is for learning from the words of last lines too.
	ending bool
}

// clear is the logit for which a distance of 1 stands, where an answer is clear enough.
const clear = 3

// sweeps is how often each row is looked at.
const sweeps = 7

// heads are those of the outputs that each place has for itself; reviews have reviewHead and issueHead.
var heads = map[int]head{
	local.PlaceTracker:  {cost: 0.5, ratio: 0.5, hinge: true},
	local.PlaceLog:      {cost: 1, ratio: 1},
	local.PlaceMessage:  {cost: 4},
	local.PlaceDialogue: {cost: 0.2, ratio: 0.5, hinge: true, ending: true},
	local.PlaceApp:      {cost: 0.5, ratio: 0.5, hinge: true},
}

// Those of what a review wants, and of whether it is an issue.
var (
	reviewHead = head{cost: 8}
	issueHead  = head{cost: 0.5, ratio: 0.5, hinge: true}
)

// answer is an output: weights by row, of features and then of endings.
type answer struct {
	weights []float32
	bias    float32
}

// answers finds the outputs of a span, each by itself, as one answer against the others; truth tells
// which is true of a row, or noOutput. There are none where no row says anything.
func (h head) answers(span local.Span, examples []example, truth func(*Row) int) []answer {
	var of []example
	var truths []int
	for _, e := range examples {
		t := truth(e.Row)
		if t == noOutput {
			continue
		}
		if h.ending {
			e.features = slices.Clone(e.features)
			for _, f := range e.ending {
				f.Row += local.Rows
				e.features = append(e.features, f)
			}
		}
		of, truths = append(of, e), append(truths, t)
	}
	if len(of) == 0 {
		return nil
	}
	found := make([]answer, span.To-span.From)
	for k := range found {
		yes := make([]bool, len(of))
		for i, t := range truths {
			yes[i] = t == k
		}
		found[k] = h.separate(of, yes)
	}
	return found
}

// put stores the outputs of a span.
func put(w *local.Weights, span local.Span, found []answer) {
	for k, a := range found {
		w.Bias[span.From+k] = a.bias
		w.Put(span.From+k, a.weights[:local.Rows])
		if span == local.OwnSpans[local.PlaceDialogue] {
			w.PutEnding(a.weights[local.Rows:])
		}
	}
}

// separate finds the weights and the bias of a logistic regression, by coordinate
// descent on its dual (Yu, Huang and Lin, "Dual coordinate descent methods for logistic
// regression and maximum entropy models", 2011): exact, and without a rate to choose; or of a support
// vector machine in the same way (Hsieh et al., "A dual coordinate descent method for large-scale
// linear SVM", 2008).
func (h head) separate(examples []example, yes []bool) answer {
	weights, bias := make([]float32, 2*local.Rows), float32(0)
	ratios := logRatios(examples, yes, h.ratio)
	points := make([]dualPoint, len(examples))
	for i, e := range examples {
		points[i] = h.point(e, yes[i], ratios)
	}
	random := rand.New(rand.NewPCG(1, 7))
	for range sweeps {
		random.Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
		for i := range points {
			p := &points[i]
			score := bias
			for _, f := range p.features {
				score += weights[f.Row] * f.Value
			}
			step := p.improve(score, h.hinge)
			for _, f := range p.features {
				weights[f.Row] += step * f.Value
			}
			bias += step
		}
	}
	by := float32(1)
	if h.hinge {
		by = clear
	}
	for row := range weights {
		weights[row] *= ratios[row] * by
	}
	return answer{weights, bias * by}
}

// dualPoint is a row with its dual variable.
type dualPoint struct {
	features           []local.Feature
	sign               float32
	dual, cost, length float64
}

func (h head) point(e example, yes bool, ratios []float32) dualPoint {
	p := dualPoint{features: slices.Clone(e.features), sign: choose[float32](yes, 1, -1), cost: h.cost, length: 1}
	for i := range p.features {
		f := &p.features[i]
		f.Value *= ratios[f.Row]
		p.length += float64(f.Value) * float64(f.Value)
	}
	return p
}

// improve sets the dual variable to its best value while the others stay, and gives how far
// to go along the row.
func (p *dualPoint) improve(score float32, hinge bool) (step float32) {
	margin, was := float64(p.sign*score), p.dual
	if hinge {
		slack := 1 / (2 * p.cost)
		p.dual = max(0, was-(margin-1+was*slack)/(p.length+slack))
	} else {
		p.dual = p.likeliest(margin)
	}
	return p.sign * float32(p.dual-was)
}

// likeliest is the best value for a logistic regression: cost times the sigmoid of the root x of
// length*(cost*sigmoid(x)-dual) + margin + x, found by Newton's method within bounds.
func (p *dualPoint) likeliest(margin float64) float64 {
	low, high := -(margin + p.length*(p.cost-p.dual)), -(margin - p.length*p.dual)
	x := (low + high) / 2
	for range 20 {
		share := local.Sigmoid(x)
		off := p.length*(p.cost*share-p.dual) + margin + x
		if math.Abs(off) < 1e-4 {
			break
		}
		if off > 0 {
			high = x
		} else {
			low = x
		}
		if x -= off / (p.length*p.cost*share*(1-share) + 1); x <= low || x >= high {
			x = (low + high) / 2
		}
	}
	return p.cost * local.Sigmoid(x)
}

// logRatios are, by row, how much more often a feature occurs with one answer than with the
// other, as powers of absolute logarithms with a mean of 1 over what occurs.
func logRatios(examples []example, yes []bool, power float64) []float32 {
	ratios := slices.Repeat([]float32{1}, 2*local.Rows)
	if power == 0 {
		return ratios
	}
	var with [2][]float64
	var rows [2]float64
	for i := range with {
		with[i] = make([]float64, 2*local.Rows)
	}
	for i, e := range examples {
		answer := choose(yes[i], 1, 0)
		rows[answer]++
		for _, f := range e.features {
			with[answer][f.Row]++
		}
	}
	sum, occurs := 0.0, 0.0
	for row := range ratios {
		n := with[0][row] + with[1][row]
		if n == 0 {
			ratios[row] = 0
			continue
		}
		yes, no := (with[1][row]+0.5)/(rows[1]+1), (with[0][row]+0.5)/(rows[0]+1)
		r := math.Pow(math.Abs(math.Log(yes/no)), power)
		ratios[row] = float32(r)
		sum, occurs = sum+n*r, occurs+n
	}
	const most = 3
	for row, r := range ratios {
		ratios[row] = min(most, r*float32(occurs/max(sum, 1e-9)))
	}
	return ratios
}
