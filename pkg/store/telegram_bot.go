package store

import (
	"context"

	"github.com/tasktracker/tasktracker/pkg/bus"
)

// TelegramBot is the bot that operators connected, as the services have to know it; zero
// where there is none.
func (s *Store) TelegramBot(ctx context.Context) (bus.TelegramBot, error) {
	settings, err := s.TelegramSettings(ctx)
	if err != nil {
		return bus.TelegramBot{}, err
	}
	bot := bus.TelegramBot{Token: settings.Bot.Token, Mode: settings.Bot.Mode}
	for _, secret := range settings.Bot.Secrets {
		bot.Secrets = append(bot.Secrets, bus.WebhookSecret{Sealed: secret.Sealed, NotAfter: secret.NotAfter})
	}
	return bot, nil
}
