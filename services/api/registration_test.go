package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
	"github.com/tasktracker/tasktracker/services/api"
)

func TestTheWebhookFailsAndEverythingIsAsItWas(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{}, strict())
	w.connected()
	before, record := w.saved(), fmt.Sprint(w.record())
	refused := func(description string, code int) telegramtest.Fault {
		return telegramtest.Fault{Kind: telegramtest.FaultError, Code: code, Description: description}
	}
	for _, c := range []struct {
		protocol, host string
		fault          telegramtest.Fault
		error, fix     string
		code           string
	}{
		{"http", "tracker.example.org", telegramtest.Fault{}, "An HTTPS URL must be provided", "Choose https", "address_https"},
		{"https", "tracker.example.org:8080", telegramtest.Fault{}, "can be set up only on ports", "443, 80, 88 or 8443", "address_port"},
		{"https", "inside.example.org", telegramtest.Fault{}, "10.0.0.5 is reserved", "reached from the internet", "address_reserved"},
		{"https", "six.example.org", telegramtest.Fault{}, "IPv6-only", "A record", "address_ipv6"},
		{"https", "nobody.example.org", telegramtest.Fault{}, "Failed to resolve host", "public DNS", "address_unresolved"},
		{"https", "x.example.org", refused("Bad Request: invalid webhook URL specified", 400), "invalid webhook URL", "Check the host", "address_invalid"},
		{"https", "x.example.org", refused("Bad Request: secret token contains unallowed characters", 400), "secret token", "TELEGRAM_WEBHOOK_SECRET", "secret_malformed"},
		{"https", "x.example.org", refused("Bad Request: something new", 400), "something new", "correct what Telegram names", "refused"},
		{"https", "x.example.org", refused("Unauthorized", 401), "Unauthorized", "@BotFather", "token_refused"},
		{"https", "x.example.org", refused("Not Found", 404), "Not Found", "@BotFather", "token_refused"},
		{"https", "x.example.org", refused("Conflict: terminated by other setWebhook", 409), "other setWebhook", "a bot of its own", "set_elsewhere"},
		{"https", "x.example.org", telegramtest.Fault{Kind: telegramtest.FaultFlood, RetryAfter: 1}, "Too Many Requests", "try again in 1 s", "pause"},
	} {
		if c.fault.Kind != 0 {
			s.Fault("setWebhook", c.fault, 1)
		}
		w.unpaced(s)
		got := ok[object](w, http.MethodPost, setPath, fmt.Sprintf(`{"protocol":%q,"host":%q}`, c.protocol, c.host))
		if got["success"] != false || got["message"] != "Failed to set webhook" || got["webhook_url"] != c.protocol+"://"+c.host+"/webhook/telegram" ||
			!strings.Contains(fmt.Sprint(got["error"]), c.error) || !strings.Contains(fmt.Sprint(got["fix"]), c.fix) || got["cause_code"] != c.code {
			t.Errorf("%s: %v", c.error, got)
		}
		if w.saved() != before || fmt.Sprint(w.record()) != record {
			t.Errorf("%s: something has changed", c.error)
		}
	}
	if got := get[object](w, webhookPath)["telegram"].(object); got["is_active"] != true || got["webhook_url"] != own {
		t.Errorf("%v", got)
	}
}

// Where nobody knows whether Telegram took the new secret, it is accepted.
func TestNoUpdateIsRefusedWhenAnAnswerIsLost(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{}, telegramtest.Options{})
	w.connected()
	old, _ := w.opened()
	w.unpaced(s)
	s.Fault("setWebhook", telegramtest.Fault{Kind: telegramtest.FaultCutBody}, 1) // done, and not answered
	got := ok[object](w, http.MethodPost, setPath, `{"protocol":"https","host":"tracker.example.org"}`)
	if got["success"] != false || !strings.Contains(fmt.Sprint(got["fix"]), "reaches") {
		t.Errorf("%v", got)
	}
	present, ending := w.opened()
	calls := s.Calls("setWebhook")
	if !slices.Equal(present, old) || !slices.Equal(ending, []string{calls[len(calls)-1].Params["secret_token"]}) {
		t.Errorf("accepted are %v and for a while %v", present, ending)
	}
}

