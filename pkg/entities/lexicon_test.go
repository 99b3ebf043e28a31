package entities

import (
	"maps"
	"testing"
)

// TestLexiconIsUnambiguous holds that no language gives one form two meanings: which one won
// would then differ from start to start.
func TestLexiconIsUnambiguous(t *testing.T) {
	t.Parallel()
	for range 50 {
		for form, w := range merge(english, ukrainian, russian) {
			if w != lexicon[form] {
				t.Fatalf("%q is %+v and %+v", form, w, lexicon[form])
			}
		}
	}
	if !maps.Equal(merge(english, ukrainian, russian), lexicon) {
		t.Error("a word is missing")
	}
}
