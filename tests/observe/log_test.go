package observe

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/tests/line"
)

func TestLogsAtInfoHaveNoTextAndNoSecret(t *testing.T) {
	t.Parallel()
	s := startServices(t, startTelegram(t), map[string]string{"CLASSIFY_QUIET": "0s"})
	browser := line.OpenBrowser(t, s.gateway.URL(), "")
	say(t, s, 1, spoken+" не відкривається")
	say(t, s, 2, "ключ "+botToken)
	seen(t, browser, 2)
	judgedAndAnalysed(t, s.api.URL(), 2)
	if resp := post(t, s.ingest.URL(), line.TelegramText(3, -5, 3, spoken), "wrong-"+webhookSecret); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("a wrong secret was answered %s", resp.Status)
	}
	for _, body := range []string{`{"` + spoken + `"`, `{"update_id":4,"message":{"message_id":"` + spoken + `","text":"` + spoken + `"}}`} {
		post(t, s.ingest.URL(), []byte(body), webhookSecret)
	}
	get(t, s.api.URL()+"/api/messages?search="+spoken)
	get(t, s.api.URL()+"/api/messages?limit="+spoken)
	for _, p := range s.all() {
		p.Stop(syscall.SIGTERM)
	}
	for name, p := range s.all() {
		out := p.Output()
		for _, secret := range []string{spoken, botToken, strings.Split(botToken, ":")[1], webhookSecret, "observed-encryption-key"} {
			if strings.Contains(out, secret) {
				t.Errorf("the log of %s has %q:\n%s", name, secret, out)
			}
		}
		if !strings.Contains(out, `"message":"started"`) || !strings.Contains(out, `"message":"stopped"`) {
			t.Errorf("the log of %s is not that of a whole run:\n%s", name, out)
		}
		for text := range strings.Lines(out) {
			var entry struct{ Level, Time, Service, Message string }
			if json.Unmarshal([]byte(text), &entry) != nil || entry.Level == "" || entry.Time == "" || entry.Service != name || entry.Message == "" {
				t.Errorf("a line of %s is not one of the log: %s", name, text)
			}
		}
	}
}

// judgedAndAnalysed waits until n messages have been judged, and has all of them analysed.
func judgedAndAnalysed(t *testing.T, api string, n int) {
	t.Helper()
	body := ""
	line.Eventually(t, func() bool {
		_, body = get(t, api+"/api/messages")
		return strings.Count(body, `"classified_at":"`) == n
	}, func() string { return "not all messages are judged: " + body })
	now := time.Now().UTC()
	status, said := line.Post(t, api+"/api/analysis-runs", fmt.Appendf(nil, `{"from": %q, "to": %q}`,
		now.Add(-time.Hour).Format(time.RFC3339), now.Add(time.Hour).Format(time.RFC3339)))
	if status != http.StatusAccepted {
		t.Fatalf("a run of the analysis is answered %d %s", status, said)
	}
	line.Eventually(t, func() bool {
		_, body = get(t, api+"/api/analysis-runs")
		return strings.Contains(body, `"status":"completed"`)
	}, func() string { return "the run of the analysis does not end: " + body })
}

func TestLogsAtDebugNameRequestUpdateAndMessage(t *testing.T) {
	t.Parallel()
	s := startServices(t, startTelegram(t), map[string]string{"LOG_LEVEL": "debug"})
	browser := line.OpenBrowser(t, s.gateway.URL(), "")
	resp := post(t, s.ingest.URL(), line.TelegramText(77, -1001000000001, 15, spoken), webhookSecret)
	seen(t, browser, 1)
	id := resp.Header.Get("X-Request-Id")
	if id == "" {
		t.Fatal("the answer has no X-Request-Id")
	}
	stored := map[string]string{"ingest": "update stored", "worker": "message stored"}
	want := map[string][]string{
		"ingest": {`"request_id":"` + id + `"`, `"update_id":"77"`, `"chat_id":"-1001000000001"`, `"message_id":"15"`},
		"worker": {`"version":77`, `"chat_id":"-1001000000001"`, `"message_id":"15"`},
	}
	for name, parts := range want {
		p := s.all()[name]
		line.Eventually(t, func() bool { return strings.Contains(p.Output(), stored[name]) }, func() string { return name + " does not log the message:\n" + p.Output() })
		for text := range strings.Lines(p.Output()) {
			for _, part := range parts {
				if strings.Contains(text, stored[name]) && !strings.Contains(text, part) {
					t.Errorf("the line of %s lacks %s: %s", name, part, text)
				}
			}
		}
		if strings.Contains(p.Output(), spoken) {
			t.Errorf("%s logs what was said", name)
		}
	}
}

// profiles is the line that says where profiles are served.
var profiles = regexp.MustCompile(`"profiles":"([^"]+)"`)

func TestProfilesAreServedOnLoopbackWhereSet(t *testing.T) {
	t.Parallel()
	with := startServices(t, startTelegram(t), map[string]string{"PPROF_ADDR": "127.0.0.1:0"})
	for name, p := range with.all() {
		match := profiles.FindStringSubmatch(p.Output())
		if match == nil {
			t.Errorf("%s does not say where profiles are:\n%s", name, p.Output())
			continue
		}
		if host, _, err := net.SplitHostPort(match[1]); err != nil || host != "127.0.0.1" {
			t.Errorf("%s serves profiles on %s", name, match[1])
		}
		if status, body := get(t, "http://"+match[1]+"/debug/pprof/heap?debug=1"); status != http.StatusOK || !strings.Contains(body, "heap profile") {
			t.Errorf("%s answers %d to a request for a profile", name, status)
		}
		if status, _ := get(t, p.URL()+"/debug/pprof/heap"); status != http.StatusNotFound {
			t.Errorf("the public port of %s answers %d to a request for a profile", name, status)
		}
	}
	without := startServices(t, startTelegram(t), nil)
	for name, p := range without.all() {
		if profiles.MatchString(p.Output()) {
			t.Errorf("%s serves profiles though it is not told to", name)
		}
		if status, _ := get(t, p.URL()+"/debug/pprof/"); status != http.StatusNotFound {
			t.Errorf("the public port of %s answers %d to a request for a profile", name, status)
		}
	}
}

func TestProfilesAreRefusedElsewhere(t *testing.T) {
	t.Parallel()
	for _, service := range []string{"ingest", "standalone"} {
		for _, address := range []string{"0.0.0.0:6060", ":6060", "192.0.2.1:6060", "example.org:6060", "6060"} {
			t.Run(service+" "+address, func(t *testing.T) {
				t.Parallel()
				p := line.Start(t, service, map[string]string{"NATS_URL": "nats://127.0.0.1:1", "PPROF_ADDR": address}, func(*exec.Cmd) {})
				if p.ExitCode() != 1 || !strings.Contains(p.Output(), "PPROF_ADDR") {
					t.Errorf("exit code %d:\n%s", p.ExitCode(), p.Output())
				}
			})
		}
	}
}
