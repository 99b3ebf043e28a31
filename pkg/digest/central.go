package digest

import (
	"cmp"
	"math"
	"regexp"
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

// link is what words are not looked for in.
var link = regexp.MustCompile(`https?://[^\s<>"]+`)

// Central picks, of the texts of a chat, those that say most of what it is about: those
// nearest to the sum of all (TF-IDF), each unlike the ones picked before (maximal marginal
// relevance, Carbonell and Goldstein 1998). It returns their places, ascending.
func Central(texts []string, most int) []int {
	vectors, centre := vectors(texts)
	scores := make([]float64, len(texts))
	for i, v := range vectors {
		// Words of few letters say little, whatever they are like.
		scores[i] = v.dot(centre) * math.Min(1, float64(len(v))/8)
	}
	var picked []int
	for len(picked) < min(most, len(texts)) {
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
	return picked
}

// vectors weighs the words of each text by how rare they are, and sums them up.
func vectors(texts []string) (all []vector, centre vector) {
	documents := map[string]int{}
	words := make([][]string, len(texts))
	for i, text := range texts {
		words[i] = search.Document(link.ReplaceAllString(text, ""), "")
		for _, word := range words[i] {
			documents[word]++
		}
	}
	all, centre = make([]vector, len(texts)), vector{}
	for i := range texts {
		v, square := vector{}, 0.0
		for _, word := range words[i] {
			// A word that only one text has says nothing about the chat.
			weight := math.Log(1 + float64(len(texts))/float64(documents[word]))
			v[word] = weight
			square += weight * weight
		}
		for word := range v {
			v[word] /= math.Sqrt(square)
			if documents[word] > 1 || len(texts) < 4 {
				centre[word] += v[word]
			}
		}
		all[i] = v
	}
	return all, centre
}
