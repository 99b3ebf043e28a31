// Package service runs one service as a process: it connects to the broker,
// listens, serves, reports health and stops in order. The services themselves
// are built by their own New.
package service

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/httpserver"
	"github.com/tasktracker/tasktracker/pkg/logging"
	"github.com/tasktracker/tasktracker/pkg/telemetry"
)

// Service is what every service gives to the process that runs it.
type Service interface {
	// Handler serves the service's own paths; nil where it has none.
	Handler() http.Handler
	// Ready returns nil when all that the service depends on is usable.
	Ready(ctx context.Context) error
	// Run does the service's background work until ctx ends, then finishes or
	// hands back what is in hand and returns within ten seconds.
	Run(ctx context.Context) error
}

// Noticer is a Service that can be ready and still wait for its operators.
type Noticer interface {
	// Notice says what they have to do, and where; "" for nothing.
	Notice() string
}

// Config is what every single service reads beside its own settings.
type Config struct {
	HTTPAddr string `envconfig:"HTTP_ADDR" default:":8080" desc:"listen address of a single service, host:port"`
	BusConfig
	LogConfig
	TelemetryConfig
}

// Embedded structs need names of their own.
type (
	BusConfig       = bus.Config
	LogConfig       = logging.Config
	TelemetryConfig = telemetry.Config
)

// Validate reports every setting that is wrong, joined.
func (c Config) Validate() error {
	var faults []error
	if _, _, err := net.SplitHostPort(c.HTTPAddr); err != nil {
		faults = append(faults, fmt.Errorf("HTTP_ADDR is %q: use host:port, or :port for every address", c.HTTPAddr))
	}
	if strings.TrimSpace(c.NATSURL) == "" {
		faults = append(faults, errors.New("NATS_URL is empty: set it to the broker's address, such as nats://nats:4222"))
	}
	return errors.Join(append(faults, c.BusConfig.Validate(), c.LogConfig.Validate(), c.TelemetryConfig.Validate())...)
}

// Deps is what a service is built from.
type Deps struct {
	Bus     *bus.Bus
	Log     zerolog.Logger
	Metrics *prometheus.Registry
	Tracer  *telemetry.Tracer // nil where nothing is traced
}

// connectTimeout bounds how long a start waits for the broker or the database.
const connectTimeout = 60 * time.Second

// Run is the life of a process that runs one service: until ctx ends, or
// something fails for good. build may open what the service needs beside the
// broker; what it registers with cleanup is closed last, in reverse order.
func Run(ctx context.Context, name string, cfg Config, build func(ctx context.Context, deps Deps, cleanup func(func())) (Service, error)) (err error) {
	log := logging.New(cfg.LogConfig, os.Stdout, name)
	// Listen first: a taken port is told before anything else happens.
	listener, err := httpserver.Listen(ctx, cfg.HTTPAddr)
	if err != nil {
		return err
	}
	var closers []func()
	defer func() {
		for i := len(closers) - 1; i >= 0; i-- {
			closers[i]()
		}
	}()

	deps := Deps{Log: log, Metrics: NewRegistry()}
	// Closed last: what others do at a stop is traced too.
	stopTelemetry, err := deps.Observe(ctx, cfg.TelemetryConfig, name)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	closers = append(closers, stopTelemetry)

	startCtx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	b, err := bus.Connect(startCtx, cfg.BusConfig, name, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	closers = append(closers, b.Close)
	if err := deps.Use(b); err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := b.EnsureStreams(startCtx, cfg.BusConfig); err != nil {
		return errors.Join(err, listener.Close())
	}
	svc, err := build(startCtx, deps, func(f func()) { closers = append(closers, f) })
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	log.Info().Str("address", listener.Addr().String()).Msg("started")
	err = Serve(ctx, listener, svc, deps)
	LogStop(log, err)
	return err
}

// LogStop says that the process has stopped: as it was told to, or for an error.
func LogStop(log zerolog.Logger, err error) {
	if err != nil {
		log.Error().Err(err).Msg("stopped")
		return
	}
	log.Info().Msg("stopped")
}

// Observe starts what lets operators look into the process, traces and profiles, and
// sets d.Tracer. stop ends both, within four seconds.
func (d *Deps) Observe(ctx context.Context, cfg telemetry.Config, name string) (stop func(), err error) {
	stopProfiles, err := telemetry.ServeProfiles(ctx, cfg, d.Log)
	if err != nil {
		return nil, err
	}
	tracer, stopTraces, err := telemetry.Start(ctx, cfg, name, d.Log, d.Metrics)
	if err != nil {
		stopProfiles()
		return nil, err
	}
	d.Tracer = tracer
	return func() { stopProfiles(); stopTraces() }, nil
}

// Use sets d.Bus, and adds the broker's figures to the process's metrics.
func (d *Deps) Use(b *bus.Bus) error {
	d.Bus = b
	if err := d.Metrics.Register(b.Collector()); err != nil {
		return fmt.Errorf("register metrics of the broker: %w", err)
	}
	return nil
}

// NewRegistry makes a metrics registry with the process's own figures in it.
func NewRegistry() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return registry
}

// Serve runs svc and its HTTP side until ctx ends or one of them fails: not
// ready, stop taking, finish what is in hand.
func Serve(ctx context.Context, listener net.Listener, svc Service, deps Deps) error {
	defer allowGarbage()()
	health := httpserver.NewHealth(svc.Ready, deps.Metrics)
	if n, ok := svc.(Noticer); ok {
		health.Notice = n.Notice
	}
	group, ctx := errgroup.WithContext(ctx)
	stop := context.AfterFunc(ctx, health.Stopping)
	defer stop()
	group.Go(func() error { return svc.Run(ctx) })
	group.Go(func() error {
		return httpserver.Serve(ctx, listener, health.Wrap(svc.Handler()), deps.Log)
	})
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
