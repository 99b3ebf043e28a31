package telegramtest

import (
	"encoding/json"
	"slices"
	"strings"
)

// serviceFields mark a message as Telegram's own note, which privacy mode does
// not hide: those of Bot API 10.3 that concern groups.
var serviceFields = []string{
	"new_chat_members", "left_chat_member", "chat_owner_left", "chat_owner_changed", "new_chat_title", "new_chat_photo",
	"delete_chat_photo", "group_chat_created", "supergroup_chat_created", "message_auto_delete_timer_changed",
	"migrate_to_chat_id", "migrate_from_chat_id", "pinned_message", "proximity_alert_triggered", "boost_added",
	"chat_background_set", "checklist_tasks_done", "checklist_tasks_added", "forum_topic_created", "forum_topic_edited",
	"forum_topic_closed", "forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden",
	"giveaway_created", "giveaway_completed", "video_chat_scheduled", "video_chat_started", "video_chat_ended",
	"video_chat_participants_invited",
}

// private says whether privacy mode hides an update from the bot
// (https://core.telegram.org/bots/features#privacy-mode). s.mu must be held.
func (s *Server) private(b *bot, kind string, payload json.RawMessage, p peek) bool {
	if b.CanReadAllGroupMessages || (kind != "message" && kind != "edited_message") {
		return false
	}
	if p.Chat.Type != "group" && p.Chat.Type != "supergroup" {
		return false
	}
	if c := s.chats[p.Chat.ID]; c != nil && c.BotIsAdmin {
		return false
	}
	if p.ReplyToMessage != nil && p.ReplyToMessage.From.ID == b.ID {
		return false
	}
	if command, ok := strings.CutPrefix(p.Text, "/"); ok {
		word, _, _ := strings.Cut(command, " ")
		_, addressee, addressed := strings.Cut(word, "@")
		return addressed && !strings.EqualFold(addressee, b.Username)
	}
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(payload, &fields) // Send has checked that it is JSON; what is no object has no fields
	for name := range fields {
		if slices.Contains(serviceFields, name) {
			return false
		}
	}
	return true
}
