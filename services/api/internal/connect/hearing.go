package connect

import (
	"context"
	"reflect"
	"sync"
	"time"

	"github.com/go-telegram/bot/models"
	"golang.org/x/sync/errgroup"

	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telegram"
	"github.com/tasktracker/tasktracker/pkg/telegram/explain"
)

const (
	// hearingTimeout bounds the whole of a check; what could not be asked in it is unknown.
	hearingTimeout = 8 * time.Second
	// hearingLife is how long a check is shown again, and memberLife how long at least what
	// Telegram said of one chat is: a page that looks again and again shall not use up the
	// budget. With many chats it asks about one every memberPace.
	hearingLife = 5 * time.Second
	memberLife  = 30 * time.Second
	memberPace  = 100 * time.Millisecond
)

// Hearing says whether the bot hears.
type Hearing struct {
	CheckedAt time.Time
	Mode      string
	Bot       BotHearing
	Webhook   WebhookHearing
	Groups    []GroupHearing
}

// Finding is a state with its cause and what to do, both "" where all is well. Code names the
// two, and Detail is what the cause quotes, for who says them in another language.
type Finding struct{ State, Cause, Fix, Code, Detail string }

// BotHearing is the bot itself. Bot is nil where nobody knows who it is.
type BotHearing struct {
	Finding
	Bot *store.BotAccount
}

// WebhookHearing is the way in.
type WebhookHearing struct {
	Finding
	StoredURL string
	// Info is nil where Telegram could not be asked.
	Info *models.WebhookInfo
	// ErrorIsPast reports that updates have arrived since Info's last error.
	ErrorIsPast bool
	// LastUpdateAt is when any monitored chat was heard last, which each is where none was
	// chosen; zero for never.
	LastUpdateAt time.Time
}

// LastErrorAt is when Telegram last failed to deliver; zero for never.
func (w WebhookHearing) LastErrorAt() time.Time {
	if w.Info == nil || w.Info.LastErrorDate == 0 {
		return time.Time{}
	}
	return time.Unix(int64(w.Info.LastErrorDate), 0).UTC()
}

// GroupHearing is one monitored chat; zero times and "" are unknown.
type GroupHearing struct {
	Finding
	Group         store.Group
	Since         time.Time
	LastMessageAt time.Time
	BotStatus     string
}

// hearingCache holds the last check, and what was said of each chat.
type hearingCache struct {
	turn sync.Mutex // held by who checks

	mu      sync.Mutex // guards what is below
	last    Hearing
	of      store.TelegramSettings // that were checked
	until   time.Time
	bot     string // whose membership is in members
	members map[int64]membership
}

// forget makes the next look a new check.
func (h *hearingCache) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.until = time.Time{}
	h.members = nil
}

// look gives the last check; fresh is false for one that is old, or of other settings,
// whoever changed them.
func (h *hearingCache) look(of store.TelegramSettings) (found Hearing, fresh bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	same := reflect.DeepEqual(h.of.Webhook, of.Webhook) && reflect.DeepEqual(h.of.Bot, of.Bot)
	return h.last, same && time.Now().Before(h.until)
}

func (h *hearingCache) keep(found Hearing, of store.TelegramSettings) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last, h.of, h.until = found, of, time.Now().Add(hearingLife)
}

// Hearing checks whether the bot hears. Telegram is no reason for it to fail.
func (c *Connection) Hearing(ctx context.Context) (Hearing, error) {
	a, err := c.account(ctx)
	if err != nil {
		return Hearing{}, err
	}
	if found, fresh := c.hearing.look(a.settings); fresh {
		return found, nil
	}
	c.hearing.turn.Lock()
	defer c.hearing.turn.Unlock()
	if a, err = c.account(ctx); err != nil {
		return Hearing{}, err
	}
	if found, fresh := c.hearing.look(a.settings); fresh { // somebody else has just checked
		return found, nil
	}
	found, err := c.check(context.WithoutCancel(ctx), &a) // kept for others, whoever has gone away
	if err != nil {
		return Hearing{}, err
	}
	c.hearing.keep(found, a.settings)
	return found, nil
}

