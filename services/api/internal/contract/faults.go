package contract

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"

	"github.com/tasktracker/tasktracker/proto/gen/api"
)

// Faults is the error of a request that does not validate: 422.
type Faults []api.ValidationFault

// Error names what is wrong and where, without the values.
func (f Faults) Error() string {
	words := make([]string, 0, len(f))
	for _, fault := range f {
		words = append(words, fmt.Sprint(fault.Loc, " ", fault.Msg))
	}
	return "request does not validate: " + strings.Join(words, "; ")
}

// Fault is one thing that is wrong: its kind, what to do, and where it is, from "body",
// "query" or "path" inwards.
func Fault(kind, msg string, loc ...any) Faults {
	return Faults{{Loc: loc, Msg: msg, Type: kind}}
}

// about reports whether any fault is in this part of the request.
func (f Faults) about(part string) bool {
	for _, fault := range f {
		if fault.Loc[0] == part {
			return true
		}
	}
	return false
}

// faultsOf flattens the errors of kin-openapi into faults, with where as the start of
// the place.
func faultsOf(err error, where ...any) Faults {
	// The library nests these types unwrapped.
	switch e := err.(type) {
	case openapi3.MultiError:
		var all Faults
		for _, one := range e {
			all = append(all, faultsOf(one, where...)...)
		}
		return all
	case *openapi3filter.RequestError:
		return requestFaults(e)
	case *openapi3.SchemaError:
		return Faults{schemaFault(e, where)}
	case *openapi3filter.ParseError:
		return Faults{{Loc: where, Msg: parseMessage(e), Type: "parse"}}
	default:
		return Faults{{Loc: where, Msg: "is not what it should be; see proto/openapi.yaml", Type: "invalid"}}
	}
}

func requestFaults(e *openapi3filter.RequestError) Faults {
	where := []any{"body"}
	if e.Parameter != nil {
		where = []any{e.Parameter.In, e.Parameter.Name}
	}
	switch {
	case errors.Is(e.Err, openapi3filter.ErrInvalidRequired) || errors.Is(e.Err, openapi3filter.ErrInvalidEmptyValue):
		return Faults{{Loc: where, Msg: "is required", Type: "missing"}}
	case e.Err == nil && e.Parameter == nil:
		return Faults{{Loc: where, Msg: "must be sent as application/json", Type: "content_type"}}
	case e.Err == nil:
		return Faults{{Loc: where, Msg: e.Reason, Type: "invalid"}}
	}
	return faultsOf(e.Err, where...)
}

// notJSON is what is said of a body that is no JSON.
const notJSON = "cannot be read: it is not valid JSON"

func parseMessage(e *openapi3filter.ParseError) string {
	if e.Kind == openapi3filter.KindInvalidFormat && e.Reason != "" && len(e.Reason) < 100 {
		return "cannot be read: " + e.Reason
	}
	return notJSON + ", or not of the type it should be"
}

func schemaFault(e *openapi3.SchemaError, where []any) api.ValidationFault {
	loc := append([]any(nil), where...)
	for _, part := range e.JSONPointer() {
		if n, err := strconv.Atoi(part); err == nil {
			loc = append(loc, n)
		} else {
			loc = append(loc, part)
		}
	}
	if e.SchemaField == "required" {
		return api.ValidationFault{Loc: loc, Msg: "is required", Type: "missing"}
	}
	return api.ValidationFault{Loc: loc, Msg: schemaMessage(e), Type: e.SchemaField}
}

// schemaMessage says what to send, where the library would print a pattern.
func schemaMessage(e *openapi3.SchemaError) string {
	switch {
	case e.SchemaField == "oneOf":
		// The contract has one such choice: ids.
		return "must be text of 1 to 255 characters, or a whole number that is an id"
	case e.Schema == nil:
		return e.Reason
	case e.SchemaField == "pattern" && strings.HasPrefix(e.Schema.Pattern, "^https?"):
		return "must begin with http:// or https://"
	case e.SchemaField == "pattern": // the other one of what the api reads
		return "must not be blank"
	case e.SchemaField != "format":
		return e.Reason
	case e.Schema.Format == "date":
		return "must be a day that exists, such as 2026-11-16"
	case e.Schema.Format == "date-time":
		return "must be a time that exists, with its offset, such as 2026-11-16T10:00:00Z"
	default:
		return e.Reason
	}
}