// Where another address was registered before, the one that Telegram has afterwards says
// that it was done all the same.
func TestALostAnswerIsMadeUpFor(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{}, telegramtest.Options{})
	w.connected()
	w.unpaced(s)
	s.Fault("setWebhook", telegramtest.Fault{Kind: telegramtest.FaultCutBody}, 1) // done, and not answered
	got := ok[object](w, http.MethodPost, setPath, `{"protocol":"https","host":"new.example.org"}`)
	if config := get[object](w, webhookPath)["telegram"].(object); got["success"] != true || config["is_active"] != true || config["host"] != "new.example.org" {
		t.Errorf("%v, stored %v", got, config)
	}
	calls := s.Calls("setWebhook")
	if present, _ := w.opened(); !slices.Equal(present, []string{calls[len(calls)-1].Params["secret_token"]}) {
		t.Errorf("accepted are %v", present)
	}
	w.unpaced(s)
	s.Fault("setWebhook", telegramtest.Fault{Kind: telegramtest.FaultReset}, 1) // not done
	got = ok[object](w, http.MethodPost, setPath, `{"protocol":"https","host":"newer.example.org"}`)
	if config := get[object](w, webhookPath)["telegram"].(object); got["success"] != false || config["host"] != "new.example.org" {
		t.Errorf("%v, stored %v", got, config)
	}
}

// An address that was saved and taken back is the registered one again.
func TestAnAddressThatIsTakenBackIsStillRegistered(t *testing.T) {
	t.Parallel()
	w, _ := withBot(t, api.Config{}, telegramtest.Options{})
	w.connected()
	save := func(host string, active bool) {
		t.Helper()
		if got := ok[object](w, http.MethodPost, webhookPath, `{"protocol":"https","host":"`+host+`"}`); got["is_active"] != active {
			t.Errorf("%s: %v", host, got)
		}
	}
	save("x.example.org", false)
	finding(t, get[object](w, hearingPath)["webhook"], "not_registered", "before another address was saved")
	save("tracker.example.org", true)
	finding(t, get[object](w, hearingPath)["webhook"], "ok")
}

func TestTheSecretRotatesWithoutAGap(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{}, telegramtest.Options{})
	if status, said, _ := w.call(http.MethodPost, hookPath+"/rotate-secret", ""); status != 400 || !strings.Contains(said, "register it first") {
		t.Errorf("before there is one: %d %s", status, said)
	}
	w.connected()
	old, _ := w.opened()
	w.unpaced(s)
	s.Fault("setWebhook", telegramtest.Fault{Kind: telegramtest.FaultDelay, Delay: time.Hour}, 1)
	done := make(chan object)
	go func() { done <- ok[object](w, http.MethodPost, hookPath+"/rotate-secret", "") }()
	if err := s.WaitFaults(t.Context(), "setWebhook"); err != nil { // Telegram has the call and has not answered
		t.Fatal(err)
	}
	present, _ := w.opened()
	if len(present) != 2 || present[0] != old[0] {
		t.Errorf("while Telegram works, %d secrets are accepted", len(present))
	}
	s.Advance(time.Hour)
	if got := <-done; got["success"] != true || got["message"] != "Webhook secret replaced successfully" {
		t.Errorf("%v", got)
	}
	after, ending := w.opened()
	if !slices.Equal(after, present[1:]) || !slices.Equal(ending, old) {
		t.Errorf("afterwards %v, and for a while %v", after, ending)
	}
	for _, secret := range w.record().Secrets {
		if left := time.Until(secret.NotAfter); !secret.NotAfter.IsZero() && (left <= 0 || left > time.Minute) {
			t.Errorf("the old one ends in %s", left)
		}
	}
}

