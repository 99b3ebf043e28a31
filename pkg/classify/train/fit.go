package train

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/tasktracker/tasktracker/pkg/classify/local"
)

// How training goes: found on dev, with one value for all sets.
const (
	epochs       = 10
	rate         = 5.0    // of the first step
	decay        = 2.5e-5 // of the weights, each step
	registerRate = 0.1    // of the registers' bias, beside the weights
	biasRate     = 0.05
	teamRate     = 3 // of what is a team's chat's own, beside what all share
)

// example is a row with its features, weighed.
type example struct {
	*Row
	features []local.Feature
}

// rarity is how rare features are, by row: 1 plus the logarithm of the texts for each one
// that has it, in 16ths; 0 for those that none has.
func rarity(rows [][]local.Feature) []byte {
	texts := make([]int32, local.Rows)
	for _, features := range rows {
		for _, f := range features {
			texts[f.Row]++
		}
	}
	rare := make([]byte, local.Rows)
	for i, n := range texts {
		if n > 0 {
			rare[i] = byte(min(16*(1+math.Log(float64(1+len(rows))/float64(1+n))), math.MaxUint8))
		}
	}
	return rare
}

// Fit finds weights for rows; the same rows give the same weights.
func Fit(rows []*Row) *local.Weights {
	extractor := local.NewExtractor()
	features := make([][]local.Feature, len(rows))
	for i, r := range rows {
		features[i] = slices.Clone(extractor.Features(r.Text, r.Context))
	}
	w := &local.Weights{Rarity: rarity(features)}
	examples := make([]example, len(rows))
	for i, r := range rows {
		w.Weigh(features[i])
		examples[i] = example{r, features[i]}
		w.Seen.Add(r.Text)
	}
	descend(examples).store(w)
	for r := range w.Slope {
		w.Slope[r] = 1
	}
	return w
}

// descent is stochastic gradient descent on the logarithm of the probability of what is
// true: for the kind, among those that compete, of all that may be true together; for
// intent and register, of the one.
type descent struct {
	table        []float32 // to be multiplied by scale
	scale        float64
	bias         [local.Columns]float32
	registerBias [local.Registers][local.Kinds]float32
	intentWeight [local.Intents]float64
}

func descend(examples []example) *descent {
	d := &descent{table: make([]float32, local.Rows*local.Columns), scale: 1}
	d.balance(examples)
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
func (d *descent) balance(examples []example) {
	var n [local.Intents]float64
	all := 0.0
	for _, e := range examples {
		if e.Intent >= 0 {
			n[e.Intent]++
			all++
		}
	}
	for k := range n {
		d.intentWeight[k] = all / (local.Intents * max(n[k], 1))
	}
}

// learn takes one step.
func (d *descent) learn(e *example, eta float64) {
	gradient := d.gradient(e)
	for k := range local.Kinds {
		d.registerBias[e.Register][k] -= float32(eta*registerRate) * gradient[k]
	}
	d.scale *= 1 - eta*decay
	step := float32(eta / d.scale)
	for _, f := range e.features {
		row := d.table[int(f.Row)*local.Columns : int(f.Row)*local.Columns+local.Columns]
		for k := range row {
			row[k] -= step * gradient[k] * f.Value
		}
	}
	for k := range d.bias {
		d.bias[k] -= float32(eta*biasRate) * gradient[k]
	}
}

func (d *descent) gradient(e *example) (gradient [local.Columns]float32) {
	var s [local.Columns]float32
	for _, f := range e.features {
		row := d.table[int(f.Row)*local.Columns : int(f.Row)*local.Columns+local.Columns]
		for k, v := range row {
			s[k] += f.Value * v
		}
	}
	for k := range s {
		s[k] = s[k]*float32(d.scale) + d.bias[k]
	}
	weight := e.Weight
	if e.Intent >= 0 {
		weight *= math.Sqrt(d.intentWeight[e.Intent])
	}
	if e.Register == local.TeamRegister {
		for k := range local.Kinds {
			s[k] += s[local.FirstTeam+k]
		}
	}
	d.kinds(e, s[:local.Kinds], gradient[:local.Kinds], weight)
	if e.Register == local.TeamRegister {
		for k := range local.Kinds {
			gradient[local.FirstTeam+k] = teamRate * gradient[k]
		}
	}
	if e.Intent >= 0 {
		toward(gradient[local.Kinds:local.FirstRegister], s[local.Kinds:local.FirstRegister], e.Intent, d.intentWeight[e.Intent])
	}
	toward(gradient[local.FirstRegister:local.FirstTeam], s[local.FirstRegister:local.FirstTeam], e.Register, e.Weight)
	return gradient
}

// kinds is the gradient for the kinds.
func (d *descent) kinds(e *example, s, gradient []float32, weight float64) {
	var p [local.Kinds]float64
	for k := range s {
		s[k] += d.registerBias[e.Register][k]
		if e.Compete>>k&1 == 0 {
			s[k] = -1e9
		}
	}
	local.Softmax(p[:], s)
	truth := 0.0
	for k := range p {
		if e.Truth>>k&1 == 1 {
			truth += p[k]
		}
	}
	for k := range p {
		wanted := 0.0
		if e.Truth>>k&1 == 1 {
			wanted = p[k] / max(truth, 1e-9)
		}
		gradient[k] = float32(weight * (p[k] - wanted))
	}
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

// clipped is the share of weights that may be beyond what 127 steps reach.
const clipped = 0

// store rounds weights to one byte each.
func (d *descent) store(w *local.Weights) {
	w.Bias, w.RegisterBias = d.bias, d.registerBias
	w.Table = make([]int8, len(d.table))
	column := make([]float64, 0, local.Rows)
	for k := range local.Columns {
		column = column[:0]
		for i := k; i < len(d.table); i += local.Columns {
			if v := math.Abs(float64(d.table[i])); v > 0 {
				column = append(column, v*d.scale)
			}
		}
		if len(column) == 0 {
			continue
		}
		slices.Sort(column)
		unit := column[int(float64(len(column)-1)*(1-clipped))] / math.MaxInt8
		w.Scales[k] = float32(unit)
		for i := k; i < len(d.table); i += local.Columns {
			v := math.Round(float64(d.table[i]) * d.scale / unit)
			w.Table[i] = int8(min(max(v, -math.MaxInt8), math.MaxInt8))
		}
	}
}
