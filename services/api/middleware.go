package api

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/avatar"
	"github.com/tasktracker/tasktracker/pkg/telemetry"
	"github.com/tasktracker/tasktracker/services/api/internal/contract"
	"github.com/tasktracker/tasktracker/services/api/internal/handlers"
)

// unversioned lets /api/v1/... answer as /api/... does, and HEAD as GET (net/http
// leaves the body out).
func unversioned(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, versioned := strings.CutPrefix(r.URL.Path, "/api/v1/")
		if versioned || r.Method == http.MethodHead {
			r = r.Clone(r.Context())
		}
		if versioned {
			r.URL.Path = "/api/" + rest
			r.URL.RawPath = strings.Replace(r.URL.RawPath, "/api/v1/", "/api/", 1)
		}
		if r.Method == http.MethodHead {
			r.Method = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}

// headers say that answers are data: nothing in them is to be run or guessed. Each
// answer has an id, by which its lines are found in the log.
func headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c *echo.Context) error {
		h := c.Response().Header()
		h.Set(echo.HeaderXRequestID, rand.Text())
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "same-origin")
		// Pictures say themselves how long they keep; a 304 must not take that back.
		if !strings.HasPrefix(c.Request().URL.Path, avatar.Path) {
			h.Set("Cache-Control", "no-store")
		}
		return next(c)
	}
}

// ownPages refuses what a page of another origin would change: browsers send such requests to any
// address that their user reaches, this machine and its networks included. Programs are no pages.
func ownPages(front *frontDoor) (echo.MiddlewareFunc, error) {
	protection := http.NewCrossOriginProtection()
	if front.base != "" {
		if err := protection.AddTrustedOrigin(strings.ToLower(front.base)); err != nil {
			return nil, fmt.Errorf("let in pages of PUBLIC_BASE_URL: %w", err)
		}
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			r := c.Request()
			if protection.Check(r) != nil && !front.forwarded(r) {
				return handlers.ErrForeignPage
			}
			return next(c)
		}
	}, nil
}

// check refuses a request that breaks the contract before a handler sees it.
func check(validator *contract.Validator) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			r := c.Request()
			if err := validator.Check(r); err != nil {
				return err
			}
			c.SetRequest(r.WithContext(contract.WithRequest(r.Context(), r)))
			return next(c)
		}
	}
}

// observe measures requests by route, never by the ids in it, and tells each at debug.
func observe(registerer prometheus.Registerer, tracer *telemetry.Tracer, log zerolog.Logger) echo.MiddlewareFunc {
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "tasktracker_api_request_seconds", Help: "Time to answer a request, by route and status.",
		Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .25, .5, 1, 5},
	}, []string{"method", "route", "status"})
	registerer.MustRegister(seconds)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			start := time.Now()
			span := tracer.Request(c.Request().Context(), c.Request().Method+" "+c.Path())
			if span != nil {
				c.SetRequest(c.Request().WithContext(telemetry.NewContext(c.Request().Context(), span)))
			}
			err := next(c)
			defer func() { span.End(err, "failed") }()
			if err != nil {
				c.Echo().HTTPErrorHandler(c, err)
			}
			_, status := echo.ResolveResponseStatus(c.Response(), nil)
			method, route := c.Request().Method, c.Path()
			// Callers choose the words of a request that has no route: they are no labels.
			if name := c.RouteInfo().Name; name == echo.NotFoundRouteName || name == echo.MethodNotAllowedRouteName {
				method, route = "other", "none"
			}
			took := time.Since(start)
			seconds.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
			log.Debug().Str("request_id", c.Response().Header().Get(echo.HeaderXRequestID)).
				Str("method", method).Str("route", route).Int("status", status).Dur("took", took).Msg("request")
			return nil
		}
	}
}
