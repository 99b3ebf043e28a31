package telegramtest

import (
	"encoding/json"
	"maps"
	"net/http"
	"time"
)

// Limits of what bots send (https://core.telegram.org/bots/api#sendmessage).
const (
	maxText           = 4096 // UTF-16 code units
	maxCallbackData   = 64   // bytes
	maxCallbackAnswer = 200  // UTF-16 code units
)

type messageKey struct{ chat, message int64 }

// sentMessage is a message of a bot.
type sentMessage struct {
	text   string
	topic  string
	to     int64  // the message that it answers; 0 for none
	markup string // JSON
	date   int64
	edited int64
}

func (c *call) getMe() (any, string, *apiError) {
	return map[string]any{
		"id": c.bot.ID, "is_bot": true, "first_name": c.bot.FirstName, "username": c.bot.Username,
		"can_join_groups": true, "can_read_all_group_messages": c.bot.CanReadAllGroupMessages,
		"supports_inline_queries": false, "can_connect_to_business": false, "has_main_web_app": false,
	}, "", nil
}

func (c *call) getChat() (any, string, *apiError) {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	chat := s.chat(c.params["chat_id"])
	if chat == nil {
		return nil, "", badRequest("chat not found")
	}
	if chat.Kicked && chat.Username == "" { // public ones answer without membership
		return nil, "", chat.forbidden()
	}
	result := chat.fields()
	result["accent_color_id"], result["max_reaction_count"] = 0, 11
	if chat.Photo != nil {
		small, big := chat.Photo.uniqueID(0), chat.Photo.uniqueID(len(chat.Photo.Sizes)-1)
		result["photo"] = map[string]any{
			"small_file_id": c.bot.fileID(small), "small_file_unique_id": small,
			"big_file_id": c.bot.fileID(big), "big_file_unique_id": big,
		}
	}
	maps.Copy(result, chat.Extra)
	return result, "", nil
}

// getChatMember answers for the bot itself, the one member of which the server knows
// more than that; anybody else is a member.
func (c *call) getChatMember() (any, string, *apiError) {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	chat, user := s.chat(c.params["chat_id"]), c.params.int("user_id", 0)
	switch {
	case chat == nil:
		return nil, "", badRequest("chat not found")
	case user <= 0:
		return nil, "", badRequest("invalid user_id specified")
	case user != c.bot.ID:
		return map[string]any{"status": "member", "user": map[string]any{"id": user, "is_bot": false, "first_name": ""}}, "", nil
	case chat.MigratedTo != 0:
		e := badRequest("group chat was upgraded to a supergroup chat")
		e.migrateTo = chat.MigratedTo
		return nil, "", e
	case chat.Kicked:
		return nil, "", chat.forbidden()
	}
	status := "member"
	if chat.BotIsAdmin {
		status = "administrator"
	}
	return map[string]any{"status": status, "user": map[string]any{"id": c.bot.ID, "is_bot": true, "first_name": c.bot.FirstName, "username": c.bot.Username}}, "", nil
}

// fields is the chat as messages hold it.
func (c *Chat) fields() map[string]any {
	fields := map[string]any{"id": c.ID, "type": c.Type}
	for name, value := range map[string]string{
		"title": c.Title, "username": c.Username, "first_name": c.FirstName, "last_name": c.LastName,
	} {
		if value != "" {
			fields[name] = value
		}
	}
	if c.IsForum {
		fields["is_forum"] = true
	}
	return fields
}

func (c *Chat) forbidden() *apiError {
	text := "Forbidden: bot was kicked from the " + c.Type + " chat"
	if c.Type == "private" {
		text = "Forbidden: bot was blocked by the user"
	}
	return &apiError{code: http.StatusForbidden, description: text}
}

// target is the chat a bot wants to write to; Server.mu must be held.
func (c *call) target() (*Chat, *apiError) {
	chat := c.server.chat(c.params["chat_id"])
	switch {
	case chat == nil:
		return nil, badRequest("chat not found")
	case chat.MigratedTo != 0:
		e := badRequest("group chat was upgraded to a supergroup chat")
		e.migrateTo = chat.MigratedTo
		return nil, e
	case chat.Kicked:
		return nil, chat.forbidden()
	}
	return chat, nil
}

