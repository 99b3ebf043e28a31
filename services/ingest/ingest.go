// Package ingest takes in what channels deliver: it checks, normalises and stores
// in JetStream, and says 200 when the broker has it and never before. It touches
// no database.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/httpserver"
	"github.com/tasktracker/tasktracker/pkg/service"
	"github.com/tasktracker/tasktracker/pkg/telegram"
	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/pkg/telemetry"
)

// Deps is what ingest is built from.
type Deps struct {
	Bus     *bus.Bus
	Log     zerolog.Logger
	Metrics prometheus.Registerer
	// Tracer is nil where nothing is traced.
	Tracer *telemetry.Tracer
}

// Service is the ingest service.
type Service struct {
	receiver *receiver
	poller   *poller // nil unless TELEGRAM_MODE is polling
	handler  http.Handler
}

var _ service.Service = (*Service)(nil)

// New builds the service; nothing runs before Run.
func New(cfg Config, deps Deps) (*Service, error) {
	log := deps.Log.With().Str("component", "ingest").Logger()
	r := newReceiver(deps.Bus, telegram.Adapter{}, cfg.botID(), log, newMetrics(deps.Metrics), deps.Tracer)
	s := &Service{receiver: r}
	e := echo.New()
	e.Logger = slog.New(slog.DiscardHandler) // what is worth a line is logged by us
	e.HTTPErrorHandler = answerError
	e.Any("/webhook/"+r.adapter.Name(), newWebhook(r, cfg.TelegramWebhookSecret).serve)
	s.handler = e
	if cfg.TelegramMode == ModePolling {
		bot, err := botapi.New(botapi.Config{Token: cfg.TelegramBotToken, BaseURL: cfg.TelegramAPIBaseURL})
		if err != nil {
			return nil, fmt.Errorf("make bot: %w", err)
		}
		s.poller = newPoller(bot, r, cfg.botID(), log)
	}
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

// Ready returns nil when the broker works, the monitored chats are known and, when
// polling, Telegram answers (or another copy polls).
func (s *Service) Ready(ctx context.Context) error {
	if s.receiver.monitored.Load() == nil {
		return errors.New("the monitored chats are not read yet")
	}
	if s.poller != nil {
		if err := s.poller.ready(); err != nil {
			return err
		}
	}
	return s.receiver.bus.Ready(ctx)
}

// Run watches the monitored chats, tells about unmonitored ones and, where it is
// set so, polls, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return s.receiver.bus.WatchMonitored(ctx, s.receiver.setMonitored)
	})
	group.Go(func() error { return s.receiver.unmonitored.run(ctx) })
	if s.poller != nil {
		group.Go(func() error { return s.poller.run(ctx) })
	}
	return group.Wait()
}
