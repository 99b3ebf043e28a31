package observe

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/tasktracker/tasktracker/tests/line"
)

// startTelegram answers every call of the Bot API with a refusal: no user has a picture.
func startTelegram(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"ok":false,"error_code":400,"description":"Bad Request: user not found"}`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// post sends an update as Telegram does, with a secret token.
func post(t *testing.T, base string, body []byte, secret string) *http.Response {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, base+"/webhook/telegram", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp
}

func say(t *testing.T, s services, n int64, text string) {
	t.Helper()
	if resp := post(t, s.ingest.URL(), line.TelegramText(n, -1001000000001, n, text), webhookSecret); resp.StatusCode != http.StatusOK {
		t.Fatalf("webhook answered %s", resp.Status)
	}
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// seen waits until a browser has both frames of n messages.
func seen(t *testing.T, browser *line.Browser, n int) {
	t.Helper()
	for _, kind := range []string{"message.new", "message.updated"} {
		line.Eventually(t, func() bool { return len(browser.Seen(kind)) >= n }, func() string { return "the frames " + kind + " did not come" })
	}
}
