package telegram

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// isService tells the members that make a message Telegram's own note, nobody's words.
func isService(member string) bool {
	switch member {
	case "new_chat_members", "left_chat_member", "chat_owner_left", "chat_owner_changed", "new_chat_title",
		"new_chat_photo", "delete_chat_photo", "group_chat_created", "supergroup_chat_created",
		"channel_chat_created", "message_auto_delete_timer_changed", "migrate_to_chat_id",
		"migrate_from_chat_id", "pinned_message", "successful_payment", "refunded_payment", "users_shared",
		"chat_shared", "gift", "unique_gift", "gift_upgrade_sent", "connected_website",
		"write_access_allowed", "passport_data", "proximity_alert_triggered", "boost_added",
		"chat_background_set", "checklist_tasks_done", "checklist_tasks_added", "community_chat_added",
		"community_chat_joined", "community_chat_removed", "direct_message_price_changed",
		"forum_topic_created", "forum_topic_edited", "forum_topic_closed", "forum_topic_reopened",
		"general_forum_topic_hidden", "general_forum_topic_unhidden", "giveaway_created",
		"giveaway_completed", "managed_bot_created", "paid_message_price_changed", "poll_option_added",
		"poll_option_deleted", "suggested_post_approved", "suggested_post_approval_failed",
		"suggested_post_declined", "suggested_post_paid", "suggested_post_refunded",
		"video_chat_scheduled", "video_chat_started", "video_chat_ended",
		"video_chat_participants_invited", "web_app_data":
		return true
	}
	return false
}

// note is what a service message says. Most say nothing that we keep.
type note struct {
	// is is true for a service message.
	is                     bool
	migrateTo, migrateFrom integer
	title                  string
	topicName              string
}

// read takes the value of a service member.
func (n *note) read(d *jsontext.Decoder, member string) (err error) {
	if isNothing(d) {
		return d.SkipValue()
	}
	n.is = true
	switch member {
	case "migrate_to_chat_id":
		return n.migrateTo.read(d)
	case "migrate_from_chat_id":
		return n.migrateFrom.read(d)
	case "new_chat_title":
		n.title, err = readName(d)
		return err
	case "forum_topic_created", "forum_topic_edited":
		// forum_topic_edited has no name where only the icon changed.
		_, err = readMembers(d, func(name []byte) (err error) {
			if string(name) != "name" {
				return d.SkipValue()
			}
			n.topicName, err = readName(d)
			return err
		})
		return err
	default:
		return d.SkipValue()
	}
}

// facts is what the note changes in what is known of the chat, whose new name it sets.
func (n *note) facts(chat *eventsv1.Chat, thread string, receivedAt time.Time) ([]*eventsv1.Inbound, error) {
	var facts []*eventsv1.Inbound
	add := func(fact *eventsv1.Inbound) {
		fact.ReceivedAt = timestamppb.New(receivedAt)
		facts = append(facts, fact)
	}
	migrated := func(from, to string) {
		add(&eventsv1.Inbound{Payload: &eventsv1.Inbound_ChatMigrated{ChatMigrated: &eventsv1.ChatMigrated{
			SourceName: Name, FromChatId: from, ToChatId: to, Name: chat.GetName()}}})
	}
	if !n.migrateTo.plausible() || !n.migrateFrom.plausible() {
		return nil, notUnderstood("the id of the chat that was migrated is no chat id")
	}
	if n.migrateTo.state == present {
		migrated(chat.GetChatId(), n.migrateTo.decimal())
	}
	if n.migrateFrom.state == present {
		migrated(n.migrateFrom.decimal(), chat.GetChatId())
	}
	if n.title != "" {
		chat.Name = n.title
		add(&eventsv1.Inbound{Payload: &eventsv1.Inbound_ChatRenamed{ChatRenamed: &eventsv1.ChatRenamed{Chat: chat}}})
	}
	if n.topicName != "" && thread != "" {
		add(&eventsv1.Inbound{Payload: &eventsv1.Inbound_TopicNamed{TopicNamed: &eventsv1.TopicNamed{
			Chat: chat, ThreadId: thread, Name: n.topicName}}})
	}
	return facts, nil
}

// plausible tells whether an optional id of a group is absent or can be one.
func (n *integer) plausible() bool {
	return n.state == absent || n.state == present && n.value < 0
}
