package train

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/tasktracker/tasktracker/pkg/classify/local"
)

// How training goes: found by cross-validation over train and dev.
const (
	epochs    = 10
	rate      = 5.0    // of the first step
	decay     = 2.5e-5 // of the weights, each step
	sharedBy  = 0.1    // the rate of the places' bias to the shared kinds, beside the weights
	biasRate  = 0.05
	noOutputs = -1
)

// own is how much a place's own outputs learn from a row, beside what all share: the more, the less they
// are held back from believing it.
var own = [local.Places]float64{local.PlaceTracker: 1, local.PlaceLog: 2, local.PlaceMessage: 1, local.PlaceDialogue: 4, local.PlaceApp: 2,
	local.PlaceReview: 2, local.PlaceTeam: 3}

// example is a row with its features; weighed where it is trained on.
type example struct {
	*Row
	features []local.Feature
}

// read makes the features of rows, not yet weighed.
func read(rows []*Row) []example {
	extractor := local.NewExtractor()
	examples := make([]example, len(rows))
	for i, r := range rows {
		examples[i] = example{r, slices.Clone(extractor.Features(r.Text, r.Context))}
	}
	return examples
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
	w := &local.Weights{Rarity: rarity(texts)}
	examples := make([]example, len(texts))
	for i, t := range texts {
		examples[i] = example{t.Row, slices.Clone(t.features)}
		w.Weigh(examples[i].features)
		w.Seen.Add(t.Text)
	}
	descend(examples).store(w)
	for p := range w.Slope {
		w.Slope[p], w.Threshold[p] = 1, 0.5
	}
	return w
}

// descent is stochastic gradient descent on the logarithm of the probability of what is
// true: for the kinds that all places share, among those that compete, of all that may be true
// together; for the place and its own outputs, of the one.
type descent struct {
	table     []float32 // to be multiplied by scale
	scale     float64
	bias      [local.Columns]float32
	placeBias [local.Places][local.Kinds]float32
	ratios    [][]float32 // of the outputs of a tracker, by row
	balance   [local.Intents]float64
}

func descend(examples []example) *descent {
	d := &descent{table: make([]float32, local.Rows*local.Columns), scale: 1, ratios: logRatios(examples), balance: balance(examples)}
	random := rand.New(rand.NewPCG(1, 7))
	order := random.Perm(len(examples))
	step := 0.0
	for range epochs {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			step++
			d.learn(&examples[i], rate/(1+decay*rate*step))
		}
	}
	return d
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

// logRatios are how much more often a feature occurs with each kind of a tracker's issue than
// with the others, as absolute logarithms: what tells them apart is believed sooner.
func logRatios(examples []example) [][]float32 {
	kinds := len(local.TrackerKinds)
	with, texts, all := make([][]float64, kinds), make([]float64, kinds), 0.0
	total := make([]float64, local.Rows)
	for i := range with {
		with[i] = make([]float64, local.Rows)
	}
	for _, e := range examples {
		if e.Place != local.PlaceTracker {
			continue
		}
		i := ownTruth(e.Row)
		texts[i]++
		all++
		for _, f := range e.features {
			with[i][f.Row]++
			total[f.Row]++
		}
	}
	ratios := make([][]float32, kinds)
	for i := range ratios {
		ratios[i] = make([]float32, local.Rows)
		for row, n := range with[i] {
			here, elsewhere := (n+0.5)/(texts[i]+1), (total[row]-n+0.5)/(all-texts[i]+1)
			ratios[i][row] = float32(math.Abs(math.Log(here / elsewhere)))
		}
		level(ratios[i], total)
	}
	return ratios
}

// level brings ratios to a mean of 1 over what occurs, so that steps are as long as elsewhere.
func level(ratios []float32, occurs []float64) {
	sum, n := 0.0, 1e-9
	for row, o := range occurs {
		sum += o * float64(ratios[row])
		n += o
	}
	if sum == 0 {
		return // there is no tracker
	}
	for row := range ratios {
		ratios[row] = min(3, ratios[row]*float32(n/sum))
	}
}

// ownTruth is which of the own outputs of its place is true of a row; for one with a single output
// 0 stands for yes, 1 for no; noOutputs where the row says nothing.
func ownTruth(r *Row) int {
	switch r.Place {
	case local.PlaceTracker:
		return slices.IndexFunc(local.TrackerKinds[:], func(k int) bool { return local.KindNames[k] == r.Label })
	case local.PlaceLog:
		return choose(r.Type == "bug", 0, 1)
	case local.PlaceMessage:
		return choose(r.Label == "issue", 0, 1)
	case local.PlaceDialogue:
		return choose(r.Label == "bug", 0, 1)
	case local.PlaceApp:
		return slices.IndexFunc(local.AppKinds[:], func(k int) bool { return r.Truth>>k&1 == 1 })
	case local.PlaceReview:
		return r.Intent
	}
	return noOutputs // a team's are those of the kinds
}

