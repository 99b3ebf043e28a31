package connect

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telegram"
	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/pkg/telegram/explain"
)

const (
	// secretSize is the bytes of a secret token: 43 characters of setWebhook's alphabet.
	secretSize = 32
	// secretGrace is how long a secret that was replaced is still accepted: what Telegram
	// sends at the moment carries it.
	secretGrace = time.Minute
	// undecidedGrace is how long a new secret is accepted where nobody knows whether
	// Telegram took it: what comes with it is kept for a day at Telegram, and no longer.
	undecidedGrace = 24 * time.Hour
	// lookTimeout bounds a call that a change can do without.
	lookTimeout = 3 * time.Second
	// handOver bounds the wait for the end of polling.
	handOver = 10 * time.Second
)

// Change is what came of a change at Telegram.
type Change struct {
	URL string
	// Refusal is nil where it worked.
	Refusal *explain.Refusal
	// TakenFrom is the host that had the bot's webhook before, where it was none of ours.
	TakenFrom string
}

// Save stores where Telegram shall deliver, without registering it.
func (c *Connection) Save(ctx context.Context, to Address) (store.WebhookConfig, error) {
	settings, err := c.update(ctx, func(s *store.TelegramSettings) error {
		w := &s.Webhook
		if w.Protocol != to.Protocol || w.Host != to.Host {
			w.IsActive = to.URL() == s.Bot.RegisteredURL // back to where Telegram delivers all the while
		}
		w.Protocol, w.Host, w.WebhookURL = to.Protocol, to.Host, to.URL()
		return nil
	})
	return settings.Webhook, err
}

// Register makes Telegram deliver to an address; where updates are polled, it ends that
// first. Where it does not work, everything is as it was.
func (c *Connection) Register(ctx context.Context, to Address) (Change, error) {
	change := Change{URL: to.URL()}
	err := c.exclusively(ctx, func(ctx context.Context) (err error) {
		change.TakenFrom, err = c.register(ctx, to)
		return err
	})
	change.Refusal, err = c.refused(err)
	return change, err
}

// register is Register for who has the turn. It looks at the settings itself: those of
// before the turn may be another operator's.
func (c *Connection) register(ctx context.Context, to Address) (takenFrom string, err error) {
	a, err := c.account(ctx)
	if err != nil {
		return "", err
	}
	if a.refusal != nil {
		return "", a.refusal
	}
	standing, known := c.standing(ctx, a)
	if standing != "" && standing != to.URL() && standing != a.settings.Bot.RegisteredURL && standing != a.settings.Webhook.WebhookURL {
		takenFrom = hostOf(standing)
	}
	back := func() error { return nil }
	if a.mode == ModePolling {
		if back, err = c.endPolling(ctx, a); err != nil {
			return "", err
		}
	}
	if err := c.setWebhook(ctx, a, to, known && standing != to.URL()); err != nil {
		if fault := back(); fault != nil {
			return "", fault
		}
		return "", err
	}
	return takenFrom, nil
}

// standing is the webhook that Telegram has for the bot, "" for none; known is false where
// it does not say.
func (c *Connection) standing(ctx context.Context, a account) (webhook string, known bool) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	info, err := a.client.GetWebhookInfo(ctx)
	if err != nil {
		return "", false
	}
	return info.URL, true
}

// hostOf is the host of a webhook; the rest of its URL may be somebody's secret.
func hostOf(webhook string) string {
	u, err := url.Parse(webhook)
	if err != nil || u.Host == "" {
		return "another address"
	}
	return u.Host
}

// setWebhook gives Telegram an address and a secret. Every ingest accepts the new secret
// before Telegram knows it, and the old one for a while after, so that no update is refused.
// moves means that Telegram has another address before: where its answer is lost, the
// address that it has then says whether it was done.
func (c *Connection) setWebhook(ctx context.Context, a account, to Address, moves bool) error {
	secret, sealed := c.cfg.WebhookSecret, "" // a fixed one is accepted anyway
	if secret == "" {
		secret = newSecret()
		sealed = c.Secrets.Seal(bus.PurposeWebhookSecret, secret)
		if _, err := c.update(ctx, func(s *store.TelegramSettings) error {
			s.Bot.Secrets = append(current(s.Bot.Secrets, time.Now()), store.BotSecret{Sealed: sealed})
			return nil
		}); err != nil {
			_ = c.withdraw(ctx, sealed, nil) // as far as it was stored; the first failure says what is wrong
			return err
		}
	}
	call, cancel := context.WithTimeout(ctx, callTimeout)
	err := a.client.SetWebhook(call, botapi.Webhook{URL: to.URL(), SecretToken: secret, AllowedUpdates: telegram.UpdateKinds()})
	cancel()
	if moves && botapi.Undecided(err) {
		if standing, _ := c.standing(ctx, a); standing == to.URL() {
			err = nil
		}
	}
	if err != nil {
		if fault := c.withdraw(ctx, sealed, err); fault != nil {
			return fault
		}
		return c.explain.Refusal(err)
	}
	_, err = c.update(ctx, func(s *store.TelegramSettings) error {
		now := time.Now().UTC()
		s.Webhook.Protocol, s.Webhook.Host, s.Webhook.WebhookURL = to.Protocol, to.Host, to.URL()
		s.Webhook.IsActive, s.Webhook.LastSetAt = true, &now
		s.Bot.RegisteredURL = to.URL()
		s.Bot.Secrets = endOthers(s.Bot.Secrets, sealed, now.Add(secretGrace))
		return nil
	})
	if err != nil {
		return fmt.Errorf("the webhook is registered, which could not be noted: %w", err)
	}
	return nil
}

