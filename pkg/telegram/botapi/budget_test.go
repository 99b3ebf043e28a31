package botapi_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
)

// budget is a botapi.Budget that keeps what it was told.
type budget struct {
	mu      sync.Mutex
	taken   []string
	blocked []time.Time
	refuse  error
}

func (b *budget) Take(_ context.Context, method string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.taken = append(b.taken, method)
	return b.refuse
}

func (b *budget) Blocked(_ context.Context, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.blocked = append(b.blocked, until)
}

type tooMany struct{}

func (tooMany) Error() string             { return "too many" }
func (tooMany) RetryAfter() time.Duration { return 1500 * time.Millisecond }

func withBudget(t *testing.T, base string, b botapi.Budget) *botapi.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c, err := botapi.New(botapi.Config{Token: token, BaseURL: base, HTTPClient: &http.Client{Transport: transport}, Budget: b})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEveryCallButPollingTakesItsTurn(t *testing.T) {
	t.Parallel()
	s, _ := newServer(t)
	b := &budget{}
	c := withBudget(t, s.URL(), b)
	for method, call := range calls(c, s.URL()) {
		if method == "setWebhook" || method == "getUpdates" {
			continue
		}
		b.taken = nil
		if err := call(t.Context()); err != nil {
			t.Fatalf("%s: %v", method, err)
		}
		if len(b.taken) == 0 || method != telegramtest.FileDownload && !slices.Contains(b.taken, method) {
			t.Errorf("%s took %v", method, b.taken)
		}
	}
	b.taken = nil
	if _, err := c.GetUpdates(t.Context(), 0, 1, 0, nil); err != nil || b.taken != nil {
		t.Errorf("polling took %v, %v", b.taken, err)
	}
	s.Fault("getMe", telegramtest.Fault{Kind: telegramtest.FaultFlood, RetryAfter: 7}, 1)
	if _, err := c.GetMe(t.Context()); botapi.RetryAfter(err) != 7*time.Second || len(b.blocked) != 1 || time.Until(b.blocked[0]) <= 0 {
		t.Errorf("%v, blocked %v", err, b.blocked)
	}
}

func TestACallWithoutATurnIsNotMade(t *testing.T) {
	t.Parallel()
	s, _ := newServer(t)
	c := withBudget(t, s.URL(), &budget{refuse: tooMany{}})
	_, err := c.GetMe(t.Context())
	if own := checkError(t, err); own.Code != 429 || own.RetryAfter != 1500*time.Millisecond || !strings.HasSuffix(own.Description, "retry after 2") || botapi.Undecided(err) {
		t.Errorf("%+v", own)
	}
	c = withBudget(t, s.URL(), &budget{refuse: context.Canceled})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.GetMe(ctx); !errors.Is(checkError(t, err), context.Canceled) {
		t.Error(err)
	}
	if n := len(s.Calls("getMe")); n != 0 {
		t.Errorf("%d calls were made", n)
	}
}

// Only what was sent and not answered may have been carried out.
func TestUndecidedCalls(t *testing.T) {
	t.Parallel()
	s, c := newServer(t)
	for kind, want := range map[telegramtest.FaultKind]bool{
		telegramtest.FaultReset: true, telegramtest.FaultCutBody: true, telegramtest.FaultBadGateway: true,
		telegramtest.FaultInternal: true, telegramtest.FaultFlood: false,
	} {
		s.Fault("deleteWebhook", telegramtest.Fault{Kind: kind}, 1)
		if err := c.DeleteWebhook(t.Context()); err == nil || botapi.Undecided(err) != want {
			t.Errorf("fault %d: %v is undecided: %v", kind, err, botapi.Undecided(err))
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + listener.Addr().String()
	listener.Close()
	if err := newClient(t, address).DeleteWebhook(t.Context()); err == nil || botapi.Undecided(err) {
		t.Errorf("nobody there: %v", err)
	}
}

func TestMembersAndWebhooksAsTelegramHasThem(t *testing.T) {
	t.Parallel()
	s, c := newServer(t)
	for want, chat := range map[string]telegramtest.Chat{"member": {ID: -1001}, "administrator": {ID: -1002, BotIsAdmin: true}} {
		s.AddChat(chat)
		if m, err := c.GetChatMember(t.Context(), chat.ID, 7204418893); err != nil || m.Status != want {
			t.Errorf("%+v, %v", m, err)
		}
	}
	s.AddChat(telegramtest.Chat{ID: -1003, Kicked: true})
	s.AddChat(telegramtest.Chat{ID: -5, MigratedTo: -1001000000005})
	if _, err := c.GetChatMember(t.Context(), -1003, 7204418893); checkError(t, err).Code != 403 {
		t.Error(err)
	}
	if _, err := c.GetChatMember(t.Context(), -5, 7204418893); checkError(t, err).MigrateToChatID != -1001000000005 {
		t.Error(err)
	}
	if info, err := c.RawWebhookInfo(t.Context()); err != nil || !strings.Contains(string(info), `"pending_update_count":0`) {
		t.Errorf("%s, %v", info, err)
	}
	if _, err := s.Send(token, []byte(`{"message":{"message_id":1,"date":1,"chat":{"id":5}}}`)); err != nil {
		t.Fatal(err)
	}
	if err := c.DropWebhook(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := c.GetUpdates(t.Context(), 0, 1, 0, nil); err != nil || len(got) != 0 {
		t.Errorf("what waited is still there: %s, %v", got, err)
	}
}
