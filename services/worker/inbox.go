package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telemetry"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/worker/internal/precedence"
)

// inboxStore is what the inbox asks of the store.
type inboxStore interface {
	SaveMessages(ctx context.Context, batch []store.Incoming) ([]store.Saved, error)
	SaveChatFacts(ctx context.Context, facts []*eventsv1.Inbound) error
	Probe(ctx context.Context, id string) error
}

// publisher is the part of bus.Bus that announces.
type publisher interface {
	Publish(ctx context.Context, messages ...bus.Message) error
}

// hopDatabase is the last of a test update's hops (event.proto, WebhookTested).
const hopDatabase = "database"

// publishTimeout bounds waiting for the bus to confirm: what was on its way when a
// connection was lost is never confirmed, and has to be published again.
const publishTimeout = 5 * time.Second

// inbox stores what channels told us.
type inbox struct {
	store       inboxStore
	bus         publisher
	monitor     *monitor
	names       *names
	metrics     *metrics
	tracer      *telemetry.Tracer
	log         zerolog.Logger
	wantAvatars func() bool
	first       *precedence.Queue // storing goes before judging
	backlog     int               // messages of a batch that say that more are waiting
}

// handle stores a batch, announces what changed by it, and returns once the bus has the
// announcements.
func (in *inbox) handle(ctx context.Context, batch []*bus.Delivery) (err error) {
	var (
		spans    batchSpans
		incoming []store.Incoming
		facts    []*eventsv1.Inbound
		probes   []*eventsv1.Probe
		received = make([]*timestamppb.Timestamp, 0, len(batch))
	)
	if len(batch) >= in.backlog {
		defer in.first.Urgent()()
	}
	for _, d := range batch {
		inbound := new(eventsv1.Inbound)
		if err := proto.Unmarshal(d.Payload, inbound); err != nil {
			d.Fail(bus.Permanent(fmt.Errorf("decode: %w", err)))
			continue
		}
		switch p := inbound.GetPayload().(type) {
		case nil:
			d.Fail(bus.Permanent(errUnknownKind))
		case *eventsv1.Inbound_MessageReceived:
			spans.add(in.tracer, d, len(incoming))
			incoming = append(incoming, asIncoming(p.MessageReceived))
			received = append(received, inbound.GetReceivedAt())
		case *eventsv1.Inbound_Probe:
			probes = append(probes, p.Probe)
		default:
			facts = append(facts, inbound)
		}
	}
	spans.begin(in.tracer, len(batch))
	defer func() { spans.end(err) }()
	saved, err := in.store.SaveMessages(ctx, incoming)
	if err != nil {
		return storeFault(err)
	}
	in.metrics.stored(received, time.Now())
	in.tell(incoming, saved)
	if len(facts) > 0 {
		if err := in.store.SaveChatFacts(ctx, facts); err != nil {
			return storeFault(err)
		}
	}
	if err := in.announce(ctx, incoming, saved, &spans); err != nil {
		return err
	}
	if err := in.askToClassify(ctx, incoming, saved, &spans); err != nil {
		return err
	}
	if err := in.probe(ctx, probes); err != nil {
		return err
	}
	if err := in.monitor.follow(ctx, facts); err != nil {
		return err
	}
	return in.names.follow(ctx, incoming, facts)
}

// probe takes test updates through the database, where messages go, and tells that they
// have come so far.
func (in *inbox) probe(ctx context.Context, probes []*eventsv1.Probe) error {
	events := make([]bus.Message, 0, len(probes))
	for _, p := range probes {
		if err := in.store.Probe(ctx, p.GetId()); err != nil {
			return storeFault(err)
		}
		now := timestamppb.Now()
		event, err := bus.NewMessage(bus.SubjectWebhookTested, "webhook_test:"+p.GetId()+":"+hopDatabase, &eventsv1.Event{
			OccurredAt: now,
			Payload:    &eventsv1.Event_WebhookTested{WebhookTested: &eventsv1.WebhookTested{Id: p.GetId(), Hop: hopDatabase, At: now}},
		})
		if err != nil {
			return bus.Permanent(err)
		}
		events = append(events, event)
	}
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	if err := in.bus.Publish(ctx, events...); err != nil {
		return fmt.Errorf("tell of %d test updates: %w", len(events), err)
	}
	return nil
}

// tell writes a line for each message, which says by ids alone what was stored.
func (in *inbox) tell(incoming []store.Incoming, saved []store.Saved) {
	if in.log.GetLevel() > zerolog.DebugLevel {
		return
	}
	for i, s := range saved {
		in.log.Debug().Int64("id", s.Message.GetId()).Str("chat_id", s.Message.GetChatId()).Str("message_id", s.Message.GetExternalMessageId()).
			Int64("version", incoming[i].Version).Bool("announced", s.Emit).Msg("message stored")
	}
}

var errUnknownKind = errors.New("decode: the payload is of no kind that this release knows")

func asIncoming(m *eventsv1.MessageReceived) store.Incoming {
	return store.Incoming{Message: m.GetMessage(), Chat: m.GetChat(), Version: m.GetVersion(), Edited: m.GetEdited(), Raw: m.GetRaw()}
}

// announce publishes message.updated for what became visible, and asks for pictures
// that are missing.
func (in *inbox) announce(ctx context.Context, incoming []store.Incoming, saved []store.Saved, spans *batchSpans) error {
	var events, jobs []bus.Message
	for i, s := range saved {
		m := s.Message
		if s.Emit {
			// The version names the announcement: delivered again, it is the same one.
			id := fmt.Sprintf("updated:%s:%s:%s:%d", m.GetSourceName(), m.GetChatId(), m.GetExternalMessageId(), incoming[i].Version)
			event, err := messageUpdated(id, m)
			if err != nil {
				return bus.Permanent(err)
			}
			event.TraceParent = spans.announce(i)
			events = append(events, event)
		}
		if s.AvatarWanted && in.wantAvatars() && m.GetSourceName() == sourceTelegram {
			job, err := avatarJob(m)
			if err != nil {
				return bus.Permanent(err)
			}
			job.TraceParent = spans.of(i).TraceParent()
			jobs = append(jobs, job)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	if err := in.bus.Publish(ctx, events...); err != nil {
		return fmt.Errorf("announce %d messages: %w", len(events), err)
	}
	in.metrics.announced.Add(float64(len(events)))
	if err := in.bus.Publish(ctx, jobs...); errors.Is(err, bus.ErrFull) {
		// A picture may be missed: the author's next message asks again.
		in.metrics.dropped.WithLabelValues("avatar_queue_full").Add(float64(len(jobs)))
	} else if err != nil {
		return fmt.Errorf("ask for %d pictures: %w", len(jobs), err)
	}
	return nil
}

func messageUpdated(id string, m *eventsv1.Message) (bus.Message, error) {
	return bus.NewMessage(bus.SubjectMessageUpdated, id, &eventsv1.Event{
		OccurredAt: timestamppb.Now(),
		Payload:    &eventsv1.Event_MessageUpdated{MessageUpdated: &eventsv1.MessageUpdated{Message: m}},
	})
}

// avatarJob asks for a picture, at most once a day for one author.
func avatarJob(m *eventsv1.Message) (bus.Message, error) {
	id := fmt.Sprintf("avatar:%s:%s:%s", m.GetSourceName(), m.GetAuthorId(), time.Now().UTC().Format("20060102"))
	return bus.NewMessage(bus.SubjectJobAvatar, id, &eventsv1.ResolveAvatar{SourceName: m.GetSourceName(), AuthorId: m.GetAuthorId()})
}
