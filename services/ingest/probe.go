package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/bus"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

const (
	// probeMember is the kind of a test update, which the api sends through the public
	// address and Telegram never does.
	probeMember = "task_tracker_test"
	// probePurpose is what the signature of one is made for, over id, "\n" and sent_at.
	probePurpose = "webhook test"
	// probeLife is how old one may be, or how far ahead the clock that it was sent by.
	probeLife = 5 * time.Minute
	// maxProbeID bounds an id, in bytes.
	maxProbeID = 64
)

// Hops that are told here; the last, "database", is the worker's.
const (
	hopIngest = "ingest"
	hopBroker = "broker"
	hopWire   = "wire"
)

// verifier checks what only this installation can sign: *secrets.Ring.
type verifier interface {
	Verify(purpose, value, signature string) bool
}

// probe is a test update that this installation signed a moment ago.
type probe struct {
	id     string
	sentAt time.Time
}

// readProbe reads a test update; nil for anything else, one that is forged or old
// included: that is an update of a kind that nobody knows.
func readProbe(body []byte, ring verifier, now time.Time) *probe {
	if !bytes.Contains(body, []byte(`"`+probeMember+`"`)) {
		return nil
	}
	var update struct {
		Probe struct {
			ID        string `json:"id"`
			SentAt    string `json:"sent_at"`
			Signature string `json:"signature"`
		} `json:"task_tracker_test"`
	}
	if err := json.Unmarshal(body, &update); err != nil {
		return nil
	}
	p := update.Probe
	sent, err := time.Parse(time.RFC3339Nano, p.SentAt)
	if err != nil || p.ID == "" || len(p.ID) > maxProbeID || now.Sub(sent).Abs() > probeLife {
		return nil
	}
	if !ring.Verify(probePurpose, p.ID+"\n"+p.SentAt, p.Signature) {
		return nil
	}
	return &probe{p.ID, sent}
}

// storeProbe sends a test update the way of a message, telling of each place that it
// comes past: what announces a message goes with it, and so does "wire".
func (r *receiver) storeProbe(ctx context.Context, p *probe, received time.Time) error {
	id := "webhook_test:" + p.id
	inbound, err := bus.NewMessage(bus.InboundSubject(r.adapter.Name(), "probe"), id, &eventsv1.Inbound{
		ReceivedAt: timestamppb.New(received),
		Payload:    &eventsv1.Inbound_Probe{Probe: &eventsv1.Probe{Id: p.id, SentAt: timestamppb.New(p.sentAt)}},
	})
	if err != nil {
		return err
	}
	arrived, err := passed(p.id, hopIngest, received)
	if err != nil {
		return err
	}
	wire, err := passed(p.id, hopWire, time.Now())
	if err != nil {
		return err
	}
	if err := r.publish(ctx, []bus.Message{arrived, inbound, wire}); err != nil {
		return fmt.Errorf("store a test update: %w", err)
	}
	stored, err := passed(p.id, hopBroker, time.Now())
	if err != nil {
		return err
	}
	// Whoever asked hangs up on hearing this, which may be before the broker has confirmed it.
	return r.publish(context.WithoutCancel(ctx), []bus.Message{stored})
}

// passed is the event that a test update has come past a place.
func passed(id, hop string, at time.Time) (bus.Message, error) {
	stamp := timestamppb.New(at)
	return bus.NewMessage(bus.SubjectWebhookTested, "webhook_test:"+id+":"+hop, &eventsv1.Event{
		OccurredAt: stamp,
		Payload:    &eventsv1.Event_WebhookTested{WebhookTested: &eventsv1.WebhookTested{Id: id, Hop: hop, At: stamp}},
	})
}
