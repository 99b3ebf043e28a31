package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/secrets"
	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
	"github.com/tasktracker/tasktracker/services/api"
)

func TestATokenIsCheckedSealedAndRegistered(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{}, telegramtest.Options{})
	before := get[object](w, settingsPath)
	if before["updated_at"] != nil || before["telegram"].(object)["bot_token"] != "" {
		t.Errorf("before anything: %v", before)
	}
	ok[object](w, http.MethodPost, groupsPath, `{"group_id":-1002988379206}`)
	answer := ok[object](w, http.MethodPost, settingsPath, `{"telegram":{"bot_token":" `+botToken+` ","webhook_base_url":"https://Tracker.example.org/"}}`)
	bot := answer["telegram"].(object)
	if bot["bot_token"] != shownBot || bot["webhook_base_url"] != "https://tracker.example.org" || bot["mode"] != "webhook" ||
		fmt.Sprint(bot["bot"]) != "map[can_read_all_group_messages:true id:7.204418893e+09 name:Tasks username:tasks_bot]" {
		t.Errorf("saved: %v", bot)
	}
	if hook := answer["webhook"].(object); hook["success"] != true || hook["error"] != nil {
		t.Errorf("webhook: %v", hook)
	}
	if got := get[object](w, settingsPath); fmt.Sprint(got["telegram"]) != fmt.Sprint(bot) || got["updated_at"] == nil || got["webhook"] != nil {
		t.Errorf("read again: %v", got)
	}
	config := get[object](w, webhookPath)["telegram"].(object)
	if config["webhook_url"] != own || config["is_active"] != true || config["last_set_at"] == nil || len(config["groups"].([]any)) != 1 {
		t.Errorf("webhook settings: %v", config)
	}
	set := s.Calls("setWebhook")[0].Params
	if set["url"] != own || set["allowed_updates"] != `["message","edited_message","channel_post","edited_channel_post","my_chat_member","callback_query"]` {
		t.Errorf("registered %v", set)
	}
	present, ending := w.opened()
	if !slices.Equal(present, []string{set["secret_token"]}) || len(ending) != 0 || len(set["secret_token"]) < 32 {
		t.Errorf("ingest accepts %d secrets and %d that end; Telegram has %q", len(present), len(ending), set["secret_token"])
	}
	if token, err := testRing(t).Open(bus.PurposeBotToken, w.record().Token); err != nil || token != botToken {
		t.Errorf("the services open %v", err)
	}
	if n := w.events()["events.settings.updated"]; n < 2 {
		t.Errorf("%d events", n)
	}
}

func TestAnEmptyTokenKeepsTheStoredOne(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{}, telegramtest.Options{})
	w.connected()
	answer := ok[object](w, http.MethodPost, settingsPath, `{"telegram":{"bot_token":"","webhook_base_url":"https://new.example.org"}}`)
	if bot := answer["telegram"].(object); bot["bot_token"] != shownBot || bot["webhook_base_url"] != "https://new.example.org" || answer["webhook"] != nil {
		t.Errorf("%v", answer)
	}
	if n := len(s.Calls("setWebhook")); n != 1 {
		t.Errorf("registered %d times", n)
	}
	if got := get[object](w, webhookPath); got["default_host"] != "new.example.org" || got["telegram"].(object)["webhook_url"] != own {
		t.Errorf("%v", got)
	}
}

func TestSettingsOfTheEnvironment(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{TelegramBotToken: botToken, PublicBaseURL: "https://tracker.example.org", TelegramWebhookSecret: "fixed-secret"}, telegramtest.Options{})
	got := get[object](w, settingsPath)
	if got["updated_at"] != nil || got["telegram"].(object)["bot_token"] != shownBot || got["telegram"].(object)["webhook_base_url"] != "https://tracker.example.org" {
		t.Errorf("%v", got)
	}
	ok[object](w, http.MethodPost, setPath, `{"protocol":"https","host":"tracker.example.org"}`)
	if secret := s.Calls("setWebhook")[0].Params["secret_token"]; secret != "fixed-secret" {
		t.Errorf("registered with secret %q", secret)
	}
	if r := w.record(); r.Token != "" || len(r.Secrets) != 0 {
		t.Errorf("record %+v", r)
	}
	status, said, _ := w.call(http.MethodPost, hookPath+"/rotate-secret", "")
	if status != 400 || !strings.Contains(said, "TELEGRAM_WEBHOOK_SECRET fixes the secret") {
		t.Errorf("%d %s", status, said)
	}
}

