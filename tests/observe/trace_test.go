package observe

import (
	"encoding/hex"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	collectorpb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/tasktracker/tasktracker/tests/line"
)

// span is what the collector keeps of one.
type span struct {
	*tracepb.Span
	service string
}

// collector takes traces by OTLP over HTTP, as an OpenTelemetry collector does.
type collector struct {
	URL string

	mu    sync.Mutex
	spans []span
	raw   strings.Builder
}

func startCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var req collectorpb.ExportTraceServiceRequest
		if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &req) != nil {
			http.Error(w, "not traces", http.StatusBadRequest)
			return
		}
		c.take(body, &req)
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

func (c *collector) take(body []byte, req *collectorpb.ExportTraceServiceRequest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw.Write(body)
	for _, process := range req.GetResourceSpans() {
		for _, scope := range process.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				c.spans = append(c.spans, span{s, attribute(process.GetResource().GetAttributes(), "service.name")})
			}
		}
	}
}

func attribute(attributes []*commonpb.KeyValue, key string) string {
	for _, a := range attributes {
		if a.GetKey() == key {
			return a.GetValue().GetStringValue()
		}
	}
	return ""
}

// named are the spans of a service with this name.
func (c *collector) named(service, name string) []span {
	c.mu.Lock()
	defer c.mu.Unlock()
	var found []span
	for _, s := range c.spans {
		if s.service == service && s.GetName() == name {
			found = append(found, s)
		}
	}
	return found
}

func (c *collector) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.raw.String()
}

// one is the only span with this name.
func (c *collector) one(t *testing.T, service, name string) span {
	t.Helper()
	found := c.named(service, name)
	if len(found) != 1 {
		t.Fatalf("%d spans %q of %s, want 1", len(found), name, service)
	}
	return found[0]
}

func within(t *testing.T, child, parent span) {
	t.Helper()
	if string(child.GetTraceId()) != string(parent.GetTraceId()) || string(child.GetParentSpanId()) != string(parent.GetSpanId()) {
		t.Errorf("%s %q is not within %s %q: trace %x under %x, want trace %x under %x", child.service, child.GetName(), parent.service, parent.GetName(),
			child.GetTraceId(), child.GetParentSpanId(), parent.GetTraceId(), parent.GetSpanId())
	}
}

func linked(t *testing.T, from, to span) {
	t.Helper()
	for _, l := range from.GetLinks() {
		if string(l.GetTraceId()) == string(to.GetTraceId()) && string(l.GetSpanId()) == string(to.GetSpanId()) {
			return
		}
	}
	t.Errorf("%q has no link to %q", from.GetName(), to.GetName())
}

// everything is a task, and soon.
var everything = map[string]string{"CLASSIFY_QUIET": "500ms", "CLASSIFY_TASK_THRESHOLD": "0.01", "CLASSIFY_PROPOSAL_THRESHOLD": "0.01"}

func TestOneMessageIsOneTraceFromWebhookToTheFrameOfItsTask(t *testing.T) {
	t.Parallel()
	traces := startCollector(t)
	env := maps.Clone(everything)
	env["OTEL_EXPORTER_OTLP_ENDPOINT"] = traces.URL
	s := startServices(t, startTelegram(t), env)
	browser := line.OpenBrowser(t, s.gateway.URL(), "")
	say(t, s, 41, spoken+" не відкривається, помилка")
	seen(t, browser, 1)
	line.Eventually(t, func() bool {
		return len(browser.OfType("task_created")) == 1 && len(browser.OfType("message.updated")) == 2
	},
		func() string { return "no task is told" })
	// A stop sends what is left.
	for name, p := range s.all() {
		if code := p.Stop(syscall.SIGTERM); code != 0 {
			t.Errorf("%s exited with %d", name, code)
		}
	}

	webhook := traces.one(t, "ingest", "webhook telegram")
	publish := traces.one(t, "ingest", "publish")
	store := traces.one(t, "worker", "store")
	announce := traces.one(t, "worker", "announce")
	batch := traces.one(t, "worker", "store batch")
	group := traces.one(t, "worker", "group")
	judge := traces.one(t, "worker", "judge")
	judged := traces.one(t, "worker", "judge batch")
	if len(webhook.GetParentSpanId()) != 0 || webhook.GetKind() != tracepb.Span_SPAN_KIND_SERVER {
		t.Errorf("the webhook is not the root of the trace: %v", webhook)
	}
	if id := attribute(webhook.GetAttributes(), "update.id"); id != "41" {
		t.Errorf("update.id is %q, want 41", id)
	}
	if decision := attribute(judge.GetAttributes(), "decision"); decision != "task" {
		t.Errorf("decision is %q, want task", decision)
	}
	within(t, publish, webhook)
	within(t, store, publish)
	within(t, announce, store)
	within(t, group, batch) // the job that classification begins with
	within(t, judge, store) // later, by way of the database
	for _, both := range [][2]span{{store, batch}, {judge, judged}} {
		linked(t, both[0], both[1])
		linked(t, both[1], both[0])
		if string(both[0].GetTraceId()) == string(both[1].GetTraceId()) {
			t.Errorf("%q is in the trace of one of its messages", both[1].GetName())
		}
	}
	frames := map[string][]string{} // subjects by the span that they follow
	for _, f := range traces.named("realtime-gateway", "frame") {
		if string(f.GetTraceId()) != string(webhook.GetTraceId()) {
			t.Errorf("a frame is in another trace: %v", f)
		}
		parent := hex.EncodeToString(f.GetParentSpanId())
		frames[parent] = append(frames[parent], attribute(f.GetAttributes(), "messaging.destination.name"))
	}
	for _, want := range []struct {
		after    span
		subjects []string
	}{
		{publish, []string{"events.message.new"}}, {announce, []string{"events.message.updated"}},
		{judge, []string{"events.message.updated", "events.task.created"}},
	} {
		got := frames[hex.EncodeToString(want.after.GetSpanId())]
		if slices.Sort(got); !slices.Equal(got, want.subjects) {
			t.Errorf("frames of %q follow %q, want %q", got, want.after.GetName(), want.subjects)
		}
	}
	for _, secret := range []string{spoken, botToken, webhookSecret} {
		if strings.Contains(traces.text(), secret) {
			t.Errorf("traces have %q", secret)
		}
	}
}

func TestWhatIsNotSampledIsNotTraced(t *testing.T) {
	t.Parallel()
	traces := startCollector(t)
	s := startServices(t, startTelegram(t), map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": traces.URL, "OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0",
	})
	browser := line.OpenBrowser(t, s.gateway.URL(), "")
	say(t, s, 1, spoken)
	seen(t, browser, 1)
	for _, p := range s.all() {
		p.Stop(syscall.SIGTERM)
	}
	if got := traces.text(); got != "" {
		t.Errorf("%d bytes of traces were exported, want none", len(got))
	}
}

func TestACollectorThatIsAwayCostsNothingButTraces(t *testing.T) {
	t.Parallel()
	away := httptest.NewServer(http.NotFoundHandler())
	away.Close()
	s := startServices(t, startTelegram(t), map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": away.URL})
	browser := line.OpenBrowser(t, s.gateway.URL(), "")
	say(t, s, 1, spoken)
	seen(t, browser, 1)
	for name, p := range s.all() {
		if code := p.Stop(syscall.SIGTERM); code != 0 {
			t.Errorf("%s exited with %d", name, code)
		}
	}
	if out := s.ingest.Output(); !strings.Contains(out, "takes nothing; spans are dropped") {
		t.Errorf("the log does not say that traces are dropped:\n%s", out)
	}
}
