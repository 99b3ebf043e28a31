package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/go-telegram/bot/models"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/telegram"
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

// bot is what polling needs of the Bot API.
type bot interface {
	GetUpdates(ctx context.Context, offset int64, limit int, wait time.Duration, allowed []string) ([]json.RawMessage, error)
	GetWebhookInfo(ctx context.Context) (*models.WebhookInfo, error)
	DeleteWebhook(ctx context.Context) error
}

// condition is why polling does not work.
type condition struct {
	why string
	// forOperators is true for what is mended on the settings page, which must be reached:
	// it leaves the service ready.
	forOperators bool
}

// poller fetches the updates of one bot by getUpdates, one copy at a time. It confirms an
// update to Telegram, by asking for the one after it, only when it is stored.
type poller struct {
	bot      bot
	receiver *receiver
	id       string // of the bot
	log      zerolog.Logger
	state    atomic.Pointer[condition] // nil when it is ready
	failures int                       // in a row
	said     string                    // the trouble that the other copies and the api know
	// offset is one more than the highest id that is stored; 0 where none waits to be
	// confirmed. asked is the offset of the last call that may have reached Telegram,
	// which has confirmed what is below it; -1 for none.
	offset, asked int64
	// takenBy is the host of the webhook that somebody else set; "" for none.
	takenBy string
}

func newPoller(b bot, r *receiver, id string, log zerolog.Logger) *poller {
	p := &poller{bot: b, receiver: r, id: id, log: log}
	p.state.Store(&condition{why: "polling has not reached Telegram yet"})
	return p
}

// run polls whenever this copy holds the lease, until ctx ends. What stops polling is
// said by its state and in the log, and tried again, except for a token that Telegram
// refuses: another one comes with another poller.
func (p *poller) run(ctx context.Context) {
	select {
	case <-p.receiver.synced: // before, nothing could be stored
	case <-ctx.Done():
	}
	for ctx.Err() == nil {
		err := p.lead(ctx)
		switch {
		case err == nil || ctx.Err() != nil:
		case refused(err):
			const why = "Telegram refuses the bot token: connect the bot again in the settings (or set TELEGRAM_BOT_TOKEN and start again), with the token that @BotFather shows"
			p.state.Store(&condition{why, true})
			p.log.Error().Err(err).Msg(why)
			p.say(ctx, why)
			<-ctx.Done()
		default:
			p.troubled(ctx, err)
		}
	}
}

// refused reports a token that is wrong or revoked; no other call will do better. (404,
// which a proxy may say for a while, is tried again.)
func refused(err error) bool {
	e, ok := errors.AsType[*botapi.Error](err)
	return ok && e.Code == http.StatusUnauthorized
}

// lead takes the lease and polls until it is lost, ctx ends, or the token is refused.
func (p *poller) lead(ctx context.Context) error {
	held, release, err := p.receiver.bus.Lead(ctx, bus.TelegramPollingLease(p.id), func() {
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
	if err := p.begin(held); err != nil {
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

// troubled says what is wrong and waits before the next attempt.
func (p *poller) troubled(ctx context.Context, err error) {
	p.failures++
	_, taken := errors.AsType[*takenOver](err)
	line := p.log.Warn()
	if taken && p.said == err.Error() {
		line = p.log.Debug() // once is enough: it stands until somebody acts
	}
	line.Err(err).Int("failures", p.failures).Msg("polling was interrupted, trying again")
	p.state.Store(&condition{"polling: " + err.Error(), taken})
	p.say(ctx, err.Error())
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
	if p.takenBy != "" {
		if err := p.stillTaken(ctx); err != nil {
			return err
		}
	}
	p.asked = p.offset
	updates, err := p.bot.GetUpdates(ctx, p.offset, pollLimit, pollWait, telegram.UpdateKinds())
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
	p.say(ctx, "")
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

// storeBatch stores what came and moves the offset behind what is stored.
func (p *poller) storeBatch(ctx context.Context, updates []json.RawMessage) error {
	ctx, cancel := outliving(ctx, finishTimeout)
	defer cancel()
	b := sortBatch(updates)
	for _, body := range b.unnumbered {
		if err := p.receiver.deadLetter(ctx, p.id, body, errors.New("getUpdates brought an update without an update_id")); err != nil {
			return err
		}
	}
	span := p.receiver.tracer.Request(ctx, "poll telegram")
	span.SetInt("updates", int64(len(b.bodies)))
	done, err := p.receiver.receiveAll(telemetry.NewContext(ctx, span), p.id, b.bodies)
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
	if _, err := p.bot.GetUpdates(ctx, p.offset, 1, 0, telegram.UpdateKinds()); err != nil {
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

// pause waits; false where ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
