//go:build unix

package embeddedpostgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/rs/zerolog"
)

// Remove deletes the database of dataDir, wherever it was placed, and stops a
// server that was left running on it. The rest of dataDir stays. It fails with
// ErrInUse while a Server is using the database; a database that does not exist
// is no error.
func Remove(ctx context.Context, dataDir string, log zerolog.Logger) error {
	dataDir, err := filepath.Abs(dataDir)
	if err != nil {
		return fmt.Errorf("resolve data directory: %w", err)
	}
	if dataDir, err = filepath.EvalSymlinks(dataDir); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return fmt.Errorf("resolve data directory: %w", err)
	}
	held, err := acquireLock(filepath.Join(dataDir, lockFile), dataDir)
	if err != nil {
		return err
	}
	err = removePlace(ctx, dataDir, log)
	return errors.Join(err, held.release())
}

func removePlace(ctx context.Context, dataDir string, log zerolog.Logger) error {
	dir, err := readLocation(dataDir)
	if err != nil || dir == "" {
		return err
	}
	if _, err := os.Stat(dir); err == nil {
		held, err := acquireLock(filepath.Join(dir, lockFile), dir)
		if err != nil {
			return err
		}
		err = place{dir: dir}.stopLeftover(ctx, log)
		if err = errors.Join(err, held.release()); err != nil {
			return err
		}
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("remove PostgreSQL's data: %w", err)
		}
	}
	if err := os.Remove(filepath.Join(dataDir, locationFile)); err != nil {
		return fmt.Errorf("remove the record of PostgreSQL's data: %w", err)
	}
	return nil
}
