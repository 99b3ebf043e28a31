// Package contract holds requests to proto/openapi.yaml: it finds every fault of a
// request at once, before a handler sees it.
package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

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
	router, err := embedded()
	if err != nil {
		return nil, err
	}
	return &Validator{router: router, maxBody: maxBody}, nil
}

// embedded reads the contract once: that takes a good part of a second.
var embedded = sync.OnceValues(func() (routers.Router, error) {
	spec, err := apiserver.GetSpec()
	if err != nil {
		return nil, fmt.Errorf("read the contract: %w", err)
	}
	spec.Servers = nil // paths are matched whatever the host
	router, err := gorillamux.NewRouter(spec)
	if err != nil {
		return nil, fmt.Errorf("make a router of the contract: %w", err)
	}
	return router, nil
})

// Check returns Faults with everything that is wrong with a request, ErrTooLarge, or
// nil. A request of no operation of the contract passes: the router answers it. The
// query and the body lose their null characters; what is bound afterwards is the very
// value that was validated, its names matched exactly.
func (v *Validator) Check(r *http.Request) error {
	body, err := v.readBody(r)
	if err != nil {
		return err
	}
	route, params, err := v.router.FindRoute(r)
	if err != nil {
		return nil
	}
	faults := pathFaults(r.URL)
	faults = append(faults, cleanQuery(r.URL, queryNames(route))...)
	if len(body) > 0 && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/json")
	}
	faults = append(faults, schemaFaults(r, route, params)...)
	switch {
	case !utf8.Valid(body):
		faults = append(faults, Fault("encoding", "must be valid UTF-8", "body")...)
	case len(body) > 0 && !json.Valid(body) && !faults.about("body"):
		// Something follows the JSON value, which the library does not look at.
		faults = append(faults, Fault("parse", notJSON, "body")...)
	}
	if len(faults) == 0 {
		return nil
	}
	return faults
}

func schemaFaults(r *http.Request, route *routers.Route, params map[string]string) Faults {
	err := openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			MultiError: true, SkipSettingDefaults: true, KeepValidatedValue: true,
			AuthenticationFunc:      openapi3filter.NoopAuthenticationFunc,
			SchemaValidationOptions: []openapi3.SchemaValidationOption{openapi3.EnableFormatValidation()},
		},
	})
	if err == nil {
		return nil
	}
	return faultsOf(err, "body")
}

// refusesNulls reports whether what takes a body looks at each of its texts itself, and
// refuses one with a null character: of an address or a token nothing is left out in silence.
func refusesNulls(path string) bool {
	return path == "/api/settings" || strings.HasPrefix(path, "/api/webhook-settings")
}

// readBody reads the whole body, bounded, and puts it back, mostly without null characters.
func (v *Validator) readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	if r.ContentLength > v.maxBody {
		return nil, ErrTooLarge
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, v.maxBody+1))
	if err != nil {
		return nil, Fault("body", "did not arrive whole; send it again", "body")
	}
	if int64(len(body)) > v.maxBody {
		return nil, ErrTooLarge
	}
	if !refusesNulls(r.URL.Path) {
		body = cleanBody(body)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	return body, nil
}

// pathFaults finds what can be no part of a name that is stored.
func pathFaults(u *url.URL) Faults {
	path, err := url.PathUnescape(u.EscapedPath())
	if err != nil || !utf8.ValidString(path) || strings.Contains(path, "\x00") {
		return Fault("encoding", "must be valid UTF-8 without null characters", "path")
	}
	return nil
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
