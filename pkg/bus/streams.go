package bus

import (
	"context"
	"errors"
	"fmt"
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
// says. Running it again, or in several processes at once, changes nothing more.
func (b *Bus) EnsureStreams(ctx context.Context, cfg Config) error {
	for _, sc := range streamConfigs(cfg) {
		if err := b.ensureStream(ctx, sc); err != nil {
			return err
		}
	}
	_, err := b.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
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
	for {
		_, err := b.js.CreateOrUpdateStream(ctx, sc)
		if err == nil {
			return nil
		}
		// A broker that has just started, or a cluster without a leader yet, does not answer.
		passing := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrTimeout) || errors.Is(err, nats.ErrNoResponders)
		if !passing || ctx.Err() != nil {
			return fmt.Errorf("ensure stream %s (NATS_REPLICAS is %d): %w", sc.Name, sc.Replicas, err)
		}
	}
}

func streamConfigs(cfg Config) []jetstream.StreamConfig {
	return []jetstream.StreamConfig{
		{
			Name:        StreamInbound,
			Description: "what channels told us and is not yet in the database",
			Subjects:    []string{"inbound.>"},
			Retention:   jetstream.WorkQueuePolicy,
			Discard:     jetstream.DiscardNew,
			MaxBytes:    cfg.InboundMaxBytes,
			Duplicates:  DuplicateWindow,
			Replicas:    cfg.NATSReplicas,
		},
		{
			Name:        StreamEvents,
			Description: "what happened, for clients; the sequence is their resume cursor",
			Subjects:    []string{"events.>"},
			Retention:   jetstream.LimitsPolicy,
			Discard:     jetstream.DiscardOld,
			MaxAge:      24 * time.Hour,
			MaxBytes:    1 << 30,
			Duplicates:  DuplicateWindow,
			Replicas:    cfg.NATSReplicas,
			AllowDirect: true,
		},
		{
			Name:        StreamJobs,
			Description: "slow work",
			Subjects:    []string{"jobs.>"},
			Retention:   jetstream.WorkQueuePolicy,
			Discard:     jetstream.DiscardNew,
			MaxBytes:    256 << 20,
			Duplicates:  DuplicateWindow,
			Replicas:    cfg.NATSReplicas,
		},
		{
			Name:        StreamDeadLetter,
			Description: "what failed for good",
			Subjects:    []string{"dead.>"},
			Retention:   jetstream.LimitsPolicy,
			Discard:     jetstream.DiscardOld,
			MaxAge:      30 * 24 * time.Hour,
			MaxBytes:    1 << 30,
			Duplicates:  DuplicateWindow,
			Replicas:    cfg.NATSReplicas,
			AllowDirect: true,
		},
	}
}
