// Package operate is what an operator does with the data: backup and restore. It works
// on servers of the user's own, on a standalone that runs, and on the data of one that
// does not.
package operate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/backup"
	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/embeddednats"
	"github.com/tasktracker/tasktracker/pkg/embeddedpostgres"
	"github.com/tasktracker/tasktracker/pkg/secrets"
	"github.com/tasktracker/tasktracker/services/standalone/internal/datadir"
)

const (
	startTimeout = 2 * time.Minute
	stopTimeout  = 15 * time.Second
)

// Config says where the data are. The settings are those of the services.
type Config struct {
	DataDir     string `envconfig:"DATA_DIR" default:".data" desc:"directory in which standalone keeps its data"`
	DatabaseURL string `envconfig:"DATABASE_URL" secret:"true" desc:"PostgreSQL 15 or newer (postgres://user:password@host:5432/name). Standalone starts one of its own where it is empty; a single service needs it"`
	BusConfig
	// SecretsConfig is read by Reseal alone.
	SecretsConfig
}

// Embedded structs need names of their own.
type (
	BusConfig     = bus.Config
	SecretsConfig = secrets.Config
)

// Validate reports every setting that is wrong, joined.
func (c Config) Validate() error {
	var faults []error
	if c.DataDir == "" {
		faults = append(faults, errors.New("DATA_DIR is no path: name a directory to keep data in"))
	}
	return errors.Join(append(faults, c.BusConfig.Validate())...)
}

// embeds reports whether a part of the data is in DATA_DIR.
func (c Config) embeds() bool { return c.DatabaseURL == "" || c.NATSURL == "" }

// wantData returns an error where no standalone has ever kept data in DATA_DIR.
func (c Config) wantData() error {
	name := "postgres.location"
	if c.DatabaseURL != "" {
		name = "nats"
	}
	_, err := os.Stat(filepath.Join(c.DataDir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("DATA_DIR %s has no data: set DATA_DIR, or DATABASE_URL and NATS_URL, to where they are", c.DataDir)
	}
	return err
}

// open connects to the place, and starts what of it is in DATA_DIR. close undoes that.
func open(ctx context.Context, cfg Config, log zerolog.Logger) (place backup.Place, closeAll func() error, err error) {
	var closers []func() error
	closeAll = func() error {
		var faults error
		for i := len(closers) - 1; i >= 0; i-- {
			faults = errors.Join(faults, closers[i]())
		}
		return faults
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, closeAll())
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if cfg.embeds() {
		unlock, err := datadir.Lock(cfg.DataDir)
		if err != nil {
			return place, closeAll, err
		}
		closers = append(closers, func() error { unlock(); return nil })
	}
	place = backup.Place{DatabaseURL: cfg.DatabaseURL, Streams: cfg.BusConfig, Log: log}
	if cfg.DatabaseURL == "" {
		server, err := startDatabase(ctx, cfg.DataDir, log)
		if err != nil {
			return place, closeAll, err
		}
		closers = append(closers, func() error {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
			defer cancel()
			return server.Stop(ctx)
		})
		place.DatabaseURL = server.URL()
	}
	var opts []nats.Option
	if cfg.NATSURL == "" {
		server, err := embeddednats.Start(embeddednats.Config{
			StoreDir: filepath.Join(cfg.DataDir, "nats"), SyncAlways: cfg.NATSSync == bus.SyncAlways, Log: log,
		})
		if err != nil {
			return place, closeAll, err
		}
		closers = append(closers, func() error { server.Stop(); return nil })
		opts = append(opts, server.Connection())
	}
	if place.Bus, err = bus.Connect(ctx, cfg.BusConfig, "backup", log, opts...); err != nil {
		return place, closeAll, err
	}
	closers = append(closers, func() error { place.Bus.Close(); return nil })
	return place, closeAll, nil
}

func startDatabase(ctx context.Context, dataDir string, log zerolog.Logger) (*embeddedpostgres.Server, error) {
	dir, err := filepath.Abs(dataDir)
	if err != nil {
		return nil, fmt.Errorf("find DATA_DIR: %w", err)
	}
	server, err := embeddedpostgres.Start(ctx, embeddedpostgres.Config{DataDir: dir, Log: log})
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	return server, nil
}
