package mask

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// leastName is the fewest letters of a part of a name that is masked.
	leastName = 3
	// longestEnding is the most letters that a case adds in Ukrainian and Russian:
	// "Петро", "Петрові".
	longestEnding = 3
)

// names finds the parts of people's names in a text.
type names struct {
	whole map[string]bool // in lower case
	// stems are Cyrillic names without their last vowel, which is what their cases share.
	stems map[string]bool
}

func newNames(authors []string) names {
	n := names{whole: map[string]bool{}, stems: map[string]bool{}}
	for _, author := range authors {
		for _, part := range strings.FieldsFunc(author, func(r rune) bool { return !inName(r) }) {
			part = strings.ToLower(part)
			if utf8.RuneCountInString(part) < leastName {
				continue
			}
			n.whole[part] = true
			if stem := stem(part); utf8.RuneCountInString(stem) >= leastName {
				n.stems[stem] = true
			}
		}
	}
	return n
}

// stem is a Cyrillic name without the vowel that its cases change; "" for any other name.
func stem(name string) string {
	for _, r := range name {
		if !unicode.Is(unicode.Cyrillic, r) && r != '\'' && r != '’' {
			return ""
		}
	}
	last, size := utf8.DecodeLastRuneInString(name)
	if strings.ContainsRune("аеєиіїоуюяйьы", last) {
		return name[:len(name)-size]
	}
	return name
}

// find adds the words of a text that are names. A word is one where it begins with a
// capital letter: "mark it as done" is not about Mark.
func (n names) find(spans []span, text string) []span {
	if len(n.whole) == 0 {
		return spans
	}
	from := -1
	for at, r := range text {
		switch {
		case inName(r) && from < 0:
			from = at
		case !inName(r) && from >= 0:
			spans = n.word(spans, text, from, at)
			from = -1
		}
	}
	if from >= 0 {
		spans = n.word(spans, text, from, len(text))
	}
	return spans
}

func (n names) word(spans []span, text string, from, to int) []span {
	first, _ := utf8.DecodeRuneInString(text[from:])
	if !unicode.IsUpper(first) {
		return spans
	}
	word := strings.ToLower(text[from:to])
	if n.whole[word] {
		return append(spans, span{from, to, kindName})
	}
	for range longestEnding + 1 {
		if n.stems[word] {
			return append(spans, span{from, to, kindName})
		}
		_, size := utf8.DecodeLastRuneInString(word)
		word = word[:len(word)-size]
	}
	return spans
}

func inName(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '\'' || r == '’'
}
