package ingest

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
)

// polling runs a poller while polling is chosen and there is a token, and another one when
// the token changes.
type polling struct {
	baseURL  string // of the Bot API
	receiver *receiver
	log      zerolog.Logger

	wanted  atomic.Pointer[account]
	changed chan struct{}
	poller  atomic.Pointer[poller] // nil where none runs
	fault   atomic.Pointer[string] // of a token that cannot be one
}

func newPolling(baseURL string, r *receiver, log zerolog.Logger) *polling {
	return &polling{baseURL: baseURL, receiver: r, log: log, changed: make(chan struct{}, 1)}
}

// follow goes by another account from now on. It does not wait until it does.
func (p *polling) follow(a *account) {
	p.wanted.Store(a)
	select {
	case p.changed <- struct{}{}:
	default: // it will look
	}
}

// run polls as the account says, until ctx ends.
func (p *polling) run(ctx context.Context) error {
	token := "" // that is polled for
	stop := func() {}
	defer func() { stop() }()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.changed:
		}
		want := p.wanted.Load()
		if want.mode != ModePolling {
			want = &account{mode: want.mode}
		}
		if want.token != token {
			// What is in hand is stored and confirmed, and the lease given back, before
			// anything else begins.
			stop()
			stop, token = p.start(ctx, want), want.token
		}
		if want.mode != ModePolling {
			p.forget(ctx)
		}
	}
}

// start polls for a bot; stop waits until nothing of that runs any more.
func (p *polling) start(ctx context.Context, a *account) (stop func()) {
	p.poller.Store(nil)
	p.fault.Store(nil)
	if a.token == "" {
		return func() {}
	}
	client, err := botapi.New(botapi.Config{Token: a.token, BaseURL: p.baseURL, Budget: p.receiver.bus.TelegramBudget(a.id)})
	if err != nil {
		why := "the bot's token cannot be used: " + err.Error()
		p.fault.Store(&why)
		p.log.Error().Msg(why)
		return func() {}
	}
	current := newPoller(client, p.receiver, a.id, p.log.With().Str("bot", a.id).Logger())
	p.poller.Store(current)
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { current.run(ctx) })
	return func() { cancel(); running.Wait() }
}

// forget makes the next choice of polling a new one, which may remove the webhook.
func (p *polling) forget(ctx context.Context) {
	for p.wanted.Load().mode != ModePolling {
		attempt, cancel := context.WithTimeout(ctx, publishTimeout)
		err := p.receiver.bus.UpdateTelegramPolling(attempt, func(bus.TelegramPolling) bus.TelegramPolling { return bus.TelegramPolling{} })
		cancel()
		if err == nil || !pause(ctx, settle) {
			return
		}
		p.log.Debug().Err(err).Msg("that polling has ended is not noted yet")
	}
}

// condition is why updates do not come by polling, where they should; nil where they do.
func (p *polling) condition() *condition {
	a := p.wanted.Load()
	if a == nil || a.mode != ModePolling {
		return nil
	}
	if why := p.fault.Load(); why != nil {
		return &condition{*why, true}
	}
	if a.token == "" && a.tokenTrouble == "" {
		return &condition{"no bot token yet: connect a bot in the settings", true}
	}
	if current := p.poller.Load(); current != nil {
		return current.state.Load()
	}
	return nil
}
