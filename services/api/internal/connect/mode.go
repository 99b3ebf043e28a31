package connect

import (
	"context"
	"errors"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telegram/explain"
)

// ErrNoAddress is returned by SetMode where no address was ever saved.
var ErrNoAddress = errors.New("no public address is saved yet: register the webhook with a host instead, which switches to it too")

// SetMode switches between webhook and polling. Where Telegram refuses, the mode stays
// what it was; now is the mode afterwards.
func (c *Connection) SetMode(ctx context.Context, mode string) (now string, refusal *explain.Refusal, err error) {
	err = c.exclusively(ctx, func(ctx context.Context) error {
		a, err := c.account(ctx)
		if err != nil {
			return err
		}
		now = a.mode
		if mode == ModePolling {
			err = c.beginPolling(ctx, a)
		} else {
			err = c.leavePolling(ctx, a)
		}
		if err == nil {
			now = mode
		}
		return err
	})
	if errors.Is(err, ErrNoAddress) {
		return now, nil, ErrNoAddress
	}
	if errors.Is(err, bus.ErrHeld) { // it never looked
		a, fault := c.account(ctx)
		if fault != nil {
			return "", nil, fault
		}
		now = a.mode
	}
	refusal, err = c.refused(err)
	return now, refusal, err
}

// beginPolling removes the webhook, whoever set it, for operators have just said so; what
// waits at Telegram is kept. One copy of ingest polls as soon as it knows the mode.
func (c *Connection) beginPolling(ctx context.Context, a account) error {
	if a.refusal != nil {
		return a.refusal
	}
	if err := c.deleteWebhook(ctx, a.client, false); err != nil {
		return c.explain.Refusal(err)
	}
	_, err := c.update(ctx, func(s *store.TelegramSettings) error {
		s.Bot.Mode = ModePolling
		return unregistered(s)
	})
	return err
}

func (c *Connection) leavePolling(ctx context.Context, a account) error {
	w := a.settings.Webhook
	switch {
	case a.mode == ModeWebhook && w.IsActive:
		_, err := c.update(ctx, func(s *store.TelegramSettings) error { s.Bot.Mode = ModeWebhook; return nil })
		return err
	case w.Host == "":
		return ErrNoAddress
	}
	to, err := c.Address(w.Protocol, w.Host)
	if err != nil {
		return &explain.Refusal{Words: err.Error(), Fix: "Save another address, then switch."}
	}
	_, err = c.register(ctx, to)
	return err
}

// endPolling tells every ingest to stop, and waits until none polls any more: what is in
// hand is stored then. back undoes that.
func (c *Connection) endPolling(ctx context.Context, a account) (back func() error, err error) {
	before := a.settings.Bot.Mode
	if _, err := c.update(ctx, func(s *store.TelegramSettings) error { s.Bot.Mode = ModeWebhook; return nil }); err != nil {
		return nil, err
	}
	back = func() error {
		_, err := c.update(context.WithoutCancel(ctx), func(s *store.TelegramSettings) error { s.Bot.Mode = before; return nil })
		return err
	}
	wait, cancel := context.WithTimeout(ctx, handOver)
	defer cancel()
	err = c.Bus.AwaitLeaseFree(wait, bus.TelegramPollingLease(a.id()))
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return nil, errors.Join(err, back())
	}
	// A copy that has not stopped by then confirms nothing that it has not stored either,
	// and Telegram ends its polling.
	return back, nil
}
