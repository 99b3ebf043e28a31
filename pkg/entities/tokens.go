package entities

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	wordToken tokenKind = iota
	numberToken
	markToken // one character that is neither
)

// token is a word, a run of digits or a mark.
type token struct {
	kind       tokenKind
	start, end int
	// glued is whether nothing stands between it and the token before.
	glued bool
	// number is the value of up to 9 digits, -1 of more.
	number int
	mark   rune
	// lower is a word in small letters, with one kind of apostrophe; word is what it
	// means, its zero value if nothing.
	lower string
	word  word
}

func (t token) digits() int { return t.end - t.start }

// tokenize divides the parts of a text that are not taken.
func tokenize(text string, taken []bool) []token {
	tokens := make([]token, 0, len(text)/5+4)
	end := -1 // of the token before
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if taken[i] || unicode.IsSpace(r) {
			i += size
			continue
		}
		t := token{start: i, glued: i == end}
		switch {
		case isDigit(r):
			t.kind, t.number = numberToken, 0
			for i < len(text) && isDigit(rune(text[i])) && !taken[i] {
				t.number = t.number*10 + int(text[i]-'0')
				if i++; i-t.start > 9 {
					t.number = -1
				}
				if t.number < 0 {
					for i < len(text) && isDigit(rune(text[i])) && !taken[i] {
						i++
					}
				}
			}
		case unicode.IsLetter(r):
			t.kind = wordToken
			i = wordEnd(text, i, taken)
			t.lower = lower(text[t.start:i])
			t.word = lexicon[strings.TrimSuffix(t.lower, "'s")]
		default:
			t.kind, t.mark = markToken, r
			i += size
		}
		t.end, end = i, i
		tokens = append(tokens, t)
	}
	return tokens
}

// wordEnd finds the end of the word at i: letters and marks, and apostrophes within.
func wordEnd(text string, i int, taken []bool) int {
	for i < len(text) && !taken[i] {
		r, size := utf8.DecodeRuneInString(text[i:])
		if isApostrophe(r) {
			next, _ := utf8.DecodeRuneInString(text[i+size:])
			if !unicode.IsLetter(next) || taken[i+size] {
				break
			}
		} else if !unicode.IsLetter(r) && !unicode.IsMark(r) {
			break
		}
		i += size
	}
	return i
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isApostrophe(r rune) bool {
	return r == '\'' || r == '’' || r == 'ʼ' || r == '‘' || r == '′'
}

// lower returns a word in small letters, with one kind of apostrophe.
func lower(word string) string {
	return strings.Map(func(r rune) rune {
		if isApostrophe(r) {
			return '\''
		}
		return unicode.ToLower(r)
	}, word)
}
