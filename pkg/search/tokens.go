package search

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// token is a run of letters and digits, with "." "_" "-" inside it.
type token struct {
	// text is in lower case and normalised.
	text string
	// parts are its words: split at punctuation, at a change of case and between
	// letters and digits; in lower case. One part equal to text: an ordinary word.
	parts []string
}

// ordinary says that the token is one word of a language, not an identifier.
func (t token) ordinary() bool {
	return len(t.parts) == 1 && t.parts[0] == t.text && !unspaced(t.text)
}

// tokens cuts text, of which it reads at most maxRunes characters, into at most
// maxTokens tokens.
func tokens(text string, maxRunes, maxTokens int) []token {
	runes := []rune(norm.NFKC.String(strings.ToValidUTF8(cut(text, maxRunes), " ")))
	var found []token
	start := -1
	for i := 0; i <= len(runes) && len(found) < maxTokens; i++ {
		inside := i < len(runes) && insideRun(runes[i])
		switch {
		case inside && start < 0:
			start = i
		case !inside && start >= 0:
			found = appendToken(found, runes[start:i])
			start = -1
		}
	}
	return found
}

// cut shortens text to n characters without reading the rest.
func cut(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}

func appendToken(found []token, run []rune) []token {
	var kept []rune
	for i, r := range run {
		switch {
		case wordRune(r), r == '.', r == '_', r == '-':
			kept = append(kept, r)
		case apostrophe(r) && i > 0 && i < len(run)-1, invisible(r):
			// п'ять and пʼять are one word, and so is a word with a soft hyphen.
		default:
			kept = append(kept, '.')
		}
	}
	// What is longer than an identifier is cut into pieces that overlap by a fragment.
	for kept = trim(kept); len(kept) > maxIdentifier; kept = trim(kept[maxIdentifier-maxFragment:]) {
		found = append(found, newToken(trim(kept[:maxIdentifier])))
	}
	if len(kept) == 0 {
		return found
	}
	return append(found, newToken(kept))
}

// trim takes off punctuation at both ends.
func trim(runes []rune) []rune {
	for len(runes) > 0 && !wordRune(runes[0]) {
		runes = runes[1:]
	}
	for len(runes) > 0 && !wordRune(runes[len(runes)-1]) {
		runes = runes[:len(runes)-1]
	}
	return runes
}

func newToken(runes []rune) token {
	var parts []string
	start := 0
	flush := func(end int) {
		if end > start {
			parts = append(parts, fold(runes[start:end]))
		}
		start = end
	}
	for i, r := range runes {
		switch {
		case !wordRune(r):
			flush(i)
			start = i + 1
		case i > start && boundary(runes, i):
			flush(i)
		}
	}
	flush(len(runes))
	return token{text: fold(runes), parts: parts}
}

// boundary says whether a new part begins at i: paymentGateway, HTTPServer, node2.
func boundary(runes []rune, i int) bool {
	before, here := runes[i-1], runes[i]
	if unicode.IsDigit(before) != unicode.IsDigit(here) {
		return !unicode.IsMark(here)
	}
	if !unicode.IsUpper(here) {
		return false
	}
	return unicode.IsLower(before) ||
		(unicode.IsUpper(before) && i+1 < len(runes) && unicode.IsLower(runes[i+1]))
}

// fold makes equal what people write in either way.
func fold(runes []rune) string {
	return strings.Map(func(r rune) rune {
		switch r = unicode.ToLower(r); r {
		case 'ґ':
			return 'г'
		case 'ё':
			return 'е'
		default:
			return r
		}
	}, string(runes))
}

// insideRun says whether tokens may be made of r and its neighbours.
func insideRun(r rune) bool {
	switch { // the usual ones, without the tables
	case r == ' ':
		return false
	case 'a' <= r && r <= 'z', 'а' <= r && r <= 'я', 'А' <= r && r <= 'Я', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == 'і':
		return true
	}
	return wordRune(r) || joiner(r) || invisible(r)
}

func wordRune(r rune) bool {
	return r != unicode.ReplacementChar && !apostrophe(r) && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

func joiner(r rune) bool { return r == '.' || r == '_' || r == '-' || apostrophe(r) }

func apostrophe(r rune) bool { return r == '\'' || r == '’' || r == 'ʼ' || r == '`' || r == '′' }

func invisible(r rune) bool { return unicode.Is(unicode.Cf, r) }

// unspaced tells scripts that put no space between words; there any part of a run
// may be a word.
func unspaced(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Khmer, unicode.Lao, unicode.Myanmar)
	})
}
