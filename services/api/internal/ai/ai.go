// Package ai does what operators ask of those who judge messages: settings, states, tests.
// What they set is in PostgreSQL; the copy in the broker that the workers follow is brought
// to it.
package ai

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/aisettings"
	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/outbox"
	"github.com/tasktracker/tasktracker/pkg/secrets"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/services/api/internal/contract"
)

// brokerTimeout bounds how long a caller waits for the broker.
const brokerTimeout = 5 * time.Second

// Deps is what an AI is built from.
type Deps struct {
	Store   *store.Store
	Bus     *bus.Bus
	Secrets *secrets.Ring
	Outbox  *outbox.Publisher
	Log     zerolog.Logger
	// Local is the classifier that is built in; nil for none.
	Local classify.Classifier
}

// AI does what operators ask for. It is safe for concurrent use.
type AI struct {
	Deps
	environment aisettings.Settings
}

// New builds an AI over the settings of the environment. It calls nobody.
func New(environment aisettings.Settings, deps Deps) *AI {
	return &AI{Deps: deps, environment: environment}
}

// Settings are those that count now.
type Settings struct {
	aisettings.Settings
	// Stored is what operators set of them.
	Stored bus.AISettings
	// KeyFault says why the stored key does not open; nil where it does, or there is none.
	KeyFault error
}

// HasKey reports whether there is a key, be it one that does not open.
func (s Settings) HasKey() bool { return s.APIKey != "" || s.KeyFault != nil }

// leastHinted is the fewest characters of a key of which the last ones are shown.
const leastHinted, hinted = 16, 4

// Hint is what may be shown of the key; "" for nothing.
func (s Settings) Hint() string {
	if len(s.APIKey) < leastHinted {
		return ""
	}
	return s.APIKey[len(s.APIKey)-hinted:]
}

func (a *AI) of(stored bus.AISettings) Settings {
	s := Settings{Stored: stored}
	s.Settings, s.KeyFault = a.environment.With(stored, a.Secrets.Open)
	return s
}

// Settings reads them.
func (a *AI) Settings(ctx context.Context) (Settings, error) {
	stored, err := a.Store.AISettings(ctx)
	if err != nil {
		return Settings{}, err
	}
	return a.of(stored), nil
}

// Change is what operators want changed; nil stays. A key is in the clear here, "" for none.
type Change struct {
	bus.AISettings
	Key *string
}

// Update stores a change and has every worker go by it. What is wrong with it is returned as
// contract.Faults; nothing is changed then.
func (a *AI) Update(ctx context.Context, change Change) (Settings, error) {
	return a.update(ctx, func(s *bus.AISettings) error {
		before := a.of(*s)
		after := change.over(*s, a.Secrets)
		if faults := faultsOf(before, a.of(after), change); faults != nil {
			return faults
		}
		*s = after
		return nil
	})
}

// Reset goes back to the settings of the environment.
func (a *AI) Reset(ctx context.Context) (Settings, error) {
	return a.update(ctx, func(s *bus.AISettings) error { *s = bus.AISettings{}; return nil })
}

// update changes the settings: the database first, then the copy in the broker. It reads
// inside the update of that, so that the last writer has read the last change.
func (a *AI) update(ctx context.Context, fn func(*bus.AISettings) error) (Settings, error) {
	stored, events, err := a.Store.UpdateAISettings(ctx, fn)
	if err != nil {
		return Settings{}, err
	}
	telling, cancel := context.WithTimeout(context.WithoutCancel(ctx), brokerTimeout)
	defer cancel()
	err = a.Bus.UpdateAISettings(telling, func(bus.AISettings) (bus.AISettings, error) { return a.Store.AISettings(telling) })
	if err != nil {
		return Settings{}, fmt.Errorf("tell the workers about the provider: %w", err)
	}
	a.Outbox.Publish(ctx, events)
	return a.of(stored), nil
}

// over puts a change over what is stored, and seals its key.
func (c Change) over(s bus.AISettings, ring *secrets.Ring) bus.AISettings {
	replace(&s.Provider, c.Provider)
	replace(&s.BaseURL, c.BaseURL)
	replace(&s.Model, c.Model)
	replace(&s.LocalFallback, c.LocalFallback)
	replace(&s.Autonomy, c.Autonomy)
	replace(&s.TaskThreshold, c.TaskThreshold)
	replace(&s.ProposalThreshold, c.ProposalThreshold)
	replace(&s.DuplicateSureThreshold, c.DuplicateSureThreshold)
	replace(&s.DuplicateLikelyThreshold, c.DuplicateLikelyThreshold)
	replace(&s.QuietSeconds, c.QuietSeconds)
	replace(&s.MaskNames, c.MaskNames)
	replace(&s.MaskPhones, c.MaskPhones)
	replace(&s.MaskEmails, c.MaskEmails)
	replace(&s.TokenBudgetPerDay, c.TokenBudgetPerDay)
	if c.Key != nil {
		sealed := ""
		if key := strings.TrimSpace(*c.Key); key != "" {
			sealed = ring.Seal(bus.PurposeAIKey, key)
		}
		s.APIKey = &sealed
	}
	return s
}

func replace[T any](value **T, by *T) {
	if by != nil {
		*value = by
	}
}

// faultsOf is what is wrong with a change. It is what a worker would refuse, what is in the
// change and could be used by none later, and a key for somebody else's server.
func faultsOf(before, after Settings, change Change) contract.Faults {
	var faults contract.Faults
	add := func(field, problem string) {
		faults = append(faults, contract.Fault("value", aisettings.Words(problem), "body", field)...)
	}
	for _, fault := range aisettings.Faults(after.Validate()) {
		if field := aisettings.Field(fault.Setting); field != "" {
			add(field, fault.Problem)
		} else {
			faults = append(faults, contract.Fault("value", "cannot be used, as the environment's "+fault.Error(), "body")...)
		}
	}
	if after.Provider == aisettings.Local {
		changed := map[string]bool{"base_url": change.BaseURL != nil, "api_key": change.Key != nil}
		for _, fault := range aisettings.Faults(after.ModelServer.Validate()) {
			if field := aisettings.Field(fault.Setting); changed[field] {
				add(field, fault.Problem)
			}
		}
	}
	if fault := keyFault(before, after.BaseURL, change.Key); fault != "" {
		add("api_key", fault)
	} else if after.KeyFault != nil && after.Provider == aisettings.OpenAI {
		add("api_key", "has to be entered again: "+after.KeyFault.Error())
	}
	return faults
}

// keyFault keeps a key that was entered for one server from being sent to another.
func keyFault(before Settings, baseURL string, key *string) string {
	if key != nil || !before.HasKey() || aisettings.SameServer(before.BaseURL, baseURL) {
		return ""
	}
	return "is required, since base_url is another server than the one that the present key was entered for: send its key, or null for none"
}
