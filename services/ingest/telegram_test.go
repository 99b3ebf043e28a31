package ingest_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
	"github.com/tasktracker/tasktracker/services/ingest"
)

const botToken = "7204418893:AAtestTOKENtestTOKENtestTOKENtest123"

func telegramServer(t *testing.T) *telegramtest.Server {
	t.Helper()
	s := telegramtest.New(t, telegramtest.Options{Speed: 100})
	s.AddBot(telegramtest.Bot{Token: botToken, ID: 7204418893, Username: "ledgerline_tasks_bot", CanReadAllGroupMessages: true})
	return s
}

// sendSamples sends every sample update, and gives how many are to be delivered.
func sendSamples(t *testing.T, s *telegramtest.Server) (delivered int) {
	t.Helper()
	files, err := filepath.Glob(samples + "updates/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	bodies := map[int64][]byte{}
	for _, file := range files {
		if strings.HasSuffix(file, ".golden.json") {
			continue
		}
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var head struct {
			UpdateID int64 `json:"update_id"`
		}
		if err := json.Unmarshal(body, &head); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		bodies[head.UpdateID] = body
	}
	// Telegram's ids grow: an offset confirms all that are lower.
	for _, id := range slices.Sorted(maps.Keys(bodies)) {
		id, err := s.Send(botToken, bodies[id])
		if err != nil {
			t.Fatal(err)
		}
		if id != 0 {
			delivered++
		}
	}
	return delivered
}

// Both ways of delivery end in the same messages.
func TestWebhookAndPollingTakeInTheSame(t *testing.T) {
	t.Parallel()
	taken := map[string]string{}
	for _, mode := range []string{ingest.ModeWebhook, ingest.ModePolling} {
		s := telegramServer(t)
		w := newWorld(t, ingest.Config{
			TelegramMode: mode, TelegramBotToken: botToken, TelegramAPIBaseURL: s.URL(), TelegramWebhookSecret: "s3cret",
		})
		if mode == ingest.ModeWebhook {
			bot, err := botapi.New(botapi.Config{Token: botToken, BaseURL: s.URL()})
			if err != nil {
				t.Fatal(err)
			}
			err = bot.SetWebhook(t.Context(), botapi.Webhook{URL: w.server.URL + "/webhook/telegram", SecretToken: "s3cret"})
			if err != nil {
				t.Fatal(err)
			}
		}
		if n := sendSamples(t, s); n < 30 {
			t.Fatalf("only %d samples are delivered", n)
		}
		if err := s.WaitIdle(t.Context()); err != nil {
			t.Fatal(err)
		}
		ids := map[string]bool{}
		w.eventually("the last sample is not stored by "+mode, func() bool {
			for _, in := range w.inbound() {
				if m := in.GetMessageReceived().GetMessage(); m != nil {
					ids[m.GetChatId()+"/"+m.GetExternalMessageId()] = true
				}
			}
			return ids["-1997852516351/2147483647"] && len(ids) >= 30
		})
		for id := range ids {
			taken[id] += mode + " "
		}
		if telegramtest.FindToken(botToken, []byte(w.log.String())) != "" {
			t.Errorf("the log of %s has the token", mode)
		}
	}
	for id, modes := range taken {
		if modes != "webhook polling " {
			t.Errorf("message %s was taken in by %sonly", id, modes)
		}
	}
}
