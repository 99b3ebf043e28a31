package frame

import (
	"slices"
	"strings"

	"github.com/tasktracker/tasktracker/pkg/wire"
)

// Kind is the type of a frame as a small number: 0 is what every client gets, the
// types of wire.EventTypes follow from 1.
type Kind uint8

// Always is the kind of frames that every client gets.
const Always Kind = 0

// Set is a choice of kinds, one bit each.
type Set uint32

// AllKinds is the choice of a client that did not narrow anything.
func AllKinds() Set {
	return Set(1)<<(len(wire.EventTypes())+1) - 1
}

// Has says whether frames of kind k belong to the choice.
func (s Set) Has(k Kind) bool { return k == Always || s&(1<<k) != 0 }

// ParseTypes gives the choice that names stand for; none means all. Names that
// are no event type come back in unknown, and the choice is then not to be used.
func ParseTypes(names []string) (choice Set, unknown []string) {
	if len(names) == 0 {
		return AllKinds(), nil
	}
	for _, name := range names {
		if kind, ok := KindOf(name); ok {
			choice |= 1 << kind
		} else if name != TypeConnection && name != TypeResync && name != TypeError && name != TypePong {
			unknown = append(unknown, name)
		}
	}
	return choice, unknown
}

// SplitTypes cuts the value of ?types= into names; an empty value has none.
func SplitTypes(value string) []string {
	var names []string
	for name := range strings.SplitSeq(value, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// KindOf gives the kind of a frame type, false for one that is no event.
func KindOf(frameType string) (Kind, bool) {
	i := slices.Index(wire.EventTypes(), frameType)
	return Kind(i + 1), i >= 0
}
