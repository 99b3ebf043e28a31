package connect

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/pkg/telegram/explain"
)

// How a token is shown, and one that is stored and cannot be read.
const (
	shownToken      = 10 // characters
	truncated       = "...[truncated]"
	unreadableToken = "[encrypted - cannot decrypt]"
)

// View is the settings as they may be shown.
type View struct {
	// BotToken is its first characters; "" for none.
	BotToken       string
	WebhookBaseURL string
	Mode           string
	// Bot is nil where getMe never said who it is.
	Bot *store.BotAccount
	// UpdatedAt is nil where the settings come from the environment.
	UpdatedAt *time.Time
}

// View reads the settings: the database's, else the environment's.
func (c *Connection) View(ctx context.Context) (View, error) {
	a, err := c.account(ctx)
	if err != nil {
		return View{}, err
	}
	return c.view(a), nil
}

func (c *Connection) view(a account) View {
	b := a.settings.Bot
	v := View{BotToken: shorten(a.token), WebhookBaseURL: b.WebhookBaseURL, Mode: a.mode}
	if v.WebhookBaseURL == "" {
		v.WebhookBaseURL = c.cfg.PublicBaseURL
	}
	if a.refusal != nil && a.refusal.Kind == explain.UnreadableToken {
		v.BotToken = unreadableToken
	}
	if b.Bot != nil && strconv.FormatInt(b.Bot.ID, 10) == a.id() {
		v.Bot = b.Bot
	}
	if b.Token != "" || b.WebhookBaseURL != "" {
		updated := a.settings.BotUpdatedAt.UTC()
		v.UpdatedAt = &updated
	}
	return v
}

// shorten keeps what may be shown of a token: never the whole of one, however short.
func shorten(token string) string {
	if token == "" {
		return ""
	}
	return token[:min(shownToken, len(token)/2)] + truncated
}

// TokenError means that a token is not, or not any more, a bot's.
type TokenError struct{ why string }

// Error says why, without the token.
func (e *TokenError) Error() string { return "Invalid Telegram bot token: " + e.why }

// SaveSettings stores a token that Telegram knows, and a public address; empty ones keep
// what is stored. With a token it registers the webhook too, whose outcome is no part of
// the save; nil without a token. It returns *AddressError, *TokenError, or a *explain.Refusal
// where Telegram cannot be asked; nothing is stored then.
func (c *Connection) SaveSettings(ctx context.Context, token, baseURL string) (View, *Change, error) {
	token, baseURL = strings.TrimSpace(token), strings.TrimSpace(baseURL)
	if baseURL != "" {
		base, err := c.BaseURL(baseURL)
		if err != nil {
			return View{}, nil, err
		}
		baseURL = base.Protocol + "://" + base.Host
	}
	if token == "" {
		settings, err := c.update(ctx, func(s *store.TelegramSettings) error {
			if baseURL != "" {
				s.Bot.WebhookBaseURL = baseURL
			}
			return nil
		})
		return c.view(c.accountOf(settings)), nil, err
	}
	bot, err := c.introduce(ctx, token)
	if err != nil {
		return View{}, nil, err
	}
	var change Change
	err = c.exclusively(ctx, func(ctx context.Context) (err error) {
		if err := c.takeOn(ctx, token, baseURL, bot); err != nil {
			return err
		}
		change, err = c.registerSaved(ctx)
		return err
	})
	if err != nil {
		return View{}, nil, err
	}
	view, err := c.View(ctx)
	return view, &change, err
}

// takeOn stores a token and, where it is another bot's, lets the one before go.
func (c *Connection) takeOn(ctx context.Context, token, baseURL string, bot *store.BotAccount) error {
	var gone *left
	_, err := c.update(ctx, func(s *store.TelegramSettings) error {
		if baseURL != "" {
			s.Bot.WebhookBaseURL = baseURL
		}
		gone = c.putToken(s, token, bot)
		return nil
	})
	if err != nil {
		return err
	}
	c.leave(ctx, gone)
	return nil
}

