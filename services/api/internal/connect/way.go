package connect

import (
	"context"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telegram/explain"
)

// judgeWebhook says how the way in is.
func (c *Connection) judgeWebhook(ctx context.Context, a account, w *WebhookHearing) error {
	if w.Info == nil {
		return nil // it says why
	}
	if at := w.LastErrorAt(); !at.IsZero() {
		w.ErrorIsPast = w.Info.PendingUpdateCount == 0 || w.LastUpdateAt.After(at)
	}
	if a.mode != ModePolling {
		w.Finding = judgeRegistered(a.settings, w)
		return nil
	}
	var err error
	w.Finding, err = c.judgePolling(ctx, a, w.Info.URL)
	return err
}

func judgeRegistered(s store.TelegramSettings, w *WebhookHearing) Finding {
	registered := w.Info.URL
	switch {
	case registered == "" && w.StoredURL == "":
		return Finding{WayNotRegistered, "No webhook is registered", "Save the public address and register the webhook, or switch to polling, which needs no public address.", "no_webhook", ""}
	case registered == "":
		return Finding{WayNotRegistered, "Telegram has no webhook for this bot", "Register the webhook; what was written in the last 24 hours arrives then.", "webhook_gone", ""}
	case registered != w.StoredURL && registered == s.Bot.RegisteredURL:
		return Finding{WayNotRegistered, "Telegram still delivers to " + hostOf(registered) + ", which was registered before another address was saved", "Register the webhook, so that Telegram delivers to the address that is saved.", "old_address", hostOf(registered)}
	case registered != w.StoredURL:
		return Finding{WayElsewhere, "The bot's webhook leads to " + hostOf(registered) + ", so that its updates go there and not here", "If that is another installation, give this one a bot of its own; else register the webhook, which takes the bot over.", "elsewhere", hostOf(registered)}
	case !w.LastErrorAt().IsZero() && !w.ErrorIsPast:
		fix, code := fixOfDelivery(w.Info.LastErrorMessage)
		return Finding{WayFailing, "Telegram does not get its updates through: " + w.Info.LastErrorMessage, fix, code, w.Info.LastErrorMessage}
	case !s.Webhook.IsActive:
		return Finding{WayNotRegistered, "Telegram has this address registered, and this installation did not do it: the webhook's secret may be another", "Register the webhook, which gives Telegram a secret of ours.", "foreign_secret", ""}
	}
	return Finding{State: WayOK}
}

// judgePolling goes by what the copies of ingest say, and by whether one of them polls.
func (c *Connection) judgePolling(ctx context.Context, a account, registered string) (Finding, error) {
	if registered != "" {
		return Finding{WayConflict, "A webhook to " + hostOf(registered) + " stands in the way of polling", "Switch to polling again, which removes it; if it comes back, another installation uses this bot: give this one a bot of its own.", "webhook_in_the_way", hostOf(registered)}, nil
	}
	polling, err := c.Bus.TelegramPolling(ctx)
	if err != nil {
		return Finding{}, err
	}
	if polling.Trouble != "" {
		return Finding{WayConflict, polling.Trouble, explain.FixBothPoll, "polled_elsewhere", polling.Trouble}, nil
	}
	held, err := c.Bus.LeaseHeld(ctx, bus.TelegramPollingLease(a.id()))
	if err != nil {
		return Finding{}, err
	}
	if !held {
		return Finding{WayIdle, "No copy of ingest polls at the moment", "Check that ingest runs; it begins within 15 seconds after another copy has died.", "not_polled", ""}, nil
	}
	return Finding{State: WayOK}, nil
}