func TestTokensThatAreNone(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{}, telegramtest.Options{})
	w.connected()
	before := w.saved()
	for token, part := range map[string]string{
		"123456:wrong":                       "Unauthorized. Copy the token again",
		"hello":                              "not of the form",
		"123456:a b":                         "not of the form",
		"7204418893:AAH/getMe":               "not of the form",
		shownBot:                             "leave the field empty",
		"[encrypted - cannot decrypt]":       "leave the field empty",
		"123456:" + strings.Repeat("é", 100): "not of the form",
		`123456:a\u0000b`:                    "not of the form",
		`123456:a\u007fb`:                    "not of the form",
	} {
		status, said, _ := w.call(http.MethodPost, settingsPath, `{"telegram":{"bot_token":"`+token+`","webhook_base_url":""}}`)
		if status != 400 || !hasAll(said, "Invalid Telegram bot token: ", part) || strings.Contains(said, "token_invalid") { // which pages say in part in English
			t.Errorf("%s: %d %s", token, status, said)
		}
	}
	if status, _, _ := w.call(http.MethodPost, settingsPath, `{"telegram":{"bot_token":"`+strings.Repeat("1", 10_000)+`","webhook_base_url":""}}`); status != 422 {
		t.Errorf("10,000 characters: %d", status)
	}
	for _, fault := range []telegramtest.Fault{{Kind: telegramtest.FaultInternal}, {Kind: telegramtest.FaultBadGateway}, {Kind: telegramtest.FaultReset}, {Kind: telegramtest.FaultFlood, RetryAfter: 1}} {
		s.Fault("getMe", fault, 1)
		if status, said, _ := w.call(http.MethodPost, settingsPath, `{"telegram":{"bot_token":"`+botToken+`","webhook_base_url":""}}`); status != 502 || !strings.Contains(said, ". ") {
			t.Errorf("fault %d: %d %s", fault.Kind, status, said)
		}
	}
	if w.saved() != before {
		t.Error("something was stored")
	}
}

// What cannot be read is said, changes nothing, and is no failure of ours.
func TestATokenThatCannotBeReadIsSaid(t *testing.T) {
	t.Parallel()
	other, err := secrets.NewRing("bm90LWEtcmVhbC1rZXktYnV0LWxvbmctZW5vdWdo")
	if err != nil {
		t.Fatal(err)
	}
	w, s := withBot(t, api.Config{TelegramBotToken: otherToken}, telegramtest.Options{})
	for _, sealed := range []string{other.Seal(bus.PurposeBotToken, botToken), testRing(t).Seal(bus.PurposeWebhookSecret, botToken), "garbage", "v2.00000000.AAAA", "AAAA"} {
		if _, err := w.pool.Exec(t.Context(), `INSERT INTO settings (key, value) VALUES ('telegram', jsonb_build_object('bot_token', $1::text))
			ON CONFLICT (key) DO UPDATE SET value = excluded.value`, sealed); err != nil {
			t.Fatal(err)
		}
		if got := get[object](w, settingsPath)["telegram"].(object); got["bot_token"] != "[encrypted - cannot decrypt]" {
			t.Errorf("%.20s reads %v", sealed, got)
		}
		got := ok[object](w, http.MethodPost, setPath, `{"protocol":"https","host":"tracker.example.org"}`)
		if got["success"] != false || !strings.Contains(fmt.Sprint(got["fix"]), "SETTINGS_ENCRYPTION_KEY") {
			t.Errorf("registering: %v", got)
		}
		for _, path := range []string{hookPath + "/info", hearingPath} {
			if said := fmt.Sprint(get[object](w, path)); !strings.Contains(said, "cannot be read") {
				t.Errorf("%s says %s", path, said)
			}
		}
		if n := len(s.Calls("")); n != 0 {
			t.Errorf("Telegram was asked %d times", n)
		}
	}
}

// The earlier system's form of the row and of the seal.
func TestATokenOfTheEarlierSystemIsRead(t *testing.T) {
	t.Parallel()
	w, _ := withBot(t, api.Config{}, telegramtest.Options{})
	if _, err := w.pool.Exec(t.Context(), `INSERT INTO settings (key, value) VALUES ('telegram', '{"bot_token": "`+legacySealed+`", "webhook_base_url": "https://old.example.org", "mode": 7, "secrets": "none"}')`); err != nil {
		t.Fatal(err)
	}
	got := get[object](w, settingsPath)["telegram"].(object)
	if got["bot_token"] != "123456789:...[truncated]" || got["webhook_base_url"] != "https://old.example.org" {
		t.Errorf("%v", got)
	}
}

// legacySealed is "123456789:AAF-ключ_token" under testKey, as package secrets' known answer has it.
const legacySealed = "AAECAwQFBgcICQoLNatp0+5nKkD7uSdnjNgHUa79kO6PlK6J7idRAAsPBBl0lqqJun9nZhwNkqM="

func TestAnotherBotTakesNothingOver(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{}, telegramtest.Options{})
	w.connected()
	first, _ := w.opened()
	s.Fault("setWebhook", telegramtest.Fault{Kind: telegramtest.FaultError, Code: 400, Description: "Bad Request: bad webhook: Failed to resolve host: x"}, 1)
	answer := ok[object](w, http.MethodPost, settingsPath, `{"telegram":{"bot_token":"`+otherToken+`","webhook_base_url":""}}`)
	if hook := answer["webhook"].(object); hook["success"] != false || !strings.Contains(fmt.Sprint(hook["fix"]), "A record") {
		t.Errorf("%v", hook)
	}
	config := get[object](w, webhookPath)["telegram"].(object)
	if config["is_active"] != false || config["last_set_at"] != nil || config["host"] != "tracker.example.org" {
		t.Errorf("the first bot's webhook is still there: %v", config)
	}
	present, ending := w.opened()
	if len(present) != 1 || len(ending) != 0 || present[0] == first[0] {
		t.Errorf("the first bot's secret is still accepted, or the door is open: %d, %d", len(present), len(ending))
	}
	if got := s.Calls("deleteWebhook"); len(got) != 1 {
		t.Errorf("the first bot's webhook was removed %d times", len(got))
	}
}