// introduce asks Telegram who the token's bot is.
func (c *Connection) introduce(ctx context.Context, token string) (*store.BotAccount, error) {
	if strings.HasSuffix(token, truncated) || token == unreadableToken {
		return nil, &TokenError{"this is what is shown in place of the stored one; leave the field empty to keep that"}
	}
	client, err := c.client(token)
	if err != nil {
		return nil, &TokenError{err.Error()}
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	me, err := client.GetMe(ctx)
	if err != nil {
		r := c.explain.Refusal(err)
		if r.Kind == explain.Unreachable {
			return nil, r
		}
		return nil, &TokenError{r.Words + ". " + r.Fix}
	}
	return accountFrom(me), nil
}

// left is a bot that another one takes the place of, with the webhook that it may have.
type left struct {
	client *botapi.Client
	url    string
}

// putToken stores a token. The webhook and the secrets of another bot than the one before
// go with that one; a secret stays that nobody knows, for without any the door would be open.
func (c *Connection) putToken(s *store.TelegramSettings, token string, bot *store.BotAccount) *left {
	before := c.accountOf(*s)
	if before.token != token || s.Bot.Token == "" || c.Secrets.Stale(s.Bot.Token) {
		s.Bot.Token = c.Secrets.Seal(bus.PurposeBotToken, token)
	}
	known := before.id()
	if known == "" && s.Bot.Bot != nil {
		known = strconv.FormatInt(s.Bot.Bot.ID, 10)
	}
	s.Bot.Bot = bot
	if known == "" || known == strconv.FormatInt(bot.ID, 10) {
		return nil
	}
	gone := &left{client: before.client, url: s.Bot.RegisteredURL}
	_ = unregistered(s) // has no errors
	s.Webhook.LastSetAt = nil
	s.Bot.Secrets = []store.BotSecret{{Sealed: c.Secrets.Seal(bus.PurposeWebhookSecret, newSecret())}}
	return gone
}

// leave removes the webhook of a bot that is ours no more, if it is still ours: what it
// sends would only be refused. What waits at Telegram is kept.
func (c *Connection) leave(ctx context.Context, gone *left) {
	if gone == nil || gone.client == nil || gone.url == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	info, err := gone.client.GetWebhookInfo(ctx)
	if err == nil && info.URL == gone.url {
		err = gone.client.DeleteWebhook(ctx)
	}
	if err != nil {
		c.Log.Warn().Err(err).Str("bot", gone.client.BotID()).Msg("the webhook of the bot that was connected before could not be removed")
	}
}

// registerSaved registers the webhook at the address that is saved, for who has the turn.
func (c *Connection) registerSaved(ctx context.Context) (change Change, err error) {
	a, err := c.account(ctx)
	if err != nil {
		return change, err
	}
	if a.mode == ModePolling {
		change.Refusal = &explain.Refusal{Words: "Updates are polled, so no webhook was registered", Fix: "Nothing needs to be done; switch to the webhook if this machine has a public address."}
		return change, nil
	}
	to, err := c.savedAddress(a.settings)
	if err == nil {
		change.URL = to.URL()
		change.TakenFrom, err = c.register(ctx, to)
	}
	change.Refusal, err = c.refused(err)
	return change, err
}

// savedAddress is the public address of the settings, else that of the webhook, else that
// of the environment.
func (c *Connection) savedAddress(s store.TelegramSettings) (Address, error) {
	var (
		to  Address
		err error
	)
	switch {
	case s.Bot.WebhookBaseURL != "":
		to, err = c.BaseURL(s.Bot.WebhookBaseURL)
	case s.Webhook.Host != "":
		to, err = c.Address(s.Webhook.Protocol, s.Webhook.Host)
	case c.cfg.PublicBaseURL != "":
		to, err = c.BaseURL(c.cfg.PublicBaseURL)
	default:
		return to, &explain.Refusal{Words: "No public address is known", Fix: "Enter the address under which the internet reaches this installation, such as https://tracker.example.org, or switch to polling, which needs none."}
	}
	if err != nil {
		return to, &explain.Refusal{Words: err.Error(), Fix: "Enter another public address, or switch to polling, which needs none."}
	}
	return to, nil
}
