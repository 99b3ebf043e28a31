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
	// leaseReturn bounds the wait for the broker when the lease is given back.
	leaseReturn = 2 * time.Second
)

// lease lets one copy of ingest at a time poll for an account: Telegram answers the
// older of two pollers with 409.
type lease struct {
	kv  jetstream.KeyValue
	key string
}

func openLease(ctx context.Context, b *bus.Bus, key string) (*lease, error) {
	// As many replicas as the streams have: with fewer, a server of the cluster that is
	// down could keep everybody from polling.
	stream, err := b.JetStream().Stream(ctx, bus.StreamInbound)
	if err != nil {
		return nil, fmt.Errorf("look at stream %s: %w", bus.StreamInbound, err)
	}
	kv, err := b.EnsureBucket(ctx, jetstream.KeyValueConfig{
		Bucket: leaseBucket, Description: "who alone does a thing", TTL: leaseTTL, Replicas: stream.CachedInfo().Config.Replicas,
	})
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", leaseBucket, err)
	}
	return &lease{kv: kv, key: key}, nil
}

// acquire waits until nobody else holds the lease; waiting is called once where it
// has to. The context that it returns ends with ctx, with release, or as soon as the
// lease may have been lost; until release the lease is kept, so that what is in hand
// when ctx ends is finished before another copy begins.
func (l *lease) acquire(ctx context.Context, waiting func()) (held context.Context, release func(), err error) {
	for told := false; ; {
		revision, err := l.kv.Create(ctx, l.key, nil)
		if err == nil {
			held, release := l.hold(ctx, revision)
			return held, release, nil
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

func (l *lease) hold(ctx context.Context, revision uint64) (held context.Context, release func()) {
	held, lost := context.WithCancel(ctx)
	keep, give := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer lost()
		l.renew(keep, revision)
	}()
	return held, func() { give(); <-done }
}

// renew keeps the lease until ctx ends, when it gives it back, or until it cannot.
func (l *lease) renew(ctx context.Context, revision uint64) {
	for pause(ctx, leaseRenew) {
		// Well before the lease expires: who cannot renew it has stopped by then.
		attempt, cancel := context.WithTimeout(ctx, leaseRenew)
		next, err := l.kv.Update(attempt, l.key, nil, revision)
		cancel()
		switch {
		case err == nil:
			revision = next
		case ctx.Err() == nil:
			return
		}
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseReturn)
	defer cancel()
	// Where this fails the lease expires by itself.
	_ = l.kv.Delete(end, l.key, jetstream.LastRevision(revision))
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
