package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// WebhookSettings reads what is set for Telegram, or returns ErrNotFound.
func (s *Store) WebhookSettings(ctx context.Context) (WebhookConfig, error) {
	_, config, err := readWebhookSettings(ctx, s.q)
	if err != nil {
		return WebhookConfig{}, err
	}
	return config.WebhookConfig, nil
}

func readWebhookSettings(ctx context.Context, q *db.Queries) (id int64, config webhookJSON, err error) {
	row, err := q.WebhookSettings(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, webhookJSON{}, fmt.Errorf("webhook settings: %w", ErrNotFound)
	}
	if err != nil {
		return 0, webhookJSON{}, fmt.Errorf("read webhook settings: %w", err)
	}
	config, err = parseWebhookSettings(row.Config)
	return row.ID, config, err
}

// UpdateWebhookSettings reads the settings (zero where there are none), lets fn change
// them, and stores them with the event settings_updated in one transaction; where
// nothing changed, nothing is written and there are no events. An error of fn is
// returned as it is. Changes happen one at a time, so fn must not block.
func (s *Store) UpdateWebhookSettings(ctx context.Context, fn func(*WebhookConfig) error) (WebhookConfig, []OutboxEvent, error) {
	var (
		after  WebhookConfig
		events []OutboxEvent
	)
	err := s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) (err error) {
		after, events, err = updateWebhookSettings(ctx, q, fn)
		return err
	})
	if err != nil {
		return WebhookConfig{}, nil, fmt.Errorf("update webhook settings: %w", err)
	}
	return after, events, nil
}

// UpdateGroups is UpdateWebhookSettings for the monitored chats alone.
func (s *Store) UpdateGroups(ctx context.Context, fn func([]Group) ([]Group, error)) (WebhookConfig, []OutboxEvent, error) {
	return s.UpdateWebhookSettings(ctx, func(c *WebhookConfig) (err error) {
		c.Groups, err = fn(c.Groups)
		return err
	})
}

func updateWebhookSettings(ctx context.Context, q *db.Queries, fn func(*WebhookConfig) error) (WebhookConfig, []OutboxEvent, error) {
	if err := q.LockWebhookSettings(ctx); err != nil {
		return WebhookConfig{}, nil, err
	}
	id, config, err := readWebhookSettings(ctx, q)
	missing := errors.Is(err, ErrNotFound)
	if err != nil && !missing {
		return WebhookConfig{}, nil, err
	}
	before, err := config.marshal()
	if err != nil {
		return WebhookConfig{}, nil, err
	}
	if err := fn(&config.WebhookConfig); err != nil {
		return WebhookConfig{}, nil, err
	}
	after, err := config.marshal()
	if err != nil {
		return WebhookConfig{}, nil, err
	}
	if string(before) == string(after) {
		return config.WebhookConfig, nil, nil
	}
	if missing {
		err = q.InsertWebhookSettings(ctx, db.InsertWebhookSettingsParams{Config: after, IsActive: config.IsActive})
	} else {
		err = q.WriteWebhookSettings(ctx, db.WriteWebhookSettingsParams{ID: id, Config: after, IsActive: config.IsActive})
	}
	if err != nil {
		return WebhookConfig{}, nil, err
	}
	var events []OutboxEvent
	return config.WebhookConfig, events, emitSettings(ctx, q, &events, "webhook_settings")
}

func emitSettings(ctx context.Context, q *db.Queries, written *[]OutboxEvent, section string) error {
	return emit(ctx, q, written, bus.SubjectSettingsUpdated, &eventsv1.Event{
		Payload: &eventsv1.Event_SettingsUpdated{SettingsUpdated: &eventsv1.SettingsUpdated{Section: section}}})
}

// DiscoveredChats lists chats that were seen and are not monitored, last seen first,
// at most 1000.
func (s *Store) DiscoveredChats(ctx context.Context) ([]DiscoveredChat, error) {
	config, err := s.WebhookSettings(ctx)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	monitored := make(map[string]bool, len(config.Groups))
	for _, g := range config.Groups {
		monitored[g.chatID()] = true
	}
	rows, err := s.q.SeenChats(ctx)
	if err != nil {
		return nil, fmt.Errorf("list seen chats: %w", err)
	}
	var found []DiscoveredChat
	for _, r := range rows {
		if !monitored[r.ExternalID] {
			found = append(found, DiscoveredChat{Source: r.Source, ChatID: r.ExternalID, Kind: r.Kind, Name: r.Name,
				Messages: r.UnmonitoredMessages, LastSeenAt: deref(r.LastSeenAt), BotStatus: r.BotStatus})
		}
	}
	return found, nil
}

// Setting reads one value of the table settings, or returns ErrNotFound.
func (s *Store) Setting(ctx context.Context, key string) (Setting, error) {
	row, err := s.q.GetSetting(ctx, key)
	if errors.Is(err, pgx.ErrNoRows) {
		return Setting{}, fmt.Errorf("setting %s: %w", key, ErrNotFound)
	}
	if err != nil {
		return Setting{}, fmt.Errorf("read setting %s: %w", key, err)
	}
	return Setting{Value: json.RawMessage(row.Value), UpdatedAt: row.UpdatedAt}, nil
}

// PutSetting stores one value, with the event settings_updated for the section key, in
// one transaction.
func (s *Store) PutSetting(ctx context.Context, key string, value json.RawMessage) ([]OutboxEvent, error) {
	var events []OutboxEvent
	err := s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		if err := q.PutSetting(ctx, db.PutSettingParams{Key: key, Value: value}); err != nil {
			return err
		}
		return emitSettings(ctx, q, &events, key)
	})
	if err != nil {
		return nil, fmt.Errorf("store setting %s: %w", key, err)
	}
	return events, nil
}
