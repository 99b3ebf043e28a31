package train

import "github.com/tasktracker/tasktracker/pkg/classify/local"

// mixIntents finds what the outputs of reviews say together of what is wanted. Each was found by itself, so
// that some are surer than they should be, and one tells something of another.
func mixIntents(w *local.Weights, rows []judged) {
	var points [][local.Reviews + 1]float64
	var truths []int
	for i := range rows {
		if rows[i].Place != local.PlaceReview {
			continue
		}
		point := [local.Reviews + 1]float64{local.Reviews: 1} // for the bias
		for k := range local.Reviews {
			point[k] = float64(rows[i].scores[local.OwnSpans[local.PlaceReview].From+k])
		}
		points, truths = append(points, point), append(truths, rows[i].Intent)
	}
	if len(points) == 0 {
		return
	}
	mix := mixture(points, truths)
	scores, shares := make([][]float32, len(points)), make([][]float64, len(points))
	for i := range points {
		logits := mix.of(&points[i])
		scores[i], shares[i] = logits[:], make([]float64, local.Intents)
		local.Softmax(shares[i], scores[i])
	}
	for k := range mix {
		for i, v := range mix[k] {
			w.Intents[k][i] = float32(v)
		}
	}
	// By how likely each intent is, rather than by which was true: of rare ones there are too few to count.
	copy(w.Favour[:], favours(scores, shares))
}

// mixing are shares of outputs, and a bias, for each intent.
type mixing [local.Intents][local.Reviews + 1]float64

// of are the logits of a row.
func (m *mixing) of(point *[local.Reviews + 1]float64) (logits [local.Intents]float32) {
	for k := range m {
		sum := 0.0
		for i, v := range point {
			sum += v * m[k][i]
		}
		logits[k] = float32(sum)
	}
	return logits
}

// rounds are more than enough for mixture to come to rest.
const rounds = 1000

// mixture is the multinomial regression of the truth on outputs. Its curvature is bounded by that of a square
// (Böhning, "Multinomial logistic regression algorithm", 1992), so that every step is uphill.
func mixture(points [][local.Reviews + 1]float64, truths []int) *mixing {
	const n = local.Reviews + 1
	var bound [n][n]float64
	for i := range bound {
		bound[i][i] = 2 * ridge
		for j := range bound {
			for p := range points {
				bound[i][j] += points[p][i] * points[p][j]
			}
		}
	}
	inverse := inverted(bound)
	mix, start := new(mixing), new(mixing)
	for k := range start {
		start[k][k] = 1
	}
	*mix = *start
	p := make([]float64, local.Intents)
	for range rounds {
		var uphill mixing
		for k := range uphill {
			for i := range n {
				uphill[k][i] = ridge * (start[k][i] - mix[k][i])
			}
		}
		for i := range points {
			logits := mix.of(&points[i])
			local.Softmax(p, logits[:])
			p[truths[i]]--
			for k, off := range p {
				for j, v := range points[i] {
					uphill[k][j] -= off * v
				}
			}
		}
		for k := range mix {
			for i := range n {
				for j, v := range uphill[k] {
					mix[k][i] += 2 * inverse[i][j] * v
				}
			}
		}
	}
	return mix
}

// inverted is the inverse of a positive definite matrix, by elimination.
func inverted(m [local.Reviews + 1][local.Reviews + 1]float64) (inverse [local.Reviews + 1][local.Reviews + 1]float64) {
	for i := range inverse {
		inverse[i][i] = 1
	}
	for i := range m {
		pivot := m[i][i]
		for j := range m {
			m[i][j] /= pivot
			inverse[i][j] /= pivot
		}
		for row := range m {
			by := m[row][i]
			if row == i || by == 0 {
				continue
			}
			for j := range m {
				m[row][j] -= by * m[i][j]
				inverse[row][j] -= by * inverse[i][j]
			}
		}
	}
	return inverse
}

// one are the shares of a single true answer.
func one(truth, answers int) []float64 {
	shares := make([]float64, answers)
	shares[truth] = 1
	return shares
}
