package bus

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/rs/zerolog"
	"golang.org/x/sync/semaphore"
)

// Config says where the broker is and how the streams are made.
type Config struct {
	NATSURL         string `envconfig:"NATS_URL" desc:"NATS servers, comma separated (nats://host:4222). Standalone embeds a server where it is empty; a single service needs it"`
	NATSReplicas    int    `envconfig:"NATS_REPLICAS" default:"1" desc:"replicas of each stream, 1 to 5: 1 on one server, 3 on a cluster"`
	NATSSync        string `envconfig:"NATS_SYNC" default:"always" desc:"always: the broker writes to disk before it confirms, so that a power cut costs nothing; interval: faster, and a power cut can cost the last two minutes. Standalone's own NATS follows it; a server of your own has sync_interval, which this has to match"`
	InboundMaxBytes int64  `envconfig:"INBOUND_MAX_BYTES" default:"1073741824" desc:"size in bytes at which INBOUND refuses more, so that ingest answers 503 and the channel keeps the backlog; at least 1048576"`
}

// Values of NATS_SYNC: whether the broker syncs each write before its ack.
const (
	SyncAlways   = "always"
	SyncInterval = "interval"
)

// Validate reports every setting that is wrong, joined.
func (c Config) Validate() error {
	var faults []error
	for server := range strings.SplitSeq(c.NATSURL, ",") {
		if u, err := url.Parse(strings.TrimSpace(server)); c.NATSURL != "" && (err != nil || u.Host == "") {
			faults = append(faults, errors.New("NATS_URL has an entry that is not an address: use nats://host:port, several separated by commas"))
		}
	}
	if c.NATSReplicas < 1 || c.NATSReplicas > 5 {
		faults = append(faults, fmt.Errorf("NATS_REPLICAS is %d: use 1 to 5, and no more than the cluster has servers", c.NATSReplicas))
	}
	if c.NATSSync != SyncAlways && c.NATSSync != SyncInterval {
		faults = append(faults, fmt.Errorf("NATS_SYNC is %q: use always or interval", c.NATSSync))
	}
	if c.InboundMaxBytes < 1<<20 {
		faults = append(faults, fmt.Errorf("INBOUND_MAX_BYTES is %d: use at least 1048576", c.InboundMaxBytes))
	}
	return errors.Join(faults...)
}

// maxPendingPublishes bounds the publishes that wait for their ack, over the
// whole connection; above it Publish waits.
const maxPendingPublishes = 16384

// Bus is a connection to the broker. It is safe for concurrent use.
type Bus struct {
	conn *nats.Conn
	js   jetstream.JetStream
	log  zerolog.Logger
	link *link
	// figures are what Collector tells.
	figures figures
	// handlers is entered by every handler, and by a suspect in full.
	handlers *semaphore.Weighted
	groups   *groups // nil: each message is sent alone
	// batchless is set where the broker is too old for batches.
	batchless atomic.Bool
	silence   silence
}

// Connect connects and keeps trying until ctx ends; afterwards the connection
// comes back by itself for as long as it takes. name is shown by the server's
// monitoring. Options are for what Config cannot say, such as nats.InProcessServer.
func Connect(ctx context.Context, cfg Config, name string, log zerolog.Logger, opts ...nats.Option) (*Bus, error) {
	link := newLink()
	opts = append([]nats.Option{
		nats.Name(name),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(250 * time.Millisecond),
		nats.ReconnectJitter(250*time.Millisecond, 500*time.Millisecond),
		nats.PingInterval(10 * time.Second),
		nats.MaxPingsOutstanding(2), // a half-open connection is noticed within 30 s
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			link.lost()
			if err != nil {
				log.Warn().Err(err).Msg("lost the broker, reconnecting")
			}
		}),
		nats.ReconnectHandler(func(c *nats.Conn) {
			log.Info().Str("server", c.ConnectedServerName()).Msg("broker is back")
		}),
		nats.ErrorHandler(func(_ *nats.Conn, sub *nats.Subscription, err error) {
			event := log.Warn().Err(err)
			if sub != nil {
				event = event.Str("subject", sub.Subject)
			}
			event.Msg("broker reported an error")
		}),
	}, opts...)
	conn, err := dial(ctx, cfg.NATSURL, log, opts)
	if err != nil {
		return nil, err
	}
	js, err := jetstream.New(conn,
		jetstream.WithPublishAsyncMaxPending(maxPendingPublishes),
		jetstream.WithDefaultTimeout(5*time.Second))
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("open jetstream: %w", err)
	}
	return &Bus{
		conn: conn, js: js, log: log, link: link,
		handlers: semaphore.NewWeighted(handlersAtOnce), groups: newGroups(cfg),
	}, nil
}

func dial(ctx context.Context, servers string, log zerolog.Logger, opts []nats.Option) (*nats.Conn, error) {
	for attempt := 0; ; attempt++ {
		conn, err := nats.Connect(servers, opts...)
		if err == nil {
			return conn, nil
		}
		if attempt == 0 {
			log.Info().Err(err).Msg("waiting for the broker (NATS_URL)")
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("connect to NATS (NATS_URL): %w", err)
		case <-time.After(min(time.Duration(attempt+1)*100*time.Millisecond, 2*time.Second)):
		}
	}
}

// JetStream gives what this package does not wrap; callers take the two or
// three methods that they need.
func (b *Bus) JetStream() jetstream.JetStream { return b.js }

// Ready reports whether the broker answers for every stream, and answered the last publish.
func (b *Bus) Ready(ctx context.Context) error {
	if !b.conn.IsConnected() {
		return fmt.Errorf("%w: connection is %s", ErrUnavailable, strings.ToLower(b.conn.Status().String()))
	}
	for _, name := range []string{StreamInbound, StreamEvents, StreamJobs, StreamDeadLetter} {
		stream, err := b.js.Stream(ctx, name)
		if err != nil {
			return fmt.Errorf("look at stream %s: %w", name, err)
		}
		// With replicas, a stream without a leader takes nothing.
		if cluster := stream.CachedInfo().Cluster; cluster != nil && cluster.Leader == "" {
			return fmt.Errorf("%w: stream %s has no leader", ErrUnavailable, name)
		}
	}
	return b.silence.fault()
}

// Close waits up to five seconds for publishes in hand, then closes the connection.
func (b *Bus) Close() {
	select {
	case <-b.js.PublishAsyncComplete():
	case <-time.After(5 * time.Second):
		b.log.Warn().Int("pending", b.js.PublishAsyncPending()).Msg("closing with unconfirmed publishes")
	}
	b.js.CleanupPublisher()
	b.conn.Close()
}
