package digest

import (
	"slices"
	"strings"
)

// kind is what a sentence is.
type kind int

const (
	nothing kind = iota
	question
	decision
	blocker
	promise
)

// lexicon has the cues of one language: words that follow each other. "stem*" is a word
// that begins so, "*ending" one that ends so.
type lexicon struct {
	decisions, blockers, promises []string
	// negations make nothing of a cue that follows one, be it with fillers between.
	negations, fillers []string
	// solved are what people solve: where one follows, the word for deciding means that.
	solved []string
}

type cue struct {
	kind  kind
	words []string
}

// cues by their first word; those of a pattern stand under "".
var (
	cues      = map[string][]cue{}
	negations = map[string]bool{}
	fillers   = map[string]bool{}
	solved    []string
)

func init() {
	for _, l := range []lexicon{english, ukrainian, russian} {
		add(decision, l.decisions)
		add(blocker, l.blockers)
		add(promise, l.promises)
		solved = append(solved, l.solved...)
		for _, word := range l.negations {
			negations[word] = true
		}
		for _, word := range l.fillers {
			fillers[word] = true
		}
	}
}

func add(k kind, phrases []string) {
	for _, phrase := range phrases {
		words := strings.Fields(phrase)
		first := words[0]
		if strings.Contains(first, "*") {
			first = ""
		}
		cues[first] = append(cues[first], cue{k, words})
	}
}

// classify says what a sentence is. One that is several things is the first of: question,
// decision, blocker, promise.
func classify(sentence string) kind {
	sentence = link.ReplaceAllString(sentence, " ")
	words := words(sentence)
	if len(words) < 2 {
		return nothing
	}
	if asks(sentence) {
		return question
	}
	found := nothing
	for i, word := range words {
		for _, among := range [][]cue{cues[word], cues[""]} {
			for _, c := range among {
				if (found == nothing || c.kind < found) && c.matches(words[i:]) && !negated(words[:i]) {
					found = c.kind
				}
			}
		}
	}
	return found
}

func (c cue) matches(words []string) bool {
	if len(c.words) > len(words) {
		return false
	}
	for i, pattern := range c.words {
		if !fits(pattern, words[i]) {
			return false
		}
	}
	return c.kind != decision || len(words) == len(c.words) || !slices.ContainsFunc(solved, func(s string) bool { return fits(s, words[len(c.words)]) })
}

func fits(pattern, word string) bool {
	if stem, cut := strings.CutSuffix(pattern, "*"); cut {
		return strings.HasPrefix(word, stem)
	}
	if ending, cut := strings.CutPrefix(pattern, "*"); cut {
		return strings.HasSuffix(word, ending) && len(word) > len(ending)
	}
	return pattern == word
}

// negated reports whether what stands before a cue denies it.
func negated(before []string) bool {
	for i := len(before) - 1; i >= 0 && i >= len(before)-3; i-- {
		if negations[before[i]] {
			return true
		}
		if !fillers[before[i]] {
			return false
		}
	}
	return false
}