// checkContent checks the text and the buttons of a message.
func (c *call) checkContent(text bool) *apiError {
	if text && c.params["text"] == "" {
		return badRequest("message text is empty")
	}
	if utf16Len(c.params["text"]) > maxText {
		return badRequest("message is too long")
	}
	if c.params["reply_markup"] == "" {
		return nil
	}
	var markup struct {
		Keyboard [][]struct {
			Data string `json:"callback_data"`
		} `json:"inline_keyboard"`
	}
	if err := json.Unmarshal([]byte(c.params["reply_markup"]), &markup); err != nil {
		return badRequest("can't parse reply keyboard markup JSON object")
	}
	for _, row := range markup.Keyboard {
		for _, button := range row {
			if len(button.Data) > maxCallbackData {
				return badRequest("BUTTON_DATA_INVALID")
			}
		}
	}
	return nil
}

func (c *call) sendMessage() (any, string, *apiError) {
	s, b := c.server, c.bot
	s.mu.Lock()
	defer s.mu.Unlock()
	chat, err := c.target()
	if err != nil {
		return nil, "", err
	}
	if err := c.checkContent(true); err != nil {
		return nil, "", err
	}
	if c.params["message_thread_id"] == "1" { // the General topic has no number that can be sent to
		return nil, "", badRequest("message thread not found")
	}
	var reply struct {
		MessageID int64 `json:"message_id"`
	}
	if given := c.params["reply_parameters"]; given != "" && json.Unmarshal([]byte(given), &reply) != nil {
		return nil, "", badRequest("can't parse reply parameters JSON object")
	}
	b.nextMessage[chat.ID]++
	key := messageKey{chat.ID, b.nextMessage[chat.ID]}
	b.sent[key] = &sentMessage{text: c.params["text"], topic: c.params["message_thread_id"], to: reply.MessageID, markup: c.params["reply_markup"], date: s.clock.now().Unix()}
	return c.message(chat, key), "", nil
}

// message is a sent message as the API shows it; Server.mu must be held.
func (c *call) message(chat *Chat, key messageKey) map[string]any {
	m := c.bot.sent[key]
	result := map[string]any{
		"message_id": key.message, "date": m.date, "chat": chat.fields(), "text": m.text,
		"from": map[string]any{"id": c.bot.ID, "is_bot": true, "first_name": c.bot.FirstName, "username": c.bot.Username},
	}
	if m.edited != 0 {
		result["edit_date"] = m.edited
	}
	if m.markup != "" {
		result["reply_markup"] = json.RawMessage(m.markup)
	}
	return result
}

func (c *call) editMessageText() (any, string, *apiError) { return c.edit(true) }

func (c *call) editMessageReplyMarkup() (any, string, *apiError) { return c.edit(false) }

func (c *call) edit(text bool) (any, string, *apiError) {
	s, b := c.server, c.bot
	s.mu.Lock()
	defer s.mu.Unlock()
	chat, err := c.target()
	if err != nil {
		return nil, "", err
	}
	if err := c.checkContent(text); err != nil {
		return nil, "", err
	}
	key := messageKey{chat.ID, c.params.int("message_id", 0)}
	m := b.sent[key]
	if m == nil {
		return nil, "", badRequest("message to edit not found")
	}
	edited := *m
	edited.markup = c.params["reply_markup"]
	if text {
		edited.text = c.params["text"]
	}
	if edited == *m {
		return nil, "", badRequest("message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")
	}
	edited.edited = s.clock.now().Unix()
	*m = edited
	return c.message(chat, key), "", nil
}

func (c *call) answerCallbackQuery() (any, string, *apiError) {
	s, b := c.server, c.bot
	s.mu.Lock()
	defer s.mu.Unlock()
	id := c.params["callback_query_id"]
	sent, ok := b.callbacks[id]
	if !ok || s.clock.now().Sub(sent) > callbackQueryLife {
		return nil, "", badRequest("query is too old and response timeout expired or query ID is invalid")
	}
	if utf16Len(c.params["text"]) > maxCallbackAnswer {
		return nil, "", badRequest("MESSAGE_TOO_LONG")
	}
	return true, "", nil
}

// SentMessage is a message as a bot's chat shows it now.
type SentMessage struct {
	Text string
	// Topic is the forum's topic that it was sent to, "" for none; ReplyTo the number of
	// the message that it answers, 0 for none.
	Topic   string
	ReplyTo int64
	// ReplyMarkup is JSON, "" for none.
	ReplyMarkup string
	SentAt      time.Time
}

// Message returns a message that the bot sent, with the edits since.
func (s *Server) Message(token string, chatID, messageID int64) (SentMessage, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.bots[token]
	if b == nil || b.sent[messageKey{chatID, messageID}] == nil {
		return SentMessage{}, false
	}
	m := b.sent[messageKey{chatID, messageID}]
	return SentMessage{Text: m.text, Topic: m.topic, ReplyTo: m.to, ReplyMarkup: m.markup, SentAt: time.Unix(m.date, 0)}, true
}
