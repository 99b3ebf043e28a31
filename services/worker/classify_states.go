package worker

import (
	"context"
	"crypto/rand"
	"reflect"
	"time"

	"github.com/rs/zerolog"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/aisettings"
	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/classify/openai"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// sectionProviders is the section of settings_updated that stands for a provider's state.
const sectionProviders = "ai_providers"

// noLocal is said where there is no built-in classifier.
const noLocal = "This build has no built-in classifier: choose a model server (provider openai) in the settings."

// stateReporter tells the api how this worker finds the providers, and clients when that
// changes.
type stateReporter struct {
	id       string
	provider *provider
	bus      *bus.Bus
	metrics  *classifyMetrics
	log      zerolog.Logger
	told     *bus.AIWorker // nil before the first
}

func newStateReporter(p *provider, b *bus.Bus, metrics *classifyMetrics, log zerolog.Logger) *stateReporter {
	return &stateReporter{id: rand.Text(), provider: p, bus: b, metrics: metrics, log: log}
}

// run tells the states until ctx ends. What has changed is told within a second, what has
// not again before it is forgotten.
func (r *stateReporter) run(ctx context.Context) {
	r.provider.await(ctx)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	var last time.Time
	for {
		now := r.look(ctx)
		if changed := r.told == nil || !reflect.DeepEqual(now, *r.told); changed || time.Since(last) >= bus.AIWorkerInterval {
			if r.tell(ctx, now, changed) {
				last = time.Now()
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			_ = r.bus.RemoveAIWorker(end, r.id) // where this fails it expires by itself
			return
		}
	}
}

func (r *stateReporter) tell(ctx context.Context, now bus.AIWorker, changed bool) bool {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	if err := r.bus.PutAIWorker(ctx, r.id, now); err != nil {
		r.log.Debug().Err(err).Msg("the states of the providers were not told")
		return false
	}
	before := r.told
	r.told = &now
	if !changed || before == nil || !differ(*before, now) {
		return true
	}
	event, err := bus.NewMessage(bus.SubjectSettingsUpdated, "", &eventsv1.Event{OccurredAt: timestamppb.Now(),
		Payload: &eventsv1.Event_SettingsUpdated{SettingsUpdated: &eventsv1.SettingsUpdated{Section: sectionProviders}}})
	if err == nil {
		err = r.bus.Publish(ctx, event)
	}
	if err != nil { // clients see it when they look next
		r.log.Debug().Err(err).Msg("that a provider's state has changed was not told to clients")
	}
	return true
}

// differ reports whether a state has changed, rather than a version or a sentence.
func differ(before, now bus.AIWorker) bool {
	for id, p := range now.Providers {
		if before.Providers[id].State != p.State {
			return true
		}
	}
	return len(before.Providers) != len(now.Providers)
}

// look gives the states of now, to the metrics too.
func (r *stateReporter) look(ctx context.Context) bus.AIWorker {
	w := bus.AIWorker{Providers: map[string]bus.AIProvider{aisettings.Local: r.local()}}
	if current := r.provider.current.Load(); current != nil {
		w.SettingsAt = current.at
		if current.settings.Provider == aisettings.OpenAI {
			w.Providers[aisettings.OpenAI] = r.openai(ctx, current)
		}
	}
	for _, id := range []string{aisettings.Local, aisettings.OpenAI} {
		r.metrics.state(id, w.Providers[id].State)
	}
	return w
}

func (r *stateReporter) local() bus.AIProvider {
	l := r.provider.local
	if l == nil {
		return bus.AIProvider{State: bus.ProviderNotConfigured, Detail: noLocal}
	}
	call := l.last.Load()
	switch {
	case call == nil:
		return bus.AIProvider{State: bus.ProviderReady}
	case call.err != nil:
		return bus.AIProvider{State: bus.ProviderFailing, Detail: "The built-in classifier failed: look at the log of the worker."}
	}
	return bus.AIProvider{State: bus.ProviderReady, Model: call.model, Version: call.version}
}

func (r *stateReporter) openai(ctx context.Context, current *provision) bus.AIProvider {
	if current.openai == nil {
		return bus.AIProvider{State: bus.ProviderNotConfigured, Detail: current.fault}
	}
	p := bus.AIProvider{State: bus.ProviderUnknown, Model: current.settings.Model, Version: openai.PromptVersion}
	s, err := current.openai.Snapshot(ctx)
	if err != nil {
		return p // the database does not answer, which Ready says
	}
	p.State = stateOf(s)
	if p.State != bus.ProviderReady {
		p.Detail = aisettings.Words(s.Why)
	}
	return p
}

// stateOf makes a state of what the classifier knows of its server.
func stateOf(s openai.Snapshot) bus.ProviderState {
	switch {
	case s.State == openai.StateUntried:
		return bus.ProviderUnknown
	case s.State == openai.StateOK:
		return bus.ProviderReady
	case s.Kind == openai.KindOverBudget:
		return bus.ProviderOverBudget
	case s.Breaker == "open" && s.Kind == openai.KindUnavailable:
		return bus.ProviderCircuitOpen
	}
	return bus.ProviderFailing
}
