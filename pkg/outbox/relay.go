package outbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// RelayBroker is the part of bus.Bus that a Relay takes.
type RelayBroker interface {
	Broker
	Ready(ctx context.Context) error
	PublishDeadLetter(ctx context.Context, id string, letter *eventsv1.DeadLetter) error
}

// RelayStore is the part of store.Store that a Relay takes.
type RelayStore interface {
	Marker
	ClaimOutbox(ctx context.Context, limit int) ([]store.OutboxEvent, error)
	FailOutbox(ctx context.Context, id int64, reason string, delay time.Duration) error
	ListenOutbox(ctx context.Context, wake chan<- struct{}) error
	OutboxSize(ctx context.Context) (int64, error)
}

var (
	_ RelayBroker = (*bus.Bus)(nil)
	_ RelayStore  = (*store.Store)(nil)
)

// Options of a Relay; zero values mean the default.
type Options struct {
	// Poll is how often the outbox is looked at beside being told: for rows whose claimer
	// died, and where nobody can be told. Default 2 s.
	Poll time.Duration
	// MaxAttempts is how often a row is tried that fails while the bus takes others,
	// before it becomes a dead letter. Default 10.
	MaxAttempts int
	// RetryBase is the delay of such a row after its first failure; it doubles up to a
	// minute. Default 1 s.
	RetryBase time.Duration
}

const (
	claimLimit   = 500
	maxRetry     = time.Minute
	roundTimeout = 20 * time.Second // less than the lease of a claim
	stopGrace    = 5 * time.Second

	confirmTimeout = 5 * time.Second
	relisten       = time.Second
	deadStream     = "OUTBOX"
	deadKind       = "event"
)

// Relay publishes what waits in the outbox. Any number may run.
type Relay struct {
	broker RelayBroker
	store  RelayStore
	opts   Options
	log    zerolog.Logger

	published prometheus.Counter
	failed    prometheus.Counter
	dead      prometheus.Counter
	backlog   prometheus.Gauge
}

// NewRelay makes a relay and registers its metrics.
func NewRelay(broker RelayBroker, rows RelayStore, opts Options, log zerolog.Logger, registerer prometheus.Registerer) (*Relay, error) {
	opts.Poll = cmp.Or(opts.Poll, 2*time.Second)
	opts.MaxAttempts = cmp.Or(opts.MaxAttempts, 10)
	opts.RetryBase = cmp.Or(opts.RetryBase, time.Second)
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "tasktracker", Subsystem: "outbox", Name: name, Help: help})
	}
	r := &Relay{
		broker: broker, store: rows, opts: opts, log: log,
		published: counter("published_total", "Events that this relay brought from the outbox to the bus."),
		failed:    counter("failures_total", "Attempts of this relay to publish an event that failed."),
		dead:      counter("dead_letters_total", "Events that this relay gave up and made dead letters."),
		backlog: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: "tasktracker", Subsystem: "outbox", Name: "backlog", Help: "Events that wait in the outbox, when it was last looked at.",
		}),
	}
	var faults []error
	for _, c := range []prometheus.Collector{r.published, r.failed, r.dead, r.backlog} {
		faults = append(faults, registerer.Register(c))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("register metrics of the outbox: %w", err)
	}
	return r, nil
}

// Run relays until ctx ends; what it is publishing then it finishes, within 5 s.
func (r *Relay) Run(ctx context.Context) {
	wake := make(chan struct{}, 1)
	var listening sync.WaitGroup
	listening.Go(func() { r.listen(ctx, wake) })
	defer listening.Wait()
	ticker := time.NewTicker(r.opts.Poll)
	defer ticker.Stop()
	troubled := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-ticker.C:
		}
		err := r.relayAll(ctx)
		if err != nil && !troubled && ctx.Err() == nil {
			r.log.Warn().Err(err).Msg("outbox is not relayed; trying on")
		}
		troubled = err != nil
	}
}

// listen keeps a connection that hears of new rows.
func (r *Relay) listen(ctx context.Context, wake chan<- struct{}) {
	for ctx.Err() == nil {
		err := r.store.ListenOutbox(ctx, wake)
		if ctx.Err() != nil {
			return
		}
		r.log.Debug().Err(err).Msg("lost the connection that listens to the outbox; polling meanwhile")
		select {
		case <-ctx.Done():
		case <-time.After(relisten/2 + rand.N(relisten)):
		}
	}
}

