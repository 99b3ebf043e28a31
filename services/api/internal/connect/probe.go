package connect

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"slices"
	"syscall"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/telegram/explain"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

const (
	// probePurpose is what a test update is signed for, over id, "\n" and sent_at, as
	// ingest checks it.
	probePurpose = "webhook test"
	// probeTimeout bounds a test, from sending to the database.
	probeTimeout = 10 * time.Second
	secretHeader = "X-Telegram-Bot-Api-Secret-Token"
)

// Hops are the places that a test update comes past, in order.
var Hops = []string{"ingest", "broker", "wire", "database"}

// Hop is how a test update fared at one place.
type Hop struct {
	Name string
	// After is when it was there, counted from the beginning of the test; nil if it never was.
	After *time.Duration
	// Detail says what went wrong where it did not arrive; "" else.
	Detail string
}

// Report is what came of a test.
type Report struct {
	URL     string
	Hops    []Hop
	Success bool
	Message string
	// Fix is "" where nothing needs to be done.
	Fix string
	// Code names the two sentences, and Detail is what the message quotes, as in Refusal.
	Code, Detail string
}

// ErrNoWebhook is returned by Test where there is nothing to test.
var ErrNoWebhook = errors.New("there is no webhook to test: save its address first, or look at the hearing check where updates are polled")

// Test sends a test update, which only this installation can sign, through the saved
// address, and follows it.
func (c *Connection) Test(ctx context.Context) (Report, error) {
	a, err := c.account(ctx)
	if err != nil {
		return Report{}, err
	}
	webhook := a.settings.Webhook.WebhookURL
	if webhook == "" || a.mode == ModePolling {
		return Report{}, ErrNoWebhook
	}
	report := Report{URL: webhook}
	secret, err := c.presentSecret(a)
	if err != nil {
		report.Hops = hopsOf(nil)
		report.say(said{"test_secret_unreadable", "The webhook's secret cannot be read: ", err.Error(), explain.FixUnreadable})
		return report, nil
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	id := rand.Text()
	passed := make(chan string, 4*len(Hops))
	stop, err := c.Bus.Listen(ctx, bus.SubjectWebhookTested, func(payload []byte) {
		var event eventsv1.Event
		if proto.Unmarshal(payload, &event) == nil && event.GetWebhookTested().GetId() == id {
			select {
			case passed <- event.GetWebhookTested().GetHop():
			default: // repeats, that nobody waits for
			}
		}
	})
	if err != nil {
		return Report{}, err
	}
	defer stop()
	began := time.Now()
	posted := make(chan error, 1)
	go func() { posted <- c.post(ctx, webhook, secret, id, began) }()
	reached, fault := follow(ctx, began, passed, posted)
	conclude(&report, reached, fault)
	return report, nil
}

// presentSecret is what Telegram sends now; "" where nothing is checked.
func (c *Connection) presentSecret(a account) (string, error) {
	if c.cfg.WebhookSecret != "" {
		return c.cfg.WebhookSecret, nil
	}
	for _, s := range slices.Backward(a.settings.Bot.Secrets) {
		if s.NotAfter.IsZero() {
			return c.Secrets.Open(bus.PurposeWebhookSecret, s.Sealed)
		}
	}
	return "", nil
}

// follow waits until the update has come past every hop, or its sending has failed, or
// time is up. fault is that of the sending.
func follow(ctx context.Context, began time.Time, passed <-chan string, posted <-chan error) (reached map[string]time.Duration, fault error) {
	reached = make(map[string]time.Duration, len(Hops))
	for len(reached) < len(Hops) {
		select {
		case hop := <-passed:
			if _, known := reached[hop]; !known && slices.Contains(Hops, hop) {
				reached[hop] = time.Since(began)
			}
		case err := <-posted:
			if err != nil && len(reached) == 0 {
				return reached, err
			}
			posted = nil
		case <-ctx.Done():
			return reached, nil
		}
	}
	return reached, nil
}

// answered is a webhook that did not take the test update.
type answered struct{ status int }

// Error is what it said.
func (a *answered) Error() string {
	return "the address answered " + a.words()
}

func (a *answered) words() string { return fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)) }

// What is wrong with answers 2xx: one by something that is not ingest, and one of an
// ingest that does not take the signature for ours.
var (
	errNotOurs = errors.New("the address answered, and it was not ingest")
	errIgnored = errors.New("ingest does not recognise the update")
)

