package worker

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
)

// Config is the worker's own settings.
type Config struct {
	MigrateOnStart     bool          `envconfig:"MIGRATE_ON_START" default:"true" desc:"whether a single worker brings the database to its own schema at start (several at once wait for each other), or only waits until somebody has; standalone always does"`
	BatchSize          int           `envconfig:"WORKER_BATCH_SIZE" default:"500" desc:"most messages stored in one statement, 1 to 5000"`
	MaxAttempts        int           `envconfig:"WORKER_MAX_ATTEMPTS" default:"5" desc:"how often a message or job is tried before it becomes a dead letter, 1 to 100; waiting for a database or a Telegram that is down does not count"`
	RetryDelay         time.Duration `envconfig:"WORKER_RETRY_DELAY" default:"1s" desc:"pause after the first failure of a message or job, 1ms to 1m; it doubles with each failure, up to 1m"`
	AvatarConcurrency  int           `envconfig:"WORKER_AVATAR_CONCURRENCY" default:"2" desc:"pictures of authors fetched at once by one worker, 1 to 16"`
	TelegramBotToken   string        `envconfig:"TELEGRAM_BOT_TOKEN" secret:"true" desc:"token of the Telegram bot, as @BotFather gives it; one that was entered on the settings page wins; without any no pictures are fetched"`
	TelegramAPIBaseURL string        `envconfig:"TELEGRAM_API_BASE_URL" default:"https://api.telegram.org" desc:"address of the Bot API server"`
	ClassifyConfig
	AnalysisConfig
}

// Validate reports every setting that is wrong, joined.
func (c Config) Validate() error {
	faults := []error{c.ClassifyConfig.Validate(), c.AnalysisConfig.Validate()}
	number := func(name string, value, least, most int) {
		if value < least || value > most {
			faults = append(faults, fmt.Errorf("%s is %d: use %d to %d", name, value, least, most))
		}
	}
	number("WORKER_BATCH_SIZE", c.BatchSize, 1, 5000)
	number("WORKER_MAX_ATTEMPTS", c.MaxAttempts, 1, 100)
	number("WORKER_AVATAR_CONCURRENCY", c.AvatarConcurrency, 1, 16)
	if c.RetryDelay < time.Millisecond || c.RetryDelay > time.Minute {
		faults = append(faults, fmt.Errorf("WORKER_RETRY_DELAY is %s: use 1ms to 1m", c.RetryDelay))
	}
	if u, err := url.Parse(c.TelegramAPIBaseURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		faults = append(faults, fmt.Errorf("TELEGRAM_API_BASE_URL is not an http(s) address: use one such as %s", botapi.DefaultBaseURL))
	} else if c.TelegramBotToken != "" {
		if _, err := botapi.New(botapi.Config{Token: c.TelegramBotToken, BaseURL: c.TelegramAPIBaseURL}); err != nil {
			faults = append(faults, fmt.Errorf("TELEGRAM_BOT_TOKEN: %w", err))
		}
	}
	return errors.Join(faults...)
}
