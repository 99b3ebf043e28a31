package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tasktracker/tasktracker/pkg/bus"
)

const (
	leaseBucket = "leases"
	// leaseTTL is how long a copy that died keeps the others from polling.
	leaseTTL   = 15 * time.Second
	leaseRenew = leaseTTL / 3
)

// lease lets one copy of ingest at a time poll for an account: Telegram answers the
// older of two pollers with 409.
type lease struct {
	kv  jetstream.KeyValue
	key string
}

func openLease(ctx context.Context, b *bus.Bus, key string) (*lease, error) {
	kv, err := b.JetStream().CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket: leaseBucket, Description: "who alone does a thing", TTL: leaseTTL,
	})
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", leaseBucket, err)
	}
	return &lease{kv: kv, key: key}, nil
}

// acquire waits until nobody else holds the lease; waiting is called once where it
// has to. The context that it returns ends with ctx, with release, or as soon as the
// lease may have been lost.
func (l *lease) acquire(ctx context.Context, waiting func()) (held context.Context, release func(), err error) {
	for told := false; ; {
		revision, err := l.kv.Create(ctx, l.key, nil)
		if err == nil {
			held, cancel := context.WithCancel(ctx)
			done := make(chan struct{})
			go func() { defer close(done); defer cancel(); l.renew(held, revision) }()
			return held, func() { cancel(); <-done }, nil
		}
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if !errors.Is(err, jetstream.ErrKeyExists) {
			return nil, nil, fmt.Errorf("take lease %s: %w", l.key, err)
		}
		if !told {
			waiting()
			told = true
		}
		if !pause(ctx, leaseRenew) {
			return nil, nil, ctx.Err()
		}
	}
}

// renew keeps the lease until ctx ends, when it gives it back, or until it cannot.
func (l *lease) renew(ctx context.Context, revision uint64) {
	for {
		if !pause(ctx, leaseRenew) {
			end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			// Where this fails the lease expires by itself.
			_ = l.kv.Delete(end, l.key, jetstream.LastRevision(revision))
			return
		}
		attempt, cancel := context.WithTimeout(ctx, leaseRenew)
		next, err := l.kv.Update(attempt, l.key, nil, revision)
		cancel()
		if err != nil && ctx.Err() == nil {
			return
		}
		revision = next
	}
}

// pause waits; false where ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
