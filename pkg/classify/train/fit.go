package train

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/tasktracker/tasktracker/pkg/classify/local"
)

// How training goes: found by cross-validation over train and dev.
const (
	epochs   = 10
	averaged = 5      // epochs at the end whose weights are averaged: each alone is left a little to chance
	rate     = 5.0    // of the first step
	decay    = 2.5e-5 // of the weights, each step
	sharedBy = 0.1    // the rate of the places' bias to the shared kinds, beside the weights
	biasRate = 0.05
	// placeWeight is how much a row counts at most for where it was written.
	placeWeight = 3
)

// Columns of descent: kinds as all places share them, the outputs of a team that are added to
// these, and the places.
const (
	sharedFrom = 0
	teamFrom   = sharedFrom + local.Kinds
	placeFrom  = teamFrom + local.Kinds + 1
	width      = placeFrom + local.Places
)

// noOutput stands for what a row says nothing of.
const noOutput = -1

// teamRate is how much a team's outputs learn from its messages, beside what all places share: the
// more, the less they are held back from believing it.
const teamRate = 3

// example is a row with its features; weighed where it is trained on.
type example struct {
	*Row
	features, ending []local.Feature
}

// read makes the features of rows, not yet weighed.
func read(rows []*Row) []example {
	extractor := local.NewExtractor()
	examples := make([]example, len(rows))
	for i, r := range rows {
		features := slices.Clone(extractor.Features(r.Text, r.Context))
		// In the order of the weights they are found sooner.
		slices.SortFunc(features, func(a, b local.Feature) int { return cmp.Compare(a.Row, b.Row) })
		examples[i] = example{r, features, slices.Clone(extractor.Ending())}
	}
	return examples
}

// weighed is an example as weights see it.
func (e example) weighed(w *local.Weights) example {
	e.features, e.ending = slices.Clone(e.features), slices.Clone(e.ending)
	w.Weigh(e.features)
	w.Weigh(e.ending)
	return e
}

// rarity is how rare features are, by row: 1 plus the logarithm of the texts for each one
// that has it, in 16ths; 0 for those that none has.
func rarity(examples []example) []byte {
	texts := make([]int32, local.Rows)
	for _, e := range examples {
		for _, f := range e.features {
			texts[f.Row]++
		}
	}
	rare := make([]byte, local.Rows)
	for i, n := range texts {
		if n > 0 {
			rare[i] = byte(min(16*(1+math.Log(float64(1+len(examples))/float64(1+n))), math.MaxUint8))
		}
	}
	return rare
}

// Fit finds weights for rows; the same rows give the same weights.
func Fit(rows []*Row) *local.Weights { return fit(read(rows)) }

func fit(texts []example) *local.Weights {
	w := local.NewWeights(rarity(texts))
	examples := make([]example, len(texts))
	for i, t := range texts {
		examples[i] = t.weighed(w)
		w.Seen.Add(t.Text)
	}
	descend(examples).store(w)
	exact(w, examples)
	for p := range w.Slope {
		w.Slope[p], w.Threshold[p] = 1, 0.5
	}
	return w
}

// descent is stochastic gradient descent on the logarithm of the probability of what is
// true: for the kinds, among those that compete, of all that may be true together; for the place,
// of the one.
type descent struct {
	table     []float32 // to be multiplied by scale
	scale     float64
	bias      [width]float32
	placeBias [local.Places][local.Kinds]float32
	balance   [local.Intents]float64
}

func descend(examples []example) *descent {
	d := &descent{table: make([]float32, local.Rows*width), scale: 1, balance: balance(examples)}
	random := rand.New(rand.NewPCG(1, 7))
	order := random.Perm(len(examples))
	mean := &descent{table: make([]float32, len(d.table)), scale: 1}
	step := 0.0
	for epoch := range epochs {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			step++
			d.learn(&examples[i], rate/(1+decay*rate*step))
		}
		if epoch >= epochs-averaged {
			mean.add(d, 1./averaged)
		}
	}
	return mean
}

// add adds a share of the weights of another.
func (d *descent) add(other *descent, share float64) {
	for i, v := range other.table {
		d.table[i] += v * float32(other.scale*share)
	}
	for k, v := range other.bias {
		d.bias[k] += v * float32(share)
	}
	for p := range d.placeBias {
		for k, v := range other.placeBias[p] {
			d.placeBias[p][k] += v * float32(share)
		}
	}
}

// balance has rare intents count as much as frequent ones together.
func balance(examples []example) (weight [local.Intents]float64) {
	var n [local.Intents]float64
	all := 0.0
	for _, e := range examples {
		if e.Intent >= 0 {
			n[e.Intent]++
			all++
		}
	}
	for k := range n {
		weight[k] = all / (local.Intents * max(n[k], 1))
	}
	return weight
}

