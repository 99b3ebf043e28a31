// Package mask takes out of a text what must not leave the machine, and puts it back
// into what comes in return.
//
// Secrets (keys, tokens, passwords, connection strings, private keys, card numbers,
// IBANs) are always masked; names, phones and e-mails where they are asked for. Each
// value becomes a placeholder such as [secret_1], the same value the same placeholder
// in all texts of one Masked. Patterns find what has the form of a secret: a password
// that stands in a sentence like any other word is not found.
//
// Time is linear in the length of the texts (regexp is RE2), memory too.
package mask

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Kinds are what is masked besides secrets.
type Kinds struct {
	// Names masks @mentions and the names that New was given.
	Names bool
	// Phones masks phone numbers, in the forms of E.164, Ukraine, Russia and the US.
	Phones bool
	// Emails masks e-mail addresses.
	Emails bool
}

// kind is the word in a placeholder.
type kind string

const (
	kindSecret kind = "secret"
	kindCard   kind = "card"
	kindIBAN   kind = "iban"
	kindName   kind = "name"
	kindPhone  kind = "phone"
	kindEmail  kind = "email"
	// kindText stands for what looked like a placeholder before anything was masked.
	kindText kind = "text"
)

// placeholder matches what Mask writes, and what it must therefore not leave in a text.
var placeholder = regexp.MustCompile(`\[(?:secret|card|iban|name|phone|email|text)_[0-9]+\]`)

// Masker masks texts. It is safe for concurrent use.
type Masker struct {
	kinds Kinds
	names names
}

// New gives a Masker. The names, such as the authors of a chat, are looked for as whole
// words that begin with a capital letter, each part of a name by itself, in Cyrillic with
// the usual case endings; they count only where kinds asks for names.
func New(kinds Kinds, authors []string) *Masker {
	m := &Masker{kinds: kinds}
	if kinds.Names {
		m.names = newNames(authors)
	}
	return m
}

// Masked is what became of some texts that belong together.
type Masked struct {
	// Texts are the masked texts, in the order in which they were given.
	Texts []string

	values  map[string]string // placeholder to value
	holders map[string]string // value to placeholder
	counts  map[kind]int
}

// Mask masks texts that belong together: a value that is found in one of them is masked
// in all.
func (m *Masker) Mask(texts ...string) *Masked {
	masked := &Masked{
		Texts:  make([]string, len(texts)),
		values: map[string]string{}, holders: map[string]string{}, counts: map[kind]int{},
	}
	spans := make([][]span, len(texts))
	for i, text := range texts {
		spans[i] = merge(m.find(text))
		for _, s := range spans[i] {
			masked.hold(text[s.from:s.to], s.kind)
		}
	}
	everywhere := masked.replacer()
	for i, text := range texts {
		masked.Texts[i] = masked.write(text, spans[i], everywhere)
	}
	return masked
}

// hold gives a value its placeholder.
func (m *Masked) hold(value string, k kind) {
	if _, held := m.holders[value]; held {
		return
	}
	m.counts[k]++
	holder := "[" + string(k) + "_" + strconv.Itoa(m.counts[k]) + "]"
	m.holders[value] = holder
	m.values[holder] = value
}

// replacer masks every value wherever it stands, not only where its pattern was seen: a
// password that was named once must not stay where it is repeated. Names are left out,
// as "Ann" is a part of "Annual"; they are found wherever they are words.
func (m *Masked) replacer() *strings.Replacer {
	held := slices.DeleteFunc(slices.Collect(maps.Keys(m.holders)), func(value string) bool {
		return strings.HasPrefix(m.holders[value], "["+string(kindName)+"_")
	})
	slices.SortFunc(held, func(a, b string) int { // the longest first: it may contain another
		return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b))
	})
	pairs := make([]string, 0, 2*len(held))
	for _, value := range held {
		pairs = append(pairs, value, m.holders[value])
	}
	return strings.NewReplacer(pairs...)
}

func (m *Masked) write(text string, spans []span, everywhere *strings.Replacer) string {
	var b strings.Builder
	at := 0
	for _, s := range spans {
		b.WriteString(everywhere.Replace(text[at:s.from]))
		b.WriteString(m.holders[text[s.from:s.to]])
		at = s.to
	}
	b.WriteString(everywhere.Replace(text[at:]))
	return b.String()
}

// Unmask puts every value back. What looks like a placeholder and is none stays.
func (m *Masked) Unmask(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(holder string) string {
		if value, held := m.values[holder]; held {
			return value
		}
		return holder
	})
}

// UnmaskPersonal puts names, phones and e-mails back, and leaves secrets masked: for
// sentences that go further than the text did, such as the title of a task.
func (m *Masked) UnmaskPersonal(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(holder string) string {
		for _, secret := range []kind{kindSecret, kindCard, kindIBAN} {
			if strings.HasPrefix(holder, "["+string(secret)+"_") {
				return holder
			}
		}
		if value, held := m.values[holder]; held {
			return value
		}
		return holder
	})
}

// Len is the number of different values that were masked.
func (m *Masked) Len() int { return len(m.values) - m.counts[kindText] }

// span is a part of a text, in bytes.
type span struct {
	from, to int
	kind     kind
}

// merge orders spans and joins those that overlap, so that of two secrets of which one
// begins inside the other nothing is left over.
func merge(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to))
	})
	var merged []span
	for _, s := range spans {
		if s.from == s.to {
			continue
		}
		if last := len(merged) - 1; last >= 0 && s.from < merged[last].to {
			merged[last].to = max(merged[last].to, s.to)
			if s.kind == kindSecret {
				merged[last].kind = kindSecret
			}
			continue
		}
		merged = append(merged, s)
	}
	return merged
}
