// Package demo plays a team's conversation through the webhook, as Telegram
// would deliver it, so that a newcomer sees the product live. It has a stand-in for
// Telegram, to which a bot can be connected as to the real one.
package demo

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

//go:embed conversation.json
var conversation []byte

type script struct {
	Chats    map[string]json.RawMessage `json:"chats"`
	People   map[string]json.RawMessage `json:"people"`
	Messages []line                     `json:"messages"`
}

type line struct {
	Chat  string `json:"chat"`
	From  string `json:"from"`
	Text  string `json:"text"`
	Reply *int   `json:"reply"` // index of the line that it answers
	Edit  string `json:"edit"`  // what the author makes of it a moment later
}

// message is the part of Telegram's Message that the conversation needs.
type message struct {
	MessageID int64           `json:"message_id"`
	From      json.RawMessage `json:"from"`
	Chat      json.RawMessage `json:"chat"`
	Date      int64           `json:"date"`
	EditDate  int64           `json:"edit_date,omitempty"`
	ReplyTo   *message        `json:"reply_to_message,omitempty"`
	Text      string          `json:"text"`
}

// Player plays the conversation: by way of Telegram's stand-in where the bot is connected
// to it, else straight to a webhook.
type Player struct {
	URL    string
	Secret string // sent as Telegram does, where it is not ""
	Pause  time.Duration
	// Telegram is nil where there is no stand-in.
	Telegram *Telegram
	// through is true once the bot was connected: what is sent then waits there.
	through bool
}

// ErrSecret means that the webhook wants the secret that only a connected bot's Telegram
// knows: a bot was connected before, to another stand-in.
var ErrSecret = errors.New("the webhook wants a secret token")

// AwaitConnection waits until the bot is connected to the stand-in; false where ctx ended
// first.
func (p *Player) AwaitConnection(ctx context.Context) bool {
	for !p.connected() {
		if !pause(ctx, 500*time.Millisecond) {
			return false
		}
	}
	return true
}

// connected reports whether the bot is, or was, connected to the stand-in.
func (p *Player) connected() bool {
	p.through = p.through || p.Telegram != nil && p.Telegram.Connected()
	return p.through
}

// Play posts every message, the first at once, the others after a pause each. Ids
// come from the clock, so that playing again adds a new conversation. It returns ErrSecret
// where only the stand-in could play it, and the bot is not connected there.
func (p *Player) Play(ctx context.Context) error {
	var s script
	if err := json.Unmarshal(conversation, &s); err != nil {
		return fmt.Errorf("read the conversation: %w", err)
	}
	// Seconds since 2026 stay within the 31 bits of Telegram's ids until 2094.
	first := time.Now().Unix() - time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	sent := make([]message, 0, len(s.Messages))
	for i, l := range s.Messages {
		m := message{
			MessageID: first + int64(i), From: s.People[l.From], Chat: s.Chats[l.Chat],
			Date: time.Now().Unix(), Text: l.Text,
		}
		if l.Reply != nil {
			original := sent[*l.Reply]
			original.ReplyTo = nil
			m.ReplyTo = &original
		}
		sent = append(sent, m)
		if err := p.post(ctx, 2*(first+int64(i)), "message", m); err != nil {
			return err
		}
		if !pause(ctx, p.Pause) {
			return nil
		}
		if l.Edit == "" {
			continue
		}
		m.Text, m.EditDate = l.Edit, time.Now().Unix()
		if err := p.post(ctx, 2*(first+int64(i))+1, "edited_message", m); err != nil {
			return err
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func (p *Player) post(ctx context.Context, updateID int64, kind string, m message) error {
	body, err := json.Marshal(map[string]any{"update_id": updateID, kind: m})
	if err != nil {
		return fmt.Errorf("write update: %w", err)
	}
	if p.connected() {
		return p.Telegram.send(body)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if p.Secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", p.Secret)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("post update: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusUnauthorized && p.Telegram != nil {
		return ErrSecret
	}
	if resp.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(resp.Body, 512)) // only to tell more
		return fmt.Errorf("webhook answered %s: %s", resp.Status, said)
	}
	return nil
}
