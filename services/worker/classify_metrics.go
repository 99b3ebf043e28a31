package worker

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tasktracker/tasktracker/pkg/aisettings"
	"github.com/tasktracker/tasktracker/pkg/bus"
)

// classifyMetrics are the figures of judging.
type classifyMetrics struct {
	waiting   prometheus.Gauge
	held      prometheus.Gauge
	judged    *prometheus.CounterVec
	tasks     prometheus.Counter
	proposals prometheus.Counter
	attached  prometheus.Counter
	links     prometheus.Counter
	fallbacks *prometheus.CounterVec
	seconds   prometheus.Histogram
	states    *prometheus.GaugeVec
}

func newClassifyMetrics(registerer prometheus.Registerer) (*classifyMetrics, error) {
	opts := func(name, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "tasktracker", Subsystem: "worker", Name: name, Help: help}
	}
	m := &classifyMetrics{
		waiting: prometheus.NewGauge(prometheus.GaugeOpts(opts("conversations_waiting", "Conversations that have changed since they were judged, when it was last looked at."))),
		held:    prometheus.NewGauge(prometheus.GaugeOpts(opts("conversations_held", "Conversations that no classifier could judge, when it was last looked at."))),
		judged: prometheus.NewCounterVec(prometheus.CounterOpts(opts("turns_judged_total",
			"Turns of conversations judged, by provider.")), []string{"provider"}),
		tasks:     prometheus.NewCounter(prometheus.CounterOpts(opts("tasks_made_total", "Tasks made of conversations."))),
		proposals: prometheus.NewCounter(prometheus.CounterOpts(opts("proposals_made_total", "Proposals made of conversations."))),
		attached:  prometheus.NewCounter(prometheus.CounterOpts(opts("duplicates_attached_total", "Conversations attached to a task that says the same."))),
		links:     prometheus.NewCounter(prometheus.CounterOpts(opts("links_proposed_total", "Links of tasks and proposals that may be the same, for a person to decide."))),
		fallbacks: prometheus.NewCounterVec(prometheus.CounterOpts(opts("classifier_fallbacks_total",
			"Turns that the model server could not judge, by why.")), []string{"kind"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "tasktracker", Subsystem: "worker", Name: "judging_seconds", Help: "Time to judge a batch of conversations and to store what follows.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 5, 15, 60, 300},
		}),
		states: prometheus.NewGaugeVec(prometheus.GaugeOpts(opts("provider_state", "1 for the state in which a provider is.")), []string{"provider", "state"}),
	}
	var faults []error
	for _, c := range []prometheus.Collector{m.waiting, m.held, m.judged, m.tasks, m.proposals, m.attached, m.links, m.fallbacks, m.seconds, m.states} {
		faults = append(faults, registerer.Register(c))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("register metrics of judging: %w", err)
	}
	// There from the start, so that a rate of what has not happened yet is zero.
	m.judged.WithLabelValues(aisettings.Local)
	for _, kind := range modelFaults {
		m.fallbacks.WithLabelValues(string(kind))
	}
	return m, nil
}

// state sets the state of a provider; "" for one that is not asked, which is not known then.
func (m *classifyMetrics) state(provider string, now bus.ProviderState) {
	for _, state := range []bus.ProviderState{bus.ProviderReady, bus.ProviderFailing, bus.ProviderOverBudget, bus.ProviderCircuitOpen, bus.ProviderNotConfigured, bus.ProviderUnknown} {
		value := 0.0
		if state == cmp.Or(now, bus.ProviderUnknown) {
			value = 1
		}
		m.states.WithLabelValues(provider, string(state)).Set(value)
	}
}
