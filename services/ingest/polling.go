package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/channel"
	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
)

const (
	// pollWait is how long Telegram holds an empty answer back; it cuts it at 50 s.
	pollWait  = 50 * time.Second
	pollLimit = 100
	maxDelay  = 30 * time.Second
)

// updateKinds is what is asked for; the rest would only be ignored.
func updateKinds() []string {
	return []string{"message", "edited_message", "channel_post", "edited_channel_post", "my_chat_member", "callback_query"}
}

// bot is what polling needs of the Bot API.
type bot interface {
	GetUpdates(ctx context.Context, offset int64, limit int, wait time.Duration, allowed []string) ([]json.RawMessage, error)
	DeleteWebhook(ctx context.Context) error
}

// poller fetches updates by getUpdates, one copy at a time. It confirms an update
// to Telegram, by asking for the one after it, only when it is stored.
type poller struct {
	bot      bot
	receiver *receiver
	account  string
	log      zerolog.Logger
	state    atomic.Pointer[string] // why it is not ready; nil when it is
	failures int                    // in a row
	offset   int64
}

func newPoller(b bot, r *receiver, account string, log zerolog.Logger) *poller {
	p := &poller{bot: b, receiver: r, account: account, log: log}
	p.notReady("polling has not reached Telegram yet")
	return p
}

func (p *poller) notReady(why string) { p.state.Store(&why) }

func (p *poller) ready() error {
	if why := p.state.Load(); why != nil {
		return errors.New(*why)
	}
	return nil
}

// run polls whenever this copy holds the lease, until ctx ends. It returns no error:
// what stops polling is said by ready and in the log, and tried again.
func (p *poller) run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := p.lead(ctx); err != nil && ctx.Err() == nil {
			p.troubled(err)
			pause(ctx, p.delay(err))
		}
	}
	return nil
}

func (p *poller) lead(ctx context.Context) error {
	lease, err := openLease(ctx, p.receiver.bus, "telegram-polling-"+p.account)
	if err != nil {
		return err
	}
	held, release, err := lease.acquire(ctx, func() {
		p.log.Info().Msg("another copy polls; standing by")
		p.state.Store(nil)
	})
	if err != nil {
		return err
	}
	defer release()
	p.offset = 0 // what another copy has confirmed is not delivered again
	for held.Err() == nil {
		if err := p.poll(held); err != nil && held.Err() == nil {
			p.troubled(err)
			pause(held, p.delay(err))
		}
	}
	return nil
}

func (p *poller) troubled(err error) {
	p.log.Warn().Err(err).Msg("polling was interrupted, trying again")
	p.notReady("polling: " + err.Error())
}

// poll fetches one batch and stores it. An update that the broker does not take ends
// the batch: it and all after it stay unconfirmed.
func (p *poller) poll(ctx context.Context) error {
	updates, err := p.bot.GetUpdates(ctx, p.offset, pollLimit, pollWait, updateKinds())
	if botapi.IsConflict(err) {
		// Polling was chosen (TELEGRAM_MODE), and a webhook excludes it. What waits is kept.
		p.log.Warn().Err(err).Msg("removing the webhook, since TELEGRAM_MODE is polling; if another program polls for this bot, stop it")
		if errDelete := p.bot.DeleteWebhook(ctx); errDelete != nil {
			err = errors.Join(err, errDelete)
		}
	}
	if err != nil {
		p.receiver.metrics.polls.WithLabelValues("error").Inc()
		return err
	}
	p.receiver.metrics.polls.WithLabelValues("ok").Inc()
	p.failures = 0
	p.state.Store(nil)
	if len(updates) == 0 {
		// All before the offset is confirmed now. After a quiet week ids start anew at a
		// random number (core.telegram.org/bots/api#update), maybe below it.
		p.offset = 0
	}
	for _, update := range updates {
		if err := p.store(ctx, update); err != nil {
			return err
		}
	}
	return nil
}

func (p *poller) store(ctx context.Context, update json.RawMessage) error {
	var head struct {
		UpdateID int64 `json:"update_id"`
	}
	if err := json.Unmarshal(update, &head); err != nil {
		return fmt.Errorf("read the id of an update: %w", err)
	}
	// A stop in the middle of a batch finishes the update in hand.
	ctx = context.WithoutCancel(ctx)
	_, err := p.receiver.receive(ctx, update)
	if errors.Is(err, channel.ErrInvalid) {
		// There is nobody to be answered 400: kept, so that it does not come for ever.
		err = p.receiver.deadLetter(ctx, update, err)
	}
	if err != nil {
		return err
	}
	p.offset = head.UpdateID + 1
	return nil
}

// delay grows with failures in a row, at random so that copies do not meet; what
// Telegram asked for comes first.
func (p *poller) delay(err error) time.Duration {
	p.failures++
	if after := botapi.RetryAfter(err); after > 0 {
		return after
	}
	if botapi.IsUnauthorized(err) {
		p.log.Error().Msg("Telegram refuses the bot token: set TELEGRAM_BOT_TOKEN to the one that @BotFather shows, and start again")
		return maxDelay
	}
	most := min(maxDelay, time.Second<<min(p.failures, 5))
	if errors.Is(err, bus.ErrUnavailable) || errors.Is(err, bus.ErrFull) {
		most = min(most, 5*time.Second)
	}
	return most/2 + rand.N(most/2)
}
