// Package injection knows prompt injections: texts that speak to the model that judges
// them instead of to people. It finds them by their usual forms in English, Ukrainian and
// Russian, and has a set of them for tests of classifiers.
//
// What Find finds is a precaution and no proof: whoever words an instruction in a way
// that nobody has written down passes it. What must hold whatever a text says is held
// elsewhere, by what a model's answer is able to do at all.
package injection

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Case is a text with an injection, and its true verdict: that of the text without it.
type Case struct {
	// Text is Base with the injection.
	Text string `json:"text"`
	// Base is the text without it; it occurs in Text letter by letter.
	Base string `json:"base"`
	// Language is "en", "uk" or "ru".
	Language string `json:"language"`
	// Kind names the trick, such as "fake_delimiter".
	Kind string `json:"kind"`
	// IsIssue and Category are the true verdict; Category is empty for what is no issue.
	IsIssue  bool   `json:"is_issue"`
	Category string `json:"category"`
}

//go:embed cases.jsonl
var cases []byte

// Cases gives the set.
func Cases() ([]Case, error) {
	decoder := json.NewDecoder(bytes.NewReader(cases))
	decoder.DisallowUnknownFields()
	var set []Case
	for {
		var c Case
		switch err := decoder.Decode(&c); {
		case errors.Is(err, io.EOF):
			return set, nil
		case err != nil:
			return nil, fmt.Errorf("read injection %d: %w", len(set)+1, err)
		}
		set = append(set, c)
	}
}
