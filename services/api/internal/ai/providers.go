package ai

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tasktracker/tasktracker/pkg/aisettings"
	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/classify/openai"
)

// Provider is one who can judge, as operators see it.
type Provider struct {
	ID, Name           string
	Configured, Active bool
	bus.AIProvider
	TokensToday int64
	Budget      int64 // 0 for none
}

// worst is the order in which states of several workers count.
var worst = []bus.ProviderState{
	bus.ProviderFailing, bus.ProviderCircuitOpen, bus.ProviderOverBudget, bus.ProviderNotConfigured, bus.ProviderReady, bus.ProviderUnknown,
}

// noWorker is said while no worker says anything about the settings of now.
const noWorker = "No worker goes by these settings yet: see whether one runs, and has finished what it was at."

// Providers tells how those who can judge are doing.
func (a *AI) Providers(ctx context.Context) ([]Provider, error) {
	settings, err := a.Settings(ctx)
	if err != nil {
		return nil, err
	}
	asking, cancel := context.WithTimeout(ctx, brokerTimeout)
	defer cancel()
	workers, err := a.Bus.AIWorkers(asking)
	if err != nil {
		return nil, fmt.Errorf("ask the workers about the providers: %w", err)
	}
	spent, err := a.Store.TokenLedger().Spent(ctx, time.Now().UTC().Format(time.DateOnly))
	if err != nil {
		return nil, err
	}
	workers = slices.DeleteFunc(workers, func(w bus.AIWorker) bool { return !w.SettingsAt.Equal(settings.Stored.UpdatedAt) })
	return []Provider{a.local(settings, workers), a.openai(settings, workers, spent)}, nil
}

func (a *AI) local(settings Settings, workers []bus.AIWorker) Provider {
	p := Provider{ID: aisettings.Local, Name: "Built in", Active: settings.Provider == aisettings.Local, AIProvider: seen(workers, aisettings.Local)}
	p.Configured = a.Local != nil
	if len(workers) > 0 {
		p.Configured = p.State != bus.ProviderNotConfigured
	}
	return p
}

func (a *AI) openai(settings Settings, workers []bus.AIWorker, spent int64) Provider {
	p := Provider{ID: aisettings.OpenAI, Name: "Model server", Active: settings.Provider == aisettings.OpenAI, TokensToday: spent, Budget: settings.DailyTokens}
	fault := settings.ModelServer.Validate()
	if fault == nil {
		fault = settings.KeyFault
	}
	p.Configured = fault == nil
	switch {
	case fault != nil:
		p.State, p.Detail = bus.ProviderNotConfigured, aisettings.Words(fault.Error())
	case p.Active:
		p.AIProvider = seen(workers, p.ID)
	default:
		p.State = bus.ProviderUnknown // nobody asks it
	}
	if p.Configured {
		p.Model, p.Version = settings.Model, openai.PromptVersion
	}
	return p
}

// seen is what the workers together say of a provider.
func seen(workers []bus.AIWorker, id string) bus.AIProvider {
	found := bus.AIProvider{State: bus.ProviderUnknown, Detail: noWorker}
	rank := len(worst)
	for _, w := range workers {
		p, ok := w.Providers[id]
		if at := slices.Index(worst, p.State); ok && at >= 0 && at < rank {
			found, rank = p, at
		}
	}
	return found
}
