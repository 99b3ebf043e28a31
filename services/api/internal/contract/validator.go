package contract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/tasktracker/tasktracker/proto/gen/api"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
)

// ErrTooLarge is returned by Check for a body over the bound: 413.
var ErrTooLarge = errors.New("body is larger than the bound")

// Validator checks requests. It is safe for concurrent use.
type Validator struct {
	router  routers.Router
	maxBody int64
}

// New reads the embedded contract. Bodies are bounded by maxBody bytes.
func New(maxBody int64) (*Validator, error) {
	spec, err := apiserver.GetSpec()
	if err != nil {
		return nil, fmt.Errorf("read the contract: %w", err)
	}
	spec.Servers = nil // paths are matched whatever the host
	router, err := gorillamux.NewRouter(spec)
	if err != nil {
		return nil, fmt.Errorf("make a router of the contract: %w", err)
	}
	return &Validator{router: router, maxBody: maxBody}, nil
}

// Check returns Faults with everything that is wrong with a request, ErrTooLarge, or
// nil. A request of no operation of the contract passes: the router answers it. The
// body can be read again afterwards.
func (v *Validator) Check(r *http.Request) error {
	body, err := v.readBody(r)
	if err != nil {
		return err
	}
	route, params, err := v.router.FindRoute(r)
	if err != nil {
		return nil
	}
	faults := unstorable(r.URL, queryNames(route), body)
	if len(body) > 0 && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/json")
	}
	err = openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			MultiError: true, SkipSettingDefaults: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
			SchemaValidationOptions: []openapi3.SchemaValidationOption{openapi3.EnableFormatValidation()},
		},
	})
	if err != nil {
		faults = append(faults, faultsOf(err, "body")...)
	}
	if len(faults) == 0 {
		return nil
	}
	return faults
}

func (v *Validator) readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	if r.ContentLength > v.maxBody {
		return nil, ErrTooLarge
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, v.maxBody+1))
	if err != nil {
		return nil, Fault("body", "The body did not arrive whole; send it again", "body")
	}
	if int64(len(body)) > v.maxBody {
		return nil, ErrTooLarge
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	return body, nil
}

// escapedNUL is U+0000 in JSON, with an even number of backslashes before it.
var escapedNUL = regexp.MustCompile(`(^|[^\\])(\\\\)*\\u0000`)

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

// unstorable finds what PostgreSQL cannot store, wherever it stands.
func unstorable(u *url.URL, names []string, body []byte) Faults {
	var faults Faults
	const msg = "must be valid UTF-8 without null characters"
	if path, err := url.PathUnescape(u.EscapedPath()); err != nil || bad(path) {
		faults = append(faults, Fault("encoding", "path "+msg, "path")...)
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil && len(names) > 0 {
		faults = append(faults, Fault("encoding", "query is not URL-encoded", "query")...)
	}
	for _, name := range names {
		if bad(strings.Join(query[name], "")) {
			faults = append(faults, Fault("encoding", msg, "query", name)...)
		}
	}
	if !utf8.Valid(body) || escapedNUL.Match(body) {
		faults = append(faults, Fault("encoding", "body "+msg, "body")...)
	}
	return faults
}

func bad(s string) bool { return !utf8.ValidString(s) || strings.Contains(s, "\x00") }

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

func parseMessage(e *openapi3filter.ParseError) string {
	if e.Kind == openapi3filter.KindInvalidFormat && e.Reason != "" && len(e.Reason) < 100 {
		return "cannot be read: " + e.Reason
	}
	return "cannot be read: it is not valid JSON, or not of the type it should be"
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
	kind := e.SchemaField
	if kind == "required" {
		return api.ValidationFault{Loc: loc, Msg: "is required", Type: "missing"}
	}
	return api.ValidationFault{Loc: loc, Msg: e.Reason, Type: kind}
}

// contextKey is where the middleware keeps what handlers need of the request itself.
type contextKey struct{}

// WithRequest lets handlers, which get a context only, see the request.
func WithRequest(ctx context.Context, r *http.Request) context.Context {
	return context.WithValue(ctx, contextKey{}, r)
}

// Request is the request that WithRequest kept, or nil.
func Request(ctx context.Context) *http.Request {
	r, _ := ctx.Value(contextKey{}).(*http.Request)
	return r
}
