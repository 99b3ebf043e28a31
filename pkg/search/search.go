// Package search turns text into lexemes for PostgreSQL's tsvector, and what a user
// types into a tsquery over the same lexemes. Both are made here and not by
// PostgreSQL's text search configurations, which know no Ukrainian and take
// identifiers apart in ways of their own; the database needs no extension.
//
// A word is indexed by its stem: English by Snowball, Cyrillic by our Ukrainian and by
// Snowball's Russian stemmer, both, where its letters could be either language.
//
// An identifier (LL-490, PaymentGatewayTimeout, panic.log.gz, 203.0.113.7) is indexed by
// its parts and by its endings of three characters and more, so that any fragment of
// it, which is the beginning of some ending, is found by a prefix.
//
// Everything is bounded: text beyond maxText characters, and lexemes beyond
// maxLexemes, are not indexed; a query has maxQueryTokens words at most.
package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kljensen/snowball/english"
	"github.com/kljensen/snowball/russian"
)

const (
	// Telegram's longest text has 32,768 characters.
	maxText = 40_000
	// Some 20 KiB of tsvector, of which PostgreSQL takes 1 MiB.
	maxLexemes = 1_000
	// Longer identifiers are cut into overlapping pieces of this many characters.
	maxIdentifier = 64
	// Of an ending this many characters are kept, and of a fragment looked for.
	maxFragment = 24
	// The shortest ending of an identifier that is indexed.
	minFragment = 3
	// Of a query this much is read.
	maxQuery       = 500
	maxQueryTokens = 16
)

// Document gives the lexemes of a message, sorted and without repeats.
func Document(content, author string) []string {
	set := make(map[string]struct{}, 64)
	// The author first: a long text must not crowd the name out.
	for _, text := range []string{author, content} {
		for _, t := range tokens(text, maxText, maxLexemes) {
			addToken(set, t)
		}
	}
	lexemes := make([]string, 0, len(set))
	for lexeme := range set {
		lexemes = append(lexemes, lexeme)
	}
	slices.Sort(lexemes)
	return lexemes
}

// Vector writes lexemes as the text of a tsvector.
func Vector(lexemes []string) string {
	var b strings.Builder
	for i, lexeme := range lexemes {
		if i > 0 {
			b.WriteByte(' ')
		}
		quote(&b, lexeme)
	}
	return b.String()
}

// Query gives the text of a tsquery, to be cast (::tsquery) rather than parsed again
// by to_tsquery: every word must be there, in any of its forms; identifiers and
// the last word, which may still be growing, match as a prefix. It is "" where q holds
// nothing to look for.
func Query(q string) string {
	found := tokens(q, maxQuery, maxQueryTokens)
	var b strings.Builder
	for i, t := range found {
		if i > 0 {
			b.WriteString(" & ")
		}
		queryToken(&b, t, i == len(found)-1)
	}
	return b.String()
}

func queryToken(b *strings.Builder, t token, last bool) {
	if !t.ordinary() {
		head := fragment(t.text)
		quote(b, head)
		b.WriteString(":*")
		if tail := lastFragment(t.text); tail != head {
			b.WriteString(" & ")
			quote(b, tail)
			b.WriteString(":*")
		}
		return
	}
	b.WriteByte('(')
	for i, stem := range stems(t.text) {
		if i > 0 {
			b.WriteString(" | ")
		}
		quote(b, stem)
	}
	if last && utf8.RuneCountInString(t.text) > 1 {
		b.WriteString(" | ")
		quote(b, fragment(t.text))
		b.WriteString(":*")
	}
	b.WriteByte(')')
}

func addToken(set map[string]struct{}, t token) {
	add := func(lexeme string) {
		if len(set) < maxLexemes {
			set[lexeme] = struct{}{}
		}
	}
	for _, part := range t.parts {
		for _, stem := range stems(part) {
			add(stem)
		}
	}
	if t.ordinary() {
		return
	}
	least := minFragment
	if unspaced(t.text) {
		least = 1
	}
	left := utf8.RuneCountInString(t.text)
	for i, r := range t.text {
		if i > 0 && left < least {
			break
		}
		if wordRune(r) {
			add(fragment(t.text[i:]))
		}
		left--
	}
}

// fragment is the beginning of an identifier, as far as it is indexed.
func fragment(s string) string { return strings.TrimRight(cut(s, maxFragment), "._-") }

// lastFragment is the end of an identifier that is longer than a fragment.
func lastFragment(s string) string {
	runes := []rune(s)
	return strings.TrimLeft(string(runes[max(0, len(runes)-maxFragment):]), "._-")
}

// Stems are those of one word, in lower case, as Document finds them: one, or two for a
// Cyrillic word that could be Ukrainian as well as Russian, the Ukrainian one first.
func Stems(word string) []string { return stems(word) }

// stems are the forms under which a word is indexed and looked for: one, or two for a
// Cyrillic word that could be Ukrainian as well as Russian.
func stems(word string) []string {
	word = cut(word, maxIdentifier)
	latin, cyrillic := scripts(word)
	switch {
	case latin && !cyrillic:
		return []string{english.Stem(word, false)}
	case cyrillic && !latin:
		if strings.ContainsAny(word, "іїє") {
			return []string{stemUkrainian(word)}
		}
		ru := russian.Stem(word, false)
		if strings.ContainsAny(word, "ыэъ") {
			return []string{ru}
		}
		if uk := stemUkrainian(word); uk != ru {
			return []string{uk, ru}
		}
		return []string{ru}
	default:
		return []string{word}
	}
}

// scripts says which of the two scripts the word is written in; neither where it has
// anything but letters.
func scripts(word string) (latin, cyrillic bool) {
	for _, r := range word {
		switch {
		case unicode.Is(unicode.Latin, r):
			latin = true
		case unicode.Is(unicode.Cyrillic, r):
			cyrillic = true
		default:
			return false, false
		}
	}
	return latin, cyrillic
}

// quote writes a lexeme as the text forms of tsvector and tsquery want it.
func quote(b *strings.Builder, lexeme string) {
	b.WriteByte('\'')
	for _, r := range lexeme {
		if r == '\'' || r == '\\' {
			b.WriteRune(r)
		}
		b.WriteRune(r)
	}
	b.WriteByte('\'')
}
