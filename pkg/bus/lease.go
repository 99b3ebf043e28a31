package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// BucketLeases holds who alone does a thing: a key is there while somebody does.
const BucketLeases = "leases"

const (
	// leaseTTL is how long a process that died keeps the others from its thing.
	leaseTTL   = 15 * time.Second
	leaseRenew = leaseTTL / 3
	leaseAsk   = 250 * time.Millisecond
	// leaseReturn bounds the wait for the broker when a lease is given back.
	leaseReturn = 2 * time.Second
)

// TelegramPollingLease is the key of the lease of who polls for a bot.
func TelegramPollingLease(botID string) string { return "telegram-polling-" + token(botID) }

// leases opens the bucket, or makes it.
func (b *Bus) leases(ctx context.Context) (jetstream.KeyValue, error) {
	// As many replicas as the streams have: with fewer, a server of the cluster that is
	// down could keep everybody from every lease.
	stream, err := b.js.Stream(ctx, StreamInbound)
	if err != nil {
		return nil, fmt.Errorf("look at stream %s: %w", StreamInbound, classify(err))
	}
	kv, err := b.EnsureBucket(ctx, jetstream.KeyValueConfig{
		Bucket: BucketLeases, Description: "who alone does a thing", TTL: leaseTTL, Replicas: stream.CachedInfo().Config.Replicas,
	})
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", BucketLeases, classify(err))
	}
	return kv, nil
}

// LeaseHeld reports whether anybody holds a lease now.
func (b *Bus) LeaseHeld(ctx context.Context, key string) (bool, error) {
	kv, err := b.js.KeyValue(ctx, BucketLeases)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("open bucket %s: %w", BucketLeases, classify(err))
	}
	_, err = kv.Get(ctx, key)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at lease %s: %w", key, classify(err))
	}
	return true, nil
}

// AwaitLeaseFree waits until nobody holds a lease, and returns ctx's error where it ends first.
func (b *Bus) AwaitLeaseFree(ctx context.Context, key string) error {
	for {
		held, err := b.LeaseHeld(ctx, key)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil || !held {
			return err
		}
		if err := pauseFor(ctx, leaseAsk); err != nil {
			return err
		}
	}
}

// ErrHeld is returned by Exclusive where somebody else holds the lease for too long.
var ErrHeld = errors.New("somebody else is at it")

// Exclusive runs fn while no other process runs one under the same key. It waits for its
// turn for as long as patience, and returns ErrHeld then. What fn gets ends with ctx, or
// as soon as the lease may have been lost.
func (b *Bus) Exclusive(ctx context.Context, key string, patience time.Duration, fn func(context.Context) error) error {
	if !b.conn.IsConnected() { // nobody shall wait for what may come back or not
		return fmt.Errorf("take lease %s: %w", key, ErrUnavailable)
	}
	opening, opened := context.WithTimeout(ctx, answerTimeout)
	defer opened()
	kv, err := b.leases(opening)
	if err != nil {
		return err
	}
	turn, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	revision, err := takeLease(turn, kv, key, leaseAsk, func() {})
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return ErrHeld
	}
	if err != nil {
		return err
	}
	held, release := holdLease(ctx, kv, key, revision)
	defer release()
	return fn(held)
}

// Lead waits until nobody else holds the lease; waiting is called once where it has to.
// The context that it returns ends with ctx, with release, or as soon as the lease may
// have been lost; until release the lease is kept, so that what is in hand when ctx ends
// is finished before another process begins.
func (b *Bus) Lead(ctx context.Context, key string, waiting func()) (held context.Context, release func(), err error) {
	kv, err := b.leases(ctx)
	if err != nil {
		return nil, nil, err
	}
	revision, err := takeLease(ctx, kv, key, leaseRenew, waiting)
	if err != nil {
		return nil, nil, err
	}
	held, release = holdLease(ctx, kv, key, revision)
	return held, release, nil
}

// takeLease asks again and again, and calls waiting once where somebody holds the lease.
func takeLease(ctx context.Context, kv jetstream.KeyValue, key string, every time.Duration, waiting func()) (revision uint64, err error) {
	for told := false; ; told = true {
		revision, err := kv.Create(ctx, key, nil)
		if err == nil {
			return revision, nil
		}
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		if !errors.Is(err, jetstream.ErrKeyExists) {
			return 0, fmt.Errorf("take lease %s: %w", key, classify(err))
		}
		if !told {
			waiting()
		}
		if err := pauseFor(ctx, every); err != nil {
			return 0, err
		}
	}
}

func holdLease(ctx context.Context, kv jetstream.KeyValue, key string, revision uint64) (held context.Context, release func()) {
	held, lost := context.WithCancel(ctx)
	keep, give := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer lost()
		keepLease(keep, kv, key, revision)
	}()
	return held, func() { give(); <-done }
}

// keepLease renews the lease until ctx ends, when it gives it back, or until it cannot.
func keepLease(ctx context.Context, kv jetstream.KeyValue, key string, revision uint64) {
	for pauseFor(ctx, leaseRenew) == nil {
		// Well before the lease expires: who cannot renew it has stopped by then.
		attempt, cancel := context.WithTimeout(ctx, leaseRenew)
		next, err := kv.Update(attempt, key, nil, revision)
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
	_ = kv.Delete(end, key, jetstream.LastRevision(revision)) // where this fails the lease expires by itself
}

func pauseFor(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
