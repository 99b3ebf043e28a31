package similar

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/tasktracker/tasktracker/pkg/entities"
	"github.com/tasktracker/tasktracker/pkg/search"
)

// kind is what a term is.
type kind byte

const (
	word     kind = iota // by its stem, or what it means
	platform             // ios, chrome, staging
	version              // 3.14.2
	code                 // 502, ERR_TIMEOUT, LL-490, panic.go
)

// Term is one thing that a text says.
type Term struct {
	kind   kind
	word   string // as it was written, in lower case
	weight float64
	grams  []uint64
}

// Text is a text that can be compared.
type Text struct {
	terms map[string]Term
	order []string // as they were said
	// wish is whether it asks for something that there is not yet, fault whether something is
	// broken; neither where that is not known.
	wish, fault bool
	// sides has a bit for each of opposites of which it names the first, and the second.
	sides [2]uint64
}

// Bounds of what is read.
const (
	maxText  = 6000 // characters
	maxTerms = 200
)

// New reads the title and text of an issue. category is that of a task, "" where it is not known.
func New(title, text, category string) Text {
	t := Text{terms: map[string]Term{}, fault: category == "bug", wish: category == "feature" || category == "improvement"}
	t.read(title)
	t.read(said(text))
	for i, pair := range opposites {
		for side, name := range pair {
			if t.has(name) {
				t.sides[side] |= 1 << i
			}
		}
	}
	return t
}

// Terms are what it is found by: the most telling first, at most so many. Those that many texts
// have are left out.
func (t Text) Terms(most int) []string {
	names := slices.Clone(t.order)
	slices.SortStableFunc(names, func(a, b string) int {
		switch wa, wb := t.terms[a].weight, t.terms[b].weight; {
		case wa > wb:
			return -1
		case wa < wb:
			return 1
		}
		return 0
	})
	names = slices.DeleteFunc(names, func(name string) bool { return t.terms[name].weight < leastWeight })
	return names[:min(len(names), most)]
}

func (t Text) has(name string) bool { _, ok := t.terms[name]; return ok }

// named are the terms of a kind.
func (t Text) named(of kind) []string {
	var names []string
	for _, name := range t.order {
		if t.terms[name].kind == of {
			names = append(names, name)
		}
	}
	return names
}

// words are terms as they were written.
func (t Text) words(names []string) []string {
	var written []string
	for _, name := range names {
		written = append(written, t.terms[name].word)
	}
	return written
}

// heading stands over what was quoted in a task that was made of messages.
var heading = regexp.MustCompile(`(?m)^.*, \d{4}-\d\d-\d\d \d\d:\d\d UTC:$`)

// said is what was said, without who said it and when.
func said(text string) string {
	if strings.Contains(text, " UTC:") {
		text = heading.ReplaceAllString(text, "")
	}
	return strings.TrimPrefix(strings.ReplaceAll(text, "\n> ", "\n"), "> ")
}

// read adds what a part of the text says.
func (t *Text) read(text string) {
	text = norm.NFKC.String(strings.ToValidUTF8(cut(text, maxText), " "))
	rest := []byte(text)
	for _, e := range entities.Find(text, time.Time{}, nil, nil) {
		switch e.Kind {
		case entities.KindVersion:
			t.add(strings.ToLower(e.Value), version, e.Value)
		case entities.KindIssue:
			t.add(strings.ToLower(e.Value), code, e.Text)
		case entities.KindDate, entities.KindMention, entities.KindLink:
		default:
			continue
		}
		for i := e.Start; i < e.End; i++ { // it is no word any more
			rest[i] = ' '
		}
	}
	for _, w := range strings.FieldsFunc(joined(string(rest)), func(r rune) bool { return !inWord(r) }) {
		if w = strings.Trim(w, ".-_'’ʼ:/"); w != "" {
			t.readWord(w)
		}
	}
}

// joined puts the words of phrases together. Only letters of the Latin alphabet become small by
// it: how an identifier is written says that it is one.
func joined(text string) string {
	lower := strings.ToLower(text)
	if with := phrases.Replace(lower); with != lower {
		return with
	}
	return text
}

// inWord tells what words and identifiers are made of.
func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || strings.ContainsRune(".-_'’ʼ", r)
}

var apostrophes = strings.NewReplacer("’", "'", "ʼ", "'")

func (t *Text) readWord(written string) {
	lower := apostrophes.Replace(strings.ToLower(written))
	if name, ok := platforms[lower]; ok {
		t.add(name, platform, lower)
		return
	}
	switch shape(written) {
	case identifier:
		t.add(lower, code, lower)
	case statusCode, longNumber:
		t.add(lower, code, lower)
	case number:
		t.add(lower, word, lower)
	default:
		for _, part := range strings.FieldsFunc(lower, func(r rune) bool { return r == '-' || r == '.' || r == '_' }) {
			t.addWord(part)
		}
	}
}

// addWord adds an ordinary word: what it means, or its stem.
func (t *Text) addWord(lower string) {
	if name, ok := platforms[lower]; ok {
		t.add(name, platform, lower)
		return
	}
	lower = strings.TrimSuffix(strings.TrimSuffix(lower, "'s"), "'")
	if lower == "" || stopWords[lower] {
		return
	}
	if name, ok := meanings[lower]; ok {
		t.add(name, word, lower)
		return
	}
	stems := search.Stems(strings.ReplaceAll(lower, "'", ""))
	for _, stem := range stems {
		if stopWords[stem] {
			return
		}
		if name, ok := platforms[stem]; ok {
			t.add(name, platform, lower)
			return
		}
		if name, ok := meanings[stem]; ok {
			t.add(name, word, lower)
			return
		}
	}
	t.add(stems[0], word, lower)
}

func (t *Text) add(name string, of kind, written string) {
	if _, ok := t.terms[name]; ok || len(t.terms) >= maxTerms || name == "" {
		return
	}
	term := Term{kind: of, word: written, weight: weight(name, of)}
	if of == word && !strings.HasPrefix(name, meaningPrefix) {
		term.grams = grams(name)
	}
	t.terms[name] = term
	t.order = append(t.order, name)
}

// What the letters of a word say of it.
type wordShape byte

const (
	ordinary wordShape = iota
	number
	longNumber // of an order, say
	statusCode // of HTTP: 404, 502
	identifier // letters with digits, underscores, dots, or a change of case
)

func shape(written string) wordShape {
	digits, letters, inner, humps := 0, 0, 0, 0
	var before rune
	for _, r := range written {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			letters++
			if unicode.IsUpper(r) && unicode.IsLower(before) {
				humps++
			}
		case r == '_' || r == '.':
			inner++
		}
		before = r
	}
	switch {
	case letters == 0 && digits == 3 && len(written) == 3 && (written[0] == '4' || written[0] == '5'):
		return statusCode
	case letters == 0 && digits >= 4:
		return longNumber
	case letters == 0:
		return number
	case digits > 0 && letters > 0 && utf8.RuneCountInString(written) > 2, inner > 0 && letters > 2, humps > 1:
		return identifier
	}
	return ordinary
}

// grams are the trigrams of a word, sorted, with a mark at both ends, each as a number: a character
// has 21 bits.
func grams(w string) []uint64 {
	all := make([]uint64, 0, len(w))
	gram, n := uint64('^'), 1
	add := func(r rune) {
		gram = (gram<<21 | uint64(r)) & (1<<63 - 1)
		if n++; n >= 3 {
			all = append(all, gram)
		}
	}
	for _, r := range w {
		add(r)
	}
	add('$')
	slices.Sort(all)
	return all
}

func cut(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}
