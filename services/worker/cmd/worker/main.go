// Command worker stores messages and does the jobs that nobody waits for.
package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/tasktracker/tasktracker/pkg/config"
	"github.com/tasktracker/tasktracker/pkg/postgres"
	"github.com/tasktracker/tasktracker/pkg/secrets"
	"github.com/tasktracker/tasktracker/pkg/service"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/services/worker"
)

// settings is all that the process reads from its environment.
type settings struct {
	DatabaseURL string `envconfig:"DATABASE_URL" secret:"true" desc:"PostgreSQL 15 or newer (postgres://user:password@host:5432/name). Standalone starts one of its own where it is empty; a single service needs it"`
	ServiceConfig
	SecretsConfig
	WorkerConfig
}

// Embedded structs need names of their own.
type (
	ServiceConfig = service.Config
	SecretsConfig = secrets.Config
	WorkerConfig  = worker.Config
)

// Validate reports every setting that is wrong, joined.
func (s *settings) Validate() error {
	var faults []error
	if s.DatabaseURL == "" {
		faults = append(faults, errors.New("DATABASE_URL is empty: set it to the database's address, such as postgres://user:password@postgres:5432/tasktracker"))
	}
	return errors.Join(append(faults, s.ServiceConfig.Validate(), s.SecretsConfig.Validate(), s.WorkerConfig.Validate())...)
}

func main() { service.Main("worker", run) }

func run(ctx context.Context) error {
	var cfg settings
	if err := config.Load(".env", &cfg); err != nil {
		return err
	}
	return service.Run(ctx, "worker", cfg.ServiceConfig,
		func(ctx context.Context, deps service.Deps, cleanup func(func())) (service.Service, error) {
			pool, err := postgres.Connect(ctx, cfg.DatabaseURL, postgres.Options{ApplicationName: "worker", Log: deps.Log})
			if err != nil {
				return nil, err
			}
			cleanup(func() { postgres.Close(pool) })
			if err := deps.Metrics.Register(postgres.NewPoolCollector(pool)); err != nil {
				return nil, fmt.Errorf("register metrics of the database: %w", err)
			}
			db := store.New(pool)
			if cfg.MigrateOnStart {
				err = postgres.Migrate(ctx, cfg.DatabaseURL, deps.Log)
			} else {
				err = postgres.AwaitSchema(ctx, pool, deps.Log)
			}
			if err != nil {
				return nil, err
			}
			ring, err := secrets.NewRing(cfg.SettingsEncryptionKey)
			if err != nil {
				return nil, err
			}
			return worker.New(cfg.WorkerConfig, worker.Deps{Store: db, Bus: deps.Bus, Secrets: ring, Log: deps.Log, Metrics: deps.Metrics, Tracer: deps.Tracer})
		})
}
