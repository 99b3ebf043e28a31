package ingest

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
)

// Values of Config.TelegramMode.
const (
	ModeWebhook = "webhook"
	ModePolling = "polling"
)

// Config is ingest's own settings.
type Config struct {
	TelegramMode          string `envconfig:"TELEGRAM_MODE" default:"webhook" desc:"how updates come, unless the settings page says: webhook (Telegram calls POST /webhook/telegram) or polling (getUpdates, for a machine without a public address)"`
	TelegramBotToken      string `envconfig:"TELEGRAM_BOT_TOKEN" secret:"true" desc:"the bot's token as @BotFather gives it, 123456:ABC...; one that was entered on the settings page wins"`
	TelegramAPIBaseURL    string `envconfig:"TELEGRAM_API_BASE_URL" default:"https://api.telegram.org" desc:"address of the Bot API"`
	TelegramWebhookSecret string `envconfig:"TELEGRAM_WEBHOOK_SECRET" secret:"true" desc:"secret token that Telegram sends with each update, 1 to 256 of A-Z a-z 0-9 _ -; updates without it are answered 401. Empty: the one that the settings page makes and keeps sealed, or not checked where it made none"`
}

// secretForm is the alphabet of setWebhook's secret_token (core.telegram.org/bots/api#setwebhook).
var secretForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

// Validate reports every setting that is wrong, joined. It repeats no secret.
func (c Config) Validate() error {
	var faults []error
	if c.TelegramMode != ModeWebhook && c.TelegramMode != ModePolling {
		faults = append(faults, fmt.Errorf("TELEGRAM_MODE is %q: use webhook or polling", c.TelegramMode))
	}
	if c.TelegramWebhookSecret != "" && !secretForm.MatchString(c.TelegramWebhookSecret) {
		faults = append(faults, errors.New("TELEGRAM_WEBHOOK_SECRET has other characters or is too long: use 1 to 256 of A-Z a-z 0-9 _ -"))
	}
	if c.TelegramBotToken != "" {
		if _, err := botapi.New(botapi.Config{Token: c.TelegramBotToken, BaseURL: c.TelegramAPIBaseURL}); err != nil {
			faults = append(faults, fmt.Errorf("TELEGRAM_BOT_TOKEN or TELEGRAM_API_BASE_URL: %w", err))
		}
	}
	return errors.Join(faults...)
}
