package ai

import (
	"context"
	"fmt"

	"github.com/tasktracker/tasktracker/pkg/classify/local"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/services/api/internal/contract"
)

// mostCorrections is how many new corrections are counted.
const mostCorrections = 1000

// Adapters are the versions of what the built-in classifier has learnt.
type Adapters struct {
	// Base is the version of the shipped weights; "" where there are none.
	Base           string
	NewCorrections int
	Versions       []store.Adapter // newest first
}

// built is the built-in classifier, if it is one that learns; nil else.
func (a *AI) built() *local.Classifier {
	c, _ := a.Local.(*local.Classifier)
	return c
}

// Adapters lists what the built-in classifier has learnt.
func (a *AI) Adapters(ctx context.Context) (Adapters, error) {
	var found Adapters
	if c := a.built(); c != nil {
		found.Base = c.Base()
	}
	var err error
	if found.NewCorrections, err = a.Store.NewCorrections(ctx, found.Base, mostCorrections); err != nil {
		return Adapters{}, err
	}
	found.Versions, err = a.Store.ListAdapters(ctx)
	return found, err
}

// Activate puts a version to use in every worker; 0 stands for the shipped weights alone. Errors
// are those of store.ActivateAdapter.
func (a *AI) Activate(ctx context.Context, id int64) (Adapters, error) {
	base := ""
	if c := a.built(); c != nil {
		base = c.Base()
	} else if id != 0 {
		return Adapters{}, contract.Fault("value", "cannot be used: this build has no built-in classifier", "body", "id")
	}
	events, err := a.Store.ActivateAdapter(ctx, id, base)
	if err != nil {
		return Adapters{}, err
	}
	a.Outbox.Publish(ctx, events)
	telling, cancel := context.WithTimeout(context.WithoutCancel(ctx), brokerTimeout)
	defer cancel()
	if err := a.Bus.UpdateAdapter(telling, a.Store.SyncAdapter(telling)); err != nil {
		return Adapters{}, fmt.Errorf("tell the workers about the adapter: %w", err)
	}
	return a.Adapters(ctx)
}

// adapt has the built-in classifier of tests go by what the workers go by.
func (a *AI) adapt(ctx context.Context) error {
	c := a.built()
	if c == nil {
		return nil
	}
	id, base, err := a.Store.ActiveAdapter(ctx)
	if err != nil {
		return err
	}
	if id == 0 || base != c.Base() {
		c.Adapt(nil)
		return nil
	}
	if id == c.Adapted() {
		return nil
	}
	weights, err := a.Store.AdapterWeights(ctx, id)
	if err != nil {
		return err
	}
	adapter, err := local.ReadAdapter(id, weights)
	if err != nil {
		return err
	}
	c.Adapt(adapter)
	return nil
}
