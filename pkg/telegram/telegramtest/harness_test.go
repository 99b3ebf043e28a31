package telegramtest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
)

const (
	token = "7204418893:AAHqB1xk-0kD_secretsecretsecretsecre"
	chatA = -1002988379206
	chatB = -1002641907733
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is a stand-in with one bot and two groups.
type bench struct {
	*telegramtest.Server
	t      *testing.T
	client *http.Client
}

func newBench(t *testing.T, o telegramtest.Options) *bench {
	t.Helper()
	s := telegramtest.New(t, o)
	s.AddBot(telegramtest.Bot{Token: token, Username: "tasks_bot", CanReadAllGroupMessages: true})
	s.AddChat(telegramtest.Chat{ID: chatA, Title: "Каса · розробка", Username: "kasa"})
	s.AddChat(telegramtest.Chat{ID: chatB, Title: "Forum", IsForum: true})
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	return &bench{Server: s, t: t, client: client}
}

// reply is an answer of the Bot API.
type reply struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	ErrorCode   int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		RetryAfter      int   `json:"retry_after"`
		MigrateToChatID int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
	raw string
}

func (b *bench) method(name string) string { return b.URL() + "/bot" + token + "/" + name }

// call calls a method with urlencoded parameters: pairs of name and value.
func (b *bench) call(name string, pairs ...string) reply {
	b.t.Helper()
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return b.post(b.method(name), "application/x-www-form-urlencoded", values.Encode())
}

func (b *bench) post(target, contentType, body string) reply {
	b.t.Helper()
	response, err := b.client.Post(target, contentType, strings.NewReader(body))
	if err != nil {
		b.t.Fatalf("call: %v", err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatalf("read answer: %v", err)
	}
	r := reply{raw: string(raw)}
	if err := json.Unmarshal(raw, &r); err != nil {
		b.t.Fatalf("answer %q: %v", raw, err)
	}
	if !r.OK && r.ErrorCode != response.StatusCode {
		b.t.Errorf("status %d with error_code %d", response.StatusCode, r.ErrorCode)
	}
	return r
}

func (b *bench) send(doc string) int64 {
	b.t.Helper()
	id, err := b.Send(token, []byte(doc))
	if err != nil {
		b.t.Fatalf("send: %v", err)
	}
	return id
}

func (b *bench) message(chat int64, text string) int64 {
	b.t.Helper()
	doc, err := json.Marshal(map[string]any{"message": map[string]any{
		"message_id": 1, "date": 1794816000, "chat": map[string]any{"id": chat, "type": "supergroup"}, "text": text,
	}})
	if err != nil {
		b.t.Fatal(err)
	}
	return b.send(string(doc))
}

// ids are the update ids that getUpdates gives for the parameters.
func (b *bench) ids(pairs ...string) []int64 {
	b.t.Helper()
	r := b.call("getUpdates", pairs...)
	var updates []struct {
		ID int64 `json:"update_id"`
	}
	if err := json.Unmarshal(r.Result, &updates); err != nil {
		b.t.Fatalf("getUpdates answered %s", r.raw)
	}
	found := []int64{}
	for _, u := range updates {
		found = append(found, u.ID)
	}
	return found
}

// within is a context for waiting on what has to happen.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// receiver is a webhook that keeps what it gets and answers as told.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    []received
	answer func(w http.ResponseWriter, n int, body string)
}

type received struct {
	header http.Header
	body   string
}

// newReceiver answers with answer, which is given the number of the request from
// 1; with 200 if nil.
func newReceiver(t *testing.T, answer func(w http.ResponseWriter, n int, body string)) *receiver {
	t.Helper()
	r := &receiver{answer: answer}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return
	}
	r.mu.Lock()
	r.got = append(r.got, received{header: request.Header.Clone(), body: string(body)})
	n := len(r.got)
	r.mu.Unlock()
	if r.answer != nil {
		r.answer(w, n, string(body))
	}
}

func (r *receiver) all() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]received(nil), r.got...)
}

func (r reply) wantError(t *testing.T, code int, part string) {
	t.Helper()
	if r.OK || r.ErrorCode != code || !strings.Contains(r.Description, part) {
		t.Errorf("answered %s, want %d with %q", r.raw, code, part)
	}
}

func (r reply) wantOK(t *testing.T) {
	t.Helper()
	if !r.OK {
		t.Fatalf("answered %s, want ok", r.raw)
	}
}
