package ingest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/labstack/echo/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
)

// bare is the least that the webhook could do: decode, publish both messages with ids,
// wait for both acks.
func bare(js jetstream.JetStream) http.Handler {
	e := echo.New()
	e.POST("/webhook/telegram", func(c *echo.Context) error {
		body, err := io.ReadAll(c.Request().Body)
		if err != nil {
			return err
		}
		var u struct {
			UpdateID int64 `json:"update_id"`
			Message  struct {
				MessageID int64 `json:"message_id"`
				Date      int64 `json:"date"`
				From      struct {
					ID        int64  `json:"id"`
					FirstName string `json:"first_name"`
				} `json:"from"`
				Chat struct {
					ID    int64  `json:"id"`
					Title string `json:"title"`
				} `json:"chat"`
				Text string `json:"text"`
			} `json:"message"`
		}
		if err := json.Unmarshal(body, &u); err != nil {
			return err
		}
		event, err := json.Marshal(u.Message)
		if err != nil {
			return err
		}
		var acks [2]jetstream.PubAckFuture
		for i, m := range []*nats.Msg{
			{Subject: bus.InboundSubject("telegram", fmt.Sprint(u.Message.Chat.ID)), Data: body},
			{Subject: bus.SubjectMessageNew, Data: event},
		} {
			m.Header = nats.Header{jetstream.MsgIDHeader: {fmt.Sprintf("%s:%d", m.Subject, u.UpdateID)}}
			if acks[i], err = js.PublishMsgAsync(m); err != nil {
				return err
			}
		}
		for _, ack := range acks {
			select {
			case <-ack.Ok():
			case err := <-ack.Err():
				return err
			}
		}
		return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
	})
	return e
}

// BenchmarkWebhook compares the webhook with a bare handler, each on a broker of its
// own, and reports how many times as long it takes.
func BenchmarkWebhook(b *testing.B) {
	perUpdate := map[string]float64{}
	for _, name := range []string{"bare", "ingest"} {
		b.Run(name, func(b *testing.B) {
			broker := bustest.StartServer(b).Connect(b)
			cfg := bustest.Config()
			cfg.InboundMaxBytes = 4 << 30
			if err := broker.EnsureStreams(b.Context(), cfg); err != nil {
				b.Fatal(err)
			}
			handler := bare(broker.JetStream())
			if name == "ingest" {
				handler = onBus(b, webhookConfig(), broker).svc.Handler()
			}
			words := strings.Repeat("Після вчорашнього деплою звіт за день не сходиться. ", 3)
			var update atomic.Int64
			b.SetParallelism(20) // Telegram keeps up to 40 connections (setWebhook, max_connections)
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					id := update.Add(1)
					req := httptest.NewRequest(http.MethodPost, "/webhook/telegram", strings.NewReader(text(id, -5, id, words)))
					rec := httptest.NewRecorder()
					handler.ServeHTTP(rec, req)
					if rec.Code != http.StatusOK {
						b.Errorf("%d %s", rec.Code, rec.Body)
						return
					}
				}
			})
			perUpdate[name] = float64(b.Elapsed()) / float64(b.N)
			if perUpdate["bare"] > 0 {
				b.ReportMetric(perUpdate[name]/perUpdate["bare"], "times-bare")
			}
		})
	}
}
