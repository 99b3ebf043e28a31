package train

import (
	"math"

	"github.com/tasktracker/tasktracker/pkg/classify/local"
)

// folds is how often cross-validation trains.
const folds = 5

// point is what a model that had not seen a row found, and what is true.
type point struct {
	logit float64
	issue bool
}

// Calibrated finds weights for rows whose probabilities are as right as they say.
func Calibrated(rows []*Row) *local.Weights {
	w := Fit(rows)
	calibrate(w, rows)
	return w
}

// calibrate has the probabilities of w be right: each fifth of the rows is
// judged by weights of the other four, and a line through the logits of each register is
// laid so that the truth is likeliest.
func calibrate(w *local.Weights, rows []*Row) {
	var points [local.Registers][]point
	for f := range uint32(folds) {
		var in, out []*Row
		for _, r := range rows {
			if fold(r.together(), folds) == f {
				out = append(out, r)
			} else {
				in = append(in, r)
			}
		}
		classifier := local.Use(Fit(in))
		for _, r := range out {
			if issue, known := r.Issue(); known {
				o := classifier.Opinion(r.Text, r.Context)
				points[r.Register] = append(points[r.Register], point{local.Logit(1 - o.Kinds[local.KindNoise]), issue})
			}
		}
	}
	for r, of := range points {
		issues := 0
		for _, p := range of {
			if p.issue {
				issues++
			}
		}
		if min(issues, len(of)-issues) >= 50 { // else there is nothing to lay a line through
			slope, shift := line(of)
			w.Slope[r], w.Shift[r] = float32(slope), float32(shift)
		}
	}
}

// together names what must not be split between training and judging: an app or a team,
// where there are many.
func (r *Row) together() string {
	if r.Set == setApps || r.Set == SetSeed {
		return r.Group
	}
	return r.Text
}

// ridge pulls the line toward the logits themselves, as much as this many points would.
const ridge = 1.0

// line is the logistic regression of truth on the logit, by Newton's method with steps
// halved until they help.
func line(points []point) (slope, shift float64) {
	slope = 1
	best := loss(points, slope, shift)
	for range 50 {
		g0, g1 := ridge*shift, ridge*(slope-1)
		h00, h01, h11 := ridge, 0.0, ridge
		for _, p := range points {
			q := local.Sigmoid(slope*p.logit + shift)
			d, v := q, q*(1-q)
			if p.issue {
				d--
			}
			g0, g1 = g0+d, g1+d*p.logit
			h00, h01, h11 = h00+v, h01+v*p.logit, h11+v*p.logit*p.logit
		}
		det := h00*h11 - h01*h01
		step0, step1 := (g0*h11-g1*h01)/det, (g1*h00-g0*h01)/det
		better := false
		for part := 1.0; part > 1e-6 && !better; part /= 2 {
			now := loss(points, slope-part*step1, shift-part*step0)
			if better = now < best; better {
				slope, shift, best = slope-part*step1, shift-part*step0, now
			}
		}
		if !better {
			break
		}
	}
	return slope, shift
}

// loss is how unlikely the truth is.
func loss(points []point, slope, shift float64) float64 {
	sum := ridge / 2 * ((slope-1)*(slope-1) + shift*shift)
	for _, p := range points {
		x := slope*p.logit + shift
		if p.issue {
			x = -x
		}
		sum += math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
	}
	return sum
}
