package entities

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// scanner finds what is told by its letters alone, in one pass. What it finds is taken: no
// dates are looked for there.
type scanner struct {
	text  string
	taken []bool
	found []Entity
	// noFence and noTick say that no such closing follows any more, in the text or before
	// this place, so that a text of backticks alone is read once.
	noFence bool
	noTick  int
}

// take adds an entity, and keeps others out of it.
func (s *scanner) take(kind Kind, start, end int, value string) {
	s.found = append(s.found, entity(kind, s.text, start, end, value))
	for i := start; i < end; i++ {
		s.taken[i] = true
	}
}

// component adds one that lies in something taken.
func (s *scanner) component(start, end int, name string) {
	if name != "" {
		s.found = append(s.found, entity(KindComponent, s.text, start, end, name))
	}
}

// mentions takes those that the channel marked.
func (s *scanner) mentions(mentions []Mention) {
	for _, m := range mentions {
		if m.Start < 0 || m.End > len(s.text) || m.Start >= m.End || s.taken[m.Start] || s.taken[m.End-1] ||
			!utf8.RuneStart(s.text[m.Start]) || m.End < len(s.text) && !utf8.RuneStart(s.text[m.End]) {
			continue
		}
		s.take(KindMention, m.Start, m.End, strings.TrimPrefix(s.text[m.Start:m.End], "@"))
		s.found[len(s.found)-1].MentionID = m.ID
	}
}

// scan reads the text once: code first of all, then at the start of each word what it is.
func (s *scanner) scan() {
	word := "" // the word before, in small letters
	for i := 0; i < len(s.text); {
		if s.taken[i] {
			i++
			continue
		}
		if s.text[i] == '`' {
			i = s.code(i)
			continue
		}
		r, size := utf8.DecodeRuneInString(s.text[i:])
		if !opensWord(r) {
			i += size
			continue
		}
		end := s.special(i, word)
		if end > i {
			i, word = end, ""
			continue
		}
		for end = i + size; end < len(s.text) && !s.taken[end]; end += size {
			if r, size = utf8.DecodeRuneInString(s.text[end:]); !unicode.IsLetter(r) && !unicode.IsMark(r) && !isDigit(r) && r != '_' && !isApostrophe(r) {
				break
			}
		}
		if end-i <= 40 {
			word = lower(s.text[i:end])
		} else {
			word = ""
		}
		i = end
	}
}

func opensWord(r rune) bool {
	return unicode.IsLetter(r) || isDigit(r) || r == '@' || r == '#' || r == '/' || r == '.' || r == '~' || r == '_'
}

// code takes a block or a span of code, to the index after it.
func (s *scanner) code(i int) int {
	if strings.HasPrefix(s.text[i:], "```") {
		if !s.noFence {
			if n := strings.Index(s.text[i+3:], "```"); n >= 0 {
				end := i + 3 + n + 3
				s.take(KindCode, i, end, s.text[i+3:end-3])
				return end
			}
			s.noFence = true
		}
		return i + 3
	}
	if i < s.noTick {
		return i + 1
	}
	n := strings.IndexAny(s.text[i+1:], "`\n")
	if n < 0 {
		s.noTick = len(s.text)
		return i + 1
	}
	end := i + 1 + n + 1
	inner := s.text[i+1 : end-1]
	if s.text[end-1] == '\n' || n == 0 {
		return i + 1
	}
	s.take(KindCode, i, end, inner)
	if name := strings.TrimSpace(inner); len(name) <= 100 && !strings.ContainsAny(name, " \t") {
		s.component(i, end, name)
	}
	return end
}

// special takes what begins at i, if it is one of the things looked for; word is the word
// before. It returns the index after it, i if it is none.
func (s *scanner) special(i int, word string) int {
	if s.plain(i) {
		return i
	}
	chunk := s.chunk(i)
	for _, take := range []func(int, string, string) int{s.link, s.mention, s.issue, s.version, s.path} {
		if end := take(i, chunk, word); end > i {
			return end
		}
	}
	return i
}

// plain tells cheaply of most words that they are nothing but words.
func (s *scanner) plain(i int) bool {
	if s.text[i] >= utf8.RuneSelf || s.text[i] == '.' && !strings.HasPrefix(s.text[i+1:], "/") && !strings.HasPrefix(s.text[i+1:], "./") {
		return true
	}
	end := i + span(s.text[i:], isNameByte)
	version := end > i+1 && (s.text[i] == 'v' || s.text[i] == 'V') && isDigit(rune(s.text[i+1]))
	return end > i && !version && !isDigit(rune(s.text[i])) && (end == len(s.text) || strings.IndexByte(`-./\:@#+~`, s.text[end]) < 0)
}

// Bounds of how far an address, anything else and the rest of something is read, in bytes.
const (
	maxLink  = 2048
	maxChunk = 256
	maxRest  = 32
)

// chunk is what follows without a blank, a quote or a bracket that nothing opened.
func (s *scanner) chunk(i int) string {
	depth, limit := 0, maxChunk
	if i > 0 && isJoiner(s.text[i-1]) {
		limit = maxRest
	} else if strings.Contains(s.text[i:min(len(s.text), i+8)], "://") {
		limit = maxLink
	}
	end := i
	for end < len(s.text) && end-i < limit && !s.taken[end] {
		r, size := utf8.DecodeRuneInString(s.text[end:])
		switch {
		case endsChunk(r):
			return trimmed(s.text[i:end])
		case r == '(' || r == '[':
			depth++
		case r == ')' || r == ']':
			if depth--; depth < 0 {
				return trimmed(s.text[i:end])
			}
		}
		end += size
	}
	return trimmed(s.text[i:end])
}

func endsChunk(r rune) bool {
	switch r {
	case '<', '>', '"', '`', '«', '»', '“', '”', '|':
		return true
	}
	return unicode.IsSpace(r)
}

// trimmed leaves out what ends a sentence, and brackets that nothing opened.
func trimmed(chunk string) string {
	chunk = strings.TrimRight(chunk, ".,;:!?…'’*_")
	for strings.HasSuffix(chunk, ")") && strings.Count(chunk, "(") < strings.Count(chunk, ")") {
		chunk = strings.TrimRight(strings.TrimSuffix(chunk, ")"), ".,;:!?…'’*_")
	}
	return chunk
}
