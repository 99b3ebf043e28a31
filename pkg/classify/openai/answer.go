package openai

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/tasktracker/tasktracker/pkg/classify"
)

// maxCandidates is how many places of an answer are tried as the beginning of its JSON:
// enough for braces in the chatter before it, and a bound on the time.
const maxCandidates = 16

// item is one result of an answer, as the schema has it; nil is what is missing.
type item struct {
	Index      *int     `json:"index"`
	Quote      *string  `json:"quote"`
	Reason     *string  `json:"reason"`
	IsIssue    *bool    `json:"is_issue"`
	Category   *string  `json:"category"`
	Priority   *string  `json:"priority"`
	Confidence *float64 `json:"confidence"`
	Title      *string  `json:"title"`
}

// readAnswer takes the results out of what a model wrote: {"results": [...]} or the bare
// list, with anything around it. Of a list that breaks off, those that are whole count. It
// returns none where there is no such list; whole says that there is one that ends.
func readAnswer[T any](content string) (items []T, whole bool) {
	if strings.HasPrefix(strings.TrimSpace(content), "<think") { // elsewhere it may be quoted
		_, content, _ = strings.Cut(content, "</think>")
	}
	at := 0
	for range maxCandidates {
		next := strings.IndexAny(content[at:], "{[")
		if next < 0 {
			break
		}
		at += next
		items, ends := readResults[T]([]byte(content[at:]))
		if len(items) > 0 {
			return items, ends
		}
		whole = whole || ends
		at++
	}
	return nil, whole
}

// readResults reads what begins with an object or a list; ends says that there is a list of
// results, all of which could be read.
func readResults[T any](text []byte) (items []T, ends bool) {
	decoder := jsontext.NewDecoder(bytes.NewReader(text))
	first, err := decoder.ReadToken()
	if err != nil {
		return nil, false
	}
	if first.Kind() == '[' {
		items = readList[T](decoder)
		return items, len(items) > 0 && decoder.PeekKind() == ']'
	}
	for decoder.PeekKind() == '"' {
		name, err := decoder.ReadToken()
		if err != nil {
			return nil, false
		}
		if name.String() == "results" && decoder.PeekKind() == '[' {
			if _, err := decoder.ReadToken(); err != nil {
				return nil, false
			}
			items = readList[T](decoder)
			return items, decoder.PeekKind() == ']'
		}
		if decoder.SkipValue() != nil {
			return nil, false
		}
	}
	return nil, false
}

// readList reads the objects of a list up to its end or its first fault.
func readList[T any](decoder *jsontext.Decoder) []T {
	var items []T
	for decoder.PeekKind() == '{' {
		raw, err := decoder.ReadValue()
		if err != nil {
			break
		}
		var i T
		if json.Unmarshal(raw, &i) == nil { // one with a member of another type is as good as missing
			items = append(items, i)
		}
	}
	return items
}

// match finds the verdict of each conversation. Indexes that were not asked for are
// passed over; of two verdicts on one conversation that differ, none is believed.
func (p prompt) match(items []item) map[int]verdict {
	verdicts := map[int]verdict{}
	contradicted := map[int]bool{}
	for _, i := range items {
		if i.Index == nil || p.jobs[*i.Index] == nil {
			continue
		}
		v, valid := i.verdict()
		if !valid {
			continue
		}
		if before, twice := verdicts[*i.Index]; twice && before != v {
			contradicted[*i.Index] = true
		}
		verdicts[*i.Index] = v
	}
	for index := range contradicted {
		delete(verdicts, index)
	}
	return verdicts
}

// verdict is an item that keeps to the schema.
type verdict struct {
	isIssue              bool
	category             classify.Category
	priority             classify.Priority
	confidence           float64
	quote, reason, title string
}

// verdict checks an item against the schema, as not every server does. Letters' case
// and blanks around a word are forgiven, and what only an issue has is not looked at without one.
func (i item) verdict() (verdict, bool) {
	if i.IsIssue == nil || i.Confidence == nil {
		return verdict{}, false
	}
	v := verdict{isIssue: *i.IsIssue, confidence: min(max(*i.Confidence, 0), 1), quote: text(i.Quote), reason: text(i.Reason)}
	if !v.isIssue {
		return v, true
	}
	v.title = text(i.Title)
	v.category = classify.Category(strings.ToLower(strings.TrimSpace(text(i.Category))))
	v.priority = classify.Priority(strings.ToLower(strings.TrimSpace(text(i.Priority))))
	switch v.category {
	case classify.CategoryBug, classify.CategoryFeature, classify.CategoryImprovement, classify.CategoryQuestion, classify.CategoryChore:
	default:
		return verdict{}, false
	}
	switch v.priority {
	case classify.PriorityLow, classify.PriorityMedium, classify.PriorityHigh, classify.PriorityCritical:
	default:
		return verdict{}, false
	}
	return v, true
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