func newSecret() string {
	random := make([]byte, secretSize)
	_, _ = rand.Read(random) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(random)
}

// withdraw makes the secrets what they were before. Where Telegram may have taken the new
// one all the same, it is accepted for as long as anything can come with it.
func (c *Connection) withdraw(ctx context.Context, sealed string, cause error) error {
	if sealed == "" {
		return nil
	}
	_, err := c.update(context.WithoutCancel(ctx), func(s *store.TelegramSettings) error {
		kept := make([]store.BotSecret, 0, len(s.Bot.Secrets))
		for _, secret := range s.Bot.Secrets {
			if secret.Sealed == sealed {
				if !botapi.Undecided(cause) {
					continue
				}
				secret.NotAfter = time.Now().UTC().Add(undecidedGrace)
			}
			kept = append(kept, secret)
		}
		s.Bot.Secrets = kept
		return nil
	})
	return err
}

// current leaves out what has ended.
func current(secrets []store.BotSecret, now time.Time) []store.BotSecret {
	var kept []store.BotSecret
	for _, s := range secrets {
		if s.NotAfter.IsZero() || now.Before(s.NotAfter) {
			kept = append(kept, s)
		}
	}
	return kept
}

// endOthers ends all but one secret at a time, unless they end before.
func endOthers(secrets []store.BotSecret, sealed string, at time.Time) []store.BotSecret {
	kept := current(secrets, time.Now())
	for i, s := range kept {
		if s.Sealed != sealed && (s.NotAfter.IsZero() || s.NotAfter.After(at)) {
			kept[i].NotAfter = at
		}
	}
	return kept
}

// ErrNotRegistered and ErrFixedSecret are returned by Rotate.
var (
	ErrNotRegistered = errors.New("the webhook is not registered, so that there is no secret to replace: register it first")
	ErrFixedSecret   = errors.New("TELEGRAM_WEBHOOK_SECRET fixes the secret: change it there for ingest and api at once and register the webhook again, or leave it out so that the server makes one")
)

// Rotate registers the webhook again with a new secret.
func (c *Connection) Rotate(ctx context.Context) (Change, error) {
	var change Change
	if c.cfg.WebhookSecret != "" {
		return change, ErrFixedSecret
	}
	err := c.exclusively(ctx, func(ctx context.Context) error {
		a, err := c.account(ctx)
		if err != nil {
			return err
		}
		w := a.settings.Webhook
		change.URL = w.WebhookURL
		switch {
		case !w.IsActive || a.mode == ModePolling:
			return ErrNotRegistered
		case a.refusal != nil:
			return a.refusal
		}
		return c.setWebhook(ctx, a, Address{Protocol: w.Protocol, Host: w.Host}, false)
	})
	if errors.Is(err, ErrNotRegistered) {
		return change, ErrNotRegistered
	}
	change.Refusal, err = c.refused(err)
	return change, err
}

// Delete removes the webhook at Telegram; drop throws away what waits there, for good.
func (c *Connection) Delete(ctx context.Context, drop bool) (Change, error) {
	var change Change
	err := c.exclusively(ctx, func(ctx context.Context) error {
		a, err := c.account(ctx)
		if err != nil {
			return err
		}
		change.URL = a.settings.Webhook.WebhookURL
		if a.refusal != nil {
			return a.refusal
		}
		if err := c.deleteWebhook(ctx, a.client, drop); err != nil {
			return c.explain.Refusal(err)
		}
		_, err = c.update(ctx, unregistered)
		return err
	})
	var fault error
	change.Refusal, fault = c.refused(err)
	return change, fault
}

// unregistered notes that Telegram has no webhook of ours. The secret stays: without one
// the door would be open.
func unregistered(s *store.TelegramSettings) error {
	s.Webhook.IsActive = false
	s.Bot.RegisteredURL = ""
	return nil
}

func (c *Connection) deleteWebhook(ctx context.Context, client *botapi.Client, drop bool) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if drop {
		return client.DropWebhook(ctx)
	}
	return client.DeleteWebhook(ctx)
}

// Info is Telegram's answer to getWebhookInfo.
func (c *Connection) Info(ctx context.Context) (json.RawMessage, *explain.Refusal, error) {
	a, err := c.account(ctx)
	if err != nil {
		return nil, nil, err
	}
	if a.refusal != nil {
		return nil, a.refusal, nil
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	info, err := a.client.RawWebhookInfo(ctx)
	if err != nil {
		return nil, c.explain.Refusal(err), nil
	}
	return info, nil, nil
}
