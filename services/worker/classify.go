package worker

import (
	"context"
	"fmt"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/classify/local"
	"github.com/tasktracker/tasktracker/pkg/classify/openai"
	"github.com/tasktracker/tasktracker/pkg/outbox"
	"github.com/tasktracker/tasktracker/services/worker/internal/decide"
)

// Conversations judged at a time, and for how long they belong to who claimed them. The
// built-in classifier takes milliseconds for them; a model server may take minutes, also for
// few.
const (
	localLimit, localLease = 200, 30 * time.Second
	modelLease             = 5 * time.Minute
)

// buildJudge makes what puts messages into conversations, and what judges these.
func (s *Service) buildJudge(cfg Config, deps Deps, consumers *bus.ConsumerMetrics) error {
	metrics, err := newClassifyMetrics(deps.Metrics)
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(cfg.TimeZone)
	if err != nil {
		return fmt.Errorf("zone of chats: %w", err)
	}
	wake := make(chan struct{}, 1)
	publisher := outbox.NewPublisher(deps.Bus, deps.Store, deps.Log)
	s.judge = &judge{
		store: deps.Store, outbox: publisher, metrics: metrics, floor: deps.Floor, log: deps.Log, wake: wake, first: &s.first, sampling: s.sampling, limit: localLimit, lease: localLease,
		policy:  decide.Policy{TaskThreshold: cfg.TaskThreshold, ProposalThreshold: cfg.ProposalThreshold, Zone: zone},
		cascade: &cascade{local: deps.Local, metrics: metrics, log: deps.Log},
	}
	if deps.Local == nil {
		if s.judge.cascade.local, err = local.New(); err != nil {
			return err
		}
	}
	if deps.Floor == nil {
		s.judge.floor = local.Floor
	}
	if cfg.Provider == providerOpenAI {
		if err := s.addModel(cfg); err != nil {
			return err
		}
	}
	group := &grouper{store: deps.Store, outbox: publisher, tracer: deps.Tracer, settings: cfg.ConversationSettings, quiet: cfg.Quiet, wake: wake, first: &s.first}
	consumer, err := deps.Bus.NewJobConsumer(bus.JobConfig{Concurrency: cfg.ClassifyConfig.Concurrency, ConsumerConfig: bus.ConsumerConfig{
		Stream: bus.StreamJobs, Durable: durableClassify, Kind: "classify", Subject: bus.SubjectJobClassify, Timeout: time.Minute,
		MaxAttempts: cfg.MaxAttempts, RetryBase: cfg.RetryDelay, Metrics: consumers}}, group.handle)
	if err != nil {
		return err
	}
	s.jobs = append(s.jobs, consumer)
	return nil
}

// addModel has a model server judge first.
func (s *Service) addModel(cfg Config) error {
	s.judge.authors = &authors{store: s.store}
	classifier, err := openai.New(cfg.LLMConfig, openai.WithAuthors(s.judge.authors.names))
	if err != nil {
		return fmt.Errorf("model server: %w", err)
	}
	s.judge.cascade.model = classifier
	s.judge.limit, s.judge.lease = cfg.LLMConfig.BatchSize*cfg.LLMConfig.Concurrency, modelLease
	if !cfg.LocalFallback {
		s.judge.cascade.local = nil
	}
	s.closers = append(s.closers, classifier.Close)
	return nil
}

// judging runs the judge until ctx ends, and lets go of the model server.
func (s *Service) judging(ctx context.Context) {
	defer func() {
		for _, done := range s.closers {
			done()
		}
	}()
	s.judge.run(ctx)
}
