package handlers

import (
	"errors"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/labstack/echo/v5"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/httpserver"
	"github.com/tasktracker/tasktracker/pkg/store"
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

// Answer is the one function that answers errors.
func Answer(log zerolog.Logger) echo.HTTPErrorHandler {
	return func(c *echo.Context, err error) {
		w := c.Response()
		if started, ok := w.(*echo.Response); ok && started.Committed {
			return
		}
		if faults, ok := errors.AsType[contract.Faults](err); ok {
			_ = c.JSON(http.StatusUnprocessableEntity, map[string]any{"detail": faults}) // the client has gone if this fails
			return
		}
		if faults := bindingFault(err); faults != nil {
			_ = c.JSON(http.StatusUnprocessableEntity, map[string]any{"detail": faults})
			return
		}
		status, detail := explain(err)
		switch {
		case status == http.StatusServiceUnavailable:
			log.Warn().Err(err).Str("path", c.Path()).Msg("a dependency is not available")
			httpserver.ErrorRetry(w, status, 2*time.Second, detail)
		case status >= 500:
			log.Error().Err(err).Str("method", c.Request().Method).Str("path", c.Path()).Msg("request failed")
			httpserver.Error(w, status, detail)
		default:
			httpserver.Error(w, status, detail)
		}
	}
}

// explain is the table from errors to status and sentence.
func explain(err error) (int, string) {
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

// databaseDown tells a database that cannot be reached from a query that is wrong.
func databaseDown(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		// Connection exceptions, insufficient resources, operator intervention.
		return strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "53") || strings.HasPrefix(pg.Code, "57")
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
