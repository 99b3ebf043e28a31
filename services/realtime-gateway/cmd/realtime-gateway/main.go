// Command realtime-gateway brings events to WebSocket clients.
package main

import (
	"context"
	"errors"

	"github.com/tasktracker/tasktracker/pkg/config"
	"github.com/tasktracker/tasktracker/pkg/service"
	gateway "github.com/tasktracker/tasktracker/services/realtime-gateway"
)

// settings is all that the process reads from its environment.
type settings struct {
	ServiceConfig
	GatewayConfig
}

// Embedded structs need names of their own.
type (
	ServiceConfig = service.Config
	GatewayConfig = gateway.Config
)

// Validate reports every setting that is wrong, joined.
func (s *settings) Validate() error {
	return errors.Join(s.ServiceConfig.Validate(), s.GatewayConfig.Validate())
}

func main() { service.Main("realtime-gateway", run) }

func run(ctx context.Context) error {
	var cfg settings
	if err := config.Load(".env", &cfg); err != nil {
		return err
	}
	return service.Run(ctx, "realtime-gateway", cfg.ServiceConfig,
		func(_ context.Context, deps service.Deps, _ func(func())) (service.Service, error) {
			return gateway.New(cfg.GatewayConfig, gateway.Deps{Bus: deps.Bus, Log: deps.Log, Metrics: deps.Metrics, Tracer: deps.Tracer})
		})
}
