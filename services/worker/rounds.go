package worker

import (
	"context"
	"time"

	"github.com/rs/zerolog"
)

// rounds does some work again and again.
type rounds struct {
	// do does what there is, and says how long to wait until the next round.
	do func(ctx context.Context) (pause time.Duration, err error)
	// wake begins a round at once; nil for never.
	wake <-chan struct{}
	// sample measures what waits, every sampling, and after the first round.
	sample   func(ctx context.Context)
	sampling time.Duration
	// trouble is what the log says of the first error after a round without one.
	trouble string
	log     zerolog.Logger
}

// run works until ctx ends.
func (r rounds) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	troubled := false
	var sampled time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
		case <-timer.C:
		}
		pause, err := r.do(ctx)
		if err != nil && !troubled && ctx.Err() == nil {
			r.log.Warn().Err(err).Msg(r.trouble)
		}
		troubled = err != nil
		if time.Since(sampled) >= r.sampling {
			r.sample(ctx)
			sampled = time.Now()
		}
		timer.Reset(pause)
	}
}

// bucketRetry is the pause before a copy in a bucket is written again.
const bucketRetry = 2 * time.Second

// fill writes a copy in a bucket once, for one that was lost or never written; it tries until
// that has worked or ctx ends. missing is what the log says meanwhile.
func fill(ctx context.Context, log zerolog.Logger, missing string, write func(ctx context.Context) error) {
	for ctx.Err() == nil {
		err := write(ctx)
		if err == nil {
			return
		}
		log.Debug().Err(err).Msg(missing)
		select {
		case <-ctx.Done():
		case <-time.After(bucketRetry):
		}
	}
}
