package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/avatar"
	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/channel"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// publishTimeout bounds the wait for the broker. Telegram waits 60 s for an answer,
// and repeats what was answered 503.
const publishTimeout = 5 * time.Second

// receiver does with a delivery what has to be done, however it reached us.
type receiver struct {
	bus         *bus.Bus
	adapter     channel.Adapter
	account     string // of the channel, for ids
	monitored   atomic.Pointer[map[string]struct{}]
	unmonitored *unmonitored
	log         zerolog.Logger
	metrics     *metrics
}

func newReceiver(b *bus.Bus, adapter channel.Adapter, account string, log zerolog.Logger, m *metrics) *receiver {
	return &receiver{bus: b, adapter: adapter, account: account, log: log, metrics: m, unmonitored: newUnmonitored(b, log)}
}

func (r *receiver) setMonitored(m bus.Monitored) {
	ids := m.ChatIDs()
	r.monitored.Store(&ids)
}

// hears reports whether messages of the chat are taken in: with no monitored chat, all are.
func (r *receiver) hears(chatID string) bool {
	ids := *r.monitored.Load()
	_, ok := ids[chatID]
	return ok || len(ids) == 0
}

// receive stores one delivery. taken is false where it was of no concern to us. An
// error wraps channel.ErrInvalid, or is the broker's: nothing was promised then.
func (r *receiver) receive(ctx context.Context, body []byte) (taken bool, err error) {
	if r.monitored.Load() == nil {
		return false, fmt.Errorf("%w: the monitored chats are not read yet", bus.ErrUnavailable)
	}
	now := time.Now()
	u, err := r.adapter.Decode(body, now)
	if errors.Is(err, channel.ErrNotUnderstood) {
		r.metrics.updates.WithLabelValues(u.Kind, "dead_letter").Inc()
		return true, r.deadLetter(ctx, body, err)
	}
	if err != nil {
		r.metrics.updates.WithLabelValues("invalid", "refused").Inc()
		return false, err
	}
	messages, err := r.messages(u, now)
	if err != nil {
		return false, err
	}
	r.metrics.updates.WithLabelValues(u.Kind, verdict(u, len(messages))).Inc()
	if len(messages) == 0 {
		return false, nil
	}
	if err := r.publish(ctx, messages); err != nil {
		if errors.Is(err, bus.ErrTooLarge) {
			return true, r.deadLetter(ctx, body, err)
		}
		return false, err
	}
	return true, r.followMigration(ctx, u)
}

func verdict(u channel.Update, messages int) string {
	if u.Verdict == channel.Store && messages == 0 {
		return "unmonitored"
	}
	return u.Verdict.String()
}

func (r *receiver) publish(ctx context.Context, messages []bus.Message) error {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	start := time.Now()
	err := r.bus.Publish(ctx, messages...)
	r.metrics.publishSeconds.Observe(time.Since(start).Seconds())
	return err
}

// messages is what goes on the bus for an update; none where it is of no concern.
func (r *receiver) messages(u channel.Update, now time.Time) ([]bus.Message, error) {
	var out []bus.Message
	add := func(subject, id string, payload proto.Message) error {
		m, err := bus.NewMessage(subject, id, payload)
		out = append(out, m)
		return err
	}
	id := r.adapter.Name() + ":" + r.account + ":" + u.ID
	for i, fact := range u.Facts {
		fact.ReceivedAt = timestamppb.New(now)
		if err := add(bus.InboundSubject(r.adapter.Name(), u.Chat.GetChatId()), id+":fact:"+strconv.Itoa(i), fact); err != nil {
			return nil, err
		}
	}
	switch u.Verdict {
	case channel.Callback:
		if err := add(bus.SubjectJobCallback, "callback:"+u.CallbackID, &eventsv1.AnswerCallback{CallbackQueryId: u.CallbackID}); err != nil {
			return nil, err
		}
	case channel.Store:
		m := u.Message.GetMessage()
		if !r.hears(m.GetChatId()) {
			r.unmonitored.count(u.Message.GetChat(), now)
			return out, nil
		}
		inbound := &eventsv1.Inbound{ReceivedAt: timestamppb.New(now), Payload: &eventsv1.Inbound_MessageReceived{MessageReceived: u.Message}}
		name := m.GetChatId() + ":" + m.GetExternalMessageId()
		if err := add(bus.InboundSubject(r.adapter.Name(), m.GetChatId()), id+":"+name, inbound); err != nil {
			return nil, err
		}
		// Whether an edit changes anything is known to the store alone: the worker announces it.
		if !u.Message.GetEdited() {
			if err := add(bus.SubjectMessageNew, "new:"+m.GetSourceName()+":"+name, announcement(m, now)); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// announcement is the message.new of a message, which gets its avatar's address here.
func announcement(m *eventsv1.Message, now time.Time) *eventsv1.Event {
	shown := proto.CloneOf(m)
	if m.GetAuthorId() != "" {
		shown.AvatarUrl = avatar.URL(m.GetSourceName(), m.GetAuthorId(), 0, m.GetAuthor())
	}
	return &eventsv1.Event{
		OccurredAt: timestamppb.New(now),
		Payload:    &eventsv1.Event_MessageNew{MessageNew: &eventsv1.MessageNew{Message: shown}},
	}
}

// followMigration lets the monitored entry move with its chat at once, so that the
// next message under the new id is not ignored.
func (r *receiver) followMigration(ctx context.Context, u channel.Update) error {
	for _, fact := range u.Facts {
		m := fact.GetChatMigrated()
		if m == nil {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, publishTimeout)
		defer cancel()
		err := r.bus.UpdateMonitored(ctx, func(now bus.Monitored) (bus.Monitored, error) { return migrated(now, m), nil })
		if err != nil {
			return fmt.Errorf("move the monitored chat: %w", err)
		}
	}
	return nil
}

// migrated gives the chat its new id where the old one is monitored; the old one
// stays an alias, for what was said before and arrives after.
func migrated(now bus.Monitored, m *eventsv1.ChatMigrated) bus.Monitored {
	from, errFrom := strconv.ParseInt(m.GetFromChatId(), 10, 64)
	to, errTo := strconv.ParseInt(m.GetToChatId(), 10, 64)
	if errFrom != nil || errTo != nil {
		return now
	}
	groups := make([]bus.MonitoredGroup, 0, len(now.Groups))
	for _, g := range now.Groups {
		if g.ID == from {
			g.ID, g.Aliases = to, append([]int64{from}, g.Aliases...)
		}
		groups = append(groups, g)
	}
	return bus.Monitored{Groups: groups}
}

// deadLetter keeps a delivery that cannot be handled, byte for byte.
func (r *receiver) deadLetter(ctx context.Context, body []byte, why error) error {
	kind := r.adapter.Name() + "_update"
	// What cannot be read may carry any id, so the whole body tells it apart.
	sum := sha256.Sum256(body)
	id := "dead:" + r.adapter.Name() + ":" + r.account + ":" + hex.EncodeToString(sum[:16])
	m, err := bus.NewMessage(bus.DeadSubject("INGEST", kind), id, &eventsv1.DeadLetter{
		Stream: "INGEST", Kind: kind, Reason: why.Error(), Attempts: 1, FailedAt: timestamppb.Now(), Payload: body,
	})
	if err != nil {
		return err
	}
	r.metrics.deadLetters.Inc()
	return r.publish(ctx, []bus.Message{m})
}
