// Package api serves the HTTP contract of proto/openapi.yaml. It keeps no state: what
// it changes goes to PostgreSQL with an outbox row, and to the bus right after.
package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/httpserver"
	"github.com/tasktracker/tasktracker/pkg/outbox"
	"github.com/tasktracker/tasktracker/pkg/secrets"
	"github.com/tasktracker/tasktracker/pkg/service"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telemetry"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
	"github.com/tasktracker/tasktracker/services/api/internal/ai"
	"github.com/tasktracker/tasktracker/services/api/internal/connect"
	"github.com/tasktracker/tasktracker/services/api/internal/contract"
	"github.com/tasktracker/tasktracker/services/api/internal/handlers"
)

// Deps is what the api is built from.
type Deps struct {
	Store *store.Store
	Bus   *bus.Bus
	// Secrets opens and seals what is secret among the settings.
	Secrets *secrets.Ring
	Log     zerolog.Logger
	Metrics prometheus.Registerer
	// Tracer is nil where nothing is traced.
	Tracer *telemetry.Tracer
	// Local is the classifier that is built in, for tests of it; nil for none.
	Local classify.Classifier
}

// Service is the api service.
type Service struct {
	deps       Deps
	handler    http.Handler
	connection *connect.Connection
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
	zone, err := time.LoadLocation(cfg.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("zone of chats: %w", err)
	}
	publisher := outbox.NewPublisher(deps.Bus, deps.Store, deps.Log)
	connection := connect.New(connect.Config{
		Token: cfg.TelegramBotToken, Mode: cfg.TelegramMode, WebhookSecret: cfg.TelegramWebhookSecret,
		APIBaseURL: cfg.TelegramAPIBaseURL, PublicBaseURL: front.base,
	}, connect.Deps{Store: deps.Store, Bus: deps.Bus, Secrets: deps.Secrets, Outbox: publisher, Log: deps.Log})
	judges := ai.New(cfg.AIConfig, ai.Deps{Store: deps.Store, Bus: deps.Bus, Secrets: deps.Secrets, Outbox: publisher, Log: deps.Log, Local: deps.Local})
	own, err := ownPages(front)
	if err != nil {
		return nil, err
	}
	e := echo.New()
	e.HTTPErrorHandler = handlers.Answer(deps.Log)
	e.Use(headers, observe(deps.Metrics, deps.Tracer, deps.Log), own, check(validator))
	apiserver.RegisterHandlers(e, apiserver.NewStrictHandler(&handlers.Handlers{
		Store: deps.Store, Bus: deps.Bus, Outbox: publisher, Log: deps.Log, Front: front, Connection: connection, AI: judges, Zone: zone, ZoneName: zoneName(zone, "/etc/localtime"),
	}, nil))
	return &Service{deps: deps, handler: unversioned(e), connection: connection}, nil
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
	s.connection.Close()
	return nil
}
