package summary

import (
	"cmp"
	"math"
	"slices"

	"github.com/tasktracker/tasktracker/pkg/search"
)

// vector is a text as weights of its words, of length 1.
type vector map[string]float64

func (v vector) dot(o vector) float64 {
	if len(o) < len(v) {
		v, o = o, v
	}
	sum := 0.0
	for word, weight := range v {
		sum += weight * o[word]
	}
	return sum
}

// key picks the messages that say most of what a chat is about: those nearest to the
// sum of all (TF-IDF), each unlike the ones picked before (maximal marginal relevance,
// Carbonell and Goldstein 1998). They come in the order in which they were sent.
func key(messages []Message, most int) []Message {
	vectors, centre := vectors(messages)
	scores := make([]float64, len(messages))
	for i, v := range vectors {
		// Words of few letters say little, whatever they are like.
		scores[i] = v.dot(centre) * math.Min(1, float64(len(v))/8)
	}
	var picked []int
	for len(picked) < min(most, len(messages)) {
		best := -1
		for i, score := range scores {
			if score > 0 && (best < 0 || score > scores[best]) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		picked = append(picked, best)
		scores[best] = 0
		for i := range scores {
			scores[i] *= 1 - vectors[i].dot(vectors[best])
		}
	}
	slices.SortFunc(picked, cmp.Compare[int])
	out := make([]Message, 0, len(picked))
	for _, i := range picked {
		out = append(out, messages[i])
	}
	return out
}

// vectors weighs the words of each message by how rare they are, and sums them up.
func vectors(messages []Message) (all []vector, centre vector) {
	documents := map[string]int{}
	words := make([][]string, len(messages))
	for i, m := range messages {
		words[i] = search.Document(link.ReplaceAllString(m.Text, ""), "")
		for _, word := range words[i] {
			documents[word]++
		}
	}
	all, centre = make([]vector, len(messages)), vector{}
	for i := range messages {
		v, square := vector{}, 0.0
		for _, word := range words[i] {
			// A word that only one message has says nothing about the chat.
			weight := math.Log(1 + float64(len(messages))/float64(documents[word]))
			v[word] = weight
			square += weight * weight
		}
		for word := range v {
			v[word] /= math.Sqrt(square)
			if documents[word] > 1 || len(messages) < 4 {
				centre[word] += v[word]
			}
		}
		all[i] = v
	}
	return all, centre
}