func TestTwoOperatorsAtOnceDoNotMix(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{}, telegramtest.Options{})
	w.connected()
	hosts := []string{"a.example.org", "b.example.org", "c.example.org"}
	var wg sync.WaitGroup
	for _, host := range hosts {
		wg.Go(func() {
			if got := ok[object](w, http.MethodPost, setPath, `{"protocol":"https","host":"`+host+`"}`); got["success"] != true {
				t.Errorf("%s: %v", host, got)
			}
		})
	}
	wg.Wait()
	calls := s.Calls("setWebhook")
	last := calls[len(calls)-1].Params
	config := get[object](w, webhookPath)["telegram"].(object)
	if config["webhook_url"] != last["url"] || config["is_active"] != true {
		t.Errorf("saved %v, registered last %s", config, last["url"])
	}
	if present, _ := w.opened(); !slices.Equal(present, []string{last["secret_token"]}) {
		t.Errorf("%d present secrets, which are not Telegram's", len(present))
	}
}

func TestSavingAnAddressRegistersNothing(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{}, telegramtest.Options{})
	w.connected()
	ok[object](w, http.MethodPost, groupsPath, `{"group_id":-1002988379206}`)
	active := func(protocol, host string) any {
		t.Helper()
		got := ok[object](w, http.MethodPost, webhookPath, fmt.Sprintf(`{"protocol":%q,"host":%q}`, protocol, host))
		if len(got["groups"].([]any)) != 1 {
			t.Errorf("%s: groups are %v", host, got["groups"])
		}
		return got["is_active"]
	}
	if active("https", " Tracker.example.org ") != true {
		t.Error("the registered host is not active any more")
	}
	if active("https", "other.example.org") != false || active("http", "other.example.org:8080") != false {
		t.Error("another host is active")
	}
	if n := len(s.Calls("setWebhook")); n != 1 {
		t.Errorf("registered %d times", n)
	}
	events := w.events()["events.settings.updated"]
	active("http", "other.example.org:8080")
	if again := w.events()["events.settings.updated"]; again != events {
		t.Errorf("%d events for no change", again-events)
	}
}

func TestTheWebhookIsRemoved(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{}, telegramtest.Options{})
	w.connected()
	before, _ := w.opened()
	got := ok[object](w, http.MethodDelete, hookPath, "")
	if got["success"] != true || got["message"] != "Webhook deleted successfully" || got["webhook_url"] != own {
		t.Errorf("%v", got)
	}
	if config := get[object](w, webhookPath)["telegram"].(object); config["is_active"] != false || config["host"] != "tracker.example.org" {
		t.Errorf("%v", config)
	}
	if after, _ := w.opened(); !slices.Equal(after, before) {
		t.Error("the door is open")
	}
	ok[object](w, http.MethodDelete, hookPath+"?drop_pending_updates=true", "")
	calls := s.Calls("deleteWebhook")
	if calls[0].Params["drop_pending_updates"] == "true" || calls[1].Params["drop_pending_updates"] != "true" {
		t.Errorf("calls %v", calls)
	}
	s.RevokeToken(botToken)
	got = ok[object](w, http.MethodDelete, hookPath, "")
	if got["success"] != false || got["message"] != "Failed to delete webhook" || got["error"] != "Unauthorized" {
		t.Errorf("%v", got)
	}
}

func TestTheWebhookInfoIsTelegrams(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{}, telegramtest.Options{})
	if got := get[object](w, hookPath+"/info"); got["success"] != false || got["error"] != "No bot token is set" {
		t.Errorf("%v", got)
	}
	w.connected()
	got := get[object](w, hookPath+"/info")
	if info := got["webhook_info"].(object); got["success"] != true || info["url"] != own || info["pending_update_count"] != 0.0 || info["has_custom_certificate"] != false {
		t.Errorf("%v", got)
	}
	s.Fault("getWebhookInfo", telegramtest.Fault{Kind: telegramtest.FaultReset}, 1)
	if got := get[object](w, hookPath+"/info"); got["success"] != false || !strings.Contains(fmt.Sprint(got["error"]), "cannot be reached") {
		t.Errorf("%v", got)
	}
}