// post sends the update as Telegram would.
func (c *Connection) post(ctx context.Context, webhook, secret, id string, at time.Time) error {
	sentAt := at.UTC().Format(time.RFC3339Nano)
	updateID, err := rand.Int(rand.Reader, big.NewInt(1<<30))
	if err != nil {
		return fmt.Errorf("number a test update: %w", err)
	}
	body, err := json.Marshal(map[string]any{
		"update_id": updateID.Int64() + 1,
		"task_tracker_test": map[string]string{
			"id": id, "sent_at": sentAt, "signature": c.Secrets.Sign(probePurpose, id+"\n"+sentAt),
		},
	})
	if err != nil {
		return fmt.Errorf("write a test update: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, webhook, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("write a test update: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if secret != "" {
		req.Header.Set(secretHeader, secret)
	}
	resp, err := c.probing().RoundTrip(req) // which follows no redirect, as Telegram does not
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return &answered{resp.StatusCode}
	}
	var taken struct {
		Status string `json:"status"`
	}
	switch {
	case json.Unmarshal(said, &taken) != nil:
		return errNotOurs
	case taken.Status == "ignored":
		return errIgnored
	case taken.Status != "ok":
		return errNotOurs
	}
	return nil
}

// probing is a connection of its own for every test: one that is kept would hide what is
// wrong with the way to it.
func (c *Connection) probing() *http.Transport {
	transport := c.transport.Clone()
	transport.DisableKeepAlives = true
	return transport
}

func hopsOf(reached map[string]time.Duration) []Hop {
	hops := make([]Hop, 0, len(Hops))
	for _, name := range Hops {
		hop := Hop{Name: name}
		if after, ok := reached[name]; ok {
			hop.After = &after
		}
		hops = append(hops, hop)
	}
	return hops
}

// said is a finding: the name of its two sentences, the first, what that quotes at its end, and the second.
type said struct{ code, message, detail, fix string }

func (r *Report) say(s said) {
	r.Code, r.Message, r.Detail, r.Fix = s.code, s.message+s.detail, s.detail, s.fix
}

// notReached says what to do about the first hop that an update did not come to.
var notReached = map[string]said{
	"ingest":   {"test_ingest", "The update did not come to ingest in time", "", "Check that the address leads to this installation and its reverse proxy passes /webhook/telegram on to ingest."},
	"broker":   {"test_broker", "The update came to ingest, and was not stored in the broker in time", "", "Check that the broker (NATS) runs and its disk is not full; until then Telegram keeps what is sent."},
	"wire":     {"test_wire", "The update is stored, and its event was not published in time", "", "Check the broker (NATS): the stream EVENTS takes nothing."},
	"database": {"test_database", "The update is stored in the broker, and did not come to the database in time", "", "Check that the worker and PostgreSQL run; what waits in the broker is stored when they do."},
}

// conclude says what came of a test.
func conclude(r *Report, reached map[string]time.Duration, fault error) {
	r.Hops = hopsOf(reached)
	missing := slices.IndexFunc(r.Hops, func(h Hop) bool { return h.After == nil })
	if missing < 0 {
		r.Success, r.Message = true, "The test update came through to the database"
		return
	}
	if fault != nil {
		r.say(onTheWay(fault))
	} else {
		r.say(notReached[r.Hops[missing].Name])
	}
	r.Hops[missing].Detail = r.Message
}

// onTheWay explains why an update did not come to ingest.
func onTheWay(fault error) said {
	var (
		dns    *net.DNSError
		record tls.RecordHeaderError
	)
	answer, refused := errors.AsType[*answered](fault)
	_, certificate := errors.AsType[*tls.CertificateVerificationError](fault)
	switch {
	case refused:
		code, fix := ofAnswer(answer.status)
		return said{code, "The update was refused: the address answered ", answer.words(), fix}
	case errors.Is(fault, errNotOurs):
		return said{"test_not_ours", "The address answered, and it was not this installation's ingest", "", "Check that the address leads to this installation, and its reverse proxy passes /webhook/telegram on to ingest."}
	case errors.Is(fault, errIgnored):
		return said{"test_ignored", "The address answered, and its ingest does not take the update for this installation's", "", "Check that the address leads to this installation, that api and ingest have the same SETTINGS_ENCRYPTION_KEY, and that their clocks agree within five minutes."}
	case errors.As(fault, &dns):
		return said{"test_unresolved", "The name of the address does not resolve: ", dns.Name, explain.FixResolve}
	case certificate:
		return said{"test_certificate", "The certificate of the address is not valid: ", fault.Error(), explain.FixCertificate}
	case errors.As(fault, &record):
		return said{"test_no_tls", "The address does not speak TLS", "", "Choose http for a server without a certificate, or give the reverse proxy one: Telegram delivers to https alone."}
	case errors.Is(fault, syscall.ECONNREFUSED):
		return said{"test_connection", "The address refuses connections", "", "Check that the reverse proxy or tunnel runs, and listens on this port."}
	case errors.Is(fault, context.DeadlineExceeded) || isTimeout(fault):
		return said{"test_slow", "The address does not answer in time", "", "Check the firewall in front of it: Telegram connects from 149.154.160.0/20 and 91.108.4.0/22, this test from the machine of the api service."}
	}
	return said{"test_unsent", "The update could not be sent: ", fault.Error(), "Check that the machine of the api service reaches the address; if Telegram delivers all the same, only this machine cannot."}
}

// ofAnswer names what a status means, and says what to do about it.
func ofAnswer(status int) (code, fix string) {
	switch {
	case status == http.StatusUnauthorized:
		return "test_unauthorized", "Ingest does not accept the webhook's secret: register the webhook again; if a secret is fixed by TELEGRAM_WEBHOOK_SECRET, give ingest and api the same."
	case status == http.StatusForbidden:
		return "test_forbidden", "Something in front of ingest refuses the request: let POST /webhook/telegram pass without a login."
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		return "test_not_found", "Check that the reverse proxy passes /webhook/telegram on to ingest, with its path and method as they are."
	case status/100 == 3:
		return "test_redirect", "Telegram follows no redirect: use the address to which this one leads."
	case status == http.StatusServiceUnavailable:
		return "test_unavailable", "Ingest cannot store updates at the moment: check the broker (NATS); Telegram sends them again later."
	case status >= 500:
		return "test_gateway", "The reverse proxy does not reach ingest: check that ingest runs, and where the proxy sends /webhook/telegram."
	}
	return "test_answered", "Look at the log of the reverse proxy and of ingest for the reason."
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}
