// Command ingest runs the ingest service.
package main

import (
	"context"
	"errors"

	"github.com/tasktracker/tasktracker/pkg/config"
	"github.com/tasktracker/tasktracker/pkg/secrets"
	"github.com/tasktracker/tasktracker/pkg/service"
	"github.com/tasktracker/tasktracker/services/ingest"
)

type settings struct {
	ServiceConfig
	SecretsConfig
	IngestConfig
}

// Embedded structs need names of their own.
type (
	ServiceConfig = service.Config
	SecretsConfig = secrets.Config
	IngestConfig  = ingest.Config
)

func (s settings) Validate() error {
	return errors.Join(s.ServiceConfig.Validate(), s.SecretsConfig.Validate(), s.IngestConfig.Validate())
}

func main() { service.Main("ingest", run) }

func run(ctx context.Context) error {
	var cfg settings
	if err := config.Load(".env", &cfg); err != nil {
		return err
	}
	return service.Run(ctx, "ingest", cfg.ServiceConfig, func(_ context.Context, deps service.Deps, _ func(func())) (service.Service, error) {
		ring, err := secrets.NewRing(cfg.SettingsEncryptionKey)
		if err != nil {
			return nil, err
		}
		return ingest.New(cfg.IngestConfig, ingest.Deps{Bus: deps.Bus, Secrets: ring, Log: deps.Log, Metrics: deps.Metrics, Tracer: deps.Tracer})
	})
}