// learn takes one step.
func (d *descent) learn(e *example, eta float64) {
	from := firstColumn(e.Place)
	s, gradient := d.scores(e, from), [width]float32{}
	if from < placeFrom {
		kinds := d.kinds(e, s[:])
		copy(gradient[sharedFrom:], kinds[:local.Kinds])
		if e.Place == local.PlaceTeam {
			for k := range kinds {
				gradient[teamFrom+k] = teamRate * kinds[k]
			}
		}
	}
	toward(gradient[placeFrom:], s[placeFrom:], e.Place, min(e.Weight, placeWeight))
	for k := range local.Kinds {
		d.placeBias[e.Place][k] -= float32(eta*sharedBy) * gradient[sharedFrom+k]
	}
	d.step(e, &gradient, from, eta)
}

// firstColumn is from which column on descent looks at a row of a place. Trackers and logs hold long
// texts, from which a team's chat has little to learn: of them it learns the place only.
func firstColumn(place int) int {
	if place == local.PlaceTracker || place == local.PlaceLog {
		return placeFrom
	}
	return sharedFrom
}

func (d *descent) scores(e *example, from int) (s [width]float32) {
	for _, f := range e.features {
		row := d.table[int(f.Row)*width : int(f.Row)*width+width]
		for k := from; k < width; k++ {
			s[k] += f.Value * row[k]
		}
	}
	for k := from; k < width; k++ {
		s[k] = s[k]*float32(d.scale) + d.bias[k]
	}
	return s
}

func (d *descent) step(e *example, gradient *[width]float32, from int, eta float64) {
	d.scale *= 1 - eta*decay
	step := float32(eta / d.scale)
	for _, f := range e.features {
		row := d.table[int(f.Row)*width : int(f.Row)*width+width]
		for k := from; k < width; k++ {
			row[k] -= step * gradient[k] * f.Value
		}
	}
	for k := from; k < width; k++ {
		d.bias[k] -= float32(eta*biasRate) * gradient[k]
	}
}

// kinds is the gradient for the kinds that all places share, and for chatter, which only a
// team's chat has.
func (d *descent) kinds(e *example, scores []float32) (gradient [local.Kinds + 1]float32) {
	var s [local.Kinds + 1]float32
	var p [local.Kinds + 1]float64
	compete, truth := e.Compete, e.Truth
	for k := range local.Kinds {
		s[k] = scores[sharedFrom+k] + d.placeBias[e.Place][k]
	}
	if e.Place == local.PlaceTeam {
		mine := scores[teamFrom:]
		for k := range local.Kinds {
			s[k] += mine[k]
		}
		s[local.Kinds] = mine[local.Kinds]
		compete |= 1 << local.Kinds
		if chatter[e.Kind] {
			truth = 1 << local.Kinds
		}
	}
	for k := range s {
		if compete>>k&1 == 0 {
			s[k] = -1e9
		}
	}
	local.Softmax(p[:], s[:])
	right := 0.0
	for k := range p {
		if truth>>k&1 == 1 {
			right += p[k]
		}
	}
	weight := e.Weight
	if e.Intent >= 0 {
		weight *= math.Sqrt(d.balance[e.Intent])
	}
	for k := range p {
		wanted := 0.0
		if truth>>k&1 == 1 {
			wanted = p[k] / max(right, 1e-9)
		}
		gradient[k] = float32(weight * (p[k] - wanted))
	}
	return gradient
}

// toward is the gradient that raises one of several scores.
func toward(gradient, s []float32, one int, weight float64) {
	p := make([]float64, len(s))
	local.Softmax(p, s)
	p[one]--
	for k := range p {
		gradient[k] = float32(weight * p[k])
	}
}

// store puts what was found into weights: for a team the sum of what all share and its own.
func (d *descent) store(w *local.Weights) {
	team, places := local.OwnSpans[local.PlaceTeam], local.PlaceSpan
	for k := range local.Kinds + 1 {
		shared := func([]float32) float32 { return 0 }
		if k < local.Kinds {
			shared = func(row []float32) float32 { return row[sharedFrom+k] }
			w.Bias[team.From+k] = d.bias[sharedFrom+k] + d.placeBias[local.PlaceTeam][k]
		}
		w.Bias[team.From+k] += d.bias[teamFrom+k]
		d.storeColumn(w, team.From+k, func(row []float32) float32 { return shared(row) + row[teamFrom+k] })
	}
	for k := range local.Places {
		w.Bias[places.From+k] = d.bias[placeFrom+k]
		d.storeColumn(w, places.From+k, func(row []float32) float32 { return row[placeFrom+k] })
	}
}

func (d *descent) storeColumn(w *local.Weights, column int, of func(row []float32) float32) {
	weights := make([]float32, local.Rows)
	for i := range weights {
		weights[i] = of(d.table[i*width:i*width+width]) * float32(d.scale)
	}
	w.Put(column, weights)
}
