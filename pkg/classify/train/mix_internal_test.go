package train

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/classify/local"
)

// Outputs that are three times as sure as they should be, and biased, are told what they are worth; one that
// tells of another's answer is heard.
func TestAMixtureFindsWhatOutputsAreWorth(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var points [][local.Reviews + 1]float64
	var truths []int
	var likely [][]float64
	for range 4000 {
		var logits [local.Intents]float32
		point := [local.Reviews + 1]float64{local.Reviews: 1}
		for k := range logits {
			v := random.NormFloat64()
			logits[k], point[k] = float32(v), 3*v+1
		}
		hint := random.NormFloat64()
		logits[2] += float32(2 * hint)
		point[local.Intents] = hint
		p := make([]float64, local.Intents)
		local.Softmax(p, logits[:])
		truth, left := 0, random.Float64()
		for ; truth < local.Intents-1 && left > p[truth]; truth++ {
			left -= p[truth]
		}
		points, truths, likely = append(points, point), append(truths, truth), append(likely, p)
	}
	mix := mixture(points, truths)
	off := 0.0
	for i := range points {
		logits, p := mix.of(&points[i]), make([]float64, local.Intents)
		local.Softmax(p, logits[:])
		for k := range p {
			off += math.Abs(p[k] - likely[i][k])
		}
	}
	if off /= float64(len(points) * local.Intents); off > 0.02 {
		t.Errorf("its probabilities are %.3f off", off)
	}
}

// An answer that is rarely true but often likely is favoured, though no row is counted as its.
func TestRareAnswersAreFavoured(t *testing.T) {
	var scores [][]float32
	var shares [][]float64
	for i := range 100 {
		rare := 0.01
		if i < 10 {
			rare = 0.4
		}
		scores = append(scores, []float32{float32(math.Log(1 - rare)), float32(math.Log(rare))})
		shares = append(shares, []float64{1 - rare, rare})
	}
	by := favours(scores, shares)
	said := 0
	for _, s := range scores {
		if s[1]+by[1] > s[0]+by[0] {
			said++
		}
	}
	if said != 10 {
		t.Errorf("the rare answer is given %d times, not 10: %v", said, by)
	}
	if favours(nil, nil) != nil {
		t.Error("nothing is favoured something")
	}
}
