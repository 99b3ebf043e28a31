package train

import (
	"math"
	"slices"

	"github.com/tasktracker/tasktracker/pkg/classify/local"
)

// folds is how often cross-validation trains.
const folds = 3

// point is what a model that had not seen a row found, and what is true.
type point struct {
	logit float64
	issue bool
	// chatter is what nobody should be troubled with.
	chatter bool
}

// Calibrated finds weights for rows whose probabilities are as right as they say.
func Calibrated(rows []*Row) *local.Weights {
	texts := read(rows)
	w := fit(texts)
	calibrate(w, texts)
	return w
}

// CalibratedAs finds weights for rows, calibrated as those of some of the rows are.
func CalibratedAs(as *local.Weights, rows []*Row) *local.Weights {
	w := Fit(rows)
	w.Slope, w.Shift, w.Threshold = as.Slope, as.Shift, as.Threshold
	return w
}

// calibrate has the probabilities of w be right: each part of the rows is judged by weights of
// the others, and a line through the logits of each place is laid so that the truth is
// likeliest. Where to call something an issue is found on the same points.
func calibrate(w *local.Weights, texts []example) {
	var points [local.Places][]point
	for f := range uint32(folds) {
		var in, out []example
		for _, t := range texts {
			if fold(t.together(), folds) == f {
				out = append(out, t)
			} else {
				in = append(in, t)
			}
		}
		if len(out) == 0 {
			continue
		}
		found := fit(in)
		for _, t := range out {
			if issue, known := t.positive(); known {
				features := slices.Clone(t.features)
				found.Weigh(features)
				o := found.Judge(found.Scores(features))
				points[t.Place] = append(points[t.Place], point{local.Logit(1 - o.Kinds[local.KindNoise]), issue, chatter[t.Kind]})
			}
		}
	}
	for p, of := range points {
		issues := 0
		for _, x := range of {
			if x.issue {
				issues++
			}
		}
		if min(issues, len(of)-issues) < 50 {
			continue // there is nothing to lay a line through
		}
		slope, shift := line(of)
		w.Slope[p], w.Shift[p] = float32(slope), float32(shift)
		w.Threshold[p] = float32(threshold(of, slope, shift))
	}
}

// chatter are the kinds of messages that are false alarms before all others.
var chatter = map[string]bool{"small_talk": true, "thanks": true, "planning": true, "plus_one": true}

// mostAlarms is the share of chatter that may be called an issue.
const mostAlarms = 0.025

// threshold is the least probability at which something is called an issue: that with the
// greatest F1, less what chatter is called so.
func threshold(points []point, slope, shift float64) float64 {
	best, most := 0.5, -1.0
	for step := 15; step <= 90; step++ {
		t := float64(step) / 100
		hits, said, issues, talk, alarms := 0.0, 0.0, 0.0, 0.0, 0.0
		for _, p := range points {
			called := local.Sigmoid(slope*p.logit+shift) >= t
			if p.issue {
				issues++
			}
			if p.chatter {
				talk++
			}
			if !called {
				continue
			}
			said++
			if p.issue {
				hits++
			}
			if p.chatter {
				alarms++
			}
		}
		f1 := 2 * hits / max(said+issues, 1)
		f1 -= 5 * max(0, alarms-mostAlarms*talk) / max(talk, 1) // little chatter is worth some issues
		if f1 > most {
			best, most = t, f1
		}
	}
	return best
}

// together names what must not be split between training and judging: a community, an app or a
// team.
func (r *Row) together() string {
	switch r.Set {
	case setApps, setBugs, setMessages, SetSeed:
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
