package local

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// hashBits is how many bits of a feature's hash count: 2 to the power of it are the rows of
// the weights.
const hashBits = 18

// Rows is how many rows weights have.
const Rows = 1 << hashBits

// Feature is a hashed property of an input: a row of the weights, with how strong it is.
type Feature struct {
	Row   uint32
	Value float32
	Group uint8
}

// Groups of features; each has a length of its own, whatever the length of the text.
const (
	groupWords = iota
	groupRuns
	groupShape
	groupContext
	groupTitle
	groupCode
	groupEnding
	groupLineEnds
	groups
)

// strength is the length of each group.
var strength = [groups]float64{1, 0.8, 0.3, 0.3, 0.5, 0.5, 0.8, 0.4}

// Kinds of features; each hashes apart.
const (
	spaceWord      = 'w' // a word
	spacePair      = 'p' // two words in a row
	spaceRun       = 'c' // characters in a row within a word
	spaceTitle     = 't' // a word of the first of several lines
	spaceTitlePair = 'u' // two of them in a row
	spaceCode      = 'k' // a word of code
	spaceContext   = 'x' // a word of the message before
	spaceShape     = 's' // what the whole looks like
	spaceLineEnd   = 'l' // what a line ends with
)

// Extractor makes features of inputs, one after the other; not for concurrent use.
type Extractor struct {
	scan   scanner
	counts []uint16 // by row; zero between two inputs
	found  []Feature
	ending []Feature
}

// NewExtractor returns an Extractor, of half a MiB.
func NewExtractor() *Extractor { return &Extractor{counts: make([]uint16, Rows)} }

// Offset and prime of FNV-1a, 64 bits.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

func hashStart(space byte) uint64 { return (fnvOffset ^ uint64(space)) * fnvPrime }

func hashString(h uint64, s string) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * fnvPrime
	}
	return h
}

// rowOf finishes a hash; the multiplication spreads what FNV leaves in the low bits.
func rowOf(h uint64) uint32 {
	h ^= h >> 32
	h *= 0x9E3779B97F4A7C15
	return uint32(h >> (64 - hashBits))
}

// count adds an occurrence of what has this hash to a group.
func (e *Extractor) count(group uint8, h uint64) {
	r := rowOf(h)
	if e.counts[r] == 0 {
		e.found = append(e.found, Feature{Row: r, Group: group})
	}
	if e.counts[r] < math.MaxUint16 {
		e.counts[r]++
	}
}

// Features are those of a text and of what was said before it, oldest first; they live
// until the next call. The value of each is 1 plus the logarithm of how often it occurs.
func (e *Extractor) Features(text string, context []string) []Feature {
	e.found, e.ending = e.found[:0], e.ending[:0]
	tokens := e.scan.scan(text)
	e.words(tokens)
	e.close(0)
	e.code(tokens)
	from := len(e.found)
	for _, t := range tokens {
		if t.kind == word && t.text[0] != '<' {
			e.runs(t.text)
		}
	}
	e.close(from)
	from = len(e.found)
	e.title(title(tokens))
	e.close(from)
	from = len(e.found)
	e.shape(text, tokens)
	e.close(from)
	e.endingOf(text, tokens)
	if len(context) > 0 {
		from = len(e.found)
		for _, t := range e.scan.scan(context[len(context)-1]) {
			e.count(groupContext, hashString(hashStart(spaceContext), t.text))
		}
		e.close(from)
	}
	return e.found
}

// Ending are the words of the last lines of the text of which Features were made, with the rows that
// they have anywhere, and with what its lines end: how a dialogue goes out, and how people write in it.
func (e *Extractor) Ending() []Feature { return e.ending }

// lastLines are how many lines are the last ones.
const lastLines = 2

