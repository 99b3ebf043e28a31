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
}

// sweeps is how often each row is looked at.
const sweeps = 7

// heads are those of the outputs that each place has for itself.
var heads = map[int]head{
	local.PlaceTracker:  {cost: 8, ratio: 0.5},
	local.PlaceLog:      {cost: 1, ratio: 1},
	local.PlaceMessage:  {cost: 4},
	local.PlaceDialogue: {cost: 2, ratio: 0.5},
	local.PlaceApp:      {cost: 8, ratio: 0.5},
	local.PlaceReview:   {cost: 8},
}

// reviewHead is that of whether a review is an issue.
var reviewHead = head{cost: 8, ratio: 0.5}

// fitSpan finds outputs, each by itself, as one answer against the others; truth tells which
// is true of a row, or noOutput.
func fitSpan(w *local.Weights, span local.Span, h head, examples []example, truth func(*Row) int) {
	var of []example
	var truths []int
	for _, e := range examples {
		if t := truth(e.Row); t != noOutput {
			of, truths = append(of, e), append(truths, t)
		}
	}
	if len(of) == 0 {
		return
	}
	for k := span.From; k < span.To; k++ {
		yes := make([]bool, len(of))
		for i, t := range truths {
			yes[i] = t == k-span.From
		}
		column, bias := h.separate(of, yes)
		w.Bias[k] = bias
		w.Put(k, column)
	}
}

// separate finds the weights, by row, and the bias of a logistic regression, by coordinate
// descent on its dual (Yu, Huang and Lin, "Dual coordinate descent methods for logistic
// regression and maximum entropy models", 2011): exact, and without a rate to choose.
func (h head) separate(examples []example, yes []bool) (weights []float32, bias float32) {
	weights = make([]float32, local.Rows)
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
			step := p.improve(score)
			for _, f := range p.features {
				weights[f.Row] += step * f.Value
			}
			bias += step
		}
	}
	for row := range weights {
		weights[row] *= ratios[row]
	}
	return weights, bias
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
// to go along the row: the value is cost times the sigmoid of the root x of
// length*(cost*sigmoid(x)-dual) + margin + x, found by Newton's method within bounds.
func (p *dualPoint) improve(score float32) (step float32) {
	margin := float64(p.sign * score)
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
	was := p.dual
	p.dual = p.cost * local.Sigmoid(x)
	return p.sign * float32(p.dual-was)
}

// logRatios are, by row, how much more often a feature occurs with one answer than with the
// other, as powers of absolute logarithms with a mean of 1 over what occurs.
func logRatios(examples []example, yes []bool, power float64) []float32 {
	ratios := slices.Repeat([]float32{1}, local.Rows)
	if power == 0 {
		return ratios
	}
	var with [2][]float64
	var rows [2]float64
	for i := range with {
		with[i] = make([]float64, local.Rows)
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
