package operate

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/backup"
	"github.com/tasktracker/tasktracker/services/standalone/internal/datadir"
)

// Made is a backup that was written and read again.
type Made struct {
	Path     string
	Size     int64 // in bytes
	Manifest backup.Manifest
	Contents backup.Contents
}

// Backup writes a backup to path, which must not exist. A standalone that runs writes
// it; the data of one that does not are opened for it. Under path there is a whole, verified
// backup or nothing.
func Backup(ctx context.Context, cfg Config, path string, log zerolog.Logger, progress backup.Progress) (Made, error) {
	made := Made{Path: path}
	file, err := createFile(path)
	if err != nil {
		return made, err
	}
	defer file.discard()
	if err := write(ctx, cfg, file.File, log, progress); err != nil {
		return made, err
	}
	progress("verifying", 0)
	if made.Manifest, made.Contents, err = backup.Verify(file.File); err != nil {
		return made, fmt.Errorf("read the backup again: %w", err)
	}
	made.Size, err = file.publish()
	return made, err
}

func write(ctx context.Context, cfg Config, out io.Writer, log zerolog.Logger, progress backup.Progress) (err error) {
	if cfg.embeds() {
		err := fetch(ctx, cfg.DataDir, out, progress)
		if !errors.Is(err, datadir.ErrNobody) {
			return err
		}
		if err := cfg.wantData(); err != nil {
			return err
		}
	}
	place, closeAll, err := open(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAll()) }()
	_, err = backup.Write(ctx, out, place, progress)
	return err
}
