package entities

import (
	"slices"
	"strings"
)

// Components are names to look for. They are safe for concurrent use.
type Components struct {
	byFirst map[string][]component // longest first
}

type component struct {
	name   string
	tokens []string
}

// MaxComponents bounds a list of names; further ones are left out.
const MaxComponents = 1000

// NewComponents makes a list of names, of one word or several. Case does not matter, and
// nor do blanks and dashes between words.
func NewComponents(names []string) *Components {
	c := &Components{byFirst: map[string][]component{}}
	for _, name := range names[:min(len(names), MaxComponents)] {
		name = strings.TrimSpace(name)
		var parts []string
		for _, t := range tokenize(name, make([]bool, len(name)+1)) {
			if part := t.comparable(name); part != "" {
				parts = append(parts, part)
			}
		}
		if len(parts) > 0 {
			c.byFirst[parts[0]] = append(c.byFirst[parts[0]], component{name, parts})
		}
	}
	for _, list := range c.byFirst {
		slices.SortStableFunc(list, func(a, b component) int { return len(b.tokens) - len(a.tokens) })
	}
	return c
}

// comparable is what is compared of a token: "" of a dash or underscore, which counts as
// a blank.
func (t token) comparable(text string) string {
	switch {
	case t.kind == wordToken:
		return t.lower
	case t.mark == '-' || t.mark == '_':
		return ""
	}
	return text[t.start:t.end]
}

// find returns where the names stand in a text.
func (c *Components) find(text string, tokens []token) []Entity {
	if c == nil {
		return nil
	}
	var found []Entity
	for i := 0; i < len(tokens); {
		n, name := c.at(text, tokens, i)
		if n == i {
			i++
			continue
		}
		found = append(found, entity(KindComponent, text, tokens[i].start, tokens[n-1].end, name))
		i = n
	}
	return found
}

// at returns the longest name at i, and the index after it.
func (c *Components) at(text string, tokens []token, i int) (int, string) {
	for _, candidate := range c.byFirst[tokens[i].comparable(text)] {
		n, matched := i, 0
		for n < len(tokens) && matched < len(candidate.tokens) {
			part := tokens[n].comparable(text)
			if part != "" && part != candidate.tokens[matched] {
				break
			}
			if part != "" {
				matched++
			}
			n++
		}
		if matched == len(candidate.tokens) {
			return n, candidate.name
		}
	}
	return i, ""
}
