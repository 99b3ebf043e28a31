// Package worker is the service that does what nobody waits for: it stores messages in
// batches, announces what it stored, puts messages into conversations and makes tasks of
// them, fetches pictures of authors, answers button presses, relays the outbox and indexes
// what was carried over. Any number of copies share the work.
//
//	INBOUND ──▶ inbox ──▶ PostgreSQL ──▶ message.updated, jobs.classify, jobs.avatar ──▶ ack
//	JOBS ─────▶ avatars, callbacks ──▶ Telegram, PostgreSQL ──▶ message.updated ──▶ ack
//	JOBS ─────▶ grouper ──▶ conversations ──▶ ack
//	conversations that are quiet ──▶ judge ──▶ classifier ──▶ tasks, proposals ──▶ outbox
//	analysis runs that wait ──▶ analyst ──▶ summary, jobs.post ──▶ outbox
//	JOBS ─────▶ poster ──▶ Telegram, PostgreSQL ──▶ ack
//	corrections ──▶ learner ──▶ adapter of the built-in classifier
//	outbox ───▶ outbox.Relay ──▶ EVENTS
//
// A message is acknowledged only after its event is on the bus, so that a crash at any
// point means doing something again, which changes nothing the second time.
package worker

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/outbox"
	"github.com/tasktracker/tasktracker/pkg/secrets"
	"github.com/tasktracker/tasktracker/pkg/service"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telemetry"
	"github.com/tasktracker/tasktracker/services/worker/internal/precedence"
)

// Deps is what the worker is built from.
type Deps struct {
	Store *store.Store
	Bus   *bus.Bus
	// Secrets opens and seals what is secret among the settings.
	Secrets *secrets.Ring
	Log     zerolog.Logger
	Metrics prometheus.Registerer
	// Tracer is nil where nothing is traced.
	Tracer *telemetry.Tracer
	// Connect makes the client of a bot's token and calls nobody; nil makes one of the Bot
	// API at Config.TelegramAPIBaseURL.
	Connect func(token string) (Bot, error)
	// Local judges where no model server does; nil is the built-in classifier.
	Local classify.Classifier
	// Now is the clock of the schedule of the analysis; nil is time.Now.
	Now func() time.Time
	// Floor says which priority a text has at least if it is an issue, by rules, and which
	// rules say so, whoever judges; nil is that of the built-in classifier.
	Floor func(text string) (classify.Priority, []string)
}

// Names of the durable consumers; copies of the worker share them.
const (
	durableInbox     = "worker"
	durableAvatars   = "worker-avatar"
	durableCallbacks = "worker-callback"
	durableClassify  = "worker-classify"
	durablePosts     = "worker-post"
)

const (
	// leastBacklog is the fewest messages of a batch that count as a backlog.
	leastBacklog = 50
	// inboxConcurrency is how many full batches are stored at once: while the database has one,
	// the other is read or announced. A third has nothing to do it with.
	inboxConcurrency = 2
)

// Service is one worker.
type Service struct {
	store    *store.Store
	bus      *bus.Bus
	log      zerolog.Logger
	metrics  *metrics
	monitor  *monitor
	names    *names
	keeper   *botKeeper
	bots     *bots
	relay    *outbox.Relay
	inbox    *bus.BatchConsumer
	jobs     []consumer
	judge    *judge
	analyst  *analyst
	first    precedence.Queue
	provider *provider
	learner  *learner
	states   *stateReporter
	reindex  reindexer
	sampling time.Duration
}

// consumer takes jobs, one by one or in batches.
type consumer interface {
	Ready() error
	Run(ctx context.Context)
}

var _ service.Service = (*Service)(nil)