func (e *Extractor) endingOf(text string, tokens []token) {
	before := len(e.found)
	from, lines := len(tokens), 0
	for ; from > 0; from-- {
		if from == len(tokens) || tokens[from-1].line != tokens[from].line {
			lines++
		}
		if lines > lastLines {
			break
		}
	}
	for _, t := range tokens[from:] {
		if t.kind != code {
			e.count(groupEnding, hashString(hashStart(spaceWord), t.text))
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRightFunc(line, unicode.IsSpace)
		last, size := utf8.DecodeLastRuneInString(line)
		if size == 0 {
			continue
		}
		if isWordRune(last) {
			last = 'w'
		}
		e.count(groupLineEnds, hashStart(spaceLineEnd)^uint64(last))
	}
	e.close(before)
	e.ending = append(e.ending, e.found[before:]...)
	e.found = e.found[:before]
}

// close turns the counts of a group into values.
func (e *Extractor) close(from int) {
	for i := from; i < len(e.found); i++ {
		f := &e.found[i]
		f.Value = 1
		if n := e.counts[f.Row]; n > 1 {
			f.Value += float32(math.Log(float64(n)))
		}
		e.counts[f.Row] = 0
	}
}

// words counts words and pairs of them.
func (e *Extractor) words(tokens []token) {
	before := hashString(hashStart(spacePair), "^")
	for _, t := range tokens {
		if t.kind == code {
			continue
		}
		e.count(groupWords, hashString(hashStart(spaceWord), t.text))
		e.count(groupWords, hashString(before^'|', t.text))
		before = hashString(hashStart(spacePair), t.text)
	}
}

// code counts words of code, which say less of what is wanted than what is said about it.
func (e *Extractor) code(tokens []token) {
	from := len(e.found)
	for _, t := range tokens {
		if t.kind == code {
			e.count(groupCode, hashString(hashStart(spaceCode), t.text))
		}
	}
	e.close(from)
}

// title are the tokens of the first of several lines: the title of an issue, or what opens a
// dialogue.
func title(tokens []token) []token {
	if len(tokens) == 0 || tokens[len(tokens)-1].line == 0 {
		return nil
	}
	n := 0
	for n < len(tokens) && tokens[n].line == 0 {
		n++
	}
	return tokens[:n]
}

// title counts the words of a title, and pairs of them, once more.
func (e *Extractor) title(tokens []token) {
	before := hashString(hashStart(spaceTitlePair), "^")
	for _, t := range tokens {
		e.count(groupTitle, hashString(hashStart(spaceTitle), t.text))
		e.count(groupTitle, hashString(before^'|', t.text))
		before = hashString(hashStart(spaceTitlePair), t.text)
	}
}

// Lengths of runs of characters.
const minRun, maxRun = 2, 5

// runs counts the runs of characters of a word with its borders, of the first maxWord.
func (e *Extractor) runs(w string) {
	var starts [maxWord + 3]int // of each character in padded, and the end
	var padded [utf8.UTFMax*maxWord + 2]byte
	n, length := 1, 1
	padded[0], starts[1] = '_', 1
	for _, r := range w {
		if n > maxWord {
			break
		}
		length += utf8.EncodeRune(padded[length:], r)
		n++
		starts[n] = length
	}
	padded[length] = '_'
	n++
	starts[n] = length + 1
	for from := range n {
		h := hashStart(spaceRun)
		for size := 1; size <= maxRun && from+size <= n; size++ {
			for _, c := range padded[starts[from+size-1]:starts[from+size]] {
				h = (h ^ uint64(c)) * fnvPrime
			}
			if size >= minRun {
				e.count(groupRuns, h)
			}
		}
	}
}

// shape counts what the whole looks like.
func (e *Extractor) shape(text string, tokens []token) {
	mark := func(name, value string) {
		e.count(groupShape, hashString(hashString(hashStart(spaceShape), name), value))
	}
	magnitude := func(n int) string { return string(rune('a' + int(math.Log2(float64(n))))) }
	lines := 1
	if n := len(tokens); n > 0 {
		lines += tokens[n-1].line
		mark("first ", tokens[0].text)
		mark("last ", tokens[n-1].text)
	}
	mark("size ", magnitude(len(tokens)+1))
	mark("lines ", magnitude(lines))
	mark("letters ", letters(text))
	for _, t := range tokens {
		if t.text == "?" {
			mark("asks", "")
			return
		}
	}
}

// letters names the script, or the language where its letters tell.
func letters(text string) string {
	cyrillic, latin, ukrainian, russian := 0, 0, 0, 0
	for i, r := range text {
		if i > maxRunes {
			break
		}
		switch {
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			latin++
		case r >= 'Ѐ' && r <= 'ԯ':
			cyrillic++
			switch r {
			case 'і', 'ї', 'є', 'ґ', 'І', 'Ї', 'Є', 'Ґ':
				ukrainian++
			case 'ы', 'э', 'ъ', 'ё', 'Ы', 'Э', 'Ъ', 'Ё':
				russian++
			}
		}
	}
	switch {
	case cyrillic+latin == 0:
		return "none"
	case cyrillic <= latin:
		return "latin"
	case russian > ukrainian:
		return "russian"
	}
	return "cyrillic"
}
