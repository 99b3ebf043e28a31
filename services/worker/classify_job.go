package worker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
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
func classifyJob(incoming []store.Incoming, saved []store.Saved, spans *batchSpans) (job bus.Message, any bool, err error) {
	work := new(eventsv1.ClassifyMessages)
	digest := sha256.New()
	for i, s := range saved {
		if s.Emit {
			work.MessageIds = append(work.MessageIds, s.Message.GetId())
			if spans.batch != nil {
				work.TraceParents = append(work.TraceParents, spans.of(i).TraceParent())
			}
			fmt.Fprintf(digest, "%d:%d ", s.Message.GetId(), incoming[i].Version)
		}
	}
	if len(work.MessageIds) == 0 {
		return bus.Message{}, false, nil
	}
	// The versions name the job: asked for again, it is the same one.
	id := "classify:" + strconv.Itoa(len(work.MessageIds)) + ":" + hex.EncodeToString(digest.Sum(nil)[:16])
	job, err = bus.NewMessage(bus.SubjectJobClassify, id, work)
	return job, true, err
}

// askToClassify publishes the job of a batch. Unlike a picture it is not to be missed: where
// the queue is full the batch waits.
func (in *inbox) askToClassify(ctx context.Context, incoming []store.Incoming, saved []store.Saved, spans *batchSpans) error {
	job, any, err := classifyJob(incoming, saved, spans)
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

const (
	// groupBatch is how many jobs are done together, each of a batch that was stored.
	groupBatch = 50
	// groupPortion is how many messages are grouped in one transaction.
	groupPortion = 500
	// groupLinger is the longest that jobs wait for others. What they lead to waits until
	// the conversation is quiet anyway, of which they take a tenth at most.
	groupLinger = time.Second
	// groupTimeout is for a batch whose every portion lets storing go before it.
	groupTimeout = 15 * time.Minute
)

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

// handle does the jobs of a batch together, in portions: a transaction costs as much for a
// hundred messages of ten topics as for ten of them.
func (g *grouper) handle(ctx context.Context, batch []*bus.Delivery) (err error) {
	spans := make([]*telemetry.Span, 0, len(batch))
	var ids []int64
	traces := map[int64]string{} // by message
	for _, d := range batch {
		job := new(eventsv1.ClassifyMessages)
		if err := proto.Unmarshal(d.Payload, job); err != nil {
			d.Fail(bus.Permanent(fmt.Errorf("decode: %w", err)))
			continue
		}
		span := g.tracer.Receive(d.TraceParent(), "group")
		spans = append(spans, span)
		addTraces(traces, job, span)
		ids = append(ids, job.GetMessageIds()...)
	}
	together := g.tracer.Batch("group batch", spans)
	defer func() {
		for _, span := range append(spans, together) {
			span.End(err, "not grouped")
		}
	}()
	ctx = telemetry.NewContext(ctx, together)
	for portion := range slices.Chunk(ids, groupPortion) {
		if err := g.group(ctx, portion, traces); err != nil {
			return err
		}
	}
	return nil
}

// group groups a portion, once nothing waits to be stored.
func (g *grouper) group(ctx context.Context, ids []int64, traces map[int64]string) error {
	if err := g.first.Yield(ctx); err != nil {
		return storeFault(err)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	grouped, err := g.store.GroupMessages(ctx, ids, store.Grouping{Settings: g.settings, Quiet: g.quiet(), Opens: g.opens, Traces: traces})
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

// addTraces adds the traces of a job's messages: that of span where a single message was made
// in it, as by the api.
func addTraces(traces map[int64]string, job *eventsv1.ClassifyMessages, span *telemetry.Span) {
	ids, of := job.GetMessageIds(), job.GetTraceParents()
	if len(of) == 0 && len(ids) == 1 && span != nil {
		of = []string{span.TraceParent()}
	}
	for i, trace := range of {
		if i < len(ids) && trace != "" {
			traces[ids[i]] = trace
		}
	}
}
