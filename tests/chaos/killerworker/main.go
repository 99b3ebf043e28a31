// Command killerworker is the worker with a database driver that ends the process when
// it is given a certain text, as a fault in a driver, in a codec or in the kernel's
// memory would. Everything else is what the worker's own main does.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tasktracker/tasktracker/pkg/config"
	"github.com/tasktracker/tasktracker/pkg/service"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/services/worker"
)

// settings are the worker's, and the text that kills.
type settings struct {
	DatabaseURL string `envconfig:"DATABASE_URL"`
	Killer      string `envconfig:"KILLER"`
	ServiceConfig
	WorkerConfig
}

// Embedded structs need names of their own.
type (
	ServiceConfig = service.Config
	WorkerConfig  = worker.Config
)

// Validate reports every setting that is wrong, joined.
func (s *settings) Validate() error { return s.ServiceConfig.Validate() }

func main() { service.Main("killerworker", run) }

func run(ctx context.Context) error {
	var cfg settings
	if err := config.Load(".env", &cfg); err != nil {
		return err
	}
	return service.Run(ctx, "worker", cfg.ServiceConfig,
		func(ctx context.Context, deps service.Deps, cleanup func(func())) (service.Service, error) {
			pooling, err := pgxpool.ParseConfig(cfg.DatabaseURL)
			if err != nil {
				return nil, err
			}
			pooling.ConnConfig.Tracer = killer{cfg.Killer}
			pool, err := pgxpool.NewWithConfig(ctx, pooling)
			if err != nil {
				return nil, err
			}
			cleanup(pool.Close)
			return worker.New(cfg.WorkerConfig, worker.Deps{Store: store.New(pool), Bus: deps.Bus, Log: deps.Log, Metrics: deps.Metrics})
		})
}

// killer is a pgx.QueryTracer.
type killer struct{ text string }

// TraceQueryStart ends the process, as a crash does: nothing is cleaned up.
func (k killer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if strings.Contains(fmt.Sprint(data.Args...), k.text) {
		os.Exit(3)
	}
	return ctx
}

// TraceQueryEnd does nothing.
func (killer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
