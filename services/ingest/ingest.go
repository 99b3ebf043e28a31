// Package ingest takes in what channels deliver: it checks, normalises and stores
// in JetStream, and says 200 when the broker has it and never before. It touches
// no database.
package ingest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/labstack/echo/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/httpserver"
	"github.com/tasktracker/tasktracker/pkg/secrets"
	"github.com/tasktracker/tasktracker/pkg/service"
	"github.com/tasktracker/tasktracker/pkg/telegram"
	"github.com/tasktracker/tasktracker/pkg/telemetry"
)

// Deps is what ingest is built from.
type Deps struct {
	Bus *bus.Bus
	// Secrets opens and seals what is secret among the settings.
	Secrets *secrets.Ring
	Log     zerolog.Logger
	Metrics prometheus.Registerer
	// Tracer is nil where nothing is traced.
	Tracer *telemetry.Tracer
}

// Service is the ingest service.
type Service struct {
	receiver *receiver
	accounts *accounts
	polling  *polling
	handler  http.Handler
}

var (
	_ service.Service = (*Service)(nil)
	_ service.Noticer = (*Service)(nil)
)

// New builds the service; nothing runs before Run.
func New(cfg Config, deps Deps) (*Service, error) {
	log := deps.Log.With().Str("component", "ingest").Logger()
	r := newReceiver(deps.Bus, telegram.Adapter{}, deps.Secrets, log, newMetrics(deps.Metrics), deps.Tracer)
	s := &Service{receiver: r, polling: newPolling(cfg.TelegramAPIBaseURL, r, log)}
	s.accounts = &accounts{cfg: cfg, ring: deps.Secrets, receiver: r, polling: s.polling, log: log}
	e := echo.New()
	e.Logger = slog.New(slog.DiscardHandler) // what is worth a line is logged by us
	e.HTTPErrorHandler = answerError
	e.Any("/webhook/"+r.adapter.Name(), newWebhook(r, s.accounts.look).serve)
	s.handler = e
	return s, nil
}

// answerError says in the contract's form what the router refuses. A handler's own
// error means that the sender has gone before its answer: there is nobody to tell.
func answerError(c *echo.Context, err error) {
	if errors.Is(err, echo.ErrNotFound) {
		httpserver.Error(c.Response(), http.StatusNotFound, "There is no such channel: updates of Telegram are sent to /webhook/"+telegram.Name)
	}
}

// Handler serves /webhook/<channel>.
func (s *Service) Handler() http.Handler { return s.handler }

// Ready returns nil when the broker works, the settings are known and, when polling,
// Telegram answers (or another copy polls). What operators have to mend on the settings
// page leaves the service ready: without it they could not.
func (s *Service) Ready(ctx context.Context) error {
	if why := s.receiver.unsynced(); why != "" {
		return errors.New(why)
	}
	if c := s.polling.condition(); c != nil && !c.forOperators {
		return errors.New(c.why)
	}
	return s.receiver.bus.Ready(ctx)
}

// Notice says what operators have to do before updates arrive; "" where nothing.
func (s *Service) Notice() string {
	a := s.receiver.account.Load()
	if a == nil {
		return ""
	}
	notice := a.notice()
	if c := s.polling.condition(); c != nil && c.forOperators {
		notice = strings.TrimPrefix(notice+"; "+c.why, "; ")
	}
	return notice
}

// Run watches the settings, tells about unmonitored chats and, where it is set so, polls,
// until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return s.receiver.bus.WatchMonitored(ctx, s.receiver.setMonitored)
	})
	group.Go(func() error { return s.accounts.run(ctx) })
	group.Go(func() error { return s.receiver.unmonitored.run(ctx) })
	group.Go(func() error { return s.polling.run(ctx) })
	return group.Wait()
}
