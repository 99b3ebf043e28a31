package botapi_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
)

const (
	token = "7204418893:AAHqB1xk-0kD_secretsecretsecretsecre"
	group = -1002988379206
	ann   = 1099511627775
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newServer(t *testing.T) (*telegramtest.Server, *botapi.Client) {
	t.Helper()
	s := telegramtest.New(t, telegramtest.Options{})
	s.AddBot(telegramtest.Bot{Token: token, Username: "tasks_bot", CanReadAllGroupMessages: true})
	s.AddChat(telegramtest.Chat{ID: group, Title: "Каса", Username: "kasa", Photo: &telegramtest.Photo{}})
	s.AddUser(telegramtest.User{ID: ann, Photos: []telegramtest.Photo{{}}})
	return s, newClient(t, s.URL())
}

func newClient(t *testing.T, base string) *botapi.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c, err := botapi.New(botapi.Config{Token: token, BaseURL: base + "/", HTTPClient: &http.Client{Transport: transport}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// calls are all calls of the client, each answered well by newServer's server.
func calls(c *botapi.Client, hook string) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"getMe":          func(ctx context.Context) error { _, err := c.GetMe(ctx); return err },
		"getChat":        func(ctx context.Context) error { _, err := c.GetChat(ctx, "@kasa"); return err },
		"getChatMember":  func(ctx context.Context) error { _, err := c.GetChatMember(ctx, group, 7204418893); return err },
		"getWebhookInfo": func(ctx context.Context) error { _, err := c.GetWebhookInfo(ctx); return err },
		"setWebhook":     func(ctx context.Context) error { return c.SetWebhook(ctx, botapi.Webhook{URL: hook}) },
		"deleteWebhook":  c.DeleteWebhook,
		"getUpdates": func(ctx context.Context) error {
			_, err := c.GetUpdates(ctx, 0, 100, 0, []string{"message"})
			return err
		},
		"getUserProfilePhotos": func(ctx context.Context) error { _, err := c.ProfilePhoto(ctx, ann, ""); return err },
		"getFile":              func(ctx context.Context) error { _, err := c.ChatPhoto(ctx, group, ""); return err },
		telegramtest.FileDownload: func(ctx context.Context) error {
			_, err := c.AuthorPhoto(ctx, fmt.Sprint(ann), "")
			return err
		},
	}
}

// checkError fails the test if the error is no *botapi.Error, or shows the token
// in any form, however it is printed and whatever is wrapped in it.
func checkError(t *testing.T, err error) *botapi.Error {
	t.Helper()
	own, ok := errors.AsType[*botapi.Error](err)
	if !ok {
		t.Fatalf("error is %T: %v", err, err)
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		for _, format := range []string{"%v", "%+v", "%#v", "%q"} {
			if form := telegramtest.FindToken(token, fmt.Appendf(nil, format, e)); form != "" {
				t.Errorf("the token is in "+format+" of %T, "+form, e)
			}
		}
	}
	if strings.Contains(err.Error(), "/bot") {
		t.Errorf("the error quotes a URL: %v", err)
	}
	return own
}

func TestNoFaultShowsTheToken(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]struct {
		fault     telegramtest.Fault
		code      int // of methods; downloads have no code of Telegram's
		permanent bool
		after     time.Duration
	}{
		"flood":       {fault: telegramtest.Fault{Kind: telegramtest.FaultFlood, RetryAfter: 7}, code: 429, after: 7 * time.Second},
		"500":         {fault: telegramtest.Fault{Kind: telegramtest.FaultInternal}, code: 500},
		"502 HTML":    {fault: telegramtest.Fault{Kind: telegramtest.FaultBadGateway}, code: 502},
		"cut body":    {fault: telegramtest.Fault{Kind: telegramtest.FaultCutBody}},
		"reset":       {fault: telegramtest.Fault{Kind: telegramtest.FaultReset}},
		"token in it": {fault: telegramtest.Fault{Kind: telegramtest.FaultError, Code: 400, Description: "Bad Request: " + quoted()}, code: 400, permanent: true},
		"revoked":     {fault: telegramtest.Fault{Kind: telegramtest.FaultError, Code: 401, Description: "Unauthorized"}, code: 401, permanent: true},
		"kicked":      {fault: telegramtest.Fault{Kind: telegramtest.FaultError, Code: 403, Description: "Forbidden: x"}, code: 403, permanent: true},
		"conflict":    {fault: telegramtest.Fault{Kind: telegramtest.FaultError, Code: 409, Description: "Conflict: x"}, code: 409},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, c := newServer(t)
			for method, call := range calls(c, s.URL()) {
				s.Fault(method, f.fault, -1)
				err := checkError(t, call(t.Context()))
				s.ClearFaults()
				wantMethod, wantCode, wantPermanent := method, f.code, f.permanent
				if method == telegramtest.FileDownload {
					wantMethod, wantCode, wantPermanent = "download", 0, false
				}
				if err.Method != wantMethod || err.Code != wantCode || botapi.Permanent(err) != wantPermanent || botapi.RetryAfter(err) != f.after {
					t.Errorf("%s: %+v, permanent %v", method, err, botapi.Permanent(err))
				}
				if got := botapi.IsConflict(err); got != (wantCode == 409) {
					t.Errorf("%s: conflict %v", method, got)
				}
				if got := botapi.IsUnauthorized(err); got != (wantCode == 401) {
					t.Errorf("%s: unauthorized %v", method, got)
				}
			}
		})
	}
}

