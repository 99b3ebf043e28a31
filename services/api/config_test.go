package api_test

import (
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/services/api"
)

func TestEveryWrongSettingIsNamed(t *testing.T) {
	t.Parallel()
	for _, cfg := range []api.Config{
		{}, {PublicBaseURL: "http://localhost:8080"}, {PublicBaseURL: "https://x.example/", TrustedProxies: []string{"10.0.0.1", " 10.0.0.0/8", "::1", "fd00::/8"}},
	} {
		if err := cfg.Validate(); err != nil {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
	for _, base := range []string{"x.example", "ftp://x.example", "https://", "https://x.example/path", "https://x.example/?q", "https://u@x.example", "https://x.example/#f", "://"} {
		err := api.Config{PublicBaseURL: base, TrustedProxies: []string{"everyone", "10.0.0.0/99"}}.Validate()
		if err == nil {
			t.Errorf("%s passes", base)
			continue
		}
		for _, part := range []string{"PUBLIC_BASE_URL", base, "everyone", "10.0.0.0/99"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: does not name %s: %v", base, part, err)
			}
		}
	}
}

func TestWrongTelegramSettingsAreNamedWithoutTheirSecrets(t *testing.T) {
	t.Parallel()
	cfg := api.Config{TelegramMode: "push", TelegramBotToken: "not-a-token-at-all", TelegramAPIBaseURL: "api.telegram.org", TelegramWebhookSecret: "no spaces please"}
	err := cfg.Validate()
	if err == nil {
		t.Fatal("passes")
	}
	for _, part := range []string{`TELEGRAM_MODE is "push"`, "TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRET"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("does not name %s: %v", part, err)
		}
	}
	if strings.Contains(err.Error(), cfg.TelegramBotToken) || strings.Contains(err.Error(), cfg.TelegramWebhookSecret) {
		t.Errorf("quotes a secret: %v", err)
	}
	if err := (api.Config{TelegramAPIBaseURL: "ftp://x"}).Validate(); err == nil || !strings.Contains(err.Error(), "TELEGRAM_API_BASE_URL") {
		t.Errorf("an address that is none: %v", err)
	}
}
