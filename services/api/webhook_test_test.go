package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/api"
)

// ingest stands at the webhook's address, and tells the hops that it is set to.
type ingest struct {
	*httptest.Server
	w      *world
	mu     sync.Mutex
	status int
	body   string
	hops   []string
	seen   []string // secrets
	faults []string
}

func newIngest(t testing.TB, w *world) *ingest {
	i := &ingest{w: w, status: http.StatusOK, body: `{"status":"ok"}`, hops: []string{"ingest", "wire", "broker", "database"}}
	i.Server = httptest.NewServer(http.HandlerFunc(i.serve))
	t.Cleanup(i.Close)
	return i
}

func (i *ingest) host() string { return strings.TrimPrefix(i.URL, "http://") }

func (i *ingest) answer(status int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.status = status
}

func (i *ingest) serve(rw http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.URL.Path != "/webhook/telegram" || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
		i.faults = append(i.faults, fmt.Sprint(r.Method, r.URL, err))
	}
	var update struct {
		ID   int64 `json:"update_id"`
		Test *struct {
			ID        string `json:"id"`
			SentAt    string `json:"sent_at"`
			Signature string `json:"signature"`
		} `json:"task_tracker_test"`
	}
	if err := json.Unmarshal(body, &update); err != nil || update.ID < 1 {
		i.faults = append(i.faults, fmt.Sprint(string(body), err))
	}
	if probe := update.Test; probe != nil {
		i.seen = append(i.seen, r.Header.Get("X-Telegram-Bot-Api-Secret-Token"))
		sent, err := time.Parse(time.RFC3339Nano, probe.SentAt)
		if err != nil || time.Since(sent).Abs() > 5*time.Minute || !testRing(i.w.t).Verify("webhook test", probe.ID+"\n"+probe.SentAt, probe.Signature) {
			i.faults = append(i.faults, "not signed: "+string(body))
		}
		i.tell(context.WithoutCancel(r.Context()), probe.ID) // the api hangs up when it has heard all
	}
	rw.WriteHeader(i.status)
	_, _ = io.WriteString(rw, i.body)
}

// tell publishes the hops; another test's among them.
func (i *ingest) tell(ctx context.Context, id string) {
	for _, hop := range i.hops {
		for _, of := range []string{"another", id} {
			m, err := bus.NewMessage(bus.SubjectWebhookTested, of+hop, &eventsv1.Event{Payload: &eventsv1.Event_WebhookTested{
				WebhookTested: &eventsv1.WebhookTested{Id: of, Hop: hop, At: timestamppb.Now()}}})
			if err == nil {
				err = i.w.bus.Publish(ctx, m)
			}
			if err != nil {
				i.faults = append(i.faults, err.Error())
			}
		}
	}
}

func (i *ingest) check(t testing.TB) {
	t.Helper()
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, fault := range i.faults {
		t.Error(fault)
	}
}

const testPath = hookPath + "/test"

// reached are the hops of a report, up to the first that was not.
func reached(t testing.TB, report object) []string {
	t.Helper()
	names := []string{}
	all := true
	for _, h := range report["hops"].([]any) {
		hop := h.(object)
		switch {
		case hop["reached"] == true && all:
			names = append(names, hop["name"].(string))
			if hop["milliseconds"].(float64) < 0 || hop["detail"] != nil {
				t.Errorf("%v", hop)
			}
		case hop["reached"] == true || hop["milliseconds"] != nil || all && hop["detail"] == nil:
			t.Errorf("%v", hop)
			fallthrough
		default:
			all = false
		}
	}
	return names
}