// New builds a worker on a database that is migrated.
func New(cfg Config, deps Deps) (*Service, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("settings of the worker: %w", err)
	}
	s := &Service{store: deps.Store, bus: deps.Bus, log: deps.Log, sampling: 15 * time.Second}
	var err error
	if s.metrics, err = newMetrics(deps.Metrics); err != nil {
		return nil, err
	}
	consumers, err := bus.NewConsumerMetrics(deps.Metrics)
	if err != nil {
		return nil, err
	}
	if s.relay, err = outbox.NewRelay(deps.Bus, deps.Store, outbox.Options{}, deps.Log, deps.Metrics); err != nil {
		return nil, err
	}
	s.monitor = &monitor{store: deps.Store, bus: deps.Bus, log: deps.Log}
	s.names = &names{store: deps.Store, monitor: s.monitor}
	s.keeper = &botKeeper{store: deps.Store, bus: deps.Bus, log: deps.Log}
	connect := deps.Connect
	if connect == nil {
		connect = func(token string) (Bot, error) { return clientOf(deps.Bus, cfg.TelegramAPIBaseURL, token) }
	}
	s.bots = newBots(deps.Secrets, cfg.TelegramBotToken, connect, deps.Log)
	s.reindex = reindexer{store: deps.Store, log: deps.Log, metrics: s.metrics}
	if err := s.buildConsumers(cfg, deps, consumers); err != nil {
		return nil, err
	}
	if err := s.buildJudge(cfg, deps, consumers); err != nil {
		return nil, err
	}
	if err := s.buildAnalyst(cfg, deps, consumers); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Service) buildConsumers(cfg Config, deps Deps, metrics *bus.ConsumerMetrics) error {
	base := bus.ConsumerConfig{MaxAttempts: cfg.MaxAttempts, RetryBase: cfg.RetryDelay, Metrics: metrics}
	in := &inbox{store: deps.Store, bus: deps.Bus, monitor: s.monitor, names: s.names, metrics: s.metrics, tracer: deps.Tracer, log: deps.Log, wantAvatars: s.bots.connected,
		first: &s.first, backlog: max(leastBacklog, cfg.BatchSize/2)}
	inboxConfig := base
	inboxConfig.Stream, inboxConfig.Durable, inboxConfig.Kind = bus.StreamInbound, durableInbox, "message"
	var err error
	if s.inbox, err = deps.Bus.NewBatchConsumer(bus.BatchConfig{ConsumerConfig: inboxConfig, MaxBatch: cfg.BatchSize, Concurrency: inboxConcurrency}, in.handle); err != nil {
		return err
	}
	callbacks := &callbackHandler{bots: s.bots, metrics: s.metrics}
	callbackConfig := base
	callbackConfig.Stream, callbackConfig.Durable, callbackConfig.Kind = bus.StreamJobs, durableCallbacks, "callback"
	callbackConfig.Subject, callbackConfig.Timeout = bus.SubjectJobCallback, 15*time.Second
	consumer, err := deps.Bus.NewJobConsumer(bus.JobConfig{ConsumerConfig: callbackConfig, Concurrency: 4}, callbacks.handle)
	if err != nil {
		return err
	}
	s.jobs = append(s.jobs, consumer)
	avatars := &avatarHandler{bots: s.bots, store: deps.Store, bus: deps.Bus, metrics: s.metrics, tracer: deps.Tracer}
	avatarConfig := base
	avatarConfig.Stream, avatarConfig.Durable, avatarConfig.Kind = bus.StreamJobs, durableAvatars, "avatar"
	avatarConfig.Subject, avatarConfig.Timeout = bus.SubjectJobAvatar, time.Minute
	if consumer, err = deps.Bus.NewJobConsumer(bus.JobConfig{ConsumerConfig: avatarConfig, Concurrency: cfg.AvatarConcurrency}, avatars.handle); err != nil {
		return err
	}
	s.jobs = append(s.jobs, consumer)
	return nil
}

// Handler is nil: the worker serves nobody.
func (s *Service) Handler() http.Handler { return nil }

// Ready returns nil while the database and the broker answer and messages reach the
// worker.
func (s *Service) Ready(ctx context.Context) error {
	faults := []error{s.inbox.Ready()}
	for _, c := range s.jobs {
		faults = append(faults, c.Ready())
	}
	if err := s.store.Ping(ctx); err != nil {
		faults = append(faults, fmt.Errorf("database: %w", err))
	}
	return errors.Join(append(faults, s.bus.Ready(ctx))...)
}

// Run works until ctx ends. What is in hand then is finished or handed back within 8 s.
func (s *Service) Run(ctx context.Context) error {
	var group errgroup.Group
	start := func(run func(context.Context)) {
		group.Go(func() error { run(ctx); return nil })
	}
	// What needs the bot begins when it is known which one that is.
	start(func(ctx context.Context) { s.bots.await(ctx); s.inbox.Run(ctx) })
	for _, c := range s.jobs {
		start(func(ctx context.Context) { s.bots.await(ctx); c.Run(ctx) })
	}
	group.Go(func() error { return s.bots.run(ctx, s.bus) })
	group.Go(func() error { return s.names.run(ctx, s.bus) })
	start(s.keeper.start)
	start(s.relay.Run)
	start(s.monitor.start)
	start(s.reindex.run)
	start(s.judging)
	start(func(ctx context.Context) { s.provider.await(ctx); s.analyst.run(ctx) })
	group.Go(func() error { return s.provider.follow(ctx, s.bus, s.store) })
	start(s.learner.run)
	group.Go(func() error { return s.learner.follow(ctx) })
	start(s.states.run)
	start(func(ctx context.Context) { s.metrics.sample(ctx, s.sampling, s.bus.JetStream()) })
	return group.Wait()
}
