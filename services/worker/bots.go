package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/pkg/telegram/explain"
)

// Bot is what the worker asks of Telegram. Errors are *botapi.Error.
type Bot interface {
	// AuthorPhoto downloads the picture of a user or chat; nil where there is none,
	// without Bytes where it still is the known one.
	AuthorPhoto(ctx context.Context, authorID, known string) (*botapi.Picture, error)
	AnswerCallbackQuery(ctx context.Context, id string) error
	SendText(ctx context.Context, text botapi.Text) error
}

var _ Bot = (*botapi.Client)(nil)

// opener opens what is sealed in the record: *secrets.Ring.
type opener interface {
	Open(purpose, sealed string) (string, error)
}

// bots has the bot that is connected now: the record's, else the environment's.
type bots struct {
	ring        opener
	environment string // its token; "" for none
	connect     func(token string) (Bot, error)
	log         zerolog.Logger

	current atomic.Pointer[connection]
	known   chan struct{} // closed once the record was read
}

// connection is a bot with the token that it was made for.
type connection struct {
	bot   Bot // nil for none: missing says why
	token string
	// missing is nil where there is a bot.
	missing *explain.Refusal
	// refusedUntil keeps a token that Telegram refuses from being tried all the time, in
	// Unix nanoseconds; 0 for one that works.
	refusedUntil atomic.Int64
}

func newBots(ring opener, environment string, connect func(string) (Bot, error), log zerolog.Logger) *bots {
	return &bots{ring: ring, environment: environment, connect: connect, log: log, known: make(chan struct{})}
}

// run follows the record until ctx ends.
func (b *bots) run(ctx context.Context, from *bus.Bus) error {
	return from.WatchTelegramBot(ctx, b.set)
}

// await returns when the record was read, or ctx ended.
func (b *bots) await(ctx context.Context) {
	select {
	case <-b.known:
	case <-ctx.Done():
	}
}

// set is called by one goroutine, the watch.
func (b *bots) set(record bus.TelegramBot) {
	next := &connection{token: b.environment}
	if record.Token != "" {
		var err error
		if next.token, err = b.ring.Open(bus.PurposeBotToken, record.Token); err != nil {
			next.missing = explain.Unreadable(err)
			b.log.Error().Err(err).Msg("the bot's token cannot be read, and no pictures are fetched: give this service the SETTINGS_ENCRYPTION_KEY under which it was sealed, or connect the bot again in the settings")
		}
	}
	before := b.current.Load()
	if before != nil && before.token == next.token && next.token != "" {
		return
	}
	if next.token != "" {
		var err error
		if next.bot, err = b.connect(next.token); err != nil {
			next.missing = explain.Malformed(err)
			b.log.Error().Err(err).Msg("the bot cannot be used, and no pictures are fetched")
			next.bot = nil
		}
	} else if next.missing == nil {
		next.missing = explain.WithoutToken()
	}
	b.current.Store(next)
	if before == nil {
		close(b.known)
	}
}

// connected reports whether there is a bot.
func (b *bots) connected() bool {
	c := b.current.Load()
	return c != nil && c.bot != nil
}

// unauthorizedWait is how long a token that Telegram refused is left alone: it takes a
// person to mend it. Whether that was done is looked for every unauthorizedLook.
const (
	unauthorizedWait = 10 * time.Minute
	unauthorizedLook = 5 * time.Second
)

var errRefused = errors.New("Telegram refuses the bot token: connect the bot again in the settings, with the token that @BotFather shows")

// use gives the bot, nil where there is none; a Hold where its token was refused lately.
func (b *bots) use() (*connection, error) {
	c := b.current.Load()
	if c == nil || c.bot == nil {
		return nil, nil
	}
	if time.Now().UnixNano() < c.refusedUntil.Load() {
		return nil, bus.Hold(errRefused, unauthorizedLook)
	}
	return c, nil
}

// refused notes that Telegram refused the token, and gives the verdict for the job.
func (c *connection) refused(err error) error {
	c.refusedUntil.Store(time.Now().Add(unauthorizedWait).UnixNano())
	return bus.Hold(fmt.Errorf("%w: %w", errRefused, err), unauthorizedLook)
}

// clientOf makes the client of a token; it calls nobody.
func clientOf(b *bus.Bus, baseURL, token string) (Bot, error) {
	cfg := botapi.Config{Token: token, BaseURL: cmp.Or(baseURL, botapi.DefaultBaseURL)}
	client, err := botapi.New(cfg)
	if err != nil {
		return nil, err
	}
	cfg.Budget = b.TelegramBudget(client.BotID())
	return botapi.New(cfg)
}

// botKeeper keeps the bucket's copy of the bot that is connected at what the database says.
type botKeeper struct {
	store interface {
		TelegramBot(ctx context.Context) (bus.TelegramBot, error)
	}
	bus interface {
		UpdateTelegramBot(ctx context.Context, fn func(bus.TelegramBot) (bus.TelegramBot, error)) error
	}
	log zerolog.Logger
}

// start writes the copy once.
func (k *botKeeper) start(ctx context.Context) {
	fill(ctx, k.log, "the connected bot is not yet in the bucket", func(ctx context.Context) error {
		return k.bus.UpdateTelegramBot(ctx, func(bus.TelegramBot) (bus.TelegramBot, error) {
			record, err := k.store.TelegramBot(ctx)
			if errors.Is(err, store.ErrNotFound) {
				return bus.TelegramBot{}, nil
			}
			return record, err
		})
	})
}
