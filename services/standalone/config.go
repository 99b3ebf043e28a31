package standalone

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/logging"
	"github.com/tasktracker/tasktracker/pkg/secrets"
	"github.com/tasktracker/tasktracker/pkg/telemetry"
	"github.com/tasktracker/tasktracker/services/api"
	"github.com/tasktracker/tasktracker/services/ingest"
	gateway "github.com/tasktracker/tasktracker/services/realtime-gateway"
	"github.com/tasktracker/tasktracker/services/worker"
)

// Config is what standalone reads: its own settings and those of every service.
type Config struct {
	Port         int    `envconfig:"PORT" default:"8080" desc:"the one public port of standalone, 1 to 65535 (0: any free one)"`
	DataDir      string `envconfig:"DATA_DIR" default:".data" desc:"directory in which standalone keeps its data"`
	DashboardDir string `envconfig:"DASHBOARD_DIR" default:"dashboard/dist" desc:"directory of the built dashboard that standalone serves"`
	DatabaseURL  string `envconfig:"DATABASE_URL" secret:"true" desc:"PostgreSQL 15 or newer (postgres://user:password@host:5432/name). Standalone starts one of its own where it is empty; a single service needs it"`
	BusConfig
	SecretsConfig
	LogConfig
	TelemetryConfig
	IngestConfig
	WorkerConfig
	APIConfig
	GatewayConfig
}

// Embedded structs need names of their own.
type (
	BusConfig       = bus.Config
	SecretsConfig   = secrets.Config
	LogConfig       = logging.Config
	TelemetryConfig = telemetry.Config
	IngestConfig    = ingest.Config
	WorkerConfig    = worker.Config
	APIConfig       = api.Config
	GatewayConfig   = gateway.Config
)

// Validate reports every setting that is wrong, joined, each once: several services go by some.
func (c Config) Validate() error {
	var faults []error
	if c.Port < 0 || c.Port > 65535 {
		faults = append(faults, fmt.Errorf("PORT is %d: use 1 to 65535", c.Port))
	}
	if _, err := filepath.Abs(c.DataDir); err != nil || c.DataDir == "" {
		faults = append(faults, errors.New("DATA_DIR is no path: name a directory to keep data in"))
	}
	if c.SettingsEncryptionKey != "" { // else one is made
		faults = append(faults, c.SecretsConfig.Validate())
	}
	return once(errors.Join(append(faults, c.BusConfig.Validate(), c.LogConfig.Validate(), c.TelemetryConfig.Validate(),
		c.IngestConfig.Validate(), c.WorkerConfig.Validate(), c.APIConfig.Validate(), c.GatewayConfig.Validate())...))
}

// once leaves out what an error of several lines says again.
func once(err error) error {
	if err == nil {
		return nil
	}
	var said []string
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if !slices.Contains(said, line) {
			said = append(said, line)
		}
	}
	return errors.New(strings.Join(said, "\n"))
}