// learn takes one step.
func (d *descent) learn(e *example, eta float64) {
	s, gradient := d.scores(e), [local.Columns]float32{}
	mine := local.OwnSpans[e.Place]
	if !aside(e.Place) {
		shared := d.kinds(e, s[:])
		copy(gradient[:local.Kinds], shared[:])
		if e.Place == local.PlaceTeam {
			for k := range shared {
				gradient[mine.From+k] = float32(own[e.Place]) * shared[k]
			}
		}
	}
	if truth := ownTruth(e.Row); truth >= 0 {
		weight := own[e.Place]
		if e.Intent >= 0 {
			weight *= d.balance[e.Intent]
		}
		toward(gradient[mine.From:mine.To], s[mine.From:mine.To], truth, weight)
	}
	places := local.PlaceSpan
	toward(gradient[places.From:places.To], s[places.From:places.To], e.Place, e.Weight)
	for k := range local.Kinds {
		d.placeBias[e.Place][k] -= float32(eta*sharedBy) * gradient[k]
	}
	d.step(e, &gradient, eta)
}

// spans are the outputs that a row of a place is about. Trackers and logs hold long texts, from
// which a team's chat has little to learn: they have their own outputs only.
func spans(place int) [3]local.Span {
	if aside(place) {
		return [3]local.Span{{}, local.PlaceSpan, local.OwnSpans[place]}
	}
	return [3]local.Span{local.KindSpan, local.PlaceSpan, local.OwnSpans[place]}
}

func aside(place int) bool { return place == local.PlaceTracker || place == local.PlaceLog }

func (d *descent) scores(e *example) (s [local.Columns]float32) {
	spans := spans(e.Place)
	tracker := e.Place == local.PlaceTracker
	for _, f := range e.features {
		row := d.table[int(f.Row)*local.Columns : int(f.Row)*local.Columns+local.Columns]
		for i, span := range spans {
			for k := span.From; k < span.To; k++ {
				v := f.Value * row[k]
				if tracker && i == 2 {
					v *= d.ratios[k-span.From][f.Row]
				}
				s[k] += v
			}
		}
	}
	for _, span := range spans {
		for k := span.From; k < span.To; k++ {
			s[k] = s[k]*float32(d.scale) + d.bias[k]
		}
	}
	return s
}

func (d *descent) step(e *example, gradient *[local.Columns]float32, eta float64) {
	d.scale *= 1 - eta*decay
	step := float32(eta / d.scale)
	spans := spans(e.Place)
	tracker := e.Place == local.PlaceTracker
	for _, f := range e.features {
		row := d.table[int(f.Row)*local.Columns : int(f.Row)*local.Columns+local.Columns]
		for i, span := range spans {
			for k := span.From; k < span.To; k++ {
				v := step * gradient[k] * f.Value
				if tracker && i == 2 {
					v *= d.ratios[k-span.From][f.Row]
				}
				row[k] -= v
			}
		}
	}
	for k := range d.bias {
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
		s[k] = scores[k] + d.placeBias[e.Place][k]
	}
	if e.Place == local.PlaceTeam {
		mine := scores[local.OwnSpans[local.PlaceTeam].From:]
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

// toward is the gradient that raises one of several scores; of a single score, 0 raises it
// and 1 lowers it.
func toward(gradient, s []float32, one int, weight float64) {
	if len(s) == 1 {
		gradient[0] = float32(weight * (local.Sigmoid(float64(s[0])) - float64(1-one)))
		return
	}
	p := make([]float64, len(s))
	local.Softmax(p, s)
	p[one]--
	for k := range p {
		gradient[k] = float32(weight * p[k])
	}
}

// store rounds weights to one byte each.
func (d *descent) store(w *local.Weights) {
	w.Bias = d.bias
	team := local.OwnSpans[local.PlaceTeam]
	for k := range local.Kinds {
		w.Bias[team.From+k] += d.placeBias[local.PlaceTeam][k]
	}
	tracker := local.OwnSpans[local.PlaceTracker]
	for i, ratios := range d.ratios {
		for row, ratio := range ratios {
			d.table[row*local.Columns+tracker.From+i] *= ratio
		}
	}
	w.Table = make([]int8, len(d.table))
	for k := range local.Columns {
		top := 0.0
		for i := k; i < len(d.table); i += local.Columns {
			top = max(top, math.Abs(float64(d.table[i])))
		}
		if top == 0 {
			continue
		}
		w.Scales[k] = float32(top * d.scale / math.MaxInt8)
		for i := k; i < len(d.table); i += local.Columns {
			w.Table[i] = int8(math.Round(float64(d.table[i]) / top * math.MaxInt8))
		}
	}
}
