package local

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what is looked at. What is told in more words was told in the first.
const (
	maxRunes = 6000 // of a text
	maxWord  = 24   // runes of a word, of which character sequences are made
)

// kind says what a token is.
type kind uint8

const (
	word kind = iota
	mark      // a punctuation mark or an emoji that tells something
	code      // a word between two ```
)

// token is a piece of a text in lower case, with digits as 0.
type token struct {
	text string
	kind kind
	// line is the number of the line, from 0.
	line int
	// end is where the text ends in the scanner's.
	end int
}

// Words that stand for what is never the same twice.
const (
	linkWord    = "<link>"
	codeWord    = "<code>"
	mentionWord = "<mention>"
)

// scanner cuts a text into tokens. It is used again for the next text.
type scanner struct {
	tokens []token
	folded []byte // the texts of all tokens; one string is made of them
}

// scan cuts a text into tokens; they live until the next call.
func (s *scanner) scan(text string) []token {
	s.tokens, s.folded = s.tokens[:0], s.folded[:0]
	line, read, inCode := 0, 0, false
	for i := 0; i < len(text) && read < maxRunes; {
		r, size := utf8.DecodeRuneInString(text[i:])
		read++
		switch {
		case r == '\n':
			line++
			i += size
		case strings.HasPrefix(text[i:], "```"):
			if inCode = !inCode; inCode {
				s.add(codeWord, word, line)
			}
			i += 3
		case strings.HasPrefix(text[i:], "<!--"): // what a form says to whom fills it in
			n := comment(text[i:])
			line += strings.Count(text[i:i+n], "\n")
			i, read = i+n, read+n/2
		case isLink(text[i:]):
			s.add(linkWord, word, line)
			n := untilSpace(text[i:])
			i, read = i+n, read+n
		case r == '@' && i+1 < len(text) && isWordRune(firstRune(text[i+1:])):
			s.add(mentionWord, word, line)
			n := 1 + wordLen(text[i+1:])
			i, read = i+n, read+n
		case isWordRune(r):
			n := wordLen(text[i:])
			kind := word
			if inCode {
				kind = code
			}
			s.addWord(text[i:i+n], kind, line)
			i, read = i+n, read+n/2
		default:
			if telling(r) {
				s.add(text[i:i+size], mark, line)
			}
			i += size
		}
	}
	folded, from := string(s.folded), 0
	for i := range s.tokens {
		t := &s.tokens[i]
		t.text, from = folded[from:t.end], t.end
	}
	return s.tokens
}

func (s *scanner) add(text string, kind kind, line int) {
	s.folded = append(s.folded, text...)
	s.tokens = append(s.tokens, token{kind: kind, line: line, end: len(s.folded)})
}

// addWord adds a word in lower case, with digits as 0.
func (s *scanner) addWord(w string, kind kind, line int) {
	for _, r := range w {
		switch {
		case r >= '1' && r <= '9':
			r = '0'
		case r == '’' || r == 'ʼ' || r == '`':
			r = '\''
		case r >= 'а' && r <= 'я' || r >= 'a' && r <= 'z':
		default:
			r = unicode.ToLower(r)
		}
		s.folded = utf8.AppendRune(s.folded, r)
	}
	s.add("", kind, line)
}

func firstRune(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }

func isWordRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r >= 'Ѐ' && r <= 'ҁ' ||
		r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r))
}

// wordLen is the length of the word at the beginning of s, in bytes. An apostrophe within
// belongs to it.
func wordLen(s string) int {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !isWordRune(r) {
			inner := r == '\'' || r == '’' || r == 'ʼ' || r == '_'
			if !inner || i+size >= len(s) || !isWordRune(firstRune(s[i+size:])) {
				return i
			}
		}
		i += size
	}
	return len(s)
}

func isLink(s string) bool {
	return (s[0] == 'h' || s[0] == 'w') && (strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "www."))
}

// comment is the length of the comment at the beginning of s; that of its start where it does
// not end.
func comment(s string) int {
	if end := strings.Index(s, "-->"); end > 0 {
		return end + len("-->")
	}
	return len("<!--")
}

func untilSpace(s string) int {
	for i, r := range s {
		if unicode.IsSpace(r) {
			return i
		}
	}
	return len(s)
}

// telling says whether a rune that is no part of a word tells something.
func telling(r rune) bool {
	switch r {
	case '?', '!', '+', '#', ')', '(':
		return true
	}
	return r >= 0x2190 && unicode.In(r, unicode.So, unicode.Sk) // emoji and arrows
}
