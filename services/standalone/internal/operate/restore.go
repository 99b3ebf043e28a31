package operate

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/backup"
	"github.com/tasktracker/tasktracker/services/standalone/internal/datadir"
)

// Restore restores the backup at path. Nothing is started or changed before the whole
// of it is verified.
func Restore(ctx context.Context, cfg Config, path string, log zerolog.Logger, opts backup.Options) (made Made, err error) {
	made.Path = path
	in, err := os.Open(path)
	if err != nil {
		return made, fmt.Errorf("open the backup: %w", err)
	}
	defer in.Close()
	if made.Manifest, _, err = backup.Verify(in); err != nil {
		return made, fmt.Errorf("%s: %w", path, err)
	}
	if cfg.embeds() {
		conn, err := datadir.Dial(cfg.DataDir)
		if err == nil {
			return made, errors.Join(fmt.Errorf("standalone runs on DATA_DIR %s: stop it first", cfg.DataDir), conn.Close())
		}
		if !errors.Is(err, datadir.ErrNobody) {
			return made, err
		}
	}
	place, closeAll, err := open(ctx, cfg, log)
	if err != nil {
		return made, err
	}
	defer func() { err = errors.Join(err, closeAll()) }()
	made.Contents, err = backup.Restore(ctx, in, place, opts)
	return made, err
}

// Verify reads the backup at path.
func Verify(path string) (Made, error) {
	made := Made{Path: path}
	in, err := os.Open(path)
	if err != nil {
		return made, fmt.Errorf("open the backup: %w", err)
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return made, fmt.Errorf("look at the backup: %w", err)
	}
	made.Size = info.Size()
	if made.Manifest, made.Contents, err = backup.Verify(in); err != nil {
		return made, fmt.Errorf("%s: %w", path, err)
	}
	return made, nil
}
