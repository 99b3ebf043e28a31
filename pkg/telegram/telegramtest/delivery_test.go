package telegramtest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
)

func TestUpdateOnTheWire(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	hook := newReceiver(t, nil)
	b.call("setWebhook", "url", hook.URL, "secret_token", "S3cret_-").wantOK(t)
	id := b.message(chatA, "Привіт 👍\n\u2028")
	if err := b.WaitDelivered(within(t), id); err != nil {
		t.Fatal(err)
	}
	got := hook.all()[0]
	want := fmt.Sprintf(`{"update_id":%d,"message":{"chat":{"id":-1002988379206,"type":"supergroup"},"date":1794816000,"message_id":1,`+
		`"text":"\u041f\u0440\u0438\u0432\u0456\u0442 \ud83d\udc4d\n\u2028"}}`, id)
	if got.body != want {
		t.Errorf("body\n%s\nwant\n%s", got.body, want)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": "", "X-Telegram-Bot-Api-Secret-Token": "S3cret_-",
		"Content-Length": fmt.Sprint(len(want)),
	} {
		if got := got.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestWhatWaitsIsDeliveredWhenTheWebhookIsSet(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	hook := newReceiver(t, nil)
	dropped := b.message(chatA, "dropped")
	b.call("deleteWebhook", "drop_pending_updates", "true").wantOK(t)
	kept := b.message(chatA, "kept")
	if r := b.call("getWebhookInfo"); !strings.Contains(r.raw, `"pending_update_count":1`) {
		t.Errorf("info %s", r.raw)
	}
	b.call("setWebhook", "url", hook.URL).wantOK(t)
	if err := b.WaitDelivered(within(t), kept); err != nil {
		t.Fatal(err)
	}
	if len(b.Deliveries(dropped)) != 0 || len(hook.all()) != 1 {
		t.Errorf("the webhook got %d updates", len(hook.all()))
	}
}

func TestFailingUpdateHoldsBackItsChatAndNoOther(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	var mu sync.Mutex
	refuse := true
	hook := newReceiver(t, func(w http.ResponseWriter, _ int, body string) {
		mu.Lock()
		defer mu.Unlock()
		if refuse && strings.Contains(body, "bad") {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	b.call("setWebhook", "url", hook.URL).wantOK(t)
	bad := b.message(chatA, "bad")
	behind := b.message(chatA, "behind it")
	elsewhere := b.message(chatB, "elsewhere")
	if err := b.WaitDelivered(within(t), elsewhere); err != nil {
		t.Fatal(err)
	}
	if _, err := b.WaitDeliveries(within(t), bad, 2); err != nil {
		t.Fatal(err)
	}
	if n := len(b.Deliveries(behind)); n != 0 {
		t.Errorf("the one behind was tried %d times", n)
	}
	if r := b.call("getWebhookInfo"); !strings.Contains(r.raw, `"last_error_message":"Wrong response from the webhook: 503 Service Unavailable"`) ||
		!strings.Contains(r.raw, `"pending_update_count":2`) {
		t.Errorf("info %s", r.raw)
	}
	mu.Lock()
	refuse = false
	mu.Unlock()
	b.Advance(2 * time.Minute)
	if err := b.WaitDelivered(within(t), behind); err != nil {
		t.Fatal(err)
	}
	if r := b.call("getWebhookInfo"); !strings.Contains(r.raw, "last_error_message") {
		t.Errorf("the last error went with recovery: %s", r.raw)
	}
}

func TestOrderWithinAChat(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{Speed: 10_000})
	hook := newReceiver(t, func(w http.ResponseWriter, n int, _ string) {
		if n%3 == 0 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	var want []int64
	for i := range 20 {
		want = append(want, b.message(chatA, fmt.Sprint(i)))
	}
	b.call("setWebhook", "url", hook.URL).wantOK(t)
	if err := b.WaitIdle(within(t)); err != nil {
		t.Fatal(err)
	}
	var took []int64
	for _, d := range b.Deliveries(0) {
		if d.OK() {
			took = append(took, d.UpdateID)
		}
	}
	if !slices.Equal(took, want) {
		t.Errorf("taken %v, want %v", took, want)
	}
}

func TestRetrySchedule(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{Speed: 1000})
	hook := newReceiver(t, func(w http.ResponseWriter, n int, _ string) {
		if n == 9 {
			w.Header().Set("Retry-After", "600")
		}
		if n < 10 {
			w.WriteHeader(http.StatusFound) // redirects are not followed
		}
	})
	b.call("setWebhook", "url", hook.URL).wantOK(t)
	id := b.message(chatA, "x")
	if err := b.WaitDelivered(within(t), id); err != nil {
		t.Fatal(err)
	}
	d := b.Deliveries(id)
	if len(d) != 10 {
		t.Fatalf("%d attempts: %+v", len(d), d)
	}
	for i, least := range []time.Duration{0, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second, time.Minute, time.Minute, 10 * time.Minute} {
		if gap := d[i+1].At.Sub(d[i].At); gap < least {
			t.Errorf("attempt %d came after %s, want %s at least", i+2, gap, least)
		}
	}
}

func TestLostOKBringsTheSameBytesAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	hook := newReceiver(t, nil)
	b.LoseOK(731000001)
	b.call("setWebhook", "url", hook.URL).wantOK(t)
	b.send(`{"update_id":731000001,"message":{"chat":{"id":1},"text":"x"}}`)
	if err := b.WaitDelivered(within(t), 731000001); err != nil {
		t.Fatal(err)
	}
	d, got := b.Deliveries(731000001), hook.all()
	if len(d) != 2 || !d[0].Lost || d[0].OK() || d[0].Status != 200 || !d[1].OK() {
		t.Errorf("deliveries %+v", d)
	}
	if len(got) != 2 || got[0].body != got[1].body {
		t.Errorf("got %+v", got)
	}
	b.Fault(telegramtest.WebhookDelivery, telegramtest.Fault{Kind: telegramtest.FaultLostOK}, 1)
	again := b.message(chatA, "y")
	if d, err := b.WaitDeliveries(within(t), again, 2); err != nil || !d[0].Lost {
		t.Errorf("deliveries %+v, %v", d, err)
	}
}

func TestUpdatesExpire(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	hook := newReceiver(t, func(w http.ResponseWriter, _ int, body string) {
		if strings.Contains(body, "callback_query") {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	b.call("setWebhook", "url", hook.URL).wantOK(t)
	id := b.send(`{"callback_query":{"id":"7","from":{"id":5}}}`)
	if _, err := b.WaitDeliveries(within(t), id, 2); err != nil {
		t.Fatal(err)
	}
	b.Advance(3 * time.Minute)
	if err := b.WaitIdle(within(t)); err != nil {
		t.Fatal(err)
	}
	if n := len(b.Deliveries(id)); n > 3 {
		t.Errorf("tried %d times, after its life too", n)
	}
}

func TestMaxConnections(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	var mu sync.Mutex
	at, most := 0, 0
	two := make(chan struct{})
	hook := newReceiver(t, func(http.ResponseWriter, int, string) {
		mu.Lock()
		at++
		most = max(most, at)
		if at == 2 && most == 2 {
			select {
			case <-two:
			default:
				close(two)
			}
		}
		mu.Unlock()
		<-two // nobody leaves before two are here at once
		mu.Lock()
		at--
		mu.Unlock()
	})
	b.call("setWebhook", "url", hook.URL, "max_connections", "2").wantOK(t)
	for i := range int64(8) {
		b.message(-100-i, "x")
	}
	if err := b.WaitIdle(within(t)); err != nil {
		t.Fatal(err)
	}
	if most != 2 {
		t.Errorf("%d at once, want 2", most)
	}
}

func TestMethodInTheAnswerIsRun(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	answers := []struct{ kind, body string }{
		{"application/json", `{"method":"sendMessage","chat_id":-1002988379206,"text":"from JSON"}`},
		{"application/x-www-form-urlencoded", "method=sendmessage&chat_id=@kasa&text=from+form"},
		{"application/json", `{"method":"deleteWebhook"}`},
		{"application/json", `{"status":"ok"}`},
		{"text/html", `<p>`},
	}
	hook := newReceiver(t, func(w http.ResponseWriter, n int, _ string) {
		w.Header().Set("Content-Type", answers[n-1].kind)
		_, _ = io.WriteString(w, answers[n-1].body)
	})
	b.call("setWebhook", "url", hook.URL).wantOK(t)
	for range answers {
		b.message(chatA, "x")
	}
	if err := b.WaitIdle(within(t)); err != nil {
		t.Fatal(err)
	}
	calls, err := b.WaitCalls(within(t), "sendMessage", 2)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range []string{"from JSON", "from form"} {
		if m, _ := b.Message(token, chatA, int64(i+1)); m.Text != text || !calls[i].InAnswer {
			t.Errorf("message %+v by %+v", m, calls[i])
		}
	}
	if r := b.call("getWebhookInfo"); !strings.Contains(r.raw, hook.URL) || len(b.Calls("deleteWebhook")) != 0 {
		t.Errorf("an answer deleted the webhook: %s", r.raw)
	}
}

func TestSlowReaderSendsTheSecondHalfLate(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	half := make(chan struct{})
	var whole []byte
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		head := make([]byte, 10)
		if _, err := io.ReadFull(r.Body, head); err != nil {
			return
		}
		close(half)
		rest, _ := io.ReadAll(r.Body)
		whole = append(head, rest...)
	}))
	defer hook.Close()
	b.call("setWebhook", "url", hook.URL).wantOK(t)
	b.Fault(telegramtest.WebhookDelivery, telegramtest.Fault{Kind: telegramtest.FaultSlowReader, Delay: time.Hour}, 1)
	id := b.message(chatA, strings.Repeat("x", 9000))
	<-half
	if len(b.Deliveries(id)) != 0 {
		t.Error("the delivery has ended")
	}
	delivered := make(chan error)
	go func() { delivered <- b.WaitDelivered(within(t), id) }()
	for {
		select {
		case err := <-delivered:
			if err != nil || len(whole) < 9000 {
				t.Errorf("got %d bytes, %v", len(whole), err)
			}
			return
		default:
			b.Advance(time.Minute)
		}
	}
}

func TestWebhookThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{WebhookTimeout: 10 * time.Millisecond})
	held := make(chan struct{})
	hook := newReceiver(t, func(_ http.ResponseWriter, n int, _ string) {
		if n == 1 {
			<-held
		}
	})
	b.call("setWebhook", "url", hook.URL).wantOK(t)
	id := b.message(chatA, "x")
	d, err := b.WaitDeliveries(within(t), id, 1)
	close(held)
	if err != nil || d[0].Error != "Read timeout expired" {
		t.Errorf("deliveries %+v, %v", d, err)
	}
}