func TestATestUpdateIsFollowedToTheDatabase(t *testing.T) {
	t.Parallel()
	w, s := withBot(t, api.Config{TelegramBotToken: botToken}, telegramtest.Options{})
	if status, said, _ := w.call(http.MethodPost, testPath, ""); status != 400 || !strings.Contains(said, "There is no webhook to test") {
		t.Errorf("without an address: %d %s", status, said)
	}
	i := newIngest(t, w)
	ok[object](w, http.MethodPost, setPath, `{"protocol":"http","host":"`+i.host()+`"}`)
	report := ok[object](w, http.MethodPost, testPath, "")
	if report["success"] != true || report["webhook_url"] != i.URL+"/webhook/telegram" || report["fix"] != nil || len(reached(t, report)) != 4 {
		t.Errorf("%v", report)
	}
	if secret := s.Calls("setWebhook")[0].Params["secret_token"]; len(i.seen) != 1 || i.seen[0] != secret {
		t.Errorf("sent with %q, Telegram has %q", i.seen, secret)
	}
	i.check(t)
	ok[object](w, http.MethodPut, modePath, `{"mode":"polling"}`)
	if status, _, _ := w.call(http.MethodPost, testPath, ""); status != 400 {
		t.Errorf("while polling: %d", status)
	}
}

func TestATestUpdateThatDoesNotArriveSaysWhy(t *testing.T) {
	t.Parallel()
	w, _ := withBot(t, api.Config{}, telegramtest.Options{})
	run := func(address string) object {
		t.Helper()
		protocol, host, _ := strings.Cut(address, "://")
		ok[object](w, http.MethodPost, webhookPath, fmt.Sprintf(`{"protocol":%q,"host":%q}`, protocol, host))
		return ok[object](w, http.MethodPost, testPath, "")
	}
	i := newIngest(t, w)
	i.hops = nil
	for status, fix := range map[int]string{
		401: "does not accept the webhook's secret", 403: "without a login", 404: "passes /webhook/telegram", 405: "passes /webhook/telegram",
		302: "follows no redirect", 503: "check the broker", 502: "does not reach ingest", 418: "Look at the log",
	} {
		i.answer(status)
		report := run(i.URL)
		if report["success"] != false || !strings.Contains(fmt.Sprint(report["message"]), fmt.Sprint(status)) || !strings.Contains(fmt.Sprint(report["fix"]), fix) || len(reached(t, report)) != 0 {
			t.Errorf("%d: %v", status, report)
		}
	}
	i.answer(200)
	for body, message := range map[string]string{"<html>": "was not this installation's ingest", `{"status":"fine"}`: "was not this installation's ingest", `{"status":"ignored"}`: "does not take the update for this installation's"} {
		i.mu.Lock()
		i.body = body
		i.mu.Unlock()
		if report := run(i.URL); !strings.Contains(fmt.Sprint(report["message"]), message) || report["fix"] == nil {
			t.Errorf("%s: %v", body, report)
		}
	}
	gone := newIngest(t, w)
	gone.Close()
	tls := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(tls.Close)
	for address, message := range map[string]string{
		gone.URL: "refuses connections", tls.URL: "certificate", strings.Replace(i.URL, "http", "https", 1): "does not speak TLS",
		"https://nobody.invalid": "does not resolve",
	} {
		if report := run(address); !strings.Contains(fmt.Sprint(report["message"]), message) || report["fix"] == nil || len(reached(t, report)) != 0 {
			t.Errorf("%s: %v", address, report)
		}
	}
}

// A hop that is not reached in time says whose trouble it is.
func TestATestUpdateThatIsLostOnTheWay(t *testing.T) {
	t.Parallel()
	w, _ := withBot(t, api.Config{}, telegramtest.Options{})
	i := newIngest(t, w)
	i.hops = []string{"ingest", "broker", "wire"}
	ok[object](w, http.MethodPost, webhookPath, `{"protocol":"http","host":"`+i.host()+`"}`)
	report := ok[object](w, http.MethodPost, testPath, "")
	if report["success"] != false || len(reached(t, report)) != 3 || !strings.Contains(fmt.Sprint(report["fix"]), "worker and PostgreSQL") {
		t.Errorf("%v", report)
	}
	i.check(t)
}
