package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// BucketAIWorkers holds how workers find the providers; a key is there while a worker is.
const BucketAIWorkers = "ai_workers"

// aiWorkerTTL is how long what a worker says is believed.
const aiWorkerTTL = 30 * time.Second

// AIWorkerInterval is how often a worker says it again.
const AIWorkerInterval = aiWorkerTTL / 6

// ProviderState is a state of a provider, as one worker sees it.
type ProviderState string

// The states.
const (
	ProviderReady         ProviderState = "ready"
	ProviderFailing       ProviderState = "failing"
	ProviderOverBudget    ProviderState = "over_budget"
	ProviderCircuitOpen   ProviderState = "circuit_open"
	ProviderNotConfigured ProviderState = "not_configured"
	ProviderUnknown       ProviderState = "unknown"
)

// AIWorker is what a worker says of those who judge for it. Nothing in it is secret.
type AIWorker struct {
	// SettingsAt is the UpdatedAt of the AISettings that it goes by.
	SettingsAt time.Time `json:"settings_at,omitzero"`
	// Providers are those that it may ask, by their ids.
	Providers map[string]AIProvider `json:"providers"`
}

// AIProvider is how a provider does.
type AIProvider struct {
	State ProviderState `json:"state"`
	// Detail says in a sentence what is wrong and what to do; "" where nothing is.
	Detail string `json:"detail,omitempty"`
	// Model and Version are those of the last verdict; "" before the first.
	Model   string `json:"model,omitempty"`
	Version string `json:"version,omitempty"`
}

// PutAIWorker says how a worker finds the providers. It has to be said again within 30 s.
func (b *Bus) PutAIWorker(ctx context.Context, id string, w AIWorker) error {
	kv, err := b.aiWorkers(ctx)
	if err != nil {
		return err
	}
	data, err := json.Marshal(w)
	if err != nil {
		return fmt.Errorf("marshal the state of a worker: %w", err)
	}
	if _, err := kv.Put(ctx, token(id), data); err != nil {
		return fmt.Errorf("write the state of worker %s: %w", id, classify(err))
	}
	return nil
}

// RemoveAIWorker takes back what a worker said.
func (b *Bus) RemoveAIWorker(ctx context.Context, id string) error {
	kv, err := b.js.KeyValue(ctx, BucketAIWorkers)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		return nil
	}
	if err == nil {
		err = kv.Delete(ctx, token(id))
	}
	if err != nil {
		return fmt.Errorf("remove the state of worker %s: %w", id, classify(err))
	}
	return nil
}

// AIWorkers is what all workers say that there are now.
func (b *Bus) AIWorkers(ctx context.Context) ([]AIWorker, error) {
	kv, err := b.js.KeyValue(ctx, BucketAIWorkers)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", BucketAIWorkers, classify(err))
	}
	lister, err := kv.ListKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("list workers: %w", classify(err))
	}
	var workers []AIWorker
	for key := range lister.Keys() {
		entry, err := kv.Get(ctx, key)
		if errors.Is(err, jetstream.ErrKeyNotFound) {
			continue // it has gone meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("read the state of worker %s: %w", key, classify(err))
		}
		var w AIWorker
		if json.Unmarshal(entry.Value(), &w) == nil { // else one of another release
			workers = append(workers, w)
		}
	}
	return workers, nil
}

func (b *Bus) aiWorkers(ctx context.Context) (jetstream.KeyValue, error) {
	kv, err := b.js.KeyValue(ctx, BucketAIWorkers)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		kv, err = b.EnsureBucket(ctx, jetstream.KeyValueConfig{
			Bucket: BucketAIWorkers, Description: "how workers find the providers", TTL: aiWorkerTTL, Storage: jetstream.MemoryStorage,
		})
	}
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", BucketAIWorkers, classify(err))
	}
	return kv, nil
}
