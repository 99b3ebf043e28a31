package tests

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
	"github.com/tasktracker/tasktracker/tests/line"
)

const (
	standInToken = "7204418893:AAFq9XvJ3zLw7Kp2Tn8Rb4Yc6Hd1Mg5Wsu0"
	heardGroup   = -1002988379206
	maskedGroup  = -1002755310942
)

// operator is somebody at the settings page, with a stand-in for Telegram behind it.
type operator struct {
	t        *testing.T
	telegram *telegramtest.Server
	base     string
	update   int64
}

// does sends one request, which has to be answered 200, and reads the answer.
func (o *operator) does(method, path string, body any) (answer struct {
	Success bool
	Message string
	Error   string
	Webhook struct {
		Success bool
		Error   string
	}
	Groups []struct {
		ID    int64
		State string
		Cause string
	}
	Hops []struct {
		Name    string
		Reached bool
	}
}) {
	o.t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		o.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(o.t.Context(), method, o.base+"/api"+path, bytes.NewReader(data))
	if err != nil {
		o.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		o.t.Fatalf("%s %s: %s %v %s", method, path, resp.Status, err, said)
	}
	if bytes.HasPrefix(said, []byte("{")) {
		if err := json.Unmarshal(said, &answer); err != nil {
			o.t.Fatalf("%s %s: %v in %s", method, path, err, said)
		}
	}
	return answer
}

// hears has somebody say something at Telegram, and waits until it can be read here.
func (o *operator) hears(when string) {
	o.t.Helper()
	o.update++
	said := fmt.Sprintf("said %s", when)
	if id, err := o.telegram.Send(standInToken, line.TelegramText(o.update, heardGroup, o.update, said)); err != nil || id == 0 {
		o.t.Fatalf("%s: not sent: %d %v", when, id, err)
	}
	line.Eventually(o.t, func() bool {
		messages, err := line.ReadMessages(o.base, "")
		if err != nil {
			return false
		}
		for _, m := range messages {
			if m.Content == said {
				return true
			}
		}
		return false
	}, func() string { return "not heard: " + said })
}

// flood has people say more than is delivered at once: what is asked for next happens while
// it is on its way.
func (o *operator) flood() {
	o.t.Helper()
	for range 60 {
		o.update++
		if id, err := o.telegram.Send(standInToken, line.TelegramText(o.update, heardGroup, o.update, "one of many")); err != nil || id == 0 {
			o.t.Fatalf("not sent: %d %v", id, err)
		}
	}
}

// From a token to messages that arrive, by each way and from one to the other while they
// come, and through a restart: with nothing but what the settings page calls.
func TestAnOperatorConnectsABot(t *testing.T) {
	t.Parallel()
	telegram := telegramtest.New(t, telegramtest.Options{Speed: 20})
	telegram.AddBot(telegramtest.Bot{Token: standInToken, Username: "ledgerline_tasks_bot"})
	telegram.AddChat(telegramtest.Chat{ID: heardGroup, Title: "Каса", BotIsAdmin: true})
	telegram.AddChat(telegramtest.Chat{ID: maskedGroup, Title: "Ledgerline Support", Username: "ledgerline_support"})
	port := line.FreePort(t)
	dir := line.DataDir(t)
	start := func() *line.Process {
		return line.StartStandalone(t, dir, map[string]string{"PORT": port, "TELEGRAM_API_BASE_URL": telegram.URL()})
	}
	first := start()
	o := &operator{t: t, telegram: telegram, base: first.URL()}
	address := map[string]string{"protocol": "http", "host": "localhost:" + port}

	saved := o.does("POST", "/settings", map[string]any{"telegram": map[string]string{"bot_token": standInToken, "webhook_base_url": "http://localhost:" + port}})
	if !saved.Webhook.Success {
		t.Fatalf("the webhook is not registered: %s", saved.Webhook.Error)
	}
	o.does("POST", "/webhook-settings/telegram/groups", map[string]any{"group_id": "t.me/c/2988379206/15"})
	o.does("POST", "/webhook-settings/telegram/groups", map[string]any{"group_id": "@ledgerline_support"})
	o.hears("by the webhook")

	test := o.does("POST", "/webhook-settings/telegram/test", nil)
	reached := ""
	for _, hop := range test.Hops {
		reached += fmt.Sprintf("%s %v ", hop.Name, hop.Reached)
	}
	if !test.Success || reached != "ingest true broker true wire true database true " {
		t.Errorf("the test says %q: %s", test.Message, reached)
	}
	if n := len(line.AllMessages(t, o.base)); n != 1 {
		t.Errorf("%d messages after the test, want the one that was said", n)
	}
	states := map[int64]string{}
	for _, g := range o.does("GET", "/webhook-settings/telegram/hearing", nil).Groups {
		states[g.ID] = g.State
	}
	if states[heardGroup] != "heard" || states[maskedGroup] != "partly" {
		t.Errorf("the hearing check says %v", states)
	}

	o.flood()
	if rotated := o.does("POST", "/webhook-settings/telegram/rotate-secret", nil); !rotated.Success {
		t.Errorf("the secret is not rotated: %s", rotated.Error)
	}
	o.hears("with another secret")
	o.flood()
	if polling := o.does("PUT", "/webhook-settings/telegram/mode", map[string]string{"mode": "polling"}); !polling.Success {
		t.Fatalf("no polling: %s", polling.Error)
	}
	o.hears("by polling")

	first.Stop(syscall.SIGTERM)
	second := start()
	o.base = second.URL()
	o.hears("by polling after a restart")
	o.flood()
	if set := o.does("POST", "/webhook-settings/telegram/set", address); !set.Success {
		t.Fatalf("no webhook again: %s", set.Error)
	}
	o.hears("by the webhook again")

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := telegram.WaitIdle(ctx); err != nil {
		t.Errorf("not everything was confirmed: %v", err)
	}
	stored := 0
	line.Eventually(t, func() bool { stored = len(line.AllMessages(t, o.base)); return stored >= int(o.update) },
		func() string { return fmt.Sprintf("%d messages, want %d", stored, o.update) })
	if stored > int(o.update) {
		t.Errorf("%d messages, want %d", stored, o.update)
	}
	for _, p := range []*line.Process{first, second} {
		if strings.Contains(p.Output(), "conflict") {
			t.Errorf("the switches were not clean:\n%s", p.Output())
		}
	}
}
