package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// BucketBudgets holds how far the limits of other people's services are used up.
const BucketBudgets = "budgets"

const (
	// budgetInterval is Telegram's limit of about 30 calls a second
	// (core.telegram.org/bots/faq), as the time from call to call.
	budgetInterval = time.Second / 30
	// budgetBurst is how many calls may follow each other at once after a pause.
	budgetBurst = 5
	// setWebhookInterval: more than one setWebhook a second is answered 429, by when they arrive.
	setWebhookInterval = 1100 * time.Millisecond
	methodSetWebhook   = "setWebhook"

	// budgetPatience is the longest wait for a turn; a caller whose time ends before is told at once.
	budgetPatience = 5 * time.Second
	// maxBlock bounds what a 429 can ask of everybody.
	maxBlock = time.Hour
	// budgetTTL is how long a budget that nobody uses is kept: longer than a block.
	budgetTTL = 2 * maxBlock
	// budgetAnswer bounds the wait for the broker, for calls go ahead without it.
	budgetAnswer   = time.Second
	budgetAttempts = 20
)

// OverBudgetError means that a call has to wait longer than its caller may.
type OverBudgetError struct{ Wait time.Duration }

// Error says how long.
func (e *OverBudgetError) Error() string {
	return fmt.Sprintf("too many calls: the next one may be made in %s", e.Wait.Round(time.Second))
}

// RetryAfter is how long to wait.
func (e *OverBudgetError) RetryAfter() time.Duration { return e.Wait }

// Budget is the calls that all processes together may make with one token: some 30 a
// second, setWebhook once a second, and none for as long as Telegram asked any of them
// to wait (429). It is kept in the broker, in memory; where the broker does not answer,
// calls go ahead, for Telegram then says itself what is too much. The clocks of the
// machines are taken to agree within a fraction of a second. It is safe for concurrent use.
type Budget struct {
	bus   *Bus
	key   string
	mu    sync.Mutex // one change at a time in this process; guards kv
	kv    jetstream.KeyValue
	now   func() time.Time
	pause func(context.Context, time.Duration) error
}

// budgetState is what the bucket holds for a bot, times in Unix nanoseconds.
type budgetState struct {
	// Next is when the next call is due at an even pace (the theoretical arrival time of
	// the generic cell rate algorithm), and SetWebhook that of setWebhook.
	Next       int64 `json:"next"`
	SetWebhook int64 `json:"set_webhook,omitempty"`
	Blocked    int64 `json:"blocked,omitempty"`
}

// TelegramBudget is the budget of a bot. It asks nobody before it is used.
func (b *Bus) TelegramBudget(botID string) *Budget {
	return &Budget{bus: b, key: "telegram-" + token(botID), now: time.Now, pause: pauseFor}
}

// Take waits for the turn of one call of a method. It returns *OverBudgetError where the
// turn is too far, without having taken it, or ctx's error where that ends meanwhile.
func (b *Budget) Take(ctx context.Context, method string) error {
	patience := budgetPatience
	if deadline, ok := ctx.Deadline(); ok {
		patience = min(patience, deadline.Sub(b.now()))
	}
	var wait time.Duration
	err := b.change(ctx, func(s *budgetState, now time.Time) error {
		wait = s.take(now, method == methodSetWebhook)
		if wait > patience {
			return &OverBudgetError{Wait: wait}
		}
		return nil
	})
	if over, ok := errors.AsType[*OverBudgetError](err); ok {
		return over
	}
	if err != nil { // the broker does not answer
		b.bus.log.Debug().Err(err).Msg("calls to Telegram are not counted")
		return ctx.Err()
	}
	if wait <= 0 {
		return nil
	}
	return b.pause(ctx, wait)
}

// Blocked makes every process wait until then, as Telegram asked one of them.
func (b *Budget) Blocked(ctx context.Context, until time.Time) {
	err := b.change(ctx, func(s *budgetState, now time.Time) error {
		if latest := now.Add(maxBlock); until.After(latest) {
			until = latest
		}
		s.Blocked = max(s.Blocked, until.UnixNano())
		return nil
	})
	if err != nil {
		b.bus.log.Debug().Err(err).Msg("that Telegram asked to wait is not told to the other processes")
	}
}

// take counts one call and says how long it has to wait.
func (s *budgetState) take(now time.Time, setWebhook bool) time.Duration {
	at := now.UnixNano()
	due := max(at, s.Blocked, s.Next-int64(budgetBurst-1)*int64(budgetInterval))
	if setWebhook {
		due = max(due, s.SetWebhook)
		s.SetWebhook = due + int64(setWebhookInterval)
	}
	s.Next = max(s.Next, due) + int64(budgetInterval)
	return time.Duration(due - at)
}

// change replaces the state by what fn makes of it; an error of fn is returned as it is,
// and changes nothing.
func (b *Budget) change(ctx context.Context, fn func(*budgetState, time.Time) error) error {
	if !b.bus.conn.IsConnected() {
		return ErrUnavailable
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, budgetAnswer)
	defer cancel()
	kv, err := b.bucket(ctx)
	if err != nil {
		return err
	}
	for range budgetAttempts {
		var state budgetState
		entry, err := kv.Get(ctx, b.key)
		switch {
		case errors.Is(err, jetstream.ErrKeyNotFound):
		case err != nil:
			b.kv = nil // a broker that started anew has no bucket in memory
			return fmt.Errorf("read budget: %w", err)
		default:
			_ = json.Unmarshal(entry.Value(), &state) // what cannot be read counts from zero
		}
		if err := fn(&state, b.now()); err != nil {
			return err
		}
		data, err := json.Marshal(state)
		if err != nil {
			return fmt.Errorf("write budget: %w", err)
		}
		if entry == nil {
			_, err = kv.Create(ctx, b.key, data)
		} else {
			_, err = kv.Update(ctx, b.key, data, entry.Revision())
		}
		if err == nil {
			return nil
		}
		if !errors.Is(err, jetstream.ErrKeyExists) {
			b.kv = nil
			return fmt.Errorf("write budget: %w", err)
		}
	}
	return errors.New("too many processes change the budget at once")
}

// bucket opens the bucket when it is first needed; b.mu must be held.
func (b *Budget) bucket(ctx context.Context) (jetstream.KeyValue, error) {
	if b.kv != nil {
		return b.kv, nil
	}
	stream, err := b.bus.js.Stream(ctx, StreamInbound)
	if err != nil {
		return nil, fmt.Errorf("look at stream %s: %w", StreamInbound, err)
	}
	kv, err := b.bus.EnsureBucket(ctx, jetstream.KeyValueConfig{
		Bucket: BucketBudgets, Description: "how far limits of calls are used up", TTL: budgetTTL,
		Storage: jetstream.MemoryStorage, Replicas: stream.CachedInfo().Config.Replicas,
	})
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", BucketBudgets, err)
	}
	b.kv = kv
	return kv, nil
}
