package train

import (
	"math"
	"slices"
	"sync"

	"github.com/tasktracker/tasktracker/pkg/classify/local"
)

// folds is how often cross-validation trains; with four each community of developers is judged
// by weights of the others.
const folds = 4

// judged is a row with the scores that a model which had not seen it gave it.
type judged struct {
	*Row
	scores [local.Columns]float32
}

// point is what a model that had not seen a row found, and what is true.
type point struct {
	logit float64
	issue bool
	// chatter is what nobody should be troubled with; agreement is not counted, it is told easily.
	chatter bool
	// oneSided tells nothing of how likely an issue is.
	oneSided bool
}

// Calibrated finds weights for rows whose probabilities are as right as they say.
func Calibrated(rows []*Row) *local.Weights {
	texts := read(rows)
	var w *local.Weights
	var all sync.WaitGroup
	all.Go(func() { w = fit(texts) })
	others := strangers(texts)
	all.Wait()
	calibrate(w, others)
	return w
}

// strangers are rows as weights of the others judge them.
func strangers(texts []example) []judged {
	rows := make([]*Row, len(texts))
	for i, t := range texts {
		rows[i] = t.Row
	}
	part := parting(rows, folds)
	var parts [folds][]judged
	var all sync.WaitGroup
	for f := range folds {
		all.Go(func() { parts[f] = foldJudged(texts, func(r *Row) bool { return part(r) == f }) })
	}
	all.Wait()
	return slices.Concat(parts[:]...)
}

// foldJudged are the rows that are out as weights of the rest judge them.
func foldJudged(texts []example, isOut func(*Row) bool) []judged {
	var in, out []example
	for _, t := range texts {
		if isOut(t.Row) {
			out = append(out, t)
		} else {
			in = append(in, t)
		}
	}
	if len(in) == 0 || len(out) == 0 {
		return nil
	}
	found := fit(in)
	judgements := make([]judged, len(out))
	for i, t := range out {
		e := t.weighed(found)
		judgements[i] = judged{t.Row, found.Scores(e.features, e.ending)}
	}
	return judgements
}

// parting puts rows into parts: what comes from one community, app or team into the same one,
// these in turn, and the rest by their texts.
func parting(rows []*Row, parts int) func(*Row) int {
	groups := map[string][]string{}
	for _, r := range rows {
		if r.grouped() && !slices.Contains(groups[r.Set], r.Group) {
			groups[r.Set] = append(groups[r.Set], r.Group)
		}
	}
	for _, of := range groups {
		slices.Sort(of)
	}
	return func(r *Row) int {
		if r.grouped() {
			return slices.Index(groups[r.Set], r.Group) % parts
		}
		return int(fold(r.Text, uint32(parts)))
	}
}

// grouped tells whether rows of a group must not be split between training and judging.
func (r *Row) grouped() bool {
	return r.Set == setApps || r.Set == setBugs || r.Set == setMessages || r.Set == SetSeed
}

// calibrate has the answers of w be those with the best macro-F1, and its probabilities be
// right: on rows that were judged by weights of others, a line through the logits of each place is
// laid so that the truth is likeliest, but through those that are one-sided. Where to call something an
// issue is found on all of them.
func calibrate(w *local.Weights, rows []judged) {
	var points [local.Places][]point
	favourLogs(w, rows)
	mixIntents(w, rows)
	for _, r := range rows {
		if issue, known := r.positive(); known {
			o := w.Judge(r.scores)
			points[r.Place] = append(points[r.Place], point{local.Logit(1 - o.Kinds[local.KindNoise]), issue, chatter[r.Kind] && r.Kind != "plus_one", r.OneSided})
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
		slope, shift := line(slices.DeleteFunc(slices.Clone(of), func(x point) bool { return x.oneSided }))
		w.Slope[p], w.Shift[p] = float32(slope), float32(shift)
		w.Threshold[p] = float32(threshold(of, slope, shift))
	}
}

// favourLogs adds what is best for work logs to their output, and to its scores in rows.
func favourLogs(w *local.Weights, rows []judged) {
	column := local.OwnSpans[local.PlaceLog].From
	var scores [][]float32
	var shares [][]float64
	for i := range rows {
		if r := &rows[i]; r.Place == local.PlaceLog {
			scores, shares = append(scores, r.scores[column:column+1]), append(shares, one(ownTruth(r.Row), 2))
		}
	}
	for _, by := range favours(scores, shares) {
		w.Bias[column] += by
		for _, s := range scores {
			s[0] += by
		}
	}
}

// chatter are the kinds of messages that are false alarms before all others.
var chatter = map[string]bool{"small_talk": true, "thanks": true, "planning": true, "plus_one": true}

// mostAlarms is the share of chatter that may be called an issue.
const mostAlarms = 0.025

// threshold is the least probability at which something is called an issue: that with the
// greatest F1, less what chatter would be called so.
func threshold(points []point, slope, shift float64) float64 {
	const from, to = 15, 90
	worth := make([]float64, to-from)
	for i := range worth {
		worth[i] = worthAt(float64(from+i)/100, points, slope, shift)
	}
	return (from + middle(worth)) / 100
}

// worthAt is the F1 of issues where they are called so from a probability on, less what
// chatter is called so: little of it is worth some issues.
func worthAt(least float64, points []point, slope, shift float64) float64 {
	hits, said, issues, talk, alarms := 0.0, 0.0, 0.0, 0.0, 0.0
	for _, p := range points {
		called := local.Sigmoid(slope*p.logit+shift) >= least
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
	return 2*hits/max(said+issues, 1) - 20*max(0, alarms-mostAlarms*talk)/max(talk, 1)
}

// middle is the mean place of what is nearly the best: the very best is so by chance.
func middle(worth []float64) float64 {
	const nearly = 0.002
	best := slices.Max(worth)
	sum, n := 0.0, 0.0
	for i, w := range worth {
		if w >= best-nearly {
			sum, n = sum+float64(i), n+1
		}
	}
	return sum / n
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
