package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// keyTelegram is the key of BotSettings in the table settings.
const keyTelegram = "telegram"

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

// TelegramSettings reads what is set for Telegram, the zero value for what never was.
func (s *Store) TelegramSettings(ctx context.Context) (TelegramSettings, error) {
	_, _, settings, err := readTelegramSettings(ctx, s.q)
	return settings, err
}

func readTelegramSettings(ctx context.Context, q *db.Queries) (id int64, config webhookJSON, settings TelegramSettings, err error) {
	id, config, err = readWebhookSettings(ctx, q)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return 0, config, settings, err
	}
	settings.Webhook = config.WebhookConfig
	row, err := q.GetSetting(ctx, keyTelegram)
	if errors.Is(err, pgx.ErrNoRows) {
		return id, config, settings, nil
	}
	if err != nil {
		return 0, config, settings, fmt.Errorf("read setting %s: %w", keyTelegram, err)
	}
	settings.Bot, settings.BotUpdatedAt = parseBotSettings(row.Value), row.UpdatedAt
	return id, config, settings, nil
}

// parseBotSettings is tolerant: a field of a wrong type is as if it were absent.
func parseBotSettings(value []byte) (b BotSettings) {
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(value, &fields)
	for name, into := range map[string]any{
		"bot_token": &b.Token, "webhook_base_url": &b.WebhookBaseURL, "mode": &b.Mode,
		"secrets": &b.Secrets, "registered_url": &b.RegisteredURL, "bot": &b.Bot,
	} {
		_ = json.Unmarshal(fields[name], into)
	}
	if b.Bot != nil && b.Bot.ID == 0 {
		b.Bot = nil
	}
	b.Secrets = slices.DeleteFunc(b.Secrets, func(s BotSecret) bool { return s.Sealed == "" })
	return b
}

// UpdateTelegramSettings reads the settings, lets fn change them, and stores what it
// changed with events settings_updated in one transaction; where nothing changed,
// nothing is written and there are no events. An error of fn is returned as it is.
// Changes happen one at a time, so fn must not block.
func (s *Store) UpdateTelegramSettings(ctx context.Context, fn func(*TelegramSettings) error) (TelegramSettings, []OutboxEvent, error) {
	var (
		after  TelegramSettings
		events []OutboxEvent
	)
	err := s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) (err error) {
		after, events, err = updateTelegramSettings(ctx, q, fn)
		return err
	})
	if err != nil {
		return TelegramSettings{}, nil, fmt.Errorf("update settings: %w", err)
	}
	return after, events, nil
}

// UpdateGroups is UpdateTelegramSettings for the monitored chats alone.
func (s *Store) UpdateGroups(ctx context.Context, fn func([]Group) ([]Group, error)) (WebhookConfig, []OutboxEvent, error) {
	settings, events, err := s.UpdateTelegramSettings(ctx, func(c *TelegramSettings) (err error) {
		c.Webhook.Groups, err = fn(c.Webhook.Groups)
		return err
	})
	return settings.Webhook, events, err
}

func updateTelegramSettings(ctx context.Context, q *db.Queries, fn func(*TelegramSettings) error) (TelegramSettings, []OutboxEvent, error) {
	if err := q.LockWebhookSettings(ctx); err != nil {
		return TelegramSettings{}, nil, err
	}
	id, config, settings, err := readTelegramSettings(ctx, q)
	if err != nil {
		return TelegramSettings{}, nil, err
	}
	webhookBefore, botBefore, err := marshalSettings(config, settings)
	if err != nil {
		return TelegramSettings{}, nil, err
	}
	if err := fn(&settings); err != nil {
		return TelegramSettings{}, nil, err
	}
	webhookAfter, botAfter, err := marshalSettings(config, settings)
	if err != nil {
		return TelegramSettings{}, nil, err
	}
	var events []OutboxEvent
	if string(webhookBefore) != string(webhookAfter) {
		if err := writeWebhookSettings(ctx, q, id, webhookAfter, settings.Webhook.IsActive); err != nil {
			return TelegramSettings{}, nil, err
		}
		if err := emitSettings(ctx, q, &events, "webhook_settings"); err != nil {
			return TelegramSettings{}, nil, err
		}
	}
	if string(botBefore) != string(botAfter) {
		if settings.BotUpdatedAt, err = q.PutSetting(ctx, db.PutSettingParams{Key: keyTelegram, Value: botAfter}); err != nil {
			return TelegramSettings{}, nil, err
		}
		if err := emitSettings(ctx, q, &events, "settings"); err != nil {
			return TelegramSettings{}, nil, err
		}
	}
	return settings, events, nil
}

