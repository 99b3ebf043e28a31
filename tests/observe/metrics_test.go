package observe

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/tests/line"
)

// row is a line of a table of docs/metrics.md that begins with a metric's name.
var row = regexp.MustCompile("(?m)^\\| `(tasktracker_[a-z0-9_]+)(\\{[a-z_, ]+\\})?` \\|")

// family is the line of the exposition that names a metric.
var family = regexp.MustCompile(`(?m)^# TYPE (tasktracker_[a-z0-9_]+) `)

func TestMetricsAreThoseOfTheDocumentation(t *testing.T) {
	t.Parallel()
	s := startServices(t, startTelegram(t), nil)
	browser := line.OpenBrowser(t, s.gateway.URL(), "")
	say(t, s, 1, "Чек не друкується")
	seen(t, browser, 1)
	if status, said := get(t, s.api.URL()+"/api/messages"); status != http.StatusOK {
		t.Fatalf("the api answered %d %s", status, said)
	}
	page, err := os.ReadFile(filepath.Join(line.Root(), "docs", "metrics.md"))
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, match := range row.FindAllSubmatch(page, -1) {
		documented[string(match[1])] = true
	}
	exposed := map[string]string{}
	for name, p := range s.all() {
		// Queues are looked at now and then, the first time soon after the start.
		line.Eventually(t, func() bool {
			_, text := get(t, p.URL()+"/metrics")
			for _, match := range family.FindAllStringSubmatch(text, -1) {
				exposed[match[1]] = name
			}
			return name != "worker" || strings.Contains(text, "tasktracker_worker_consumer_waiting{")
		}, func() string { return name + " does not tell its queues" })
	}
	for name, service := range exposed {
		if !documented[name] {
			t.Errorf("%s exposes %s, which docs/metrics.md does not explain", service, name)
		}
	}
	for name := range documented {
		if exposed[name] == "" {
			t.Errorf("docs/metrics.md explains %s, which no service exposes", name)
		}
	}
	if len(exposed) < 40 || bytes.Count(page, []byte("\n| `tasktracker_")) != len(documented) {
		t.Errorf("%d metrics are exposed, and %d rows explain %d: the test sees too little, or something is explained twice",
			len(exposed), bytes.Count(page, []byte("\n| `tasktracker_")), len(documented))
	}
}

// used is the name of a metric in an expression; a histogram is asked for by its parts.
var used = regexp.MustCompile(`tasktracker_[a-z0-9_]+?(_bucket|_sum|_count)?\b`)

func TestTheDashboardOfGrafanaShowsMetricsThatAreThere(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for _, name := range []string{"docs/metrics.md", "deploy/grafana/dashboards/line.json"} {
		text, err := os.ReadFile(filepath.Join(line.Root(), name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(text)
	}
	documented := map[string]bool{}
	for _, match := range row.FindAllStringSubmatch(files["docs/metrics.md"], -1) {
		documented[match[1]] = true
	}
	shown := used.FindAllStringSubmatch(files["deploy/grafana/dashboards/line.json"], -1)
	for _, match := range shown {
		if !documented[match[0]] && !documented[strings.TrimSuffix(match[0], match[1])] {
			t.Errorf("the dashboard shows %s, which docs/metrics.md does not have", match[0])
		}
	}
	if len(shown) < 10 {
		t.Errorf("%d metrics found on the dashboard: the test sees too little", len(shown))
	}
}

func TestTheWayOfAMessageIsMeasured(t *testing.T) {
	t.Parallel()
	s := startServices(t, startTelegram(t), nil)
	browser := line.OpenBrowser(t, s.gateway.URL(), "")
	const messages = 20
	for n := range int64(messages) {
		say(t, s, n+1, "Чек не друкується")
	}
	seen(t, browser, messages)
	for _, c := range []struct {
		p    *line.Process
		want string
	}{
		{s.ingest, "tasktracker_webhook_to_event_seconds_count 20"},
		{s.worker, "tasktracker_webhook_to_row_seconds_count 20"},
		{s.gateway, `tasktracker_webhook_to_browser_seconds_count{type="message.new"} 20`},
		{s.gateway, `tasktracker_webhook_to_browser_seconds_count{type="message.updated"} 20`},
		{s.ingest, `tasktracker_nats_publishes_total{outcome="ok"} 40`},
		{s.worker, `tasktracker_consumer_deliveries_total{consumer="worker",outcome="done"} 20`},
		{s.worker, "tasktracker_outbox_backlog 0"},
	} {
		text := ""
		line.Eventually(t, func() bool {
			_, text = get(t, c.p.URL()+"/metrics")
			return strings.Contains(text, "\n"+c.want+"\n")
		}, func() string { return c.p.Name + " does not say " + c.want + ":\n" + text })
	}
}
