package worker

import (
	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telemetry"
)

// batchSpans are the spans of one batch: of each message whose trace is sampled, in that
// trace, and of the batch, in a trace of its own, linked both ways. Where none is sampled
// it is empty, and costs a look at each message's header.
type batchSpans struct {
	batch     *telemetry.Span
	messages  map[int]*telemetry.Span // by place among the batch's messages
	announced []*telemetry.Span
}

// add goes on with the trace of a message.
func (b *batchSpans) add(tracer *telemetry.Tracer, d *bus.Delivery, place int) {
	if tracer == nil {
		return
	}
	span := tracer.Receive(d.TraceParent(), "store")
	if span == nil {
		return
	}
	span.SetInt("stream.seq", int64(d.Sequence()))
	span.SetInt("attempt", int64(d.Attempt))
	if b.messages == nil {
		b.messages = make(map[int]*telemetry.Span)
	}
	b.messages[place] = span
}

// begin begins the batch once its messages are known.
func (b *batchSpans) begin(tracer *telemetry.Tracer, size int) {
	if len(b.messages) == 0 {
		return
	}
	spans := make([]*telemetry.Span, 0, len(b.messages))
	for _, span := range b.messages {
		spans = append(spans, span)
	}
	b.batch = tracer.Batch("store batch", spans)
	b.batch.SetInt("messaging.batch.message_count", int64(size))
	for _, span := range spans {
		span.Link(b.batch)
	}
}

// of is the span of a message; nil where it is not traced.
func (b *batchSpans) of(place int) *telemetry.Span { return b.messages[place] }

// announce begins to announce a message, and gives the header of its event.
func (b *batchSpans) announce(place int) string {
	span := b.of(place).Publish("announce")
	if span == nil {
		return ""
	}
	b.announced = append(b.announced, span)
	return span.TraceParent()
}

// end ends all spans. An error is of the whole batch.
func (b *batchSpans) end(err error) {
	for _, span := range b.announced {
		span.End(err, "batch failed")
	}
	for _, span := range b.messages {
		span.End(err, "batch failed")
	}
	b.batch.End(err, "batch failed")
}

// judgingSpans are the spans of conversations that are judged together: of each with new
// messages that are traced, in the trace of the newest, and of the batch, linked both ways.
type judgingSpans struct {
	batch         *telemetry.Span
	conversations map[int64]*telemetry.Span // by id
}

// beginJudging begins them. Where nothing is traced they are empty.
func beginJudging(tracer *telemetry.Tracer, claimed []store.Conversation) judgingSpans {
	var s judgingSpans
	var all []*telemetry.Span
	for _, c := range claimed {
		if tracer == nil || len(c.TraceParents) == 0 {
			continue
		}
		newest := len(c.TraceParents) - 1
		span := tracer.Receive(c.TraceParents[newest], "judge", c.TraceParents[:newest]...)
		if span == nil {
			continue
		}
		span.SetInt("conversation.id", c.ID)
		span.SetInt("messages", int64(len(c.Messages)))
		if s.conversations == nil {
			s.conversations = make(map[int64]*telemetry.Span)
		}
		s.conversations[c.ID] = span
		all = append(all, span)
	}
	if len(all) == 0 {
		return s
	}
	s.batch = tracer.Batch("judge batch", all)
	s.batch.SetInt("messaging.batch.message_count", int64(len(claimed)))
	for _, span := range all {
		span.Link(s.batch)
	}
	return s
}

// deciding notes what decide says of each conversation.
func (s judgingSpans) deciding(decide func(store.Conversation) store.Decision) func(store.Conversation) store.Decision {
	if s.conversations == nil {
		return decide
	}
	return func(c store.Conversation) store.Decision {
		d := decide(c)
		s.conversations[c.ID].SetString("decision", d.Kind)
		return d
	}
}

// held ends those of conversations that nobody could judge.
func (s judgingSpans) held(held []store.Judgement) {
	for _, h := range held {
		s.conversations[h.Conversation.ID].End(errHeld, "held")
	}
}

// end ends all others.
func (s judgingSpans) end(err error) {
	for _, span := range s.conversations {
		span.End(err, "not judged")
	}
	s.batch.End(err, "not judged")
}
