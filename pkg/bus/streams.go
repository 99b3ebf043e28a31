package bus

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Names of the streams and of the key-value bucket.
const (
	StreamInbound    = "INBOUND"
	StreamEvents     = "EVENTS"
	StreamJobs       = "JOBS"
	StreamDeadLetter = "DEADLETTER"
	BucketSettings   = "settings"
)

// DuplicateWindow is how long a stream remembers ids. Channels repeat within
// seconds what they believe lost (Telegram: at once, then up to every 120 s), so
// ten minutes catch them; each remembered id costs the server some 150 bytes.
const DuplicateWindow = 10 * time.Minute

// EnsureStreams makes the streams and the bucket, or brings them to what cfg
// says. Running it again, or in several processes at once, changes nothing more. It
// returns ErrNewerLayout at the first stream that a newer release has made.
func (b *Bus) EnsureStreams(ctx context.Context, cfg Config) error {
	for _, sc := range streamConfigs(cfg) {
		if err := b.ensureStream(ctx, sc); err != nil {
			return err
		}
	}
	_, err := b.EnsureBucket(ctx, jetstream.KeyValueConfig{
		Bucket:      BucketSettings,
		Description: "what services without a database must know at once",
		History:     5,
		Replicas:    cfg.NATSReplicas,
	})
	if err != nil {
		return fmt.Errorf("ensure bucket %s (NATS_REPLICAS is %d): %w", BucketSettings, cfg.NATSReplicas, err)
	}
	return nil
}

func (b *Bus) ensureStream(ctx context.Context, sc jetstream.StreamConfig) error {
	sc.Metadata = map[string]string{layoutMetadata: strconv.Itoa(layoutVersion)}
	err := untilAnswered(ctx, func(ctx context.Context) error {
		if err := b.checkLayout(ctx, sc.Name); err != nil {
			return err
		}
		return b.createOrUpdate(ctx, sc)
	})
	if err != nil && !errors.Is(err, ErrNewerLayout) {
		return fmt.Errorf("ensure stream %s (NATS_REPLICAS is %d): %w", sc.Name, sc.Replicas, err)
	}
	return err
}

// createOrUpdate creates first, which changes nothing where the stream is as sc says, and
// updates where it is not. CreateOrUpdateStream does it the other way round: in a
// cluster, an update that meets another process's creation is never answered.
func (b *Bus) createOrUpdate(ctx context.Context, sc jetstream.StreamConfig) error {
	_, err := b.js.CreateStream(ctx, sc)
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		_, err = b.js.UpdateStream(ctx, sc)
	}
	// NATS 2.12 and 2.13 refuse a field that they do not know.
	if api, ok := errors.AsType[*jetstream.APIError](err); ok && api.ErrorCode == codeInvalidJSON && sc.AllowBatchPublish {
		sc.AllowBatchPublish = false
		return b.createOrUpdate(ctx, sc)
	}
	return err
}

// EnsureBucket makes a bucket, or brings it to what cfg says, as EnsureStreams does with
// streams: any number of processes may do so at once.
func (b *Bus) EnsureBucket(ctx context.Context, cfg jetstream.KeyValueConfig) (kv jetstream.KeyValue, err error) {
	err = untilAnswered(ctx, func(ctx context.Context) error {
		kv, err = b.js.CreateKeyValue(ctx, cfg)
		if errors.Is(err, jetstream.ErrBucketExists) {
			kv, err = b.js.UpdateKeyValue(ctx, cfg)
		}
		return err
	})
	return kv, err
}

// answerTimeout bounds the wait for one answer of the broker. A broker that has just
// started does not answer, nor does a cluster without a leader yet, nor, at times, one
// that is asked for the same stream by several at once.
const answerTimeout = 3 * time.Second

// askAgain is the pause after a question that was not answered: that nobody listens is
// said at once.
const askAgain = 200 * time.Millisecond

// untilAnswered does ask until the broker answers, or ctx ends.
func untilAnswered(ctx context.Context, ask func(context.Context) error) error {
	for {
		once, cancel := context.WithTimeout(ctx, answerTimeout)
		err := ask(once)
		cancel()
		unanswered := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrTimeout) || errors.Is(err, nats.ErrNoResponders)
		if !unanswered || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(askAgain):
		}
	}
}

func streamConfigs(cfg Config) []jetstream.StreamConfig {
	return []jetstream.StreamConfig{
		{
			Name:               StreamInbound,
			Description:        "what channels told us and is not yet in the database",
			Subjects:           []string{"inbound.>"},
			Retention:          jetstream.WorkQueuePolicy,
			Discard:            jetstream.DiscardNew,
			MaxBytes:           cfg.InboundMaxBytes,
			Duplicates:         DuplicateWindow,
			AllowAtomicPublish: true,
			AllowBatchPublish:  cfg.fastBatches(),
			Replicas:           cfg.NATSReplicas,
		},
		{
			Name:               StreamEvents,
			Description:        "what happened, for clients; the sequence is their resume cursor",
			Subjects:           []string{"events.>"},
			Retention:          jetstream.LimitsPolicy,
			Discard:            jetstream.DiscardOld,
			MaxAge:             24 * time.Hour,
			MaxBytes:           1 << 30,
			Duplicates:         DuplicateWindow,
			AllowAtomicPublish: true,
			AllowBatchPublish:  cfg.fastBatches(),
			Replicas:           cfg.NATSReplicas,
			AllowDirect:        true,
		},
		{
			Name:               StreamJobs,
			Description:        "slow work",
			Subjects:           []string{"jobs.>"},
			Retention:          jetstream.WorkQueuePolicy,
			Discard:            jetstream.DiscardNew,
			MaxBytes:           256 << 20,
			Duplicates:         DuplicateWindow,
			AllowAtomicPublish: true,
			AllowBatchPublish:  cfg.fastBatches(),
			Replicas:           cfg.NATSReplicas,
		},
		{
			Name:               StreamDeadLetter,
			Description:        "what failed for good",
			Subjects:           []string{"dead.>"},
			Retention:          jetstream.LimitsPolicy,
			Discard:            jetstream.DiscardOld,
			MaxAge:             30 * 24 * time.Hour,
			MaxBytes:           1 << 30,
			Duplicates:         DuplicateWindow,
			AllowAtomicPublish: true,
			AllowBatchPublish:  cfg.fastBatches(),
			Replicas:           cfg.NATSReplicas,
			AllowDirect:        true,
		},
	}
}
