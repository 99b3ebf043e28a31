package worker

import (
	"context"
	"fmt"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/classify/local"
	"github.com/tasktracker/tasktracker/pkg/outbox"
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
	if deps.Local == nil {
		if deps.Local, err = local.New(); err != nil {
			return err
		}
	}
	if deps.Floor == nil {
		deps.Floor = local.Floor
	}
	s.provider = s.newProvider(cfg, deps, zone, metrics, wake)
	learning, err := newLearnMetrics(deps.Metrics)
	if err != nil {
		return err
	}
	s.learner = &learner{store: deps.Store, bus: deps.Bus, outbox: publisher, after: cfg.LearnAfter, metrics: learning, log: deps.Log, wake: make(chan struct{}, 1), ready: make(chan struct{})}
	s.learner.classifier, _ = deps.Local.(*local.Classifier) // another does not learn
	s.states = newStateReporter(s.provider, deps.Bus, metrics, deps.Log)
	s.judge = &judge{store: deps.Store, outbox: publisher, tracer: deps.Tracer, metrics: metrics, floor: deps.Floor, log: deps.Log, wake: wake, first: &s.first, sampling: s.sampling, provider: s.provider}
	quiet := func() time.Duration { return time.Duration(s.provider.quiet.Load()) }
	group := &grouper{store: deps.Store, outbox: publisher, tracer: deps.Tracer, settings: cfg.ConversationSettings, quiet: quiet,
		opens: subjects{local: shipped(deps.Local), least: cfg.SubjectThreshold, log: deps.Log}.open, wake: wake, first: &s.first}
	for range cfg.ClassifyConfig.Concurrency {
		consumer, err := deps.Bus.NewBatchConsumer(bus.BatchConfig{MaxBatch: groupBatch, Linger: min(cfg.Quiet/10, groupLinger), ConsumerConfig: bus.ConsumerConfig{
			Stream: bus.StreamJobs, Durable: durableClassify, Kind: "classify", Subject: bus.SubjectJobClassify, Timeout: groupTimeout,
			MaxAttempts: cfg.MaxAttempts, RetryBase: cfg.RetryDelay, Metrics: consumers}}, group.handle)
		if err != nil {
			return err
		}
		s.jobs = append(s.jobs, consumer)
	}
	return nil
}

// shipped is the built-in classifier without what it learns; another one is as it is.
func shipped(c classify.Classifier) classify.Classifier {
	if built, ok := c.(*local.Classifier); ok {
		return built.Shipped()
	}
	return c
}

// judging runs the judge until ctx ends, once it is known who judges, and lets go of the model
// server.
func (s *Service) judging(ctx context.Context) {
	defer s.provider.close()
	s.provider.await(ctx)
	s.learner.await(ctx)
	s.judge.run(ctx)
}
