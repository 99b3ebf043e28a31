// Package gateway is the service that brings events to WebSocket clients (GET /ws):
// fan-out, resuming, narrowing by type, and a bound on what each client may cost.
// It keeps nothing of its own and never touches the database; any number of copies
// run side by side, and a client may come back to any of them.
//
// proto/asyncapi.yaml has the frames, internal/hub how they are brought out.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/service"
	"github.com/tasktracker/tasktracker/pkg/telemetry"
	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/feed"
	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/hub"
	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/origin"
)

// Deps is what the gateway is built from.
type Deps struct {
	Bus     *bus.Bus
	Log     zerolog.Logger
	Metrics prometheus.Registerer
	// Tracer is nil where nothing is traced.
	Tracer *telemetry.Tracer
}

// Service is one gateway.
type Service struct {
	bus      *bus.Bus
	log      zerolog.Logger
	origins  *origin.Policy
	feed     *feed.Feed
	hub      *hub.Hub
	refusals *prometheus.CounterVec
	stopping atomic.Bool
}

var _ service.Service = (*Service)(nil)

// New builds a gateway. Run must be called, if only with a context that has ended:
// it also ends what New started.
func New(cfg Config, deps Deps) (*Service, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("settings of the gateway: %w", err)
	}
	origins, err := cfg.origins()
	if err != nil {
		return nil, fmt.Errorf("settings of the gateway: %w", err)
	}
	s := &Service{bus: deps.Bus, log: deps.Log, origins: origins}
	s.refusals = prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: "tasktracker", Subsystem: "gateway", Name: "refused_total", Help: "Requests to /ws that got no connection, by the status of the answer.",
	}, []string{"status"})
	for _, status := range []string{"403", "405", "426", "503"} {
		s.refusals.WithLabelValues(status)
	}
	if err := deps.Metrics.Register(s.refusals); err != nil {
		return nil, fmt.Errorf("register metrics of the gateway: %w", err)
	}
	if s.feed, err = feed.New(deps.Bus.JetStream(), bus.StreamEvents, deps.Tracer, deps.Log, deps.Metrics); err != nil {
		return nil, err
	}
	opts := hub.Defaults()
	opts.QueueBytes, opts.QueueFrames = cfg.QueueBytes, cfg.QueueFrames
	opts.SlowAfter, opts.WriteTimeout = cfg.SlowAfter, cfg.WriteTimeout
	opts.PingInterval, opts.MaxClients = cfg.PingInterval, cfg.MaxClients
	if s.hub, err = hub.New(opts, s.feed, deps.Log, deps.Metrics); err != nil {
		return nil, err
	}
	return s, nil
}

// Handler serves /ws.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/ws", s.serveWebSocket)
	mux.HandleFunc("/", notFound)
	return mux
}

// errStopping is what Ready says once Run's context has ended.
var errStopping = errors.New("the gateway is stopping")

// Ready returns nil while events reach the gateway as they happen.
func (s *Service) Ready(ctx context.Context) error {
	if s.stopping.Load() {
		return errStopping
	}
	if err := s.feed.Ready(); err != nil {
		return err
	}
	return s.bus.Ready(ctx)
}

// stopTimeout bounds how long clients may take to go at a stop: what waits for them
// is sent first.
const stopTimeout = 8 * time.Second

// Run takes events until ctx ends, then sends every client away with code 1001,
// some at a time, and returns within nine seconds. http.Server.Shutdown neither
// closes nor waits for WebSockets, so this does.
func (s *Service) Run(ctx context.Context) error {
	s.feed.Run(ctx, s.hub)
	s.stopping.Store(true)
	stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	s.hub.Shutdown(stopCtx)
	return nil
}