func TestAnotherInstallationsWebhookIsSaid(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{TelegramBotToken: botToken}, telegramtest.Options{})
	elsewhere(t, s, botToken, "https://other.example.net/their/secret/path")
	got := ok[object](w, http.MethodPost, setPath, `{"protocol":"https","host":"tracker.example.org"}`)
	if message := fmt.Sprint(got["message"]); got["success"] != true || !hasAll(message, "Webhook set successfully", "other.example.net") || strings.Contains(message, "secret") {
		t.Errorf("%v", got)
	}
}

func TestNothingIsRegisteredWhileTheBrokerIsDown(t *testing.T) {
	t.Parallel()
	s := telegramtest.New(t, telegramtest.Options{})
	s.AddBot(telegramtest.Bot{Token: botToken})
	server := bustest.StartServer(t)
	broker := server.Connect(t)
	if err := broker.EnsureStreams(t.Context(), bustest.Config()); err != nil {
		t.Fatal(err)
	}
	w := onBus(t, api.Config{TelegramBotToken: botToken, TelegramAPIBaseURL: s.URL()}, postgrestest.New(t), broker)
	server.Shutdown()
	server.WaitForShutdown()
	if status, said, _ := w.call(http.MethodPost, setPath, `{"protocol":"https","host":"tracker.example.org"}`); status != 503 {
		t.Errorf("%d %s", status, said)
	}
	if got := get[object](w, settingsPath)["telegram"].(object); got["bot_token"] != shownBot {
		t.Errorf("reading: %v", got)
	}
	if n := len(s.Calls("setWebhook")); n != 0 {
		t.Errorf("registered %d times", n)
	}
}

// Whatever is typed in place of an address says what is accepted, and changes nothing.
func TestAddressesThatAreNoneChangeNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{TelegramBotToken: botToken}) // at Telegram's own address, which is never called
	for host, part := range map[string]string{
		"": "Host must not be empty", "  ": "Host must not be empty", "https://x.example.org": "host or host:port alone", "x.example.org/y": "path",
		"x y.example.org": "spaces", "u:p@x.example.org": "user", "[::1]:443": "IPv4", "x.example.org:8080": "443, 80, 88 or 8443",
		"x\x00y.example.org": "control characters", "10.0.0.5": "private or reserved", "localhost:443": "this machine alone", strings.Repeat("x", 10_000): "too long", "-": "neither a name",
	} {
		for _, path := range []string{webhookPath, setPath} {
			status, said, _ := w.call(http.MethodPost, path, fmt.Sprintf(`{"protocol":"https","host":%s}`, quoted(host)))
			if status != 400 || !strings.Contains(said, part) {
				t.Errorf("%s %.30q: %d %.200s", path, host, status, said)
			}
		}
		if host = strings.TrimSpace(host); host == "" {
			continue // keeps what is stored
		}
		status, said, _ := w.call(http.MethodPost, settingsPath, fmt.Sprintf(`{"telegram":{"bot_token":"","webhook_base_url":%s}}`, quoted("https://"+host)))
		if status != 400 || !strings.Contains(said, "such as https://tracker.example.org") {
			t.Errorf("%.30q as public address: %d %.200s", host, status, said)
		}
	}
	if saved := w.saved(); saved != "" {
		t.Errorf("stored %s", saved)
	}
	if status, _, _ := w.call(http.MethodPost, setPath, `{"protocol":"ftp","host":"x.example.org"}`); status != 422 {
		t.Errorf("another protocol: %d", status)
	}
	if got := ok[object](w, http.MethodPost, webhookPath, `{"protocol":"http","host":"x.example.org"}`); got["webhook_url"] != "http://x.example.org/webhook/telegram" {
		t.Errorf("http can be saved: %v", got)
	}
}
