package ingest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/avatar"
	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/channel"
	"github.com/tasktracker/tasktracker/pkg/telemetry"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// publishTimeout bounds the wait for the broker. Telegram waits 60 s for an answer,
// and repeats what was answered 503.
const publishTimeout = 5 * time.Second

// receiver does with a delivery what has to be done, however it reached us.
type receiver struct {
	bus         *bus.Bus
	adapter     channel.Adapter
	ring        verifier                            // of test updates
	account     atomic.Pointer[account]             // nil until the record is read
	monitored   atomic.Pointer[map[string][]string] // nil until they are read
	synced      chan struct{}                       // closed when both are
	sync        sync.Once
	refused     atomic.Bool // the broker was full at the last publish
	unmonitored *unmonitored
	log         zerolog.Logger
	metrics     *metrics
	tracer      *telemetry.Tracer
}

func newReceiver(b *bus.Bus, adapter channel.Adapter, ring verifier, log zerolog.Logger, m *metrics, tracer *telemetry.Tracer) *receiver {
	return &receiver{
		bus: b, adapter: adapter, ring: ring, log: log, metrics: m, tracer: tracer,
		synced: make(chan struct{}), unmonitored: newUnmonitored(b, log, m.lostCounts),
	}
}

// setAccount takes another account and gives the one before; nil for the first.
func (r *receiver) setAccount(a *account) (before *account) {
	before = r.account.Swap(a)
	r.noteSync()
	return before
}

// noteSync ends the waiting for what has to be known before anything can be stored.
func (r *receiver) noteSync() {
	if r.account.Load() != nil && r.monitored.Load() != nil {
		r.sync.Do(func() { close(r.synced) })
	}
}

// unsynced says what is not known yet; "" where all is.
func (r *receiver) unsynced() string {
	switch {
	case r.account.Load() == nil:
		return "the bot's settings are not read yet"
	case r.monitored.Load() == nil:
		return "the monitored chats are not read yet"
	}
	return ""
}

// delivery is one update and what goes on the bus for it.
type delivery struct {
	// bot is the id of the bot that it came to, which need not be the one that is
	// connected now.
	bot      string
	body     []byte
	received time.Time
	update   channel.Update
	messages []bus.Message
	// heard is false for a message of a chat that is not monitored, ignored true for one of
	// a topic that is not.
	heard, ignored bool
}

// taken reports whether the delivery is of any concern to us.
func (d *delivery) taken() bool { return d.heard && !d.ignored && len(d.messages) > 0 }

func (d *delivery) verdict() string {
	switch {
	case !d.heard:
		return "unmonitored"
	case d.ignored:
		return "ignored_topic"
	}
	return d.update.Verdict.String()
}

// migration is the fact that the chat goes on under another id; nil where there is none.
func (d *delivery) migration() *eventsv1.ChatMigrated {
	for _, fact := range d.update.Facts {
		if m := fact.GetChatMigrated(); m != nil {
			return m
		}
	}
	return nil
}

// receive stores one delivery. taken is false where it was of no concern to us. An
// error wraps channel.ErrInvalid, or is the broker's: nothing was promised then.
func (r *receiver) receive(ctx context.Context, bot string, body []byte) (taken bool, err error) {
	d, err := r.prepare(ctx, bot, body)
	if errors.Is(err, channel.ErrNotUnderstood) {
		return true, r.keepNotUnderstood(ctx, d, err)
	}
	if err != nil {
		return false, err
	}
	telemetry.FromContext(ctx).SetString("update.id", d.update.ID)
	if d.update.Verdict == channel.Ignore {
		if p := readProbe(body, r.ring, d.received); p != nil {
			return true, r.storeProbe(ctx, p, d.received)
		}
	}
	if err := r.store(ctx, d); err != nil {
		return d.taken(), err
	}
	d.tell(zerolog.Ctx(ctx).Debug())
	return d.taken(), nil
}

// tell writes a line that says which update was stored, by its ids alone.
func (d *delivery) tell(line *zerolog.Event) {
	if line == nil { // the level is not enabled
		return
	}
	line.Str("update_id", d.update.ID).Str("kind", d.update.Kind).Str("verdict", d.verdict())
	if m := d.update.Message.GetMessage(); m != nil {
		line.Str("chat_id", m.GetChatId()).Str("message_id", m.GetExternalMessageId())
	}
	line.Msg("update stored")
}

// prepare decodes a delivery and makes what is to be published of it.
func (r *receiver) prepare(ctx context.Context, bot string, body []byte) (*delivery, error) {
	if why := r.unsynced(); why != "" {
		return nil, fmt.Errorf("%w: %s", bus.ErrUnavailable, why)
	}
	d := &delivery{bot: bot, body: body, received: time.Now(), heard: true}
	var err error
	if d.update, err = r.adapter.Decode(body, d.received); err != nil {
		if errors.Is(err, channel.ErrInvalid) {
			r.metrics.updates.WithLabelValues("invalid", "refused").Inc()
		}
		return d, err
	}
	if d.update.Verdict == channel.Store {
		m := d.update.Message.GetMessage()
		if d.heard, err = r.hears(ctx, m.GetChatId()); err != nil {
			return nil, err
		}
		d.ignored = d.heard && r.ignores(m.GetChatId(), m.GetThreadId())
	}
	d.messages, err = r.messages(d)
	return d, err
}

