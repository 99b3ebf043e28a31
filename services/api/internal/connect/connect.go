// Package connect connects the installation with its bot: the token, the way by which
// updates come, the monitored chats. What operators set is in PostgreSQL; Telegram and
// the copy in the broker that the other services read are brought to it, one change at a
// time in the whole installation.
package connect

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/outbox"
	"github.com/tasktracker/tasktracker/pkg/secrets"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/pkg/telegram/explain"
)

// Values of the mode: how updates come.
const (
	ModeWebhook = "webhook"
	ModePolling = "polling"
)

// Config is what the environment says; what operators set wins over it, except for
// WebhookSecret, which fixes the secret.
type Config struct {
	Token         string
	Mode          string
	WebhookSecret string
	APIBaseURL    string
	// PublicBaseURL is scheme and host; "" where it is not known.
	PublicBaseURL string
}

// Deps is what a Connection is built from.
type Deps struct {
	Store   *store.Store
	Bus     *bus.Bus
	Secrets *secrets.Ring
	Outbox  *outbox.Publisher
	Log     zerolog.Logger
}

// Connection does what operators ask for. It is safe for concurrent use.
type Connection struct {
	Deps
	cfg     Config
	explain explain.Explainer
	// atTelegram is false for a Bot API server of one's own, which takes any address.
	atTelegram bool
	transport  *http.Transport

	mu      sync.Mutex
	budgets map[string]*bus.Budget // by bot id
	hearing hearingCache
}

// New builds a Connection. It calls nobody.
func New(cfg Config, deps Deps) *Connection {
	if cfg.APIBaseURL == "" {
		cfg.APIBaseURL = botapi.DefaultBaseURL
	}
	if cfg.Mode == "" {
		cfg.Mode = ModeWebhook
	}
	own, errOwn := url.Parse(botapi.DefaultBaseURL)
	base, err := url.Parse(cfg.APIBaseURL)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = groupCallsAtOnce
	transport.IdleConnTimeout = 30 * time.Second
	return &Connection{
		Deps: deps, cfg: cfg, explain: explain.Explainer{Service: explain.API, BaseURL: cfg.APIBaseURL}, transport: transport, budgets: map[string]*bus.Budget{},
		atTelegram: err == nil && errOwn == nil && base.Hostname() == own.Hostname(),
	}
}

// Close ends idle connections.
func (c *Connection) Close() { c.transport.CloseIdleConnections() }

const (
	// brokerTimeout bounds how long a caller waits for the broker.
	brokerTimeout = 5 * time.Second
	// callTimeout bounds one call to Telegram, which mostly answers within a second.
	callTimeout = 10 * time.Second
	// turnTimeout bounds the wait for the end of somebody else's change.
	turnTimeout = 15 * time.Second
	// changeTimeout bounds a change, its calls and its waits.
	changeTimeout = 40 * time.Second
	// changeLease is the lease of who changes what Telegram and the broker have.
	changeLease = "telegram-change"
)

// account is the bot as it is set now.
type account struct {
	settings store.TelegramSettings
	mode     string
	// token is "" where there is none, or none that can be read: then refusal says which.
	token   string
	refusal *explain.Refusal
	client  *botapi.Client
}

// id is the bot's own id; "" where there is no bot.
func (a account) id() string {
	if a.client == nil {
		return ""
	}
	return a.client.BotID()
}

// account reads the settings. Where there is no client, refusal says why.
func (c *Connection) account(ctx context.Context) (account, error) {
	settings, err := c.Store.TelegramSettings(ctx)
	if err != nil {
		return account{}, err
	}
	return c.accountOf(settings), nil
}

func (c *Connection) accountOf(settings store.TelegramSettings) account {
	a := account{settings: settings, mode: settings.Bot.Mode, token: c.cfg.Token}
	if a.mode == "" {
		a.mode = c.cfg.Mode
	}
	if settings.Bot.Token != "" {
		var err error
		if a.token, err = c.Secrets.Open(bus.PurposeBotToken, settings.Bot.Token); err != nil {
			a.token = ""
			a.refusal = explain.Unreadable(err)
			return a
		}
	}
	if a.token == "" {
		a.refusal = explain.WithoutToken()
		return a
	}
	client, err := c.client(a.token)
	if err != nil {
		a.refusal = explain.Malformed(err)
		return a
	}
	a.client = client
	return a
}

// client is the client of a token, whose calls are counted with those of all services.
func (c *Connection) client(token string) (*botapi.Client, error) {
	cfg := botapi.Config{Token: token, BaseURL: c.cfg.APIBaseURL, HTTPClient: &http.Client{Transport: c.transport}}
	client, err := botapi.New(cfg)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	budget, known := c.budgets[client.BotID()]
	if !known {
		budget = c.Bus.TelegramBudget(client.BotID())
		c.budgets[client.BotID()] = budget
	}
	cfg.Budget = budget
	return botapi.New(cfg)
}

// update changes the settings: the database first, then the copy in the broker.
func (c *Connection) update(ctx context.Context, fn func(*store.TelegramSettings) error) (store.TelegramSettings, error) {
	settings, events, err := c.Store.UpdateTelegramSettings(ctx, fn)
	if err != nil {
		return store.TelegramSettings{}, err
	}
	c.hearing.forget()
	if err := c.Tell(ctx); err != nil {
		return store.TelegramSettings{}, err
	}
	c.Outbox.Publish(ctx, events)
	return settings, nil
}

// Tell brings the copy in the broker to what the database says. It reads inside the
// update, as everybody does who writes the copy: the last writer has read the last change.
func (c *Connection) Tell(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, brokerTimeout)
	defer cancel()
	err := c.Bus.UpdateTelegramBot(ctx, func(bus.TelegramBot) (bus.TelegramBot, error) {
		return c.Store.TelegramBot(ctx)
	})
	if err != nil {
		return fmt.Errorf("tell the services about the bot: %w", err)
	}
	return nil
}

// exclusively runs a change that nobody who goes away interrupts, one at a time in the
// whole installation: what two operators ask for at once does not mix. It returns
// bus.ErrHeld where somebody else's change does not end.
func (c *Connection) exclusively(ctx context.Context, fn func(context.Context) error) error {
	return c.Bus.Exclusive(context.WithoutCancel(ctx), changeLease, turnTimeout, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, changeTimeout)
		defer cancel()
		return fn(ctx)
	})
}
