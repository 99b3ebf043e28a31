// Package contract holds requests to proto/openapi.yaml: it finds every fault of a
// request at once, before a handler sees it.
package contract

import (
	"strings"

	"github.com/tasktracker/tasktracker/proto/gen/api"
)

// Faults is the error of a request that does not validate: 422.
type Faults []api.ValidationFault

// Error names what is wrong and where, without the values.
func (f Faults) Error() string {
	words := make([]string, 0, len(f))
	for _, fault := range f {
		words = append(words, fault.Msg)
	}
	return "request does not validate: " + strings.Join(words, "; ")
}

// Fault is one thing that is wrong: in "body" or "query", with the name and what to do.
func Fault(kind, msg string, loc ...any) Faults {
	return Faults{{Loc: loc, Msg: msg, Type: kind}}
}
