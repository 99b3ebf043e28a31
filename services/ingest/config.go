package ingest

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
)

// Values of Config.TelegramMode.
const (
	ModeWebhook = "webhook"
	ModePolling = "polling"
)

// Config is ingest's own settings.
type Config struct {
	TelegramMode          string `envconfig:"TELEGRAM_MODE" default:"webhook" desc:"how updates come: webhook (Telegram calls POST /webhook/telegram) or polling (getUpdates, for a machine without a public address)"`
	TelegramBotToken      string `envconfig:"TELEGRAM_BOT_TOKEN" secret:"true" desc:"the bot's token as @BotFather gives it, 123456:ABC...; polling and avatars need it"`
	TelegramAPIBaseURL    string `envconfig:"TELEGRAM_API_BASE_URL" default:"https://api.telegram.org" desc:"address of the Bot API"`
	TelegramWebhookSecret string `envconfig:"TELEGRAM_WEBHOOK_SECRET" secret:"true" desc:"secret token that Telegram sends with each update, 1 to 256 of A-Z a-z 0-9 _ -; updates without it are answered 401. Empty: not checked"`
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
	if c.TelegramBotToken == "" && c.TelegramMode == ModePolling {
		faults = append(faults, errors.New("TELEGRAM_BOT_TOKEN is empty: TELEGRAM_MODE=polling needs the token that @BotFather gave you"))
	}
	if c.TelegramBotToken != "" {
		if _, err := botapi.New(botapi.Config{Token: c.TelegramBotToken, BaseURL: c.TelegramAPIBaseURL}); err != nil {
			faults = append(faults, fmt.Errorf("TELEGRAM_BOT_TOKEN or TELEGRAM_API_BASE_URL: %w", err))
		}
	}
	return errors.Join(faults...)
}

// botID is the number before the token's colon, which tells the accounts apart in
// ids for de-duplication; "0" without a token.
func (c Config) botID() string {
	if id, _, found := strings.Cut(c.TelegramBotToken, ":"); found {
		return id
	}
	return "0"
}
