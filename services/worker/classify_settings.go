package worker

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/aisettings"
	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/classify/openai"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/services/worker/internal/decide"
)

// provision is what the judge works with under one state of the settings.
type provision struct {
	settings   aisettings.Settings
	at         time.Time // when they were stored; zero for the environment's
	fault      string    // why there is no model server though there should be; "" where there is
	openai     *openai.Classifier
	cascade    *cascade
	policy     decide.Policy
	duplicates store.DuplicateLimits
	limit      int
	lease      time.Duration
}

// close lets go of the model server; nobody asks it any more.
func (p *provision) close() {
	if p.openai != nil {
		p.openai.Close()
	}
}

// provider follows what operators set of who judges. What it makes of it the judge takes
// between two rounds, so that no call of the one before is cut off.
type provider struct {
	environment aisettings.Settings
	ring        opener
	local       *localClassifier // nil for none
	ledger      openai.Ledger
	authors     *authors
	zone        *time.Location
	metrics     *classifyMetrics
	log         zerolog.Logger
	wake        chan<- struct{}

	next    atomic.Pointer[provision] // waits for the judge
	current atomic.Pointer[provision] // has been taken by it
	quiet   atomic.Int64
	known   chan struct{} // closed once the settings were read
	learned sync.Once
}

func (s *Service) newProvider(cfg Config, deps Deps, zone *time.Location, metrics *classifyMetrics, wake chan<- struct{}) *provider {
	p := &provider{
		environment: cfg.settings(), ring: deps.Secrets, ledger: deps.Store.TokenLedger(), authors: &authors{store: deps.Store}, zone: zone,
		metrics: metrics, log: deps.Log, wake: wake, known: make(chan struct{}),
	}
	if deps.Local != nil {
		p.local = &localClassifier{Classifier: deps.Local}
	}
	p.quiet.Store(int64(p.environment.Quiet))
	return p
}

// set is called by one goroutine, the watch.
func (p *provider) set(stored bus.AISettings) {
	next := p.provide(stored)
	p.quiet.Store(int64(next.settings.Quiet))
	if skipped := p.next.Swap(next); skipped != nil {
		skipped.close() // the judge never had it
	}
	p.learned.Do(func() { close(p.known) })
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// provide makes what the judge needs. Where the model server cannot be asked there is none,
// and the rest is as it should be.
func (p *provider) provide(stored bus.AISettings) *provision {
	settings, err := p.environment.With(stored, p.ring.Open)
	if err == nil {
		err = settings.Validate()
	}
	next := &provision{settings: settings, at: stored.UpdatedAt, limit: localLimit, lease: localLease, cascade: &cascade{metrics: p.metrics, log: p.log}}
	next.policy = decide.Policy{TaskThreshold: settings.TaskThreshold, Shadow: settings.Autonomy == aisettings.Shadow,
		ProposalThreshold: min(settings.ProposalThreshold, settings.TaskThreshold), Zone: p.zone}
	if settings.Autonomy == aisettings.Gated {
		next.policy.TaskThreshold = 1
	}
	next.duplicates = store.DuplicateLimits{Sure: settings.DuplicateSure, Likely: min(settings.DuplicateLikely, settings.DuplicateSure)}
	if p.local != nil && (settings.Provider != aisettings.OpenAI || settings.LocalFallback) {
		next.cascade.local = p.local
	}
	if err == nil && settings.Provider == aisettings.OpenAI {
		next.openai, err = openai.New(settings.ModelServer, openai.WithLedger(p.ledger), openai.WithAuthors(p.authors.names))
	}
	if err != nil {
		next.fault = aisettings.Words(err.Error())
		p.log.Error().Err(err).Msg("the settings of the provider cannot be used as they are: correct them on the settings page")
	}
	if next.openai != nil {
		next.cascade.model = next.openai
		next.limit, next.lease = settings.BatchSize*settings.Concurrency, modelLease
	}
	return next
}

// adopt has the judge go by what was set since its last round.
func (p *provider) adopt(j *judge) {
	next := p.next.Swap(nil)
	if next == nil {
		return
	}
	j.cascade, j.policy, j.duplicates, j.limit, j.lease = next.cascade, next.policy, next.duplicates, next.limit, next.lease
	j.authors = nil
	if next.openai != nil {
		j.authors = p.authors
	}
	if before := p.current.Swap(next); before != nil {
		before.close()
		p.log.Info().Str("provider", next.settings.Provider).Str("model", next.settings.Model).Msg("conversations are judged by other settings from now on")
	}
}

// writer is the model that writes summaries: nil where none should, and with a reason where one
// should and cannot. What was set last counts, whether or not the judge has taken it.
func (p *provider) writer() (writer, string) {
	set := p.next.Load()
	if set == nil {
		set = p.current.Load()
	}
	switch {
	case set == nil || set.settings.Provider != aisettings.OpenAI:
		return nil, ""
	case set.openai == nil:
		return nil, set.fault
	}
	return set.openai, ""
}

// close lets go of what the judge has and of what it never had.
func (p *provider) close() {
	for _, last := range []*provision{p.next.Swap(nil), p.current.Load()} {
		if last != nil {
			last.close()
		}
	}
}

// settingsStore is what following the settings asks of the store.
type settingsStore interface {
	AISettings(ctx context.Context) (bus.AISettings, error)
}

// follow brings the bucket's copy of the settings to what the database says, for it may have
// been lost, and follows it from then on until ctx ends. Nothing is judged before: what
// the environment says may be what operators have forbidden.
func (p *provider) follow(ctx context.Context, from *bus.Bus, db settingsStore) error {
	for ctx.Err() == nil {
		err := from.UpdateAISettings(ctx, func(bus.AISettings) (bus.AISettings, error) { return db.AISettings(ctx) })
		if err == nil {
			return from.WatchAISettings(ctx, p.set)
		}
		p.log.Debug().Err(err).Msg("the settings of the provider are not yet known")
		select {
		case <-ctx.Done():
		case <-time.After(2 * time.Second):
		}
	}
	return nil
}

// await returns when the settings are known, or ctx ended.
func (p *provider) await(ctx context.Context) {
	select {
	case <-p.known:
	case <-ctx.Done():
	}
}

// localClassifier notes how the built-in classifier does.
type localClassifier struct {
	classify.Classifier
	last atomic.Pointer[localCall]
}

type localCall struct {
	err            error
	model, version string
}

// Classify implements classify.Classifier.
func (l *localClassifier) Classify(ctx context.Context, inputs []classify.Input) ([]classify.Result, error) {
	results, err := l.Classifier.Classify(ctx, inputs)
	if err != nil && ctx.Err() != nil {
		return results, err // given up, which says nothing of the classifier
	}
	call := localCall{err: err}
	if err == nil && len(results) > 0 {
		call.model, call.version = results[0].Model, results[0].Version
	}
	l.last.Store(&call)
	return results, err
}

var _ settingsStore = (*store.Store)(nil)

// settings are those of the configuration that operators can change.
func (c ClassifyConfig) settings() aisettings.Settings {
	return aisettings.Settings{
		Provider: c.Provider, LocalFallback: c.LocalFallback, Autonomy: c.Autonomy, Quiet: c.Quiet,
		TaskThreshold: c.TaskThreshold, ProposalThreshold: c.ProposalThreshold, DuplicateSure: c.DuplicateSure, DuplicateLikely: c.DuplicateLikely,
		ModelServer: c.LLMConfig,
	}
}
