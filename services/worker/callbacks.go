package worker

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// callbackLifetime is how long Telegram waits for an answer to a button press
// (job.proto, AnswerCallback); later ones are refused.
const callbackLifetime = 150 * time.Second

// callbackHandler does jobs.callback.
type callbackHandler struct {
	bots    *bots
	metrics *metrics
}

func (h *callbackHandler) handle(ctx context.Context, d *bus.Delivery) error {
	job := new(eventsv1.AnswerCallback)
	if err := proto.Unmarshal(d.Payload, job); err != nil {
		return bus.Permanent(fmt.Errorf("decode: %w", err))
	}
	if time.Since(d.StoredAt) > callbackLifetime {
		h.metrics.dropped.WithLabelValues("callback_too_old").Inc()
		return nil
	}
	c, err := h.bots.use()
	if err != nil { // nobody mends a token within callbackLifetime
		h.metrics.dropped.WithLabelValues("callback_unauthorized").Inc()
		return nil
	}
	if c == nil {
		h.metrics.dropped.WithLabelValues("callback_without_bot").Inc()
		return nil
	}
	err = c.bot.AnswerCallbackQuery(ctx, job.GetCallbackQueryId())
	switch {
	case err == nil:
		return nil
	case botapi.IsUnauthorized(err):
		// Nobody mends a token within callbackLifetime.
		h.metrics.dropped.WithLabelValues("callback_unauthorized").Inc()
		return nil
	case botapi.RetryAfter(err) > 0:
		return bus.Hold(err, botapi.RetryAfter(err))
	case botapi.Permanent(err): // "query is too old and response timeout expired or query ID is invalid"
		h.metrics.dropped.WithLabelValues("callback_too_old").Inc()
		return nil
	default:
		return err
	}
}
