package connect

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-telegram/bot/models"
	"golang.org/x/sync/errgroup"

	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/pkg/telegram/explain"
)

// States of a bot, of the way in, and of a chat, as proto/openapi.yaml explains them.
const (
	BotOK          = "ok"
	BotNoToken     = "no_token"
	BotRefused     = "refused"
	BotUnreadable  = "unreadable"
	BotUnreachable = "unreachable"

	WayOK            = "ok"
	WayNotRegistered = "not_registered"
	WayElsewhere     = "elsewhere"
	WayFailing       = "failing"
	WayConflict      = "conflict"
	WayIdle          = "idle"
	WayUnknown       = "unknown"

	GroupHeard       = "heard"
	GroupPartly      = "partly"
	GroupAbsent      = "absent"
	GroupUndelivered = "undelivered"
	GroupUnknown     = "unknown"
	GroupUnresolved  = "unresolved"
)

const fixPrivacy = "Turn privacy mode off (@BotFather, /setprivacy, Disable), then remove the bot from the group and add it again; or make it an admin of the group."

// membership is what Telegram says of the bot in a chat.
type membership struct {
	at time.Time
	// changed is when it last became something else, as far as was known when it was asked.
	changed time.Time
	status  string // "" where it did not say
	member  bool   // of a status that leaves it open
	code    int    // of a refusal
	err     string // why nothing is known
	fix     string
	name    string // of err and fix, as Finding.Code
	detail  string
}

// askMembers asks what the bot is in each chat, those first that were asked longest ago,
// for as long as ctx lasts.
func (c *Connection) askMembers(ctx context.Context, a account, groups []store.Group, states map[int64]store.ChatState) map[int64]membership {
	known := c.hearing.membersOf(a.id())
	own, err := strconv.ParseInt(a.id(), 10, 64)
	if err != nil {
		return known
	}
	life := max(memberLife, time.Duration(len(groups))*memberPace)
	stale := slices.DeleteFunc(slices.Clone(groups), func(g store.Group) bool {
		m := known[g.ID]
		return time.Since(m.at) < life && m.changed.Equal(states[g.ID].BotStatusAt)
	})
	slices.SortStableFunc(stale, func(x, y store.Group) int { return known[x.ID].at.Compare(known[y.ID].at) })
	var (
		mu     sync.Mutex
		asking errgroup.Group
	)
	asking.SetLimit(groupCallsAtOnce)
	for _, g := range stale {
		asking.Go(func() error {
			if ctx.Err() != nil {
				return nil
			}
			m, told := c.askMember(ctx, a.client, g.ID, own)
			m.changed = states[g.ID].BotStatusAt
			mu.Lock()
			defer mu.Unlock()
			if told || known[g.ID].at.IsZero() {
				known[g.ID] = m
			}
			return nil
		})
	}
	_ = asking.Wait() // it has no errors
	c.hearing.keepMembers(a.id(), known)
	return known
}

// askMember asks about one chat; told is false where Telegram said nothing of it.
func (c *Connection) askMember(ctx context.Context, client *botapi.Client, chat, own int64) (m membership, told bool) {
	got, err := client.GetChatMember(ctx, chat, own)
	if refused, ok := errors.AsType[*botapi.Error](err); ok && refused.MigrateToChatID != 0 {
		got, err = client.GetChatMember(ctx, refused.MigrateToChatID, own)
	}
	if err == nil {
		return membership{at: time.Now(), status: got.Status, member: got.IsMember}, true
	}
	r := c.explain.Refusal(err)
	if r.Kind == explain.Unreachable || r.Kind == explain.BadToken {
		return membership{err: r.Words, fix: r.Fix, name: r.Code, detail: r.Detail}, false
	}
	refused, _ := errors.AsType[*botapi.Error](err) // what explain has read
	return membership{at: time.Now(), code: refused.Code, err: r.Words}, true
}

// membersOf is a copy of what is remembered for a bot.
func (h *hearingCache) membersOf(bot string) map[int64]membership {
	h.mu.Lock()
	defer h.mu.Unlock()
	known := make(map[int64]membership, len(h.members))
	if h.bot == bot {
		for id, m := range h.members {
			known[id] = m
		}
	}
	return known
}

func (h *hearingCache) keepMembers(bot string, known map[int64]membership) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bot, h.members = bot, make(map[int64]membership, len(known))
	for id, m := range known {
		if !m.at.IsZero() {
			h.members[id] = m
		}
	}
}

// finding is a state of which a Refusal is the cause.
func finding(state string, r *explain.Refusal) Finding {
	return Finding{state, r.Words, r.Fix, r.Code, r.Detail}
}

