// Package similar says how probable it is that two texts, in English, Ukrainian, Russian or a
// mixture of these, tell of one problem. It is pure: the same two texts have the same score everywhere.
//
// A text becomes a set of terms: what it names (platforms, versions, codes, identifiers) and its words, where
// words of several languages for one thing ("login", "увійти", "войти") are one term. Terms weigh the more, the
// rarer they are in team chat. The score is the cosine of the two sets, raised where all of the shorter text is in the
// longer one, and lowered by what contradicts: another platform, version or code, or an opposite ("log in", "log out").
package similar

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"unicode"
)

// Most is the highest score: nothing but reading both tells for certain.
const Most = 0.99

// Match is what two texts have in common.
type Match struct {
	// Score is 0 to Most.
	Score float64
	// Shared are the words of the first text that the second one has too, in any form or
	// language, the most telling first.
	Shared []string
	// Contradicts says what speaks against it, in a few words; "" for nothing.
	Contradicts string
}

// Reason says in a sentence why.
func (m Match) Reason() string {
	if len(m.Shared) == 0 {
		return "They have no telling word in common."
	}
	reason := "Both say: " + strings.Join(m.Shared, ", ")
	if m.Contradicts != "" {
		reason += "; but " + m.Contradicts
	}
	return reason + "."
}

const (
	// maxShared bounds Match.Shared.
	maxShared = 8
	// fullEvidence is the weight of shared terms from which a score counts whole: three or
	// four telling words. "It does not work" is no evidence, however often it is said.
	fullEvidence = 11.0
	// contained is how much counts that the shorter text is in the longer one.
	contained = 0.5
	// Factors of what contradicts.
	otherPlatform, otherVersion, otherCode, opposite, otherKind, replaced = 0.5, 0.5, 0.55, 0.5, 0.8, 0.64
)

// Compare says what two texts have in common. Compare(a, b) and Compare(b, a) have one score.
func Compare(a, b Text) Match {
	var m Match
	common, terms := 0.0, make([]Term, 0, maxShared)
	inFirst, inSecond := 0.0, 0.0
	for name, t := range a.terms {
		inFirst += t.weight * t.weight
		if _, ok := b.terms[name]; ok {
			common += t.weight * t.weight
			terms = append(terms, t)
		}
	}
	for _, t := range b.terms {
		inSecond += t.weight * t.weight
	}
	evidence := 0.0
	misspelt := a.misspelt(b)
	for _, pair := range misspelt {
		weight := min(pair[0].weight, pair[1].weight) * 0.8
		common += weight * weight
		terms = append(terms, Term{word: pair[0].word, weight: weight})
	}
	for _, t := range terms {
		evidence += t.weight
	}
	if common == 0 {
		return m
	}
	slices.SortFunc(terms, func(x, y Term) int {
		return cmp.Or(cmp.Compare(y.weight, x.weight), cmp.Compare(x.word, y.word))
	})
	for _, t := range terms[:min(len(terms), maxShared)] {
		if t.weight >= tellingWeight || len(m.Shared) == 0 {
			m.Shared = append(m.Shared, t.word)
		}
	}
	cosine := math.Min(1, common/math.Sqrt(inFirst*inSecond))
	within := math.Min(1, common/math.Min(inFirst, inSecond))
	score := (1-contained)*cosine + contained*cosine*within + contained*(1-cosine)*within*within*0.5
	score *= math.Min(1, evidence/fullEvidence)
	against, factor := a.contradicts(b, len(misspelt) > 0)
	m.Contradicts, m.Score = against, math.Min(Most, math.Max(0, score*factor))
	return m
}

