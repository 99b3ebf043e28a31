package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// sectionAI is the section of settings_updated that stands for AISettings.
const sectionAI = "ai"

// AISettings is what operators set of who judges messages; zero where nothing is set.
func (s *Store) AISettings(ctx context.Context) (bus.AISettings, error) {
	return readAISettings(ctx, s.q)
}

func readAISettings(ctx context.Context, q *db.Queries) (bus.AISettings, error) {
	row, err := q.AISettings(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		return bus.AISettings{}, nil
	}
	if err != nil {
		return bus.AISettings{}, fmt.Errorf("read settings of the provider: %w", err)
	}
	return bus.AISettings{
		Provider: row.Provider, BaseURL: row.BaseUrl, Model: row.Model, APIKey: row.ApiKey, LocalFallback: row.LocalFallback, Autonomy: row.Autonomy,
		TaskThreshold: row.TaskThreshold, ProposalThreshold: row.ProposalThreshold, QuietSeconds: row.QuietSeconds,
		MaskNames: row.MaskNames, MaskPhones: row.MaskPhones, MaskEmails: row.MaskEmails,
		DuplicateSureThreshold: row.DuplicateSureThreshold, DuplicateLikelyThreshold: row.DuplicateLikelyThreshold,
		TokenBudgetPerDay: row.TokenBudgetPerDay, UpdatedAt: row.UpdatedAt.UTC(),
	}, nil
}

// UpdateAISettings reads the settings, lets fn change them, and stores what it changed with
// the event settings_updated in one transaction; where nothing changed, nothing is written.
// Settings of which fn leaves nothing set are deleted. An error of fn is returned as it is.
// Changes happen one at a time, so fn must not block.
func (s *Store) UpdateAISettings(ctx context.Context, fn func(*bus.AISettings) error) (after bus.AISettings, events []OutboxEvent, err error) {
	err = s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		after, events = bus.AISettings{}, nil // of this attempt
		if err := q.LockAISettings(ctx); err != nil {
			return err
		}
		before, err := readAISettings(ctx, q)
		if err != nil {
			return err
		}
		after = before
		if err := fn(&after); err != nil {
			return err
		}
		after.UpdatedAt = before.UpdatedAt
		if reflect.DeepEqual(before, after) {
			return nil
		}
		if after, err = writeAISettings(ctx, q, after); err != nil {
			return err
		}
		return emitSettings(ctx, q, &events, sectionAI)
	})
	if err != nil {
		return bus.AISettings{}, nil, fmt.Errorf("update settings of the provider: %w", err)
	}
	return after, events, nil
}

func writeAISettings(ctx context.Context, q *db.Queries, settings bus.AISettings) (bus.AISettings, error) {
	settings.UpdatedAt = time.Time{}
	if settings == (bus.AISettings{}) {
		_, err := q.DeleteAISettings(ctx)
		return settings, err
	}
	at, err := q.PutAISettings(ctx, db.PutAISettingsParams{
		Provider: settings.Provider, BaseUrl: settings.BaseURL, Model: settings.Model, ApiKey: settings.APIKey, LocalFallback: settings.LocalFallback, Autonomy: settings.Autonomy,
		TaskThreshold: settings.TaskThreshold, ProposalThreshold: settings.ProposalThreshold, QuietSeconds: settings.QuietSeconds,
		MaskNames: settings.MaskNames, MaskPhones: settings.MaskPhones, MaskEmails: settings.MaskEmails,
		TokenBudgetPerDay: settings.TokenBudgetPerDay, DuplicateSureThreshold: settings.DuplicateSureThreshold,
		DuplicateLikelyThreshold: settings.DuplicateLikelyThreshold,
	})
	settings.UpdatedAt = at.UTC()
	return settings, err
}

// TokenLedger counts the tokens of model servers for the whole installation. It is what
// package openai calls a Ledger.
type TokenLedger struct{ store *Store }

// TokenLedger gives the ledger.
func (s *Store) TokenLedger() TokenLedger { return TokenLedger{s} }

// Reserve adds tokens to those of a day and says true, or changes nothing and says false
// where the day would come above limit; a limit of 0 is none.
func (l TokenLedger) Reserve(ctx context.Context, day string, tokens, limit int64) (bool, error) {
	date, err := dayOf(day)
	if err != nil {
		return false, err
	}
	n, err := l.store.q.ReserveTokens(ctx, db.ReserveTokensParams{Day: date, Tokens: tokens, Bound: limit})
	if err != nil {
		return false, fmt.Errorf("reserve tokens: %w", err)
	}
	return n > 0, nil
}

// Settle puts what was used in the place of what was reserved.
func (l TokenLedger) Settle(ctx context.Context, day string, reserved, used int64) error {
	date, err := dayOf(day)
	if err != nil {
		return err
	}
	if err := l.store.q.SettleTokens(ctx, db.SettleTokensParams{Day: date, Change: used - reserved}); err != nil {
		return fmt.Errorf("settle tokens: %w", err)
	}
	return nil
}

// Spent is the sum of a day.
func (l TokenLedger) Spent(ctx context.Context, day string) (int64, error) {
	date, err := dayOf(day)
	if err != nil {
		return 0, err
	}
	tokens, err := l.store.q.TokensOf(ctx, date)
	if err != nil {
		return 0, fmt.Errorf("read tokens of %s: %w", day, err)
	}
	return tokens, nil
}

func dayOf(day string) (time.Time, error) {
	date, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return time.Time{}, fmt.Errorf("the day of tokens: %w", err)
	}
	return date, nil
}
