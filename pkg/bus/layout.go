package bus

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go/jetstream"
)

// The layout of the streams: their names, subjects and what their messages mean to a
// reader. A release that changes it so that the one before must not work with it counts
// it up, as a migration does with the database; services without a database know by it
// that a newer release has been here.
const (
	layoutVersion  = 1
	layoutMetadata = "task-tracker-layout"
)

// ErrNewerLayout is returned by EnsureStreams when a newer release has made the streams.
var ErrNewerLayout = errors.New("the streams of the broker are newer than this program")

// checkLayout looks who has made a stream before it is brought to what we know.
func (b *Bus) checkLayout(ctx context.Context, name string) error {
	stream, err := b.js.Stream(ctx, name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	made, ok := stream.CachedInfo().Config.Metadata[layoutMetadata]
	if !ok {
		return nil // a release before layouts were counted
	}
	if version, err := strconv.Atoi(made); err != nil || version > layoutVersion {
		return fmt.Errorf("%w: stream %s has layout %s, the program knows %d. Start a release that is at least as new as the one that made it, or restore a backup from before", ErrNewerLayout, name, made, layoutVersion)
	}
	return nil
}
