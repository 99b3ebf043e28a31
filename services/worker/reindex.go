package worker

import (
	"context"
	"time"

	"github.com/rs/zerolog"
)

const (
	reindexBatch = 500
	// Between batches, so that indexing a million carried-over rows leaves the database
	// to those who wait for it.
	reindexPause = 100 * time.Millisecond
	reindexRetry = 10 * time.Second
)

// reindexer indexes, in the background, what was carried over without a search index.
type reindexer struct {
	store interface {
		ReindexSearch(ctx context.Context, limit int) (int, error)
	}
	log     zerolog.Logger
	metrics *metrics
}

// run works until nothing is left to index or ctx ends.
func (r reindexer) run(ctx context.Context) {
	total := 0
	for {
		n, err := r.store.ReindexSearch(ctx, reindexBatch)
		pause := reindexPause
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			r.log.Warn().Err(err).Msg("could not index rows for search, trying again")
			pause = reindexRetry
		case n == 0:
			if total > 0 {
				r.log.Info().Int("rows", total).Msg("all carried-over rows are indexed for search")
			}
			return
		}
		total += n
		r.metrics.reindexed.Add(float64(n))
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}
