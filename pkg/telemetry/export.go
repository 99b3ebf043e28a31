package telemetry

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

const (
	// flushTimeout bounds how long a stop waits for the last spans to leave.
	flushTimeout = 3 * time.Second
	// exportTimeout bounds one call of the collector. It is not tried again: the next
	// spans wait meanwhile, and a trace is not worth more.
	exportTimeout = 5 * time.Second
	// sayEvery is the time between two log lines of a collector that is away.
	sayEvery = time.Minute
)

// Start begins to export traces of a process; the Tracer is nil where no endpoint is
// set. stop sends what is left, and returns within 3 s. The metrics are there in any
// case. Nothing waits for the collector, and nothing fails where it is away: spans that
// it does not take, or that come faster than they leave, are dropped and counted.
func Start(ctx context.Context, cfg Config, service string, log zerolog.Logger, registerer prometheus.Registerer) (tracer *Tracer, stop func(), err error) {
	spans := prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: "tasktracker", Subsystem: "trace", Name: "spans_total",
		Help: "Spans by what became of them: ended (all that are sampled), exported, failed (the collector did not take them).",
	}, []string{"outcome"})
	if err := registerer.Register(spans); err != nil {
		return nil, nil, fmt.Errorf("register metrics of traces: %w", err)
	}
	ended, exported, failed := spans.WithLabelValues("ended"), spans.WithLabelValues("exported"), spans.WithLabelValues("failed")
	if cfg.OTLPEndpoint == "" {
		return nil, func() {}, nil
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	// The endpoint and its headers are read from the environment by the exporter.
	client, err := otlptracehttp.New(ctx,
		otlptracehttp.WithHTTPClient(&http.Client{Transport: transport, Timeout: exportTimeout}),
		otlptracehttp.WithRetry(otlptracehttp.RetryConfig{Enabled: false}))
	if err != nil {
		return nil, nil, fmt.Errorf("make OTLP exporter (OTEL_EXPORTER_OTLP_ENDPOINT): %w", err)
	}
	about, err := resource.New(ctx,
		resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", service), attribute.String("service.namespace", "tasktracker"),
			attribute.String("service.instance.id", rand.Text())),
		resource.WithFromEnv()) // last, so that OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("describe the process (OTEL_RESOURCE_ATTRIBUTES): %w", err), client.Shutdown(ctx))
	}
	batches := counting{sdktrace.NewBatchSpanProcessor(&patient{SpanExporter: client, log: log, exported: exported, failed: failed}), ended}
	// Without WithSampler the SDK obeys OTEL_TRACES_SAMPLER.
	roots := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(batches), sdktrace.WithResource(about))
	following := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(batches), sdktrace.WithResource(about), sdktrace.WithSampler(sdktrace.AlwaysSample()))
	log.Info().Msg("traces are exported (OTEL_EXPORTER_OTLP_ENDPOINT)")
	return NewTracer(roots, following), func() {
		flush, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
		defer cancel()
		if err := batches.Shutdown(flush); err != nil {
			log.Warn().Err(err).Msg("the last traces were not exported")
		}
		transport.CloseIdleConnections()
	}, nil
}

// counting counts spans before they are queued.
type counting struct {
	sdktrace.SpanProcessor
	ended prometheus.Counter
}

func (c counting) OnEnd(s sdktrace.ReadOnlySpan) {
	c.ended.Inc()
	c.SpanProcessor.OnEnd(s)
}

// patient keeps what the SDK would print by itself: a collector that is away is told now
// and then, in our log.
type patient struct {
	sdktrace.SpanExporter
	log              zerolog.Logger
	exported, failed prometheus.Counter
	said             atomic.Int64 // when, in Unix nanoseconds
}

func (p *patient) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := p.SpanExporter.ExportSpans(ctx, spans)
	if err == nil {
		p.exported.Add(float64(len(spans)))
		return nil
	}
	p.failed.Add(float64(len(spans)))
	now := time.Now().UnixNano()
	if said := p.said.Load(); now-said > int64(sayEvery) && p.said.CompareAndSwap(said, now) {
		p.log.Warn().Err(err).Int("spans", len(spans)).Msg("the collector of traces (OTEL_EXPORTER_OTLP_ENDPOINT) takes nothing; spans are dropped")
	}
	return nil
}
