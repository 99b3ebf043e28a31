package tests

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// message is what the tests look at of a MessageResponse.
type message struct {
	ID                int64   `json:"id"`
	ExternalMessageID string  `json:"external_message_id"`
	ChatID            *string `json:"chat_id"`
	Content           string  `json:"content"`
	Author            string  `json:"author"`
	Persisted         bool    `json:"persisted"`
	AvatarURL         *string `json:"avatar_url"`
	EditedAt          *string `json:"edited_at"`
}

func (m message) key() string {
	chat := ""
	if m.ChatID != nil {
		chat = *m.ChatID
	}
	return chat + "/" + m.ExternalMessageID
}

type frame struct {
	Type string          `json:"type"`
	Seq  uint64          `json:"seq"`
	Data json.RawMessage `json:"data"`
}

// browser is a WebSocket client that counts what it sees, as a page would.
type browser struct {
	conn *websocket.Conn
	done chan struct{}

	mu     sync.Mutex
	frames []frame
}

func openBrowser(t *testing.T, base, query string) *browser {
	t.Helper()
	conn, resp, err := websocket.DefaultDialer.Dial(strings.Replace(base, "http", "ws", 1)+"/ws"+query, nil)
	if err != nil {
		t.Fatalf("open /ws: %v", err)
	}
	resp.Body.Close()
	b := &browser{conn: conn, done: make(chan struct{})}
	go func() {
		defer close(b.done)
		for {
			var f frame
			if conn.ReadJSON(&f) != nil {
				return
			}
			b.mu.Lock()
			b.frames = append(b.frames, f)
			b.mu.Unlock()
		}
	}()
	t.Cleanup(b.close)
	eventually(t, func() bool { return len(b.ofType("connection")) == 1 }, func() string { return "no connection frame" })
	return b
}

func (b *browser) close() {
	b.conn.Close()
	<-b.done
}

func (b *browser) ofType(kind string) []frame {
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []frame
	for _, f := range b.frames {
		if f.Type == kind {
			found = append(found, f)
		}
	}
	return found
}

// seen counts, per message, the frames of a type.
func (b *browser) seen(kind string) map[string]int {
	counts := map[string]int{}
	for _, f := range b.ofType(kind) {
		var m message
		if json.Unmarshal(f.Data, &m) == nil {
			counts[m.key()]++
		}
	}
	return counts
}

var client = &http.Client{Timeout: 30 * time.Second}

// postUpdate sends a body to the webhook and gives status and body of the answer.
func postUpdate(t *testing.T, base string, body []byte) (int, string) {
	t.Helper()
	return post(t, base+"/webhook/telegram", body)
}

func post(t *testing.T, url string, body []byte) (int, string) {
	t.Helper()
	resp, err := client.Post(url, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatalf("post to %s: %v", url, err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("read answer of %s: %v", url, err)
	}
	return resp.StatusCode, strings.TrimSpace(string(said))
}

// getJSON reads a 200 into out and gives the header.
func getJSON(t *testing.T, url string, out any) http.Header {
	t.Helper()
	resp, err := client.Get(url)
	if err != nil {
		t.Fatalf("get %s: %v", url, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("get %s: %s %v\n%s", url, resp.Status, err, body)
	}
	if err := json.Unmarshal(body, out); err != nil {
		t.Fatalf("get %s: %v\n%s", url, err, body)
	}
	return resp.Header
}

// allMessages pages through GET /api/messages.
func allMessages(t *testing.T, base string) []message {
	t.Helper()
	var all []message
	cursor := ""
	for {
		var page []message
		header := getJSON(t, base+"/api/messages?limit=500"+cursor, &page)
		all = append(all, page...)
		if header.Get("X-Next-Cursor") == "" {
			return all
		}
		cursor = "&cursor=" + header.Get("X-Next-Cursor")
	}
}

// telegramText is an update with a new text message.
func telegramText(updateID, chat, messageID int64, text string) []byte {
	return fmt.Appendf(nil, `{"update_id":%d,"message":{"message_id":%d,"date":%d,"from":{"id":7312004551,"is_bot":false,"first_name":"Олена"},"chat":{"id":%d,"title":"Каса","type":"supergroup"},"text":%q}}`,
		updateID, messageID, time.Now().Unix(), chat, text)
}
