package worker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/conversation"
	"github.com/tasktracker/tasktracker/pkg/outbox"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telemetry"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/worker/internal/precedence"
)

// classifyJob asks for what was stored or changed to be classified; false where nothing was.
// Messages without words are asked for too: they hold conversations together.
func classifyJob(incoming []store.Incoming, saved []store.Saved) (job bus.Message, any bool, err error) {
	var ids []int64
	digest := sha256.New()
	for i, s := range saved {
		if s.Emit {
			ids = append(ids, s.Message.GetId())
			fmt.Fprintf(digest, "%d:%d ", s.Message.GetId(), incoming[i].Version)
		}
	}
	if len(ids) == 0 {
		return bus.Message{}, false, nil
	}
	// The versions name the job: asked for again, it is the same one.
	id := "classify:" + strconv.Itoa(len(ids)) + ":" + hex.EncodeToString(digest.Sum(nil)[:16])
	job, err = bus.NewMessage(bus.SubjectJobClassify, id, &eventsv1.ClassifyMessages{MessageIds: ids})
	return job, true, err
}

// askToClassify publishes the job of a batch. Unlike a picture it is not to be missed: where
// the queue is full the batch waits.
func (in *inbox) askToClassify(ctx context.Context, incoming []store.Incoming, saved []store.Saved, spans *batchSpans) error {
	job, any, err := classifyJob(incoming, saved)
	if err != nil {
		return bus.Permanent(err)
	}
	if !any {
		return nil
	}
	job.TraceParent = spans.batch.TraceParent()
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	if err := in.bus.Publish(ctx, job); err != nil {
		return fmt.Errorf("ask for a batch of %d to be classified: %w", len(saved), err)
	}
	return nil
}

// groupStore is what grouping asks of the store.
type groupStore interface {
	GroupMessages(ctx context.Context, ids []int64, by store.Grouping) (store.Grouped, error)
}

// grouper does jobs.classify: it puts messages into conversations, which are judged when
// they are quiet.
type grouper struct {
	store    groupStore
	outbox   *outbox.Publisher
	tracer   *telemetry.Tracer
	settings conversation.Settings
	quiet    func() time.Duration
	opens    func(texts []string) []bool
	wake     chan<- struct{}
	first    *precedence.Queue
}

func (g *grouper) handle(ctx context.Context, d *bus.Delivery) (err error) {
	span := g.tracer.Receive(d.TraceParent(), "group")
	defer func() { span.End(err, "not grouped") }()
	ctx = telemetry.NewContext(ctx, span)
	job := new(eventsv1.ClassifyMessages)
	if err := proto.Unmarshal(d.Payload, job); err != nil {
		return bus.Permanent(fmt.Errorf("decode: %w", err))
	}
	if err := g.first.Yield(ctx); err != nil {
		return storeFault(err)
	}
	grouped, err := g.store.GroupMessages(ctx, job.GetMessageIds(), store.Grouping{Settings: g.settings, Quiet: g.quiet(), Opens: g.opens})
	if err != nil {
		return storeFault(err)
	}
	g.outbox.Publish(ctx, grouped.Events)
	if grouped.Conversations > 0 {
		select {
		case g.wake <- struct{}{}:
		default:
		}
	}
	return nil
}