// relayAll relays until no row waits that may be tried now.
func (r *Relay) relayAll(ctx context.Context) error {
	for ctx.Err() == nil {
		// Claiming counts as an attempt: while the bus is down nothing is claimed.
		if err := r.broker.Ready(ctx); err != nil {
			return errors.Join(err, r.measure(ctx))
		}
		n, err := r.relayOnce(ctx)
		if err != nil {
			return err
		}
		if n < claimLimit {
			break
		}
	}
	return r.measure(ctx)
}

func (r *Relay) measure(ctx context.Context) error {
	n, err := r.store.OutboxSize(ctx)
	if err == nil {
		r.backlog.Set(float64(n))
	}
	return err
}

// relayOnce claims rows and publishes them together, or, where that fails, one by one.
func (r *Relay) relayOnce(ctx context.Context) (claimed int, err error) {
	ctx, cancel := outlive(ctx)
	defer cancel()
	events, err := r.store.ClaimOutbox(ctx, claimLimit)
	if err != nil || len(events) == 0 {
		return 0, err
	}
	if err := r.publish(ctx, events); err == nil {
		return len(events), nil
	} else if len(events) == 1 {
		return 1, r.fail(ctx, events[0], err)
	}
	for _, e := range events {
		if err := r.publish(ctx, []store.OutboxEvent{e}); err != nil {
			if err := r.fail(ctx, e, err); err != nil {
				return len(events), err // the rest comes back when the lease is over
			}
		}
	}
	return len(events), nil
}

func (r *Relay) publish(ctx context.Context, events []store.OutboxEvent) error {
	// What was on its way when a connection was lost is never confirmed.
	publishing, cancel := context.WithTimeout(ctx, confirmTimeout)
	defer cancel()
	if err := r.broker.Publish(publishing, messages(events)...); err != nil {
		return err
	}
	r.published.Add(float64(len(events)))
	if err := r.store.MarkPublished(ctx, ids(events)); err != nil {
		// Published again when the lease is over, and dropped by the bus as a repeat.
		r.log.Warn().Err(err).Int("events", len(events)).Msg("could not take published events out of the outbox")
	}
	return nil
}

// fail notes why one event could not be published. An event that fails for its own sake
// (it is too large, or others can be published and it cannot, MaxAttempts times) becomes
// a dead letter. The error returned means that the bus or the database is down.
func (r *Relay) fail(ctx context.Context, e store.OutboxEvent, cause error) error {
	r.failed.Inc()
	if !errors.Is(cause, bus.ErrTooLarge) {
		if err := r.broker.Ready(ctx); err != nil {
			// Not the event's fault. Its lease brings it back.
			return errors.Join(cause, err, r.store.FailOutbox(ctx, e.ID, bus.Redact(cause.Error()), r.opts.RetryBase))
		}
		if e.Attempts < r.opts.MaxAttempts {
			return r.store.FailOutbox(ctx, e.ID, bus.Redact(cause.Error()), r.delay(e.Attempts))
		}
	}
	letter := &eventsv1.DeadLetter{
		Stream: deadStream, Kind: deadKind, Subject: e.Subject, Reason: cause.Error(), Attempts: int32(e.Attempts),
		FailedAt: timestamppb.Now(), Headers: map[string]string{"Nats-Msg-Id": e.MsgID}, Payload: e.Payload,
	}
	id := fmt.Sprintf("dead:outbox:%d:%d", e.ID, e.CreatedAt.UnixNano())
	if err := r.broker.PublishDeadLetter(ctx, id, letter); err != nil {
		return errors.Join(err, r.store.FailOutbox(ctx, e.ID, bus.Redact(cause.Error()), r.delay(e.Attempts)))
	}
	r.dead.Inc()
	r.log.Error().Err(errors.New(letter.GetReason())).Str("subject", e.Subject).Int("attempts", e.Attempts).Msg("gave up an event of the outbox; it is a dead letter now")
	return r.store.MarkPublished(ctx, []int64{e.ID})
}

func (r *Relay) delay(attempt int) time.Duration {
	d := r.opts.RetryBase << min(max(attempt-1, 0), 10)
	d = min(d, maxRetry)
	return d/2 + rand.N(d/2+1)
}

// outlive returns a context for one round: at most roundTimeout, and at most stopGrace
// after ctx has ended.
func outlive(ctx context.Context) (context.Context, context.CancelFunc) {
	round, cancel := context.WithTimeout(context.WithoutCancel(ctx), roundTimeout)
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-time.After(stopGrace):
			cancel()
		case <-round.Done():
		}
	})
	return round, func() { stop(); cancel() }
}
