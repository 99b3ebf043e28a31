package worker

import (
	"github.com/tasktracker/tasktracker/pkg/bus"
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
