package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/pkg/telemetry"
)

const (
	// pollWait is how long Telegram holds an empty answer back; it cuts it at 50 s.
	pollWait  = 50 * time.Second
	pollLimit = 100
	maxDelay  = 30 * time.Second
	// finishTimeout bounds how long a batch in hand may take to be stored after a stop,
	// confirmTimeout how long it may take to confirm it.
	finishTimeout  = 5 * time.Second
	confirmTimeout = 2 * time.Second
)

// updateKinds is what is asked for; the rest would only be ignored.
func updateKinds() []string {
	return []string{"message", "edited_message", "channel_post", "edited_channel_post", "my_chat_member", "callback_query"}
}

// bot is what polling needs of the Bot API.
type bot interface {
	GetUpdates(ctx context.Context, offset int64, limit int, wait time.Duration, allowed []string) ([]json.RawMessage, error)
	GetWebhookInfo(ctx context.Context) (*models.WebhookInfo, error)
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
	// offset is one more than the highest id that is stored; 0 where none waits to be
	// confirmed. asked is the offset of the last call that may have reached Telegram,
	// which has confirmed what is below it; -1 for none.
	offset, asked int64
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
// what stops polling is said by ready and in the log, and tried again, except for a
// token that Telegram refuses.
func (p *poller) run(ctx context.Context) error {
	select {
	case <-p.receiver.synced: // before, nothing could be stored
	case <-ctx.Done():
	}
	for ctx.Err() == nil {
		err := p.lead(ctx)
		switch {
		case err == nil || ctx.Err() != nil:
		case refused(err):
			const why = "Telegram refuses the bot token: set TELEGRAM_BOT_TOKEN to the one that @BotFather shows, and start again"
			p.notReady(why)
			p.log.Error().Err(err).Msg(why)
			<-ctx.Done()
		default:
			p.troubled(ctx, err)
		}
	}
	return nil
}

// refused reports a token that is wrong or revoked; no other call will do better. (404,
// which a proxy may say for a while, is tried again.)
func refused(err error) bool {
	e, ok := errors.AsType[*botapi.Error](err)
	return ok && e.Code == http.StatusUnauthorized
}

// lead takes the lease and polls until it is lost, ctx ends, or the token is refused.
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
	p.receiver.metrics.lease.Set(1)
	defer p.receiver.metrics.lease.Set(0)
	p.offset, p.asked = 0, 0 // what another copy has confirmed is not delivered again
	if _, err := p.removeWebhook(held); err != nil {
		return err
	}
	for held.Err() == nil {
		switch err := p.poll(held); {
		case err == nil || held.Err() != nil:
		case refused(err):
			return err
		default:
			p.troubled(held, err)
		}
	}
	if ctx.Err() != nil {
		p.confirm(ctx)
	}
	return nil
}

// removeWebhook makes way for polling, which was chosen (TELEGRAM_MODE) and which a
// webhook excludes. What waits at Telegram is kept.
func (p *poller) removeWebhook(ctx context.Context) (there bool, err error) {
	info, err := p.bot.GetWebhookInfo(ctx)
	if err != nil || info.URL == "" {
		return false, err
	}
	if err := p.bot.DeleteWebhook(ctx); err != nil {
		return true, err
	}
	p.log.Warn().Msg("removed the bot's webhook, since TELEGRAM_MODE is polling; updates that waited for it are kept")
	return true, nil
}

// troubled says what is wrong and waits before the next attempt.
func (p *poller) troubled(ctx context.Context, err error) {
	p.failures++
	p.log.Warn().Err(err).Int("failures", p.failures).Msg("polling was interrupted, trying again")
	p.notReady("polling: " + err.Error())
	pause(ctx, p.delay(err))
}

// delay grows with failures in a row, at random so that copies do not meet; what
// Telegram asked for comes first.
func (p *poller) delay(err error) time.Duration {
	if after := botapi.RetryAfter(err); after > 0 {
		return after
	}
	most := min(maxDelay, time.Second<<min(p.failures, 5))
	if errors.Is(err, bus.ErrUnavailable) || errors.Is(err, bus.ErrFull) {
		most = min(most, 5*time.Second)
	}
	return most/2 + rand.N(most/2)
}

// poll fetches one batch and stores it. An update that the broker does not take ends
// the batch: it and all after it stay unconfirmed.
func (p *poller) poll(ctx context.Context) error {
	p.asked = p.offset
	updates, err := p.bot.GetUpdates(ctx, p.offset, pollLimit, pollWait, updateKinds())
	p.receiver.metrics.polls.WithLabelValues(outcome(err)).Inc()
	if err != nil && ctx.Err() == nil {
		p.asked = -1
	}
	if botapi.IsConflict(err) {
		return p.conflict(ctx, err)
	}
	if err != nil {
		return err
	}
	if len(updates) == 0 {
		// All before the offset is confirmed now. After a quiet week ids start anew at a
		// random number (core.telegram.org/bots/api#update), maybe below it.
		p.offset, p.asked = 0, 0
	} else if err := p.storeBatch(ctx, updates); err != nil {
		return err
	}
	p.failures = 0
	p.state.Store(nil)
	return nil
}

func outcome(err error) string {
	switch {
	case err == nil:
		return "ok"
	case botapi.IsConflict(err):
		return "conflict"
	case refused(err):
		return "unauthorized"
	case botapi.RetryAfter(err) > 0:
		return "flood"
	default:
		return "error"
	}
}

// conflict removes a webhook that stands in the way; without one it is somebody else
// who polls, and whoever asks later wins: the other program has to be stopped.
func (p *poller) conflict(ctx context.Context, conflict error) error {
	there, err := p.removeWebhook(ctx)
	switch {
	case err != nil:
		return errors.Join(conflict, err)
	case there:
		return nil
	default:
		return fmt.Errorf("another program polls for this bot, and takes its updates away: stop it, or give this installation a bot of its own: %w", conflict)
	}
}

// storeBatch stores what came and moves the offset behind what is stored.
func (p *poller) storeBatch(ctx context.Context, updates []json.RawMessage) error {
	ctx, cancel := outliving(ctx, finishTimeout)
	defer cancel()
	b := sortBatch(updates)
	for _, body := range b.unnumbered {
		if err := p.receiver.deadLetter(ctx, body, errors.New("getUpdates brought an update without an update_id")); err != nil {
			return err
		}
	}
	span := p.receiver.tracer.Request(ctx, "poll telegram")
	span.SetInt("updates", int64(len(b.bodies)))
	done, err := p.receiver.receiveAll(telemetry.NewContext(ctx, span), b.bodies)
	span.End(err, "not all stored")
	if done > 0 {
		p.offset = b.ids[done-1] + 1
	}
	if err == nil && done == 0 {
		err = errors.New("getUpdates brought nothing that can be confirmed; it is kept as dead letters")
	}
	return err
}

// confirm tells Telegram at a stop what is stored, which otherwise would come again at
// the next start, to no effect but work. What it answers is left for then.
func (p *poller) confirm(ctx context.Context) {
	if p.offset == 0 || p.offset == p.asked {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), confirmTimeout)
	defer cancel()
	if _, err := p.bot.GetUpdates(ctx, p.offset, 1, 0, updateKinds()); err != nil {
		p.log.Info().Err(err).Msg("the last batch is stored but not confirmed; it will come again")
	}
}

// outliving is a context that ends d after ctx has: for what is in hand at a stop.
func outliving(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	out, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		pause(out, d)
		cancel()
	})
	return out, func() { stop(); cancel() }
}
