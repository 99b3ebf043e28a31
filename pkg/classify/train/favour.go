package train

import (
	"math"

	"github.com/tasktracker/tasktracker/pkg/classify/local"
)

// favours are what to add to the scores of a span of outputs for the best macro-F1 over rows:
// frequent answers are held back, rare ones favoured.
func favours(span local.Span, rows []judged, truth func(*Row) int) []float32 {
	var scores [][]float32
	var truths []int
	for i := range rows {
		if t := truth(rows[i].Row); t != noOutput {
			scores, truths = append(scores, rows[i].scores[span.From:span.To]), append(truths, t)
		}
	}
	by := make([]float32, span.To-span.From)
	if len(truths) == 0 {
		return by
	}
	for _, step := range []float32{0.8, 0.4, 0.2, 0.1} {
		for range 2 {
			for k := range by {
				by[k] = best(by[k], step, func(v float32) float64 {
					by[k] = v
					return macroF1(scores, truths, by)
				})
			}
		}
	}
	return by
}

// best is the middle of the values within four steps of one that are worth nearly the most; a
// little more is not worth going far.
func best(from, step float32, worth func(float32) float64) float32 {
	const most, price = 4, 0.0003
	worths := make([]float64, 2*most+1)
	for i := range worths {
		way := float32(i-most) * step
		worths[i] = worth(from+way) - price*math.Abs(float64(way))
	}
	return from + step*float32(middle(worths)-most)
}

// macroF1 is that of the answers that scores give, with by added to them.
func macroF1(scores [][]float32, truths []int, by []float32) float64 {
	answers := max(2, len(by))
	hits, said, truly := make([]float64, answers), make([]float64, answers), make([]float64, answers)
	for i, s := range scores {
		answer := 0
		if len(by) == 1 {
			answer = choose(s[0]+by[0] >= 0, 0, 1)
		}
		for k := 1; k < len(by); k++ {
			if s[k]+by[k] > s[answer]+by[answer] {
				answer = k
			}
		}
		said[answer]++
		truly[truths[i]]++
		if answer == truths[i] {
			hits[answer]++
		}
	}
	sum := 0.0
	for k := range answers {
		sum += 2 * hits[k] / max(1, said[k]+truly[k])
	}
	return sum / float64(answers)
}
