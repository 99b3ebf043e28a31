package modeltest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Found is a finding that the model was to sum up.
type Found struct {
	Index   int    `json:"index"`
	Section string `json:"section"`
	Text    string `json:"text"`
}

// Written is what the model makes of findings.
type Written struct {
	Section string   `json:"section"`
	Sources []Source `json:"sources"`
	Text    string   `json:"text"`
}

// Source is what it rests on.
type Source struct {
	Index int    `json:"index"`
	Quote string `json:"quote"`
}

// Copy keeps every finding, as it is, with "In short: " before it.
func Copy(findings []Found) []Written {
	all := make([]Written, len(findings))
	for i, f := range findings {
		all[i] = Written{Section: f.Section, Sources: []Source{{f.Index, f.Text}}, Text: "In short: " + f.Text}
	}
	return all
}

func readFindings(user string) ([]Found, error) {
	start := strings.Index(user, `{"findings"`)
	if start < 0 {
		return nil, nil
	}
	var asked struct {
		Findings []Found `json:"findings"`
	}
	if err := json.NewDecoder(strings.NewReader(user[start:])).Decode(&asked); err != nil {
		return nil, fmt.Errorf("read the findings: %w", err)
	}
	return asked.Findings, nil
}

// write sums up; the obedient model does what findings tell it.
func (s *Server) write(request Request) []Written {
	all := s.options.Write(request.Findings)
	if !s.options.Obedient {
		return all
	}
	for _, f := range request.Findings {
		text := strings.ToLower(legible(f.Text))
		switch {
		case orderLeak.MatchString(text):
			for i := range all {
				all[i].Text = request.System
			}
		case orderNothing.MatchString(text) && orderAll.MatchString(text):
			return []Written{}
		}
	}
	return all
}

// falsify gives what is written with a fault in it.
func (f Fault) falsify(all []Written) []Written {
	if f != ForeignQuote && f != WrongIndexes {
		return all
	}
	all = slices.Clone(all)
	for i := range all {
		all[i].Sources = slices.Clone(all[i].Sources)
		for s := range all[i].Sources {
			if f == ForeignQuote {
				all[i].Sources[s].Quote = "what nobody has ever said here"
			} else {
				all[i].Sources[s].Index = -1
			}
		}
	}
	return all
}
