package demo_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/services/standalone/internal/demo"
)

// hook is a webhook that keeps what comes, by the kind of update.
type hook struct {
	*httptest.Server
	mu     sync.Mutex
	secret string
	kinds  map[string]int
}

func newHook(t *testing.T, secret string) *hook {
	h := &hook{secret: secret, kinds: map[string]int{}}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		if r.Header.Get("X-Telegram-Bot-Api-Secret-Token") != h.secret {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		body, err := io.ReadAll(r.Body)
		var update map[string]json.RawMessage
		if err != nil || json.Unmarshal(body, &update) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		for kind := range update {
			h.kinds[kind]++
		}
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hook) count(kind string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.kinds[kind]
}

func telegram(t *testing.T) *demo.Telegram {
	t.Helper()
	stand, err := demo.StartTelegram()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stand.Close)
	return stand
}

func client(t *testing.T, stand *demo.Telegram) *botapi.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c, err := botapi.New(botapi.Config{Token: demo.Token, BaseURL: stand.URL(), HTTPClient: &http.Client{Transport: transport}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheConversationComesStraightUntilTheBotIsConnected(t *testing.T) {
	t.Parallel()
	stand, h := telegram(t), newHook(t, "")
	player := demo.Player{URL: h.URL, Telegram: stand}
	if err := player.Play(t.Context()); err != nil {
		t.Fatal(err)
	}
	messages, edits := h.count("message"), h.count("edited_message")
	if messages < 10 || edits == 0 || h.count("my_chat_member") != 0 {
		t.Fatalf("%d messages, %d edits, %d memberships", messages, edits, h.count("my_chat_member"))
	}
	if stand.Connected() {
		t.Error("it says that the bot is connected")
	}
	h.mu.Lock()
	h.secret = "s3cret" // known to the bot's Telegram alone
	h.mu.Unlock()
	if err := player.Play(t.Context()); !errors.Is(err, demo.ErrSecret) {
		t.Errorf("without the secret: %v", err)
	}
	if err := client(t, stand).SetWebhook(t.Context(), botapi.Webhook{URL: h.URL, SecretToken: "s3cret"}); err != nil {
		t.Fatal(err)
	}
	if !player.AwaitConnection(t.Context()) {
		t.Fatal("it does not see that the bot is connected")
	}
	if err := player.Play(t.Context()); err != nil {
		t.Fatal(err)
	}
	deadline := time.After(time.Minute)
	for h.count("message") != 2*messages || h.count("edited_message") != 2*edits || h.count("my_chat_member") != 4 {
		select {
		case <-deadline:
			t.Fatalf("%d messages, %d edits, %d memberships", h.count("message"), h.count("edited_message"), h.count("my_chat_member"))
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// The day is that of the chats, wherever the clock of the machine is.
func TestAnAnalysisOfTheDayIsAskedFor(t *testing.T) {
	t.Parallel()
	chats, now := time.FixedZone("", 2*60*60), time.Date(2026, 3, 30, 22, 30, 0, 0, time.UTC)
	status := http.StatusAccepted
	var asked map[string]string
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/api/analysis-runs" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(h.Close)
	if err := demo.Analyse(t.Context(), h.URL, now, chats); err != nil {
		t.Fatal(err)
	}
	if asked["from"] != "2026-03-31T00:00:00+02:00" || asked["to"] != "2026-04-01T00:00:00+02:00" {
		t.Errorf("asked for %v", asked)
	}
	status = http.StatusConflict
	if err := demo.Analyse(t.Context(), h.URL, now, chats); err == nil {
		t.Error("a refusal is not told")
	}
}

// What is printed works: each group as it is to be pasted, in the state that it says.
func TestWhatIsExplainedIsThere(t *testing.T) {
	t.Parallel()
	stand := telegram(t)
	var out strings.Builder
	stand.Explain(&out, 8080)
	said := out.String()
	bot := client(t, stand)
	me, err := bot.GetMe(t.Context())
	if err != nil || me.CanReadAllGroupMessages {
		t.Errorf("%+v, %v; want a bot in privacy mode", me, err)
	}
	for _, want := range []string{stand.URL(), demo.Token, "localhost:8080"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %s:\n%s", want, said)
		}
	}
	groups := 0
	for line := range strings.Lines(said) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0][0] != '@' && !strings.HasPrefix(fields[0], "-100") {
			continue
		}
		groups++
		chat, err := bot.GetChat(t.Context(), fields[0])
		switch {
		case strings.Contains(line, "removed"):
			if err == nil {
				t.Errorf("%s answers", fields[0])
			}
		case err != nil || !strings.Contains(line, chat.Title):
			t.Errorf("%s: %+v, %v", fields[0], chat, err)
		}
	}
	if groups != 4 {
		t.Errorf("%d groups:\n%s", groups, said)
	}
}
