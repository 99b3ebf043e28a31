package entities

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Kind is what an entity is.
type Kind string

// The kinds, with what Entity.Value is.
const (
	KindDate      Kind = "date"      // "": Entity.Date says it
	KindUrgency   Kind = "urgency"   // the words in lower case ("asap"): no date
	KindVersion   Kind = "version"   // without v or the word before it
	KindComponent Kind = "component" // a path, a package, a link's host, a code span
	KindLink      Kind = "link"      // the address as written
	KindCode      Kind = "code"      // what stands between the backticks
	KindMention   Kind = "mention"   // the name without @, or the name as displayed
	KindIssue     Kind = "issue"     // "#123", "owner/name#123" or "PROJ-123"
)

// Bounds: of a text, its first MaxBytes are read, and at most MaxEntities returned.
const (
	MaxBytes    = 1 << 20
	MaxEntities = 500
)

// Entity is one thing that a text names.
type Entity struct {
	Kind Kind
	// Start and End bound it in the text, in bytes; Text is what stands there, letter by
	// letter. A deadline begins with the word that makes it one.
	Start, End  int
	Text, Value string
	// MentionID is the channel's id of the person, of a Mention of the caller's.
	MentionID string
	// Date is set for KindDate only.
	Date *Date
}

// Precision says how exactly a date was named.
type Precision string

// The precisions.
const (
	PrecisionDay  Precision = "day"
	PrecisionTime Precision = "time"
)

// Date is what a date means. All times are UTC.
type Date struct {
	// From is the first moment of what was named, To the last second of it: of a day, of
	// the last day of a week, of a range. They are equal where it is one moment.
	From, To  time.Time
	Precision Precision
	// IsDeadline says that a word makes it one and that it lies ahead; it is due at To.
	IsDeadline bool
}

// Mention is one that the channel marked in the text without an @name.
type Mention struct {
	Start, End int // in bytes of the text
	ID         string
}

// Find returns what a text names, in the order of the text. at is when it was written, zone
// where its days begin; nil is UTC. mentions are the channel's own; those outside of the
// text are left out. Entities of one kind do not overlap; a component may lie in a link or
// in code. Nothing else is looked for in those.
func Find(text string, at time.Time, zone *time.Location, mentions []Mention) []Entity {
	if len(text) > MaxBytes {
		text = text[:MaxBytes]
	}
	if zone == nil {
		zone = time.UTC
	}
	s := scanner{text: text, taken: make([]bool, len(text)+1)}
	s.mentions(mentions)
	s.scan()
	tokens := tokenize(text, s.taken)
	s.found = append(s.found, findDates(text, tokens, at.In(zone))...)
	slices.SortStableFunc(s.found, func(a, b Entity) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End), cmp.Compare(a.Kind, b.Kind))
	})
	return s.found[:min(len(s.found), MaxEntities)]
}

// entity makes one of a part of the text.
func entity(kind Kind, text string, start, end int, value string) Entity {
	return Entity{Kind: kind, Start: start, End: end, Text: text[start:end], Value: strings.ToValidUTF8(value, "\uFFFD")}
}
