package telegramtest_test

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
)

func TestSetWebhookRefusals(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{Strict: true})
	for target, part := range map[string]string{
		"http://example.org/":               "Bad Request: bad webhook: An HTTPS URL must be provided for webhook",
		"https://example.org:8080/":         "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
		"https://10.0.0.5/":                 "bad webhook: IP address 10.0.0.5 is reserved",
		"https://127.0.0.1:8443/":           "bad webhook: IP address 127.0.0.1 is reserved",
		"https://100.64.1.1/":               "is reserved",
		"https://[2001:db8::1]/":            "bad webhook: IPv6-only addresses are not allowed",
		"https://no-such-host.invalid/hook": "bad webhook: Failed to resolve host: ",
		"://":                               "invalid webhook URL specified",
	} {
		b.call("setWebhook", "url", target).wantError(t, 400, part)
		b.Advance(time.Second)
	}
	b.call("setWebhook", "url", "https://192.0.2.1/", "secret_token", "a b").wantError(t, 400, "secret token contains unallowed characters")
	b.call("setWebhook", "url", "https://192.0.2.1/").wantError(t, 429, "retry after 1")
	b.Advance(time.Second)
	b.call("setWebhook", "url", "https://192.0.2.1/", "secret_token", strings.Repeat("a", 257)).wantError(t, 400, "secret token is too long")
	b.Advance(time.Second)
	b.call("setWebhook", "url", "https://192.0.2.1/", "secret_token", strings.Repeat("a", 256)).wantOK(t)
	b.Advance(time.Second)
	if r := b.call("setWebhook", "url", "https://192.0.2.1/", "secret_token", strings.Repeat("a", 256)); r.Description != "Webhook is already set" {
		t.Errorf("the same again: %s", r.raw)
	}
	b.Advance(time.Second)
	b.call("setWebhook", "url", "https://192.0.2.1/", "max_connections", "7", "ip_address", "192.0.2.9").wantOK(t)
	if r := b.call("getWebhookInfo"); !strings.Contains(r.raw, `"max_connections":7`) || !strings.Contains(r.raw, `"ip_address":"192.0.2.9"`) || strings.Contains(r.raw, "aaaa") {
		t.Errorf("info %s", r.raw)
	}
	b.call("deleteWebhook").wantOK(t)
	if r := b.call("deleteWebhook"); r.Description != "Webhook is already deleted" || string(r.Result) != "true" {
		t.Errorf("deleted twice: %s", r.raw)
	}
}

func TestSetWebhookEndsTheOneBeforeIt(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	hook := newReceiver(t, nil)
	b.Fault("setWebhook", telegramtest.Fault{Kind: telegramtest.FaultDelay, Delay: time.Hour}, 1)
	first := make(chan reply)
	go func() { first <- b.call("setWebhook", "url", hook.URL+"/first") }()
	if err := b.WaitFaults(within(t), "setWebhook"); err != nil { // the first has begun
		t.Fatal(err)
	}
	b.Advance(time.Second)
	b.call("setWebhook", "url", hook.URL+"/second").wantOK(t)
	var r reply
	for r.raw == "" {
		select {
		case r = <-first:
		default:
			b.Advance(time.Minute)
		}
	}
	r.wantError(t, 409, "Conflict: terminated by other setWebhook")
	if info := b.call("getWebhookInfo"); !strings.Contains(info.raw, hook.URL+"/second") {
		t.Errorf("info %s", info.raw)
	}
}

func TestCertificateIsTrusted(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	hook := &receiver{}
	hook.Server = httptest.NewTLSServer(hook)
	defer hook.Close()
	id := b.message(chatA, "x")
	b.call("setWebhook", "url", hook.URL).wantOK(t)
	if d, err := b.WaitDeliveries(within(t), id, 1); err != nil || !strings.HasPrefix(d[0].Error, "SSL error") {
		t.Fatalf("deliveries %+v, %v", d, err)
	}
	b.Advance(time.Second)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: hook.Certificate().Raw})
	b.post(b.method("setWebhook"), "multipart/form-data; boundary=x",
		"--x\r\nContent-Disposition: form-data; name=\"url\"\r\n\r\n"+hook.URL+
			"\r\n--x\r\nContent-Disposition: form-data; name=\"certificate\"; filename=\"c.pem\"\r\n\r\n"+string(certificate)+"\r\n--x--\r\n").wantOK(t)
	if err := b.WaitDelivered(within(t), id); err != nil {
		t.Fatal(err)
	}
	if r := b.call("getWebhookInfo"); !strings.Contains(r.raw, `"has_custom_certificate":true`) {
		t.Errorf("info %s", r.raw)
	}
}

func TestWebhookThatIsGoneFor23HoursIsRemoved(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	hook := newReceiver(t, func(w http.ResponseWriter, _ int, _ string) { w.WriteHeader(http.StatusGone) })
	b.call("setWebhook", "url", hook.URL).wantOK(t)
	id := b.message(chatA, "x")
	if _, err := b.WaitDeliveries(within(t), id, 2); err != nil {
		t.Fatal(err)
	}
	b.Advance(23*time.Hour + time.Minute)
	if _, err := b.WaitDeliveries(within(t), id, 3); err != nil {
		t.Fatal(err)
	}
	if r := b.call("getWebhookInfo"); !strings.Contains(r.raw, `"url":""`) {
		t.Errorf("info %s", r.raw)
	}
}
