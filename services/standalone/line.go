package standalone

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/klauspost/compress/gzhttp"
	"golang.org/x/sync/errgroup"

	"github.com/tasktracker/tasktracker/pkg/classify/local"
	"github.com/tasktracker/tasktracker/pkg/secrets"
	"github.com/tasktracker/tasktracker/pkg/service"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/services/api"
	"github.com/tasktracker/tasktracker/services/ingest"
	gateway "github.com/tasktracker/tasktracker/services/realtime-gateway"
	"github.com/tasktracker/tasktracker/services/standalone/internal/page"
	"github.com/tasktracker/tasktracker/services/worker"
)

// packFrom is from how many bytes an answer of the API is compressed, as nginx does it in front of single services: a list
// of fifty messages becomes a sixth. What is smaller fits a few packets as it is.
const packFrom = 4096

// line is the four services as one: a service.Service in the shape of each of them.
type line struct {
	handler  http.Handler
	services map[string]service.Service
}

var _ service.Service = (*line)(nil)

func newLine(cfg Config, deps service.Deps, pool *pgxpool.Pool, ring *secrets.Ring) (*line, error) {
	db := store.New(pool)
	ingestService, err := ingest.New(cfg.IngestConfig, ingest.Deps{Bus: deps.Bus, Secrets: ring, Log: deps.Log, Metrics: deps.Metrics, Tracer: deps.Tracer})
	if err != nil {
		return nil, fmt.Errorf("build ingest: %w", err)
	}
	workerService, err := worker.New(cfg.WorkerConfig, worker.Deps{Store: db, Bus: deps.Bus, Secrets: ring, Log: deps.Log, Metrics: deps.Metrics, Tracer: deps.Tracer})
	if err != nil {
		return nil, fmt.Errorf("build worker: %w", err)
	}
	builtIn, err := local.New()
	if err != nil {
		return nil, err
	}
	apiService, err := api.New(cfg.APIConfig, api.Deps{Store: db, Bus: deps.Bus, Secrets: ring, Log: deps.Log, Metrics: deps.Metrics, Tracer: deps.Tracer, Local: builtIn})
	if err != nil {
		return nil, fmt.Errorf("build api: %w", err)
	}
	gatewayService, err := gateway.New(cfg.GatewayConfig, gateway.Deps{Bus: deps.Bus, Log: deps.Log, Metrics: deps.Metrics, Tracer: deps.Tracer})
	if err != nil {
		return nil, fmt.Errorf("build realtime-gateway: %w", err)
	}
	packed, err := gzhttp.NewWrapper(gzhttp.MinSize(packFrom), gzhttp.CompressionLevel(gzip.BestSpeed), gzhttp.EnableZstd(false))
	if err != nil {
		return nil, fmt.Errorf("compress answers: %w", err)
	}
	apiHandler := packed(apiService.Handler())
	mux := http.NewServeMux()
	mux.Handle("/webhook/", ingestService.Handler())
	mux.Handle("/ws", gatewayService.Handler())
	mux.Handle("/api", apiHandler)
	mux.Handle("/api/", apiHandler)
	mux.Handle("/", page.Handler(cfg.DashboardDir))
	return &line{handler: mux, services: map[string]service.Service{
		"ingest": ingestService, "worker": workerService, "api": apiService, "realtime-gateway": gatewayService,
	}}, nil
}

// Handler serves what nginx would pass on to the services, and the dashboard.
func (l *line) Handler() http.Handler { return l.handler }

// Ready returns nil when every service is ready.
func (l *line) Ready(ctx context.Context) error {
	var faults []error
	for name, svc := range l.services {
		if err := svc.Ready(ctx); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
		}
	}
	return errors.Join(faults...)
}

// Notice is what the services say that their operators have to do.
func (l *line) Notice() string {
	var notices []string
	for _, svc := range l.services {
		if n, ok := svc.(service.Noticer); ok && n.Notice() != "" {
			notices = append(notices, n.Notice())
		}
	}
	return strings.Join(notices, "; ")
}

// Run runs every service until ctx ends or one of them fails.
func (l *line) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for name, svc := range l.services {
		group.Go(func() error {
			if err := svc.Run(ctx); err != nil && ctx.Err() == nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		})
	}
	return group.Wait()
}