func marshalSettings(config webhookJSON, settings TelegramSettings) (webhook, bot []byte, err error) {
	config.WebhookConfig = settings.Webhook
	if webhook, err = config.marshal(); err != nil {
		return nil, nil, err
	}
	if bot, err = json.Marshal(settings.Bot); err != nil {
		return nil, nil, fmt.Errorf("write settings of the bot: %w", err)
	}
	return webhook, bot, nil
}

// writeWebhookSettings makes the row where there is none, which has the id 0.
func writeWebhookSettings(ctx context.Context, q *db.Queries, id int64, config []byte, active bool) error {
	if id == 0 {
		return q.InsertWebhookSettings(ctx, db.InsertWebhookSettingsParams{Config: config, IsActive: active})
	}
	return q.WriteWebhookSettings(ctx, db.WriteWebhookSettingsParams{ID: id, Config: config, IsActive: active})
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
	monitored := make([]string, 0, len(config.Groups))
	for _, g := range config.Groups {
		monitored = append(monitored, g.chatID())
	}
	rows, err := s.q.SeenChats(ctx, monitored)
	if err != nil {
		return nil, fmt.Errorf("list seen chats: %w", err)
	}
	found := make([]DiscoveredChat, 0, len(rows))
	for _, r := range rows {
		found = append(found, DiscoveredChat{Source: r.Source, ChatID: r.ExternalID, Kind: r.Kind, Name: r.Name,
			Messages: r.Messages, LastSeenAt: deref(r.LastSeenAt), BotStatus: r.BotStatus})
	}
	return found, nil
}

// ChatStates reads what is stored of chats of a source; those that were never seen are
// left out.
func (s *Store) ChatStates(ctx context.Context, source string, ids []int64) (map[int64]ChatState, error) {
	names := make([]string, 0, len(ids))
	for _, id := range ids {
		names = append(names, strconv.FormatInt(id, 10))
	}
	rows, err := s.q.ChatStates(ctx, db.ChatStatesParams{Source: source, ExternalIds: names})
	if err != nil {
		return nil, fmt.Errorf("read states of chats: %w", err)
	}
	states := make(map[int64]ChatState, len(rows))
	for _, r := range rows {
		id, err := strconv.ParseInt(r.ExternalID, 10, 64)
		if err != nil {
			continue
		}
		migrated, _ := strconv.ParseInt(r.MigratedToChat, 10, 64) // "" for none
		states[id] = ChatState{MigratedTo: migrated, BotStatus: r.BotStatus, BotStatusAt: deref(r.BotStatusAt), LastMessageAt: r.LastMessageAt}
	}
	return states, nil
}

// MonitoredGroup is the group of a number at Telegram, or the supergroup that it became; false where that is not
// monitored.
func (s *Store) MonitoredGroup(ctx context.Context, id int64) (Group, bool, error) {
	settings, err := s.WebhookSettings(ctx)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Group{}, false, err
	}
	of := func(id int64) int { return slices.IndexFunc(settings.Groups, func(g Group) bool { return g.ID == id }) }
	if at := of(id); at >= 0 {
		return settings.Groups[at], true, nil
	}
	states, err := s.ChatStates(ctx, sourceOfGroups, []int64{id})
	if err != nil {
		return Group{}, false, err
	}
	if at := of(states[id].MigratedTo); at >= 0 {
		return settings.Groups[at], true, nil
	}
	return Group{}, false, nil
}

// Topic is a part of a chat.
type Topic struct {
	// ID is the channel's own; Name is "" where it never told one.
	ID, Name string
}

// TopicsOfChat lists the topics of a chat that are known, the named first, at most so many.
func (s *Store) TopicsOfChat(ctx context.Context, source, chatID string, most int) ([]Topic, error) {
	rows, err := s.q.TopicsOfChat(ctx, db.TopicsOfChatParams{Source: source, ChatID: chatID, MaxRows: int64(most)})
	if err != nil {
		return nil, fmt.Errorf("list the topics of chat %s: %w", chatID, err)
	}
	topics := make([]Topic, 0, len(rows))
	for _, r := range rows {
		topics = append(topics, Topic{ID: r.ThreadID, Name: r.Name})
	}
	return topics, nil
}

// LastMessageAt is when the newest message of a source was sent; zero where it has none.
func (s *Store) LastMessageAt(ctx context.Context, source string) (time.Time, error) {
	at, err := s.q.LastMessageAt(ctx, source)
	if err != nil {
		return time.Time{}, fmt.Errorf("read when the last message was sent: %w", err)
	}
	return at, nil
}
