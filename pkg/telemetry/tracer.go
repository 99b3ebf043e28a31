package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// scope names our spans' instrumentation.
const scope = "github.com/tasktracker/tasktracker"

// Tracer begins spans. A nil Tracer begins none. It is safe for concurrent use.
type Tracer struct {
	// roots decides by OTEL_TRACES_SAMPLER. following takes all: it is asked only for
	// spans whose trace is sampled already.
	roots, following trace.Tracer
}

// NewTracer makes a tracer of two providers: roots samples new traces, following
// everything. Tests give it a recorder; services get theirs from Start.
func NewTracer(roots, following trace.TracerProvider) *Tracer {
	return &Tracer{roots: roots.Tracer(scope), following: following.Tracer(scope)}
}

// NewTestTracer is a tracer that samples everything and hands each span that has ended
// to processor.
func NewTestTracer(processor sdktrace.SpanProcessor) *Tracer {
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(processor), sdktrace.WithSampler(sdktrace.AlwaysSample()))
	return NewTracer(provider, provider)
}

// Request begins a trace with a request from outside. nil where it is not sampled.
func (t *Tracer) Request(ctx context.Context, name string) *Span {
	if t == nil {
		return nil
	}
	_, span := t.roots.Start(ctx, name, trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindServer))
	return sampled(t, span)
}

// Receive goes on with the trace of a message: traceParent is its header. nil where it
// has none, or one that is not sampled or not valid. The span is linked to others.
func (t *Tracer) Receive(traceParent, name string, others ...string) *Span {
	if t == nil || traceParent == "" {
		return nil
	}
	parent := parse(traceParent)
	if !parent.IsSampled() {
		return nil
	}
	_, span := t.following.Start(trace.ContextWithRemoteSpanContext(context.Background(), parent), name, trace.WithSpanKind(trace.SpanKindConsumer))
	for _, other := range others {
		span.AddLink(trace.Link{SpanContext: parse(other)})
	}
	return sampled(t, span)
}

// Batch begins a trace of its own for work on many messages at once, linked to each
// whose trace is sampled; nil where none is.
func (t *Tracer) Batch(name string, messages []*Span) *Span {
	if t == nil {
		return nil
	}
	var links []trace.Link
	for _, m := range messages {
		if m != nil {
			links = append(links, trace.Link{SpanContext: m.span.SpanContext()})
		}
	}
	if len(links) == 0 {
		return nil
	}
	_, span := t.following.Start(context.Background(), name, trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindConsumer), trace.WithLinks(links...))
	return sampled(t, span)
}

func sampled(t *Tracer, span trace.Span) *Span {
	if !span.SpanContext().IsSampled() {
		return nil
	}
	return &Span{tracer: t, span: span}
}

// Span is a piece of work in a trace that is sampled. A nil Span is one in a trace that
// is not: every method does nothing. What is set on it must be no text of messages and
// no secret.
type Span struct {
	tracer *Tracer
	span   trace.Span
}

// Publish begins a span, within s, for handing something to the broker.
func (s *Span) Publish(name string) *Span {
	if s == nil {
		return nil
	}
	ctx := trace.ContextWithSpan(context.Background(), s.span)
	_, span := s.tracer.following.Start(ctx, name, trace.WithSpanKind(trace.SpanKindProducer))
	return sampled(s.tracer, span)
}

// TraceParent is the header by which a message carries the trace on; "" for a nil Span.
func (s *Span) TraceParent() string {
	if s == nil {
		return ""
	}
	return format(s.span.SpanContext())
}

// TraceID names the trace, in 32 hexadecimal digits; "" for a nil Span.
func (s *Span) TraceID() string {
	if s == nil {
		return ""
	}
	return s.span.SpanContext().TraceID().String()
}

// SetString notes a fact.
func (s *Span) SetString(key, value string) {
	if s != nil {
		s.span.SetAttributes(attribute.String(key, value))
	}
}

// SetInt notes a number.
func (s *Span) SetInt(key string, value int64) {
	if s != nil {
		s.span.SetAttributes(attribute.Int64(key, value))
	}
}

// Link says that other has to do with s.
func (s *Span) Link(other *Span) {
	if s != nil && other != nil {
		s.span.AddLink(trace.Link{SpanContext: other.span.SpanContext()})
	}
}

// End ends the span, as failed where err is not nil. Errors may quote what they failed
// at, so reason says it: "" for the plain fact.
func (s *Span) End(err error, reason string) {
	if s == nil {
		return
	}
	if err != nil {
		s.span.SetStatus(codes.Error, reason)
	}
	s.span.End()
}

type contextKey struct{}

// NewContext carries a span to functions that have only a context. A nil Span leaves
// ctx as it is.
func NewContext(ctx context.Context, s *Span) context.Context {
	if s == nil {
		return ctx
	}
	return context.WithValue(ctx, contextKey{}, s)
}

// FromContext is the span that NewContext put in; nil where there is none.
func FromContext(ctx context.Context) *Span {
	s, _ := ctx.Value(contextKey{}).(*Span)
	return s
}