// quoted is the token in the forms that an error could quote it in.
func quoted() string {
	return strings.Join([]string{
		token, strings.ReplaceAll(token, ":", "%3A"), strings.ReplaceAll(token, ":", "%3a"), token[11:],
		base64.StdEncoding.EncodeToString([]byte(token)), base64.URLEncoding.EncodeToString([]byte("x/bot" + token + "/getMe")),
		base64.StdEncoding.EncodeToString([]byte("t/bot" + token)), base64.StdEncoding.EncodeToString([]byte("://bot" + token)),
	}, " ")
}

func TestCancelledCall(t *testing.T) {
	t.Parallel()
	s, c := newServer(t)
	for method, call := range calls(c, s.URL()) {
		ctx, cancel := context.WithCancel(t.Context())
		s.Fault(method, telegramtest.Fault{Kind: telegramtest.FaultDelay, Delay: time.Hour}, 1)
		ended := make(chan error)
		go func() { ended <- call(ctx) }()
		if err := s.WaitFaults(t.Context(), method); err != nil { // the call waits for its answer
			t.Fatal(err)
		}
		cancel()
		if err := <-ended; !errors.Is(checkError(t, err), context.Canceled) || botapi.Permanent(err) {
			t.Errorf("%s: %v", method, err)
		}
	}
}

func TestUnreachableServer(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + listener.Addr().String()
	listener.Close()
	for method, call := range calls(newClient(t, address), address) {
		if err := checkError(t, call(t.Context())); err.Code != 0 || botapi.Permanent(err) {
			t.Errorf("%s: %+v", method, err)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("asked elsewhere with Referer %q", r.Referer())
	}))
	defer elsewhere.Close()
	from := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	defer from.Close()
	for method, call := range calls(newClient(t, from.URL), from.URL) {
		if err := checkError(t, call(t.Context())); botapi.Permanent(err) {
			t.Errorf("%s: %+v", method, err)
		}
	}
}

func TestTokenIsNotPrinted(t *testing.T) {
	t.Parallel()
	c := newClient(t, "http://127.0.0.1:1")
	config := botapi.Config{Token: token, BaseURL: "http://127.0.0.1:1"}
	for _, value := range []any{c, config, &config, struct{ C botapi.Config }{config}} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
			if text := fmt.Sprintf(format, value); telegramtest.FindToken(token, []byte(text)) != "" {
				t.Errorf("%s of %T shows the token", format, value)
			}
		}
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for _, cfg := range []botapi.Config{
		{}, {Token: "x"}, {Token: "1:"}, {Token: ":a"}, {Token: "1:a/b"}, {Token: "1:a b"},
		{Token: "1:a\x00b"}, {Token: "1:a\x7fb"}, {Token: "1:a\\b"}, {Token: "1:ключ"}, {Token: "1:a:b"}, {Token: "12345678901234567890:a"},
		{Token: token, BaseURL: "api.telegram.org"}, {Token: token, BaseURL: "ftp://x"}, {Token: token, BaseURL: "http://%zz"},
	} {
		_, err := botapi.New(cfg)
		if err == nil || telegramtest.FindToken(token, []byte(err.Error())) != "" {
			t.Errorf("%v: %v", cfg, err)
		}
	}
}

