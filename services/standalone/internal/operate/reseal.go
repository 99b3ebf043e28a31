package operate

import (
	"context"
	"errors"
	"fmt"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/postgres"
	"github.com/tasktracker/tasktracker/pkg/secrets"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/services/standalone/internal/datadir"
)

// Resealed counts what Reseal found.
type Resealed struct {
	// Renewed were sealed anew, Fresh were sealed under the first key already.
	Renewed, Fresh int
	// Unreadable names what no key opens, and why; it stays as it is.
	Unreadable []string
}

// ErrUnreadable is returned by Reseal where a secret opens with no key.
var ErrUnreadable = errors.New("some secrets open with none of the keys, and are as they were: add the key that sealed them to SETTINGS_ENCRYPTION_KEY, or enter them again on the settings page")

// Reseal seals every stored secret with the first key of SETTINGS_ENCRYPTION_KEY, those of the
// bot in one transaction, and brings the copies in the broker to it. Running it again
// changes nothing, or ends what was broken off.
func Reseal(ctx context.Context, cfg Config, log zerolog.Logger) (done Resealed, err error) {
	ring, err := cfg.ring()
	if err != nil {
		return done, err
	}
	place, closeAll, err := open(ctx, cfg, log)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, closeAll()) }()
	pool, err := postgres.Connect(ctx, place.DatabaseURL, postgres.Options{ApplicationName: "task-tracker-reseal", MaxConns: 2, Log: log})
	if err != nil {
		return done, err
	}
	defer pool.Close()
	if done, err = reseal(ctx, ring, store.New(pool), place.Bus); err != nil {
		return done, err
	}
	if len(done.Unreadable) > 0 {
		return done, ErrUnreadable
	}
	return done, nil
}

// ring reads the keys, of the setting or of DATA_DIR.
func (c Config) ring() (*secrets.Ring, error) {
	key := c.SettingsEncryptionKey
	if key == "" && c.embeds() {
		if err := c.wantData(); err != nil {
			return nil, err
		}
		var err error
		if key, err = datadir.Key(c.DataDir); err != nil {
			return nil, err
		}
	}
	return secrets.NewRing(key)
}

// reseal changes the database first, then the broker's copy, as every change does.
func reseal(ctx context.Context, ring *secrets.Ring, db *store.Store, broker *bus.Bus) (done Resealed, err error) {
	var bot, model Resealed // of the last attempts
	_, _, err = db.UpdateTelegramSettings(ctx, func(s *store.TelegramSettings) error {
		bot = Resealed{}
		bot.renew(ring, bus.PurposeBotToken, "the bot's token", &s.Bot.Token)
		for i := range s.Bot.Secrets {
			bot.renew(ring, bus.PurposeWebhookSecret, fmt.Sprintf("webhook secret %d", i+1), &s.Bot.Secrets[i].Sealed)
		}
		return nil
	})
	if err != nil {
		return done, err
	}
	_, _, err = db.UpdateAISettings(ctx, func(s *bus.AISettings) error {
		model = Resealed{}
		if s.APIKey != nil {
			key := *s.APIKey
			model.renew(ring, bus.PurposeAIKey, "the key of the model server", &key)
			s.APIKey = &key
		}
		return nil
	})
	if err != nil {
		return done, err
	}
	done = Resealed{Renewed: bot.Renewed + model.Renewed, Fresh: bot.Fresh + model.Fresh, Unreadable: append(bot.Unreadable, model.Unreadable...)}
	// Whoever reads the record goes on: both seals open while both keys are there.
	err = broker.UpdateTelegramBot(ctx, func(bus.TelegramBot) (bus.TelegramBot, error) { return db.TelegramBot(ctx) })
	if err == nil {
		err = broker.UpdateAISettings(ctx, func(bus.AISettings) (bus.AISettings, error) { return db.AISettings(ctx) })
	}
	if err != nil {
		return done, fmt.Errorf("tell the services about the resealed secrets: %w", err)
	}
	return done, nil
}

// renew seals a value anew if it is not under the first key.
func (r *Resealed) renew(ring *secrets.Ring, purpose, what string, sealed *string) {
	if *sealed == "" {
		return
	}
	value, err := ring.Open(purpose, *sealed)
	switch {
	case err != nil:
		r.Unreadable = append(r.Unreadable, fmt.Sprintf("%s: %v", what, err))
	case ring.Stale(*sealed):
		*sealed = ring.Seal(purpose, value)
		r.Renewed++
	default:
		r.Fresh++
	}
}
