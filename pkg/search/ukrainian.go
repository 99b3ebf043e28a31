package search

import (
	"strings"
	"unicode/utf8"
)

// stemUkrainian strips what changes from form to form of a Ukrainian word: it maps
// каса, касу, касою to кас. It is a light stemmer: it knows endings, not words, so the
// stem may be no root, words may share one, and irregular forms stay apart. The word is
// lower case, without apostrophes, with г for ґ.
//
// Each step leaves at least three letters: the reflexive -ся; the ending of a verb in
// the present, or else one ending of declension and what marks the past tense or the
// infinitive; suffixes of verbs, adjectives and participles; the -к- whose -о- comes and
// goes (помилка, помилок, помилці); л after б, п, в, м, ф (загублений, загубив); and і
// that is о elsewhere (вхід, входу).
func stemUkrainian(word string) string {
	w := []rune(word)
	if len(w) < 3 {
		return word
	}
	w = reflexive(w)
	if present := strip(w, presentEndings, 3); len(present) < len(w) {
		w = present
	} else {
		w = pastOrInfinitive(declension(w))
	}
	w = strip(w, verbSuffixes, 3)
	w = strip(w, adjectiveSuffixes, 4)
	w = fleetingK(w)
	w = insertedL(w)
	return string(closedI(w))
}

// declension takes off the endings of nouns and adjectives. Those in -м come off as
// often as they are there: систем, системам and системами are of one word.
func declension(w []rune) []rune {
	w = strip(w, inflections, 3)
	for {
		shorter := strip(w, inflectionsM, 3)
		if len(shorter) == len(w) {
			break
		}
		w = shorter
	}
	if n := len(w); n > 3 && vowel(w[n-1]) {
		w = w[:n-1] // депло- of деплой, деплоїв; деплою has lost its о before
	}
	return w
}

func pastOrInfinitive(w []rune) []rune {
	if infinitive := strip(w, infinitiveSuffixes, 4); len(infinitive) < len(w) {
		return infinitive
	}
	return strip(w, pastSuffixes, 3)
}

func reflexive(w []rune) []rune {
	n := len(w)
	if n >= 6 && w[n-2] == 'с' && (w[n-1] == 'я' || w[n-1] == 'ь') {
		return w[:n-2]
	}
	return w
}

// Endings and suffixes as the grammar books list them; -ти and -ть have lost their и
// and ь before infinitiveSuffixes come off.
var (
	presentEndings = setOf(
		"ить", "їть", "уть", "ють", "ять", "ать", "еть", "єть", "иш", "їш", "имо", "їмо", "ите", "їте",
		"еш", "єш", "емо", "ємо", "ете", "єте",
		"ує", "ую", "уєш", "уєть", "уємо", "уєте", "ують", "ює", "юю", "юєш", "юєть", "юємо", "юєте", "юють",
		"ає", "аю", "аєш", "аєть", "аємо", "аєте", "ають", "яє", "яю", "яєш", "яєть", "яємо", "яєте", "яють",
	)
	inflections = setOf(
		"а", "я", "у", "ю", "о", "е", "є", "и", "і", "ї", "ь", "й",
		"ів", "їв", "ей", "ах", "ях", "ою", "ею", "єю", "ами", "ями", "ові", "еві", "єві",
		"ення", "енням", "енню", "енні", "ень", "ання", "анням", "анню", "анні", "ань",
		"іння", "інням", "інню", "інні", "інь", "яння", "янням", "янню", "янні", "янь",
		"єння", "єнням", "єнню", "єнні",
		"ий", "ій", "ого", "ього", "ому", "ьому", "ої", "ьої", "ьою", "их", "іх", "ими", "іми",
	)
	inflectionsM       = setOf("ам", "ям", "ом", "ем", "єм", "им", "ім", "їм")
	infinitiveSuffixes = setOf("ат", "ят", "ит", "іт", "їт", "ут")
	pastSuffixes       = setOf("ал", "ил", "ял", "іл", "їл", "ул", "ав", "ив", "яв", "їв")
	verbSuffixes       = setOf("ув", "юв", "овув")
	adjectiveSuffixes  = setOf("ен", "єн", "ан", "ян", "ов", "ев", "єв")
)

// longestEnding is the length of the longest entry of these sets, in letters.
const longestEnding = 5

func setOf(endings ...string) map[string]bool {
	set := make(map[string]bool, len(endings))
	for _, ending := range endings {
		set[ending] = true
	}
	return set
}

// strip takes off the longest of the endings that leaves at least least letters.
func strip(w []rune, endings map[string]bool, least int) []rune {
	var buffer [2 * longestEnding]byte // two bytes each: Cyrillic
	for n := min(longestEnding, len(w)-least); n > 0; n-- {
		ending := buffer[:0]
		for _, r := range w[len(w)-n:] {
			ending = utf8.AppendRune(ending, r)
		}
		if endings[string(ending)] {
			return w[:len(w)-n]
		}
	}
	return w
}

func fleetingK(w []rune) []rune {
	n := len(w)
	if n < 4 || (w[n-1] != 'к' && w[n-1] != 'ц') {
		return w
	}
	switch before := w[n-2]; {
	case (before == 'о' || before == 'е') && n >= 5:
		return w[:n-2]
	case !vowel(before):
		return w[:n-1]
	default:
		return w
	}
}

func insertedL(w []rune) []rune {
	n := len(w)
	if n >= 4 && w[n-1] == 'л' && strings.ContainsRune("бпвмф", w[n-2]) {
		return w[:n-1]
	}
	return w
}

// closedI writes о for the last і where one or two consonants follow it.
func closedI(w []rune) []rune {
	n := len(w)
	for i := n - 1; i >= max(n-3, 1); i-- {
		if !vowel(w[i]) {
			continue
		}
		if w[i] == 'і' && i < n-1 {
			w[i] = 'о'
		}
		break
	}
	return w
}

func vowel(r rune) bool { return strings.ContainsRune("аеєиіїоуюя", r) }