func TestUpdatesStayRaw(t *testing.T) {
	t.Parallel()
	s, c := newServer(t)
	docs := []string{
		`{"update_id":731000001,"message":{"chat":{"id":1},"paid_media":{"star_count":1,"paid_media":[{"type":"live_photo"}]}}}`,
		`{"update_id":731000002,"kind_of_the_future":{"x":["\u0439\ud83d\udc4d",1.50]}}`,
	}
	for _, doc := range docs {
		if _, err := s.Send(token, []byte(doc)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := c.GetUpdates(t.Context(), 0, 100, 50*time.Second, nil)
	if err != nil || len(got) != 2 || !bytes.Equal(got[0], []byte(docs[0])) || !bytes.Equal(got[1], []byte(docs[1])) {
		t.Errorf("got %s, %v", got, err)
	}
	if got, err = c.GetUpdates(t.Context(), 731000002, 1, 0, []string{"message"}); err != nil || len(got) != 1 {
		t.Errorf("got %s, %v", got, err)
	}
	seen := s.Calls("getUpdates")
	if _, sent := seen[0].Params["allowed_updates"]; sent || seen[0].Params["timeout"] != "50" || seen[1].Params["allowed_updates"] != `["message"]` {
		t.Errorf("calls %+v", seen)
	}
}

func TestWebhookAndWhatItSays(t *testing.T) {
	t.Parallel()
	s, c := newServer(t)
	err := c.SetWebhook(t.Context(), botapi.Webhook{
		URL: "https://192.0.2.1/hook", SecretToken: "s3cret", AllowedUpdates: []string{"message", "callback_query"}, MaxConnections: 3,
	})
	if err != nil {
		t.Fatal(err)
	}
	info, err := c.GetWebhookInfo(t.Context())
	if err != nil || info.URL != "https://192.0.2.1/hook" || info.MaxConnections != 3 || fmt.Sprint(info.AllowedUpdates) != "[message callback_query]" {
		t.Errorf("info %+v, %v", info, err)
	}
	if _, err := c.GetUpdates(t.Context(), 0, 1, 0, nil); !botapi.IsConflict(err) {
		t.Errorf("polling beside a webhook: %v", err)
	}
	if err := c.SetWebhook(t.Context(), botapi.Webhook{URL: "https://192.0.2.1/other"}); botapi.RetryAfter(err) != time.Second {
		t.Errorf("twice in a second: %v", err)
	}
	if err := c.DeleteWebhook(t.Context()); err != nil {
		t.Error(err)
	}
	if info, err := c.GetWebhookInfo(t.Context()); err != nil || info.URL != "" {
		t.Errorf("info %+v, %v", info, err)
	}
	if got := s.Calls("setWebhook")[0].Params["secret_token"]; got != "s3cret" {
		t.Errorf("secret %q", got)
	}
}

func TestBotAndChats(t *testing.T) {
	t.Parallel()
	s, c := newServer(t)
	me, err := c.GetMe(t.Context())
	if err != nil || me.ID != 7204418893 || me.Username != "tasks_bot" || !me.CanReadAllGroupMessages || c.BotID() != "7204418893" {
		t.Errorf("bot %+v, %v", me, err)
	}
	s.AddChat(telegramtest.Chat{ID: -1002000000001, Title: "Майбутнє", IsForum: true, Extra: map[string]any{
		"available_reactions": []any{map[string]any{"type": "hologram"}}, "max_reaction_count": "many",
	}})
	for chat, title := range map[any]string{int64(group): "Каса", "@kasa": "Каса", int64(-1002000000001): "Майбутнє"} {
		if info, err := c.GetChat(t.Context(), chat); err != nil || info.Title != title || info.Type != "supergroup" {
			t.Errorf("%v: %+v, %v", chat, info, err)
		}
	}
	if _, err := c.GetChat(t.Context(), int64(-5)); !botapi.Permanent(err) || checkError(t, err).Description != "Bad Request: chat not found" {
		t.Errorf("unknown chat: %v", err)
	}
}

func TestAnswerCallbackQuery(t *testing.T) {
	t.Parallel()
	s, c := newServer(t)
	if _, err := s.Send(token, []byte(`{"callback_query":{"id":"77","from":{"id":5}}}`)); err != nil {
		t.Fatal(err)
	}
	if err := c.AnswerCallbackQuery(t.Context(), "77"); err != nil {
		t.Error(err)
	}
	if err := c.AnswerCallbackQuery(t.Context(), "78"); !botapi.Permanent(err) {
		t.Errorf("unknown query: %v", err)
	}
}

func TestMigratedChat(t *testing.T) {
	t.Parallel()
	answer, err := json.Marshal(map[string]any{"ok": false, "error_code": 400, "description": "Bad Request: group chat was upgraded to a supergroup chat",
		"parameters": map[string]any{"migrate_to_chat_id": -1003107744218}})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write(answer)
	}))
	defer s.Close()
	_, err = newClient(t, s.URL).GetChat(t.Context(), int64(-4598213370))
	if own := checkError(t, err); own.MigrateToChatID != -1003107744218 {
		t.Errorf("error %+v", own)
	}
}
