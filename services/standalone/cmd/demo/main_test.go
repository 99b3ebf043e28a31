package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/services/standalone"
	"github.com/tasktracker/tasktracker/services/standalone/internal/demo"
)

// Who connects the bot sees the conversation by way of the stand-in, also where an analysis was refused.
func TestTheConversationWaitsForABotThoughTheAnalysisIsRefused(t *testing.T) {
	stand, err := demo.StartTelegram()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stand.Close)
	var messages atomic.Int64
	refused := make(chan struct{}, 2)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/webhook/telegram":
			messages.Add(1)
		case "/api/analysis-runs":
			w.WriteHeader(http.StatusConflict)
			refused <- struct{}{}
		}
	}))
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	var cfg standalone.Config
	if cfg.Port, err = strconv.Atoi(at.Port()); err != nil {
		t.Fatal(err)
	}
	played := make(chan error, 1)
	go func() {
		played <- play(t.Context(), cfg, &demo.Player{URL: server.URL + "/webhook/telegram", Telegram: stand})
	}()
	<-refused
	straight := messages.Load()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	bot, err := botapi.New(botapi.Config{Token: demo.Token, BaseURL: stand.URL(), HTTPClient: &http.Client{Transport: transport}})
	if err != nil {
		t.Fatal(err)
	}
	if err := bot.SetWebhook(t.Context(), botapi.Webhook{URL: server.URL + "/webhook/telegram"}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-refused:
	case err := <-played:
		t.Fatalf("it ended with %v", err)
	}
	if err := <-played; err != nil || straight == 0 {
		t.Errorf("%v; %d messages came straight", err, straight)
	}
}