// check asks Telegram, and notes in the settings what it says of the bot.
func (c *Connection) check(ctx context.Context, a *account) (Hearing, error) {
	groups := a.settings.Webhook.Groups
	states, newest, err := c.stored(ctx, groups)
	if err != nil {
		return Hearing{}, err
	}
	asking, cancel := context.WithTimeout(ctx, hearingTimeout)
	defer cancel()
	h := Hearing{CheckedAt: time.Now().UTC(), Mode: a.mode}
	h.Bot = c.askBot(asking, *a)
	h.Webhook = WebhookHearing{StoredURL: a.settings.Webhook.WebhookURL, LastUpdateAt: newest}
	var members map[int64]membership
	if h.Bot.State == BotOK {
		if err := c.noteBot(ctx, a, h.Bot.Bot); err != nil {
			return Hearing{}, err
		}
		var both errgroup.Group
		both.Go(func() error { h.Webhook.Info = c.askWebhook(asking, *a, &h.Webhook.Finding); return nil })
		both.Go(func() error { members = c.askMembers(asking, *a, groups, states); return nil })
		_ = both.Wait() // neither fails
		if err := c.judgeWebhook(ctx, *a, &h.Webhook); err != nil {
			return Hearing{}, err
		}
	} else {
		h.Webhook.Finding = Finding{WayUnknown, "Telegram could not be asked about the webhook: " + h.Bot.Cause, h.Bot.Fix, h.Bot.Code, h.Bot.Detail}
	}
	for _, g := range groups {
		member, asked := members[g.ID]
		if !asked {
			member = membership{err: "Telegram could not be asked in time", fix: "Look again in a moment.", name: "not_asked"}
			if h.Bot.State != BotOK {
				member = membership{err: h.Bot.Cause, fix: h.Bot.Fix, name: h.Bot.Code, detail: h.Bot.Detail}
			}
		}
		h.Groups = append(h.Groups, h.delivered(judgeGroup(g, member, states[g.ID], h.Bot.Bot)))
	}
	return h, nil
}

// stored is what the database has of the monitored chats, and when any was heard last.
func (c *Connection) stored(ctx context.Context, groups []store.Group) (states map[int64]store.ChatState, newest time.Time, err error) {
	ids := make([]int64, 0, len(groups))
	for _, g := range groups {
		ids = append(ids, g.ID)
	}
	if states, err = c.Store.ChatStates(ctx, telegram.Name, ids); err != nil {
		return nil, newest, err
	}
	if len(groups) == 0 { // every chat is
		newest, err = c.Store.LastMessageAt(ctx, telegram.Name)
		return states, newest, err
	}
	for _, s := range states {
		if s.LastMessageAt.After(newest) {
			newest = s.LastMessageAt
		}
	}
	return states, newest, nil
}

// askBot asks who the bot is.
func (c *Connection) askBot(ctx context.Context, a account) BotHearing {
	h := BotHearing{Bot: c.view(a).Bot}
	if a.refusal != nil {
		h.Finding = botFinding(a.refusal)
		return h
	}
	me, err := a.client.GetMe(ctx)
	if err != nil {
		h.Finding = botFinding(c.explain.Refusal(err))
		return h
	}
	h.State = BotOK
	h.Bot = accountFrom(me)
	if !h.Bot.CanReadAllGroupMessages {
		h.Cause = "Privacy mode is on: in groups where the bot is no admin it sees only commands, replies to it and service messages"
		h.Fix, h.Code = fixPrivacy, "privacy"
	}
	return h
}

func botFinding(r *explain.Refusal) Finding {
	state := BotRefused
	switch r.Kind {
	case explain.NoToken:
		state = BotNoToken
	case explain.UnreadableToken:
		state = BotUnreadable
	case explain.Unreachable, explain.Other:
		state = BotUnreachable
	}
	return finding(state, r)
}

// noteBot stores what getMe says of the bot, such as that its privacy mode was changed.
func (c *Connection) noteBot(ctx context.Context, a *account, bot *store.BotAccount) error {
	if known := a.settings.Bot.Bot; known != nil && *known == *bot {
		return nil
	}
	settings, events, err := c.Store.UpdateTelegramSettings(ctx, func(s *store.TelegramSettings) error {
		if c.accountOf(*s).token == a.token {
			s.Bot.Bot = bot
		}
		return nil
	})
	if err != nil {
		return err
	}
	a.settings.Bot.Bot = settings.Bot.Bot
	c.Outbox.Publish(ctx, events)
	return nil
}

// askWebhook asks what Telegram has registered; nil with a finding where it does not say.
func (c *Connection) askWebhook(ctx context.Context, a account, f *Finding) *models.WebhookInfo {
	info, err := a.client.GetWebhookInfo(ctx)
	if err != nil {
		r := c.explain.Refusal(err)
		*f = finding(WayUnknown, r)
		return nil
	}
	return info
}
