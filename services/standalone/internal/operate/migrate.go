package operate

import (
	"context"
	"errors"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/postgres"
)

// Migrate brings the database to the schema of this release, once the server answers.
func Migrate(ctx context.Context, cfg Config, log zerolog.Logger) error {
	if cfg.DatabaseURL == "" {
		return errors.New("DATABASE_URL is empty: set it to the database's address; a standalone with its own database migrates it at every start")
	}
	startCtx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	pool, err := postgres.Connect(startCtx, cfg.DatabaseURL, postgres.Options{ApplicationName: "task-tracker-migrate", MaxConns: 1, Log: log})
	if err != nil {
		return err
	}
	pool.Close()
	return postgres.Migrate(ctx, cfg.DatabaseURL, log)
}
