// Command bare is the yardstick of ingest: an echo handler that decodes the body of an
// update, publishes it once with PublishMsgAsync and Nats-Msg-Id, waits for the ack and
// answers. It does nothing that ingest has to do beside that.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/labstack/echo/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// update is what the handler looks at.
type update struct {
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

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bare:", err)
		os.Exit(1)
	}
}

func run() error {
	conn, err := nats.Connect(os.Getenv("NATS_URL"))
	if err != nil {
		return err
	}
	defer conn.Close()
	js, err := jetstream.New(conn, jetstream.WithPublishAsyncMaxPending(16384))
	if err != nil {
		return err
	}
	_, err = js.CreateOrUpdateStream(context.Background(), jetstream.StreamConfig{
		Name: "BARE", Subjects: []string{"bare.>"}, Retention: jetstream.WorkQueuePolicy, Discard: jetstream.DiscardNew,
		MaxBytes: 4 << 30, Duplicates: 10 * time.Minute,
	})
	if err != nil {
		return err
	}
	e := echo.New()
	e.Logger = slog.New(slog.DiscardHandler)
	e.POST("/webhook/telegram", func(c *echo.Context) error { return publish(c, js) })
	e.GET("/readyz", func(c *echo.Context) error { return c.NoContent(http.StatusOK) })
	listener, err := net.Listen("tcp", os.Getenv("HTTP_ADDR"))
	if err != nil {
		return err
	}
	fmt.Printf(`{"message":"started","address":%q}`+"\n", listener.Addr())
	return http.Serve(listener, e)
}

func publish(c *echo.Context, js jetstream.JetStream) error {
	var u update
	if err := json.NewDecoder(c.Request().Body).Decode(&u); err != nil {
		return err
	}
	body, err := json.Marshal(u.Message)
	if err != nil {
		return err
	}
	ack, err := js.PublishMsgAsync(&nats.Msg{
		Subject: "bare." + strconv.FormatInt(u.Message.Chat.ID, 10), Data: body,
		Header: nats.Header{jetstream.MsgIDHeader: {strconv.FormatInt(u.UpdateID, 10)}},
	})
	if err != nil {
		return err
	}
	select {
	case <-ack.Ok():
		return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
	case err := <-ack.Err():
		return err
	}
}
