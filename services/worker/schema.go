package worker

import (
	"context"
	"fmt"
	"time"

	"github.com/rs/zerolog"
)

// AwaitSchema waits until the database has been migrated by somebody else, or until
// ctx ends.
func AwaitSchema(ctx context.Context, db interface {
	OutboxSize(ctx context.Context) (int64, error)
}, log zerolog.Logger) error {
	for waited := false; ; waited = true {
		_, err := db.OutboxSize(ctx)
		if err == nil {
			return nil
		}
		if !waited {
			log.Info().Msg("waiting for the database to be migrated, since MIGRATE_ON_START is false")
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the database is not migrated: set MIGRATE_ON_START=true, or start a copy of the worker with it: %w", err)
		case <-time.After(500 * time.Millisecond):
		}
	}
}
