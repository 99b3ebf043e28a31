package train

import "math"

// favours are what to add to scores for the best macro-F1: frequent answers are held back, rare ones
// favoured. Of each row shares tells how far each answer is true.
func favours(scores [][]float32, shares [][]float64) []float32 {
	if len(scores) == 0 {
		return nil
	}
	by := make([]float32, len(scores[0]))
	for _, step := range []float32{0.8, 0.4, 0.2, 0.1} {
		for range 2 {
			for k := range by {
				by[k] = best(by[k], step, func(v float32) float64 {
					by[k] = v
					return macroF1(scores, shares, by)
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
func macroF1(scores [][]float32, shares [][]float64, by []float32) float64 {
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
		hits[answer] += shares[i][answer]
		for k, share := range shares[i] {
			truly[k] += share
		}
	}
	sum := 0.0
	for k := range answers {
		sum += 2 * hits[k] / max(1, said[k]+truly[k])
	}
	return sum / float64(answers)
}
