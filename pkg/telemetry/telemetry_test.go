package telemetry_test

import (
	"context"
	"strings"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/goleak"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

func TestTracer_ReceiveGoesOnWithASampledTrace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		header string
		traced bool
	}{
		"sampled":            {header, true},
		"not sampled":        {header[:53] + "00", false},
		"none":               {"", false},
		"newer version":      {"cc" + header[2:] + "-what-the-future-will-be-like", true},
		"version ff":         {"ff" + header[2:], false},
		"version 00, longer": {header + "-more", false},
		"upper case":         {strings.ToUpper(header), false},
		"no trace id":        {"00-00000000000000000000000000000000-b7ad6b7169203331-01", false},
		"no parent id":       {"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false},
		"cut":                {header[:54], false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spans := tracetest.NewSpanRecorder()
			span := telemetry.NewTestTracer(spans).Receive(c.header, "store")
			if (span != nil) != c.traced {
				t.Fatalf("traced is %v, want %v", span != nil, c.traced)
			}
			if span == nil {
				return
			}
			if span.TraceID() != header[3:35] || span.TraceParent()[:36] != header[:36] {
				t.Errorf("it goes on with %s", span.TraceParent())
			}
			span.End(nil, "")
			if got := spans.Ended()[0].Parent().SpanID().String(); got != header[36:52] {
				t.Errorf("its parent is %s", got)
			}
		})
	}
}

func TestNilTracerAndSpanDoNothing(t *testing.T) { // not parallel: it counts allocations
	var tracer *telemetry.Tracer
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() {
		span := tracer.Request(ctx, "webhook")
		within := telemetry.FromContext(telemetry.NewContext(ctx, span)).Publish("publish")
		within.SetString("a", "b")
		within.SetInt("c", 1)
		within.Link(span)
		within.End(context.Canceled, "")
		if within.TraceParent() != "" || within.TraceID() != "" || tracer.Receive(header, "store") != nil || tracer.Batch("batch", nil) != nil {
			t.Error("something is traced")
		}
	}); n != 0 {
		t.Errorf("%v allocations where nothing is traced", n)
	}
}

func TestRequestThatIsNotSampledIsNil(t *testing.T) {
	t.Parallel()
	never := sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample()))
	if span := telemetry.NewTracer(never, never).Request(t.Context(), "webhook"); span != nil {
		t.Errorf("it is traced as %s", span.TraceID())
	}
}

func TestStartWithoutAnEndpointTracesNothing(t *testing.T) {
	t.Parallel()
	tracer, stop, err := telemetry.Start(t.Context(), telemetry.Config{}, "test", zerolog.Nop(), prometheus.NewRegistry())
	if err != nil || tracer != nil {
		t.Fatalf("tracer %v, error %v", tracer, err)
	}
	stop()
}

func TestConfig_ValidateNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]telemetry.Config{
		"OTEL_EXPORTER_OTLP_ENDPOINT": {OTLPEndpoint: "collector:4318"},
		"OTEL_EXPORTER_OTLP_PROTOCOL": {OTLPProtocol: "grpc"},
		"OTEL_TRACES_SAMPLER ":        {TracesSampler: "sometimes"},
		"OTEL_TRACES_SAMPLER_ARG":     {SamplerArg: "1.5"},
		"PPROF_ADDR":                  {ProfileAddress: "0.0.0.0:6060"},
	} {
		if err := c.Validate(); err == nil || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
	good := telemetry.Config{OTLPEndpoint: "http://collector:4318", TracesSampler: "always_on", SamplerArg: "0.01", ProfileAddress: "[::1]:6060"}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
}

// FuzzReceive: whatever a header holds, what goes on is a valid one.
func FuzzReceive(f *testing.F) {
	f.Add(header)
	f.Add("")
	f.Add(header[:53] + "ff")
	all := sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.AlwaysSample()))
	tracer := telemetry.NewTracer(all, all)
	f.Fuzz(func(t *testing.T, header string) {
		span := tracer.Receive(header, "store")
		if span == nil {
			return
		}
		if again := tracer.Receive(span.TraceParent(), "again"); again == nil || again.TraceID() != span.TraceID() || again.TraceID() != header[3:35] {
			t.Errorf("%q goes on as %q", header, span.TraceParent())
		}
	})
}

// BenchmarkRequest is what a message's trace costs from request to header.
func BenchmarkRequest(b *testing.B) {
	for name, tracer := range map[string]*telemetry.Tracer{"off": nil, "sampled": telemetry.NewTestTracer(tracetest.NewSpanRecorder())} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				span := tracer.Request(b.Context(), "webhook")
				publish := span.Publish("publish")
				_ = publish.TraceParent()
				publish.End(nil, "")
				span.End(nil, "")
			}
		})
	}
}
