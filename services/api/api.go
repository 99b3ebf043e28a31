// Package api serves the HTTP contract of proto/openapi.yaml. It keeps no state: what
// it changes goes to PostgreSQL with an outbox row, and to the bus right after.
package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/avatar"
	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/httpserver"
	"github.com/tasktracker/tasktracker/pkg/outbox"
	"github.com/tasktracker/tasktracker/pkg/service"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
	"github.com/tasktracker/tasktracker/services/api/internal/contract"
	"github.com/tasktracker/tasktracker/services/api/internal/handlers"
)

// Deps is what the api is built from.
type Deps struct {
	Store   *store.Store
	Bus     *bus.Bus
	Log     zerolog.Logger
	Metrics prometheus.Registerer
}

// Service is the api service.
type Service struct {
	deps    Deps
	handler http.Handler
}

var _ service.Service = (*Service)(nil)

// New builds the service.
func New(cfg Config, deps Deps) (*Service, error) {
	front, err := cfg.frontDoor()
	if err != nil {
		return nil, err
	}
	validator, err := contract.New(httpserver.MaxBody)
	if err != nil {
		return nil, err
	}
	e := echo.New()
	e.HTTPErrorHandler = handlers.Answer(deps.Log)
	e.Use(headers, observe(deps.Metrics), check(validator))
	apiserver.RegisterHandlers(e, apiserver.NewStrictHandler(&handlers.Handlers{
		Store: deps.Store, Bus: deps.Bus, Outbox: outbox.NewPublisher(deps.Bus, deps.Store, deps.Log), Log: deps.Log, Front: front,
	}, nil))
	return &Service{deps: deps, handler: unversioned(e)}, nil
}

// Handler serves / and /api.
func (s *Service) Handler() http.Handler { return s.handler }

// Ready returns nil when database and broker work.
func (s *Service) Ready(ctx context.Context) error {
	return errors.Join(s.deps.Store.Ping(ctx), s.deps.Bus.Ready(ctx))
}

// Run waits: the api works only when asked.
func (s *Service) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

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

// headers say that answers are data: nothing in them is to be run or guessed.
func headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c *echo.Context) error {
		h := c.Response().Header()
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

// observe measures requests by route, never by the ids in it.
func observe(registerer prometheus.Registerer) echo.MiddlewareFunc {
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "tasktracker_api_request_seconds", Help: "Time to answer a request, by route and status.",
		Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .25, .5, 1, 5},
	}, []string{"method", "route", "status"})
	registerer.MustRegister(seconds)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			start := time.Now()
			err := next(c)
			if err != nil {
				c.Echo().HTTPErrorHandler(c, err)
			}
			_, status := echo.ResolveResponseStatus(c.Response(), nil)
			route := c.Path()
			if route == "" {
				route = "none"
			}
			seconds.WithLabelValues(c.Request().Method, route, strconv.Itoa(status)).Observe(time.Since(start).Seconds())
			return nil
		}
	}
}
