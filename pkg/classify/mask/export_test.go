package mask

import (
	"iter"
	"strings"
)

// Secrets lists what is masked wherever it stands: everything but names.
func (m *Masked) Secrets() []string {
	var values []string
	for holder, value := range m.values {
		if !strings.HasPrefix(holder, "[name_") {
			values = append(values, value)
		}
	}
	return values
}

// Plain gives the parts of a masked text between its placeholders.
func (m *Masked) Plain(i int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, piece := range placeholder.Split(m.Texts[i], -1) {
			if !yield(piece) {
				return
			}
		}
	}
}
