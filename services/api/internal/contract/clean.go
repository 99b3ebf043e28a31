package contract

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
)

// queryNames are the query parameters of an operation; any other is ignored.
func queryNames(route *routers.Route) []string {
	var names []string
	for _, p := range route.Operation.Parameters {
		if p.Value.In == openapi3.ParameterInQuery {
			names = append(names, p.Value.Name)
		}
	}
	return names
}

// cleanQuery takes null characters and empty values out of the parameters that an
// operation has (an empty filter filters nothing), and finds what its schema cannot say.
func cleanQuery(u *url.URL, names []string) Faults {
	if len(names) == 0 {
		return nil
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Fault("encoding", "is not URL-encoded", "query")
	}
	var faults Faults
	changed := false
	for _, name := range names {
		given := query[name]
		kept := make([]string, 0, len(given))
		for _, value := range given {
			if !utf8.ValidString(value) {
				faults = append(faults, Fault("encoding", "must be valid UTF-8", "query", name)...)
			}
			if value = strings.ReplaceAll(value, "\x00", ""); value != "" {
				kept = append(kept, value)
			}
		}
		if !slices.Equal(given, kept) {
			changed = true
			query[name] = kept
		}
	}
	if changed {
		u.RawQuery = query.Encode()
	}
	return append(faults, queryFaults(query, names)...)
}

// queryFaults finds zones that do not exist and days in the wrong order.
func queryFaults(query url.Values, names []string) Faults {
	var faults Faults
	if slices.Contains(names, "tz") {
		if _, err := TimeZone(query.Get("tz")); err != nil {
			faults = append(faults, Fault("time_zone", err.Error(), "query", "tz")...)
		}
	}
	for _, span := range []string{"date", "created", "closed"} {
		first, last := span+"_from", span+"_to"
		if !slices.Contains(names, first) {
			continue
		}
		from, errFrom := time.Parse(time.DateOnly, query.Get(first))
		to, errTo := time.Parse(time.DateOnly, query.Get(last))
		if errFrom == nil && errTo == nil && from.After(to) {
			faults = append(faults, Fault("range", "is after "+last+": swap the two", "query", first)...)
		}
	}
	return faults
}

// cleanBody takes null characters, which PostgreSQL cannot store, out of the strings of
// a JSON text. One that is not escaped stays: it makes the text no JSON.
func cleanBody(body []byte) []byte {
	const escaped = `\u0000`
	if !bytes.Contains(body, []byte(escaped)) {
		return body
	}
	cleaned := make([]byte, 0, len(body))
	for i := 0; i < len(body); {
		switch {
		case body[i] != '\\':
			cleaned = append(cleaned, body[i])
			i++
		case bytes.HasPrefix(body[i:], []byte(escaped)):
			i += len(escaped)
		default: // an escape of something else, such as a backslash
			end := min(i+2, len(body))
			cleaned = append(cleaned, body[i:end]...)
			i = end
		}
	}
	return cleaned
}
