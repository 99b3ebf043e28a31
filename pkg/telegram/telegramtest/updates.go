package telegramtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

const (
	// maxQueue is how many updates a bot's queue holds; more are lost.
	maxQueue = 100_000
	// Updates that were not taken are dropped after these times.
	messageLife       = 24 * time.Hour
	callbackQueryLife = 150 * time.Second
	inlineQueryLife   = 30 * time.Second
)

// update is one update in a bot's queue.
type update struct {
	id      int64
	body    []byte // as on the wire
	lane    string // updates of one lane are delivered one at a time, in order
	expires time.Time
	done    bool
}

// knownKinds are the kinds of update of Bot API 10.3.
var knownKinds = []string{
	"message", "edited_message", "channel_post", "edited_channel_post", "business_connection", "business_message",
	"edited_business_message", "deleted_business_messages", "guest_message", "message_reaction", "message_reaction_count",
	"inline_query", "chosen_inline_result", "callback_query", "shipping_query", "pre_checkout_query", "purchased_paid_media",
	"poll", "poll_answer", "my_chat_member", "chat_member", "chat_join_request", "chat_boost", "removed_chat_boost",
	"managed_bot", "subscription", "stopped_message_generation",
}

// onlyByName are the kinds that come only if allowed_updates names them.
var onlyByName = []string{"chat_member", "message_reaction", "message_reaction_count"}

// peek is what the server must know of an update to queue it.
type peek struct {
	Chat struct {
		ID   int64  `json:"id"`
		Type string `json:"type"`
	} `json:"chat"`
	From struct {
		ID int64 `json:"id"`
	} `json:"from"`
	ID             json.RawMessage `json:"id"`
	Text           string          `json:"text"`
	ReplyToMessage *struct {
		From struct {
			ID int64 `json:"id"`
		} `json:"from"`
	} `json:"reply_to_message"`
}

// Send queues an update for the bot with this token: one JSON object, an Update
// of the Bot API, in any spacing. An update_id in it is kept, a missing one is
// added. It is delivered by the webhook that is set, or by getUpdates.
//
// The id returned is 0 where Telegram would not deliver the update either: its
// kind is not among the allowed_updates, privacy mode hides it, or the queue is
// full.
func (s *Server) Send(token string, updateJSON []byte) (updateID int64, err error) {
	body, err := wireJSON(updateJSON)
	if err != nil {
		return 0, fmt.Errorf("send update: %w", err)
	}
	id, kind, payload, err := dissect(body)
	if err != nil {
		return 0, fmt.Errorf("send update: %w", err)
	}
	var p peek
	// What does not fit, say a chat id that is a string, is queued by kind alone.
	_ = json.Unmarshal(payload, &p)

	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.bots[token]
	if b == nil {
		return 0, errors.New("send update: no bot has this token")
	}
	if !b.wants(kind) || s.private(b, kind, payload, p) || b.pending >= maxQueue {
		return 0, nil
	}
	if id == 0 {
		id = b.nextUpdate
		if body, err = withUpdateID(body, id); err != nil {
			return 0, fmt.Errorf("send update: %w", err)
		}
	}
	b.nextUpdate = max(b.nextUpdate, id+1)
	if kind == "callback_query" {
		var queryID string
		_ = json.Unmarshal(p.ID, &queryID)
		b.callbacks[queryID] = s.clock.now()
	}
	u := &update{id: id, body: body, lane: lane(kind, p), expires: s.clock.now().Add(life(kind))}
	b.queue = append(b.queue, u)
	b.pending++
	if b.hook != nil {
		s.enqueue(b, b.hook, u)
	}
	s.notify()
	return id, nil
}

// dissect finds the id of an update (0 if missing), its kind and what the kind holds.
func dissect(body []byte) (id int64, kind string, payload json.RawMessage, err error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if open, err := decoder.Token(); err != nil || open != json.Delim('{') {
		return 0, "", nil, errors.New("not a JSON object")
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return 0, "", nil, fmt.Errorf("read update: %w", err)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return 0, "", nil, fmt.Errorf("read field %v: %w", key, err)
		}
		switch {
		case key == "update_id":
			if err := json.Unmarshal(value, &id); err != nil || id <= 0 {
				return 0, "", nil, fmt.Errorf("update_id %s is not a positive number", value)
			}
		case kind == "":
			kind, payload = key.(string), value
		}
	}
	return id, kind, payload, nil
}

func withUpdateID(body []byte, id int64) ([]byte, error) {
	head := append([]byte(`{"update_id":`), strconv.FormatInt(id, 10)...)
	if rest := body[1:]; len(rest) > 0 && rest[0] != '}' {
		head = append(head, ',')
	}
	return append(head, body[1:]...), nil
}

// wants says whether allowed_updates lets the kind through. Kinds the stand-in
// does not know are of a future API and come with the default set.
func (b *bot) wants(kind string) bool {
	if b.allowed == nil {
		return !slices.Contains(onlyByName, kind)
	}
	return slices.Contains(b.allowed, kind)
}

// takeAllowedUpdates keeps the setting if the call has one: left out means as
// before, nothing but unknown names means the default set. Server.mu must be held.
func (c *call) takeAllowedUpdates() {
	names, ok := c.params.list("allowed_updates")
	if !ok {
		return
	}
	c.bot.allowed = nil
	for _, name := range names {
		if slices.Contains(knownKinds, name) && !slices.Contains(c.bot.allowed, name) {
			c.bot.allowed = append(c.bot.allowed, name)
		}
	}
}

// lane names the queue that an update waits in: messages, edits and posts by
// chat, other kinds apart (telegram-bot-api, Client.cpp, webhook_queue_id).
func lane(kind string, p peek) string {
	switch kind {
	case "message", "edited_message", "channel_post", "edited_channel_post":
		return "chat " + strconv.FormatInt(p.Chat.ID, 10)
	case "callback_query", "inline_query", "chosen_inline_result", "poll_answer", "shipping_query", "pre_checkout_query":
		return kind + " " + strconv.FormatInt(p.From.ID, 10)
	case "poll":
		return kind + " " + string(p.ID)
	}
	return kind + " " + strconv.FormatInt(p.Chat.ID, 10)
}

func life(kind string) time.Duration {
	switch kind {
	case "callback_query":
		return callbackQueryLife
	case "inline_query":
		return inlineQueryLife
	}
	return messageLife
}

// finish takes an update off the queue; Server.mu must be held.
func (b *bot) finish(u *update) {
	if u.done {
		return
	}
	u.done = true
	b.pending--
	for len(b.queue) > 0 && b.queue[0].done {
		b.queue = b.queue[1:]
	}
}

func (b *bot) dropAll() {
	for _, u := range slices.Clone(b.queue) {
		b.finish(u)
	}
}

// dropExpired forgets what waited too long; Server.mu must be held.
func (b *bot) dropExpired(now time.Time) {
	for _, u := range slices.Clone(b.queue) {
		if !u.done && now.After(u.expires) {
			b.finish(u)
		}
	}
}