// contradicts says what the one names and the other names otherwise, and by how much the
// score is lowered for it.
func (a Text) contradicts(b Text, misspelt bool) (against string, factor float64) {
	factor = 1
	lower := func(by float64, format string, args ...any) {
		if by < factor {
			against = fmt.Sprintf(format, args...)
		}
		factor = math.Min(factor, by)
	}
	for _, kind := range []struct {
		of     kind
		by     float64
		called string
	}{{platform, otherPlatform, "%s is not %s"}, {version, otherVersion, "version %s is not %s"}, {code, otherCode, "%s is not %s"}} {
		ours, theirs := a.named(kind.of), b.named(kind.of)
		if len(ours) > 0 && len(theirs) > 0 && !slices.ContainsFunc(ours, func(t string) bool { return slices.Contains(theirs, t) }) {
			lower(kind.by, kind.called, strings.Join(a.words(ours), ", "), strings.Join(b.words(theirs), ", "))
		}
	}
	for side := range a.sides { // named here and not there, and the other way round
		apart := a.sides[side] &^ a.sides[1-side] & b.sides[1-side] &^ b.sides[side]
		if apart != 0 {
			pair := opposites[bits.TrailingZeros64(apart)]
			lower(opposite, "one is about %s, the other about %s", a.terms[pair[side]].word, b.terms[pair[1-side]].word)
		}
	}
	if was, is := a.replacement(b); was != "" && !misspelt {
		lower(replaced, "where one says %s, the other says %s", was, is)
	}
	if a.wish && b.fault || a.fault && b.wish {
		lower(otherKind, "one asks for something new, the other says that something is broken")
	}
	return against, factor
}

// replacement finds a telling word in whose place the other text says another one, where both
// say the rest in the same order: who says the same in other words changes more than one.
func (a Text) replacement(b Text) (was, is string) {
	var ours, theirs []string // the words since the last one that both say
	i, j, found, common := 0, 0, 0, 0
	gap := func() {
		if len(ours) > 0 && len(theirs) > 0 {
			was, is = a.terms[ours[0]].word, b.terms[theirs[0]].word
			found++
		}
		ours, theirs = nil, nil
	}
	for i < len(a.order) || j < len(b.order) {
		for ; i < len(a.order) && !b.has(a.order[i]); i++ {
			if a.terms[a.order[i]].weight >= tellingWeight {
				ours = append(ours, a.order[i])
			}
		}
		for ; j < len(b.order) && !a.has(b.order[j]); j++ {
			if b.terms[b.order[j]].weight >= tellingWeight {
				theirs = append(theirs, b.order[j])
			}
		}
		gap()
		if i < len(a.order) && j < len(b.order) {
			if a.order[i] != b.order[j] {
				return "", "" // in another order
			}
			common++
		}
		i, j = i+1, j+1
	}
	if found != 1 || common < 1 || latin(was) != latin(is) {
		return "", "" // a word of another language may be the same
	}
	return was, is
}

func latin(w string) bool {
	return strings.IndexFunc(w, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) }) < 0
}

// misspelt pairs words that only one text has with words that only the other has where they
// are nearly the same letters: forms that no stemmer knows, and slips.
func (a Text) misspelt(b Text) [][2]Term {
	var pairs [][2]Term
	taken := map[string]bool{}
	for _, name := range a.order {
		t := a.terms[name]
		if _, ok := b.terms[name]; ok || t.kind != word || len(t.grams) < minGrams {
			continue
		}
		for _, other := range b.order {
			u := b.terms[other]
			if _, ok := a.terms[other]; ok || taken[other] || u.kind != word || len(u.grams) < minGrams {
				continue
			}
			if dice(t.grams, u.grams) >= misspeltDice {
				taken[other] = true
				pairs = append(pairs, [2]Term{t, u})
				break
			}
		}
	}
	return pairs
}

const (
	// minGrams is of words of five letters.
	minGrams     = 5
	misspeltDice = 0.62
)

// dice is how many of the trigrams two words share, 0 to 1; both are sorted.
func dice(a, b []uint64) float64 {
	shared, j := 0, 0
	for _, g := range a {
		for j < len(b) && b[j] < g {
			j++
		}
		if j < len(b) && b[j] == g {
			shared, j = shared+1, j+1
		}
	}
	return 2 * float64(shared) / float64(len(a)+len(b))
}
