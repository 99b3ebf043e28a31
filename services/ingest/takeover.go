package ingest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
)

// A webhook excludes polling, and the last one to set it has it. Which one may be removed:
//
//   - One that is there when this installation begins to poll for the bot: polling was
//     chosen after it was set. What waits at Telegram is kept.
//   - Never one that appears later, be it that another installation uses the bot, or that
//     somebody set it by hand: removing it would only start a fight, each taking from the
//     other what it set, and updates would go now here, now there. It is said instead, and
//     polling waits until it is gone. Switching to polling again, in the settings, is how
//     operators say that it shall go.
//
// The broker remembers that polling has begun, so that no restart counts as a new choice.

// takenOver is the error of a webhook that somebody else set.
type takenOver struct{ host string }

func (e *takenOver) Error() string {
	return fmt.Sprintf("a webhook to %s was set for this bot, so that its updates go there and not here: if that is another installation, give this one a bot of its own; to take the bot back, switch to polling again in the settings", e.host)
}

// settle is how long a webhook that was just set is not spoken of: it may be our own, set
// by a switch of which this copy will hear in a moment.
const settle = time.Second

// begin makes way for polling, where it was chosen since the webhook was set.
func (p *poller) begin(ctx context.Context) error {
	known, err := p.receiver.bus.TelegramPolling(ctx)
	if err != nil {
		return fmt.Errorf("look up polling: %w", err)
	}
	p.said, p.takenBy = known.Trouble, ""
	host, err := p.webhookHost(ctx)
	if err != nil {
		return err
	}
	if known.Bot == p.id {
		p.takenBy = host
		return nil
	}
	if host != "" {
		if err := p.bot.DeleteWebhook(ctx); err != nil {
			return err
		}
		p.log.Warn().Str("host", host).Msg("removed the bot's webhook, since polling was chosen; updates that waited for it are kept")
	}
	err = p.receiver.bus.UpdateTelegramPolling(ctx, func(now bus.TelegramPolling) bus.TelegramPolling {
		now.Bot = p.id
		return now
	})
	if err != nil {
		return fmt.Errorf("note that polling has begun: %w", err)
	}
	return nil
}

// webhookHost names where the bot's webhook is; "" where there is none. The rest of the
// address may hold somebody's secret.
func (p *poller) webhookHost(ctx context.Context) (string, error) {
	info, err := p.bot.GetWebhookInfo(ctx)
	if err != nil || info.URL == "" {
		return "", err
	}
	u, err := url.Parse(info.URL)
	if err != nil || u.Host == "" {
		return "an address that cannot be read", nil
	}
	return u.Host, nil
}

// stillTaken asks whether the webhook that somebody set is still there.
func (p *poller) stillTaken(ctx context.Context) (err error) {
	if p.takenBy, err = p.webhookHost(ctx); err != nil {
		return err
	}
	if p.takenBy != "" {
		return &takenOver{p.takenBy}
	}
	p.log.Info().Msg("the webhook that was set for the bot has gone; polling goes on")
	return nil
}

// conflict finds who stands in the way. Without a webhook it is somebody else who polls,
// and whoever asks later wins: the other program has to be stopped.
func (p *poller) conflict(ctx context.Context, conflict error) error {
	host, err := p.webhookHost(ctx)
	switch {
	case err != nil:
		return errors.Join(conflict, err)
	case host == "":
		return fmt.Errorf("another program polls for this bot, and takes its updates away: stop it, or give this installation a bot of its own: %w", conflict)
	}
	p.takenBy = host
	pause(ctx, settle)
	return nil
}

// say tells what stands in the way of polling, "" for nothing, to who asks whether the
// bot hears. That it may not be told is no reason not to poll.
func (p *poller) say(ctx context.Context, trouble string) {
	if trouble == p.said {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, confirmTimeout)
	defer cancel()
	err := p.receiver.bus.UpdateTelegramPolling(ctx, func(now bus.TelegramPolling) bus.TelegramPolling {
		now.Trouble = trouble
		return now
	})
	if err != nil {
		p.log.Debug().Err(err).Msg("how polling fares was not told")
		return
	}
	p.said = trouble
}