// judgeGroup puts what Telegram says of a chat beside what is stored.
func judgeGroup(g store.Group, m membership, stored store.ChatState, bot *store.BotAccount) GroupHearing {
	h := GroupHearing{Group: g, LastMessageAt: stored.LastMessageAt, BotStatus: cmp.Or(m.status, stored.BotStatus)}
	gone := m.status == "left" || m.status == "kicked" || m.status == "restricted" && !m.member
	switch {
	case m.code == 403 || gone:
		h.Finding = finding(GroupAbsent, explain.NotMember(m.err))
		if !gone {
			h.BotStatus = "kicked"
		}
	case m.code != 0 && strings.Contains(strings.ToLower(m.err), "chat not found") && stored.BotStatus == "" && stored.LastMessageAt.IsZero():
		h.Finding = finding(GroupUnresolved, explain.NoSuchChat(m.err))
	case m.code != 0:
		h.Finding = Finding{GroupAbsent, "The bot is not in the chat any more, or the chat is gone" + explain.Quoted(m.err), explain.FixAbsent, "chat_gone", m.err}
	case m.status == "":
		h.Finding = Finding{GroupUnknown, m.err, m.fix, m.name, m.detail}
	case m.status == "creator" || m.status == "administrator" || bot == nil || bot.CanReadAllGroupMessages:
		h.Finding = Finding{State: GroupHeard}
	default:
		h.Finding = Finding{GroupPartly, "Privacy mode is on and the bot is a plain member: it sees only commands, replies to it and service messages", fixPrivacy, "privacy_member", ""}
	}
	h.Since = since(h, stored)
	return h
}

// delivered is the hearing of a chat, seen together with the way in: where nothing comes
// that way, nothing is heard of a chat in which the bot is.
func (h Hearing) delivered(g GroupHearing) GroupHearing {
	present := g.State == GroupHeard || g.State == GroupPartly
	switch {
	case h.Bot.State == BotRefused:
		g.Finding, g.Since = Finding{GroupUndelivered, h.Bot.Cause, h.Bot.Fix, h.Bot.Code, h.Bot.Detail}, time.Time{}
	case present && h.Webhook.State != WayOK && h.Webhook.State != WayUnknown:
		g.Finding, g.Since = Finding{GroupUndelivered, h.Webhook.Cause, h.Webhook.Fix, h.Webhook.Code, h.Webhook.Detail}, time.Time{}
	}
	return g
}

// since is when the bot became what it is, where the stored word for it is the present one.
func since(h GroupHearing, stored store.ChatState) time.Time {
	gone := stored.BotStatus == "left" || stored.BotStatus == "kicked"
	switch h.State {
	case GroupAbsent:
		if gone {
			return stored.BotStatusAt
		}
	case GroupHeard, GroupPartly:
		if stored.BotStatus == h.BotStatus {
			return stored.BotStatusAt
		}
	}
	return time.Time{}
}

func accountFrom(me *models.User) *store.BotAccount {
	return &store.BotAccount{
		ID: me.ID, Username: me.Username, Name: strings.TrimSpace(me.FirstName + " " + me.LastName),
		CanReadAllGroupMessages: me.CanReadAllGroupMessages,
	}
}

// fixOfDelivery is what to do about an error of Telegram's deliveries, and its code, by the
// words that it uses (core.telegram.org/bots/webhooks, and the published server).
func fixOfDelivery(words string) (fix, code string) {
	words = strings.ToLower(words)
	for _, known := range []struct{ part, code, fix string }{
		{"401", "delivery_unauthorized", "Register the webhook again, which gives Telegram the present secret."},
		{"403", "delivery_forbidden", "Something in front of ingest refuses the request: let POST /webhook/telegram pass without a login."},
		{"404", "delivery_not_found", "Check that the reverse proxy passes /webhook/telegram on to ingest."},
		{"503", "delivery_unavailable", "Ingest cannot store updates: check the broker (NATS). Telegram sends them again."},
		{"502", "delivery_gateway", "The reverse proxy does not reach ingest: check that it runs."},
		{"504", "delivery_gateway", "The reverse proxy does not reach ingest: check that it runs."},
		{"certificate", "delivery_certificate", explain.FixCertificate},
		{"ssl", "delivery_certificate", explain.FixCertificate},
		{"resolve", "delivery_resolve", explain.FixResolve},
		{"refused", "delivery_connection", "Check that the reverse proxy or tunnel runs, and listens on the port of the address."},
		{"timed out", "delivery_firewall", "Check the firewall: Telegram connects from 149.154.160.0/20 and 91.108.4.0/22."},
		{"timeout", "delivery_slow", "Check that the reverse proxy reaches ingest, and passes its answer on at once."},
	} {
		if strings.Contains(words, known.part) {
			return known.fix, known.code
		}
	}
	return "Send a test update, which says how far it comes.", "delivery_failing"
}
