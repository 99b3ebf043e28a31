package handlers

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/labstack/echo/v5"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/httpserver"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/wire"
	"github.com/tasktracker/tasktracker/proto/gen/api"
	"github.com/tasktracker/tasktracker/services/api/internal/contract"
)

// fault is an error that the caller may see: a status and a sentence that says what to do.
type fault struct {
	status int
	detail string
}

func (f *fault) Error() string { return f.detail }

func notFound(detail string) error   { return &fault{http.StatusNotFound, detail} }
func badRequest(detail string) error { return &fault{http.StatusBadRequest, detail} }
func conflict(detail string) error   { return &fault{http.StatusConflict, detail} }

// ErrForeignPage refuses what a page of another origin would change.
var ErrForeignPage error = &fault{http.StatusForbidden, "A page of another address may change nothing here: open the dashboard at its own address, or set PUBLIC_BASE_URL to the one that people open"}

// statusClientGone is nginx's word for a caller that did not wait; no caller sees it.
const statusClientGone = 499

// Answer is the one function that answers errors. A line of the log names the request
// by the id in its header X-Request-Id.
func Answer(log zerolog.Logger) echo.HTTPErrorHandler {
	return func(c *echo.Context, err error) {
		w := c.Response()
		if started, ok := w.(*echo.Response); ok && started.Committed {
			return
		}
		if faults, ok := errors.AsType[contract.Faults](err); ok {
			invalid(c, faults)
			return
		}
		if faults := bindingFault(err); faults != nil {
			invalid(c, faults)
			return
		}
		if errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil {
			httpserver.Error(w, statusClientGone, "The caller has gone") // for the metrics; nobody reads it
			return
		}
		status, detail := statusOf(err)
		told := func(e *zerolog.Event) *zerolog.Event {
			return e.Err(err).Str("request_id", w.Header().Get(echo.HeaderXRequestID)).Str("method", c.Request().Method).Str("route", c.Path())
		}
		switch {
		case status == http.StatusServiceUnavailable:
			told(log.Warn()).Msg("a dependency is not available")
			w.Header().Set("Retry-After", "2")
		case status >= 500:
			told(log.Error()).Msg("request failed")
		}
		_ = c.JSON(status, api.Error{Detail: detail, Clauses: clausesOf(detail)}) // the client has gone if this fails
	}
}

// invalid answers everything that does not validate in a request.
func invalid(c *echo.Context, faults contract.Faults) {
	told := slices.Clone(faults)
	for i := range told {
		told[i].Clauses = clausesOf(told[i].Msg)
	}
	_ = c.JSON(http.StatusUnprocessableEntity, api.ValidationError{Detail: told}) // as above
}

func clausesOf(sentence string) *api.Clauses {
	if told := wire.Clauses(sentence); len(told) > 0 {
		return &told
	}
	return nil
}

// statusOf is the table from errors to status and sentence.
func statusOf(err error) (int, string) {
	if f, ok := errors.AsType[*fault](err); ok {
		return f.status, f.detail
	}
	var status echo.HTTPStatusCoder
	if errors.As(err, &status) {
		switch status.StatusCode() {
		case http.StatusNotFound:
			return http.StatusNotFound, "There is nothing at this path; see proto/openapi.yaml for what there is"
		case http.StatusMethodNotAllowed:
			return http.StatusMethodNotAllowed, "This path does not take that method; see proto/openapi.yaml"
		}
	}
	switch {
	case errors.Is(err, contract.ErrTooLarge):
		return http.StatusRequestEntityTooLarge, "The body is larger than 1 MiB; send less"
	case errors.Is(err, store.ErrNotFound):
		return http.StatusNotFound, "Not found"
	case errors.Is(err, bus.ErrUnavailable), errors.Is(err, bus.ErrFull):
		return http.StatusServiceUnavailable, "The broker is not available; try again shortly"
	case databaseDown(err):
		return http.StatusServiceUnavailable, "The database is not available; try again shortly"
	default:
		return http.StatusInternalServerError, "Internal error; the log of the api service has the cause"
	}
}

// passing are PostgreSQL's codes of what passes by itself: connection exceptions,
// conflicts of transactions, insufficient resources, locks, operator intervention, and
// a standby that is not yet the primary. See its appendix "Error Codes".
var passing = []string{"08", "40", "53", "55", "57", "25006"}

// databaseDown tells a database that cannot be reached from a query that is wrong.
func databaseDown(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return slices.ContainsFunc(passing, func(class string) bool { return strings.HasPrefix(pg.Code, class) })
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) {
		return true // the server went away in the middle
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	_, network := errors.AsType[net.Error](err)
	return network || pgconn.Timeout(err) || pgconn.SafeToRetry(err)
}

// parameterName finds the parameter in what the generated binding says.
var parameterName = regexp.MustCompile(`parameter (\w+)`)

// bindingFault makes Faults of a refusal by the generated binding, which sees what the
// contract's formats let through (30 February), and of a body that does not bind.
func bindingFault(err error) contract.Faults {
	refused, ok := errors.AsType[*echo.HTTPError](err)
	switch {
	case errors.Is(err, store.ErrBadCursor):
		return contract.Fault("cursor", "is not a cursor that this server gave; start without one", "query", "cursor")
	case errors.Is(err, store.ErrInvalid):
		return contract.Fault("invalid", "holds a value that cannot be stored", "body")
	case !ok || refused.Code != http.StatusBadRequest:
		return nil
	}
	if name := parameterName.FindStringSubmatch(refused.Message); name != nil {
		return contract.Fault("format", "is not of the format it should have", "query", name[1])
	}
	return contract.Fault("body", "cannot be read: it does not have the form that proto/openapi.yaml says", "body")
}

// after is what an error says after one that it wraps.
func after(err, wrapped error) string {
	_, text, _ := strings.Cut(err.Error(), wrapped.Error()+": ")
	return text
}
