package line

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Message is what the tests look at of a MessageResponse.
type Message struct {
	ID                int64   `json:"id"`
	ExternalMessageID string  `json:"external_message_id"`
	ChatID            *string `json:"chat_id"`
	Content           string  `json:"content"`
	Author            string  `json:"author"`
	Persisted         bool    `json:"persisted"`
	AvatarURL         *string `json:"avatar_url"`
	EditedAt          *string `json:"edited_at"`
}

// Key is <chat>/<message>, which identifies a message of one channel.
func (m Message) Key() string {
	chat := ""
	if m.ChatID != nil {
		chat = *m.ChatID
	}
	return chat + "/" + m.ExternalMessageID
}

var client = &http.Client{Timeout: 30 * time.Second}

// PostUpdate sends a body to the webhook and gives status and body of the answer.
func PostUpdate(t testing.TB, base string, body []byte) (int, string) {
	t.Helper()
	return Post(t, base+"/webhook/telegram", body)
}

// Post sends JSON and gives status and body of the answer.
func Post(t testing.TB, url string, body []byte) (int, string) {
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

// GetJSON reads a 200 into out and gives the header.
func GetJSON(t testing.TB, url string, out any) http.Header {
	t.Helper()
	header, err := getJSON(url, out)
	if err != nil {
		t.Fatal(err)
	}
	return header
}

func getJSON(url string, out any) (http.Header, error) {
	resp, err := client.Get(url)
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", url, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("get %s: %s %v\n%s", url, resp.Status, err, body)
	}
	if err := json.Unmarshal(body, out); err != nil {
		return nil, fmt.Errorf("get %s: %w\n%s", url, err, body)
	}
	return resp.Header, nil
}

// AllMessages pages through GET /api/messages, newest first.
func AllMessages(t testing.TB, base string) []Message {
	t.Helper()
	all, err := ReadMessages(base, "")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// ReadMessages is AllMessages for a server that may not answer just now. filter is "" or
// such as "&chat_id=-1".
func ReadMessages(base, filter string) ([]Message, error) {
	return readAll[Message](base + "/api/messages?limit=500" + filter)
}

// ReadTaskIDs are the ids of all tasks, newest first, of a server that may not answer just
// now.
func ReadTaskIDs(base string) ([]int64, error) {
	tasks, err := readAll[struct{ ID int64 }](base + "/api/tasks?limit=500")
	ids := make([]int64, len(tasks))
	for i, t := range tasks {
		ids[i] = t.ID
	}
	return ids, err
}

// readAll reads a list page by page. url has a query already.
func readAll[T any](url string) ([]T, error) {
	var all []T
	cursor := ""
	for {
		var page []T
		header, err := getJSON(url+cursor, &page)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if header.Get("X-Next-Cursor") == "" {
			return all, nil
		}
		cursor = "&cursor=" + header.Get("X-Next-Cursor")
	}
}

// Find is the message with this key, nil where there is none.
func Find(messages []Message, key string) *Message {
	for _, m := range messages {
		if m.Key() == key {
			return &m
		}
	}
	return nil
}

// TelegramText is an update with a new text message, sent now.
func TelegramText(updateID, chat, messageID int64, text string) []byte {
	return TelegramTextAt(time.Now(), updateID, chat, messageID, text)
}

// TelegramTextAt is an update with a new text message; Telegram's clock has seconds.
func TelegramTextAt(at time.Time, updateID, chat, messageID int64, text string) []byte {
	return fmt.Appendf(nil, `{"update_id":%d,"message":{"message_id":%d,"date":%d,"from":{"id":7312004551,"is_bot":false,"first_name":"Олена"},"chat":{"id":%d,"title":"Каса","type":"supergroup"},"text":%q}}`,
		updateID, messageID, at.Unix(), chat, text)
}
