package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tasktracker/tasktracker/pkg/aisettings"
	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/outbox"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telegram/explain"
)

// analysisMetrics are the figures of the analysis.
type analysisMetrics struct {
	waiting  prometheus.Gauge
	finished *prometheus.CounterVec
	messages prometheus.Counter
	seconds  prometheus.Histogram
	// Of summaries: who wrote them, why no model did, and what it was asked for.
	summaries *prometheus.CounterVec
	fallbacks *prometheus.CounterVec
	tokens    prometheus.Counter
	posts     *prometheus.CounterVec
}

func newAnalysisMetrics(registerer prometheus.Registerer) (*analysisMetrics, error) {
	opts := func(name, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "tasktracker", Subsystem: "worker", Name: name, Help: help}
	}
	m := &analysisMetrics{
		waiting: prometheus.NewGauge(prometheus.GaugeOpts(opts("analysis_runs_waiting", "Analysis runs that are not finished, when it was last looked at."))),
		finished: prometheus.NewCounterVec(prometheus.CounterOpts(opts("analysis_runs_total",
			"Analysis runs that this worker ended: completed, failed, or lost to a cancellation or to another worker.")), []string{"outcome"}),
		messages: prometheus.NewCounter(prometheus.CounterOpts(opts("analysis_messages_total", "Messages read by analysis runs."))),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "tasktracker", Subsystem: "worker", Name: "analysis_seconds", Help: "Time from taking an analysis run until its completion.",
			Buckets: []float64{.05, .1, .25, .5, 1, 5, 15, 60, 300, 1800},
		}),
		summaries: prometheus.NewCounterVec(prometheus.CounterOpts(opts("analysis_summaries_total", "Summaries of analysis runs, by who wrote them.")), []string{"provider"}),
		fallbacks: prometheus.NewCounterVec(prometheus.CounterOpts(opts("analysis_fallbacks_total", "Summaries that the model server could not write, by the kind of the fault.")), []string{"kind"}),
		tokens:    prometheus.NewCounter(prometheus.CounterOpts(opts("analysis_tokens_total", "Tokens of the model server for summaries."))),
		posts: prometheus.NewCounterVec(prometheus.CounterOpts(opts("analysis_posts_total",
			"Summaries that were to be posted to a chat by themselves, by outcome: sent, refused, or unconfirmed where nobody knows.")), []string{"outcome"}),
	}
	var faults []error
	for _, c := range []prometheus.Collector{m.waiting, m.finished, m.messages, m.seconds, m.summaries, m.fallbacks, m.tokens, m.posts} {
		faults = append(faults, registerer.Register(c))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("register metrics of the analysis: %w", err)
	}
	// There from the start, so that a rate of what has not happened yet is zero.
	for _, outcome := range []string{store.RunCompleted, store.RunFailed, "lost"} {
		m.finished.WithLabelValues(outcome)
	}
	for _, outcome := range []string{store.PostSent, store.PostRefused, store.PostUnconfirmed} {
		m.posts.WithLabelValues(outcome)
	}
	for _, provider := range []string{aisettings.Local, aisettings.OpenAI} {
		m.summaries.WithLabelValues(provider)
	}
	for _, kind := range modelFaults {
		m.fallbacks.WithLabelValues(string(kind))
	}
	return m, nil
}

// buildAnalyst makes what does the runs of the analysis, and posts their summaries.
func (s *Service) buildAnalyst(cfg Config, deps Deps, consumers *bus.ConsumerMetrics) error {
	metrics, err := newAnalysisMetrics(deps.Metrics)
	if err != nil {
		return err
	}
	schedule, scheduleZone, err := cfg.schedule()
	if err != nil {
		return err
	}
	postTo, err := cfg.postTo()
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(cfg.TimeZone)
	if err != nil {
		return fmt.Errorf("zone of chats: %w", err)
	}
	now := deps.Now
	if now == nil {
		now = time.Now
	}
	publisher := outbox.NewPublisher(deps.Bus, deps.Store, deps.Log)
	s.analyst = &analyst{
		store: deps.Store, bus: deps.Bus, outbox: publisher, writer: s.provider.writer, tokens: cfg.AnalysisTokens,
		learn: func(ctx context.Context) error { return s.provider.authors.learn(ctx, nil) },
		zone:  zone, sampling: s.sampling, metrics: metrics, log: deps.Log,
		timetable: &timetable{store: deps.Store, outbox: publisher, schedule: schedule, expression: cfg.AnalysisSchedule, zone: scheduleZone, postTo: postTo, now: now, log: deps.Log},
	}
	poster := &poster{store: deps.Store, outbox: publisher, bots: s.bots, zone: scheduleZone, posts: metrics.posts, log: deps.Log,
		explain: explain.Explainer{Service: explain.Worker, BaseURL: cfg.TelegramAPIBaseURL}}
	consumer, err := deps.Bus.NewJobConsumer(bus.JobConfig{Concurrency: postsAtOnce, ConsumerConfig: bus.ConsumerConfig{
		Stream: bus.StreamJobs, Durable: durablePosts, Kind: "post", Subject: bus.SubjectJobPost, Timeout: 30 * time.Second,
		MaxAttempts: cfg.MaxAttempts, RetryBase: cfg.RetryDelay, Metrics: consumers}}, poster.handle)
	if err != nil {
		return err
	}
	s.jobs = append(s.jobs, consumer)
	return nil
}
