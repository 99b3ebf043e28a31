package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tasktracker/tasktracker/pkg/aisettings"
	"github.com/tasktracker/tasktracker/pkg/outbox"
	"github.com/tasktracker/tasktracker/pkg/store"
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
	}
	var faults []error
	for _, c := range []prometheus.Collector{m.waiting, m.finished, m.messages, m.seconds, m.summaries, m.fallbacks, m.tokens} {
		faults = append(faults, registerer.Register(c))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("register metrics of the analysis: %w", err)
	}
	// There from the start, so that a rate of what has not happened yet is zero.
	for _, outcome := range []string{store.RunCompleted, store.RunFailed, "lost"} {
		m.finished.WithLabelValues(outcome)
	}
	for _, provider := range []string{aisettings.Local, aisettings.OpenAI} {
		m.summaries.WithLabelValues(provider)
	}
	for _, kind := range modelFaults {
		m.fallbacks.WithLabelValues(string(kind))
	}
	return m, nil
}

// buildAnalyst makes what does the runs of the analysis.
func (s *Service) buildAnalyst(cfg Config, deps Deps) error {
	metrics, err := newAnalysisMetrics(deps.Metrics)
	if err != nil {
		return err
	}
	schedule, scheduleZone, err := cfg.schedule()
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
		timetable: &timetable{store: deps.Store, outbox: publisher, schedule: schedule, expression: cfg.AnalysisSchedule, zone: scheduleZone, now: now, log: deps.Log},
	}
	return nil
}
