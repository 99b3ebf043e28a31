package ingest_test

import (
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/services/ingest"
)

func TestConfigNamesWhatIsWrongAndRepeatsNoSecret(t *testing.T) {
	t.Parallel()
	const secret = "hunter2 with spaces"
	for name, c := range map[string]struct {
		change func(*ingest.Config)
		says   []string
	}{
		"defaults":         {func(*ingest.Config) {}, nil},
		"mode":             {func(c *ingest.Config) { c.TelegramMode = "push" }, []string{"TELEGRAM_MODE", `"push"`, "webhook or polling"}},
		"secret":           {func(c *ingest.Config) { c.TelegramWebhookSecret = secret }, []string{"TELEGRAM_WEBHOOK_SECRET"}},
		"long secret":      {func(c *ingest.Config) { c.TelegramWebhookSecret = strings.Repeat("a", 257) }, []string{"TELEGRAM_WEBHOOK_SECRET"}},
		"longest secret":   {func(c *ingest.Config) { c.TelegramWebhookSecret = strings.Repeat("a", 256) }, nil},
		"polling, nobody":  {func(c *ingest.Config) { c.TelegramMode = ingest.ModePolling }, nil},
		"token":            {func(c *ingest.Config) { c.TelegramBotToken = secret }, []string{"TELEGRAM_BOT_TOKEN"}},
		"address":          {func(c *ingest.Config) { c.TelegramBotToken, c.TelegramAPIBaseURL = botToken, "ftp://x" }, []string{"TELEGRAM_API_BASE_URL"}},
		"several at once":  {func(c *ingest.Config) { c.TelegramMode, c.TelegramWebhookSecret = "", "-!-" }, []string{"TELEGRAM_MODE", "TELEGRAM_WEBHOOK_SECRET"}},
		"polling, a token": {func(c *ingest.Config) { c.TelegramMode, c.TelegramBotToken = ingest.ModePolling, botToken }, nil},
	} {
		cfg := webhookConfig()
		c.change(&cfg)
		err := cfg.Validate()
		if (err == nil) != (c.says == nil) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, want := range c.says {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q does not say %s", name, err, want)
			}
		}
		if err != nil && (strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), botToken)) {
			t.Errorf("%s: the secret is in %q", name, err)
		}
	}
}