// store publishes what was prepared, and returns when the broker has it.
func (r *receiver) store(ctx context.Context, d *delivery) error {
	if len(d.messages) > 0 {
		err := r.publish(ctx, d.messages)
		if errors.Is(err, bus.ErrTooLarge) {
			err = r.storeWithoutRaw(ctx, d, err)
		}
		if err != nil {
			return err
		}
	}
	if m := d.migration(); m != nil {
		if err := r.followMigration(ctx, m); err != nil {
			return err
		}
	}
	r.stored(d)
	return nil
}

// stored counts a delivery that is done with.
func (r *receiver) stored(d *delivery) {
	r.metrics.updates.WithLabelValues(d.update.Kind, d.verdict()).Inc()
	if !d.heard {
		r.unmonitored.count(d.update.Message.GetChat(), d.received)
		return
	}
	if d.update.Verdict == channel.Store && !d.ignored && !d.update.Message.GetEdited() {
		sent := d.update.Message.GetMessage().GetSentAt().AsTime()
		r.metrics.lagSeconds.Observe(max(0, d.received.Sub(sent).Seconds()))
		r.metrics.eventSeconds.Observe(time.Since(d.received).Seconds())
	}
}

func (r *receiver) publish(ctx context.Context, messages []bus.Message) error {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	span := telemetry.FromContext(ctx).Publish("publish")
	if parent := span.TraceParent(); parent != "" {
		for i := range messages {
			messages[i].TraceParent = parent
		}
	}
	start := time.Now()
	err := r.publishInOrder(ctx, messages)
	r.metrics.publishSeconds.Observe(time.Since(start).Seconds())
	span.End(err, "not stored")
	return err
}

// publishInOrder publishes messages together, or, while INBOUND refuses them, one after
// another: a channel sends again what was refused, for longer than the broker remembers
// ids, and clients would see the announcement each time.
func (r *receiver) publishInOrder(ctx context.Context, messages []bus.Message) error {
	refused := r.refused.Load()
	step := len(messages)
	if refused {
		step = 1
	}
	var err error
	for rest := messages; len(rest) > 0 && err == nil; rest = rest[step:] {
		err = r.bus.Publish(ctx, rest[:step]...)
	}
	if now := errors.Is(err, bus.ErrFull); now != refused && (now || err == nil) {
		r.refused.Store(now)
	}
	return err
}

// messages is what goes on the bus for an update; none where it is of no concern.
func (r *receiver) messages(d *delivery) ([]bus.Message, error) {
	u, now := d.update, timestamppb.New(d.received)
	out := make([]bus.Message, 0, len(u.Facts)+2)
	add := func(subject, id string, payload proto.Message) error {
		m, err := bus.NewMessage(subject, id, payload)
		out = append(out, m)
		return err
	}
	id := r.adapter.Name() + ":" + d.bot + ":" + u.ID
	// Facts count for any chat, monitored or not: they hold nothing of what was said.
	for i, fact := range u.Facts {
		fact.ReceivedAt = now
		if err := add(bus.InboundSubject(r.adapter.Name(), u.Chat.GetChatId()), id+":fact:"+strconv.Itoa(i), fact); err != nil {
			return nil, err
		}
	}
	switch {
	case u.Verdict == channel.Callback:
		if err := add(bus.SubjectJobCallback, "callback:"+u.CallbackID, &eventsv1.AnswerCallback{CallbackQueryId: u.CallbackID}); err != nil {
			return nil, err
		}
	case u.Verdict == channel.Store && d.heard && !d.ignored:
		m := u.Message.GetMessage()
		inbound := &eventsv1.Inbound{ReceivedAt: now, Payload: &eventsv1.Inbound_MessageReceived{MessageReceived: u.Message}}
		name := m.GetChatId() + ":" + m.GetExternalMessageId()
		if err := add(bus.InboundSubject(r.adapter.Name(), m.GetChatId()), id+":"+name, inbound); err != nil {
			return nil, err
		}
		// Whether an edit changes anything is known to the store alone: the worker announces it.
		if !u.Message.GetEdited() {
			// Lent to the event: a copy of the message would cost more than all else here.
			if m.GetAuthorId() != "" {
				m.AvatarUrl = avatar.URL(m.GetSourceName(), m.GetAuthorId(), 0, m.GetAuthor())
			}
			err := add(bus.SubjectMessageNew, "new:"+m.GetSourceName()+":"+name, announcement(m, now))
			m.AvatarUrl = ""
			if err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// announcement is the message.new of a message.
func announcement(m *eventsv1.Message, now *timestamppb.Timestamp) *eventsv1.Event {
	return &eventsv1.Event{
		OccurredAt: now,
		Payload:    &eventsv1.Event_MessageNew{MessageNew: &eventsv1.MessageNew{Message: m}},
	}
}
