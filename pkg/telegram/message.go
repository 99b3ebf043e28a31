package telegram

import (
	"math"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/channel"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// Dates are Unix seconds. 0 marks a message that is not accessible; beyond the last
// second of the year 9999 is nothing that protobuf's Timestamp can say.
const (
	minDate = 1
	maxDate = 253402300799
)

// generalTopic is the thread of a forum's General topic, which messages never name.
const generalTopic = 1

const replyMember = "reply_to_message"

// message is what we need of a Message.
type message struct {
	// known is true where the member was an object.
	known    bool
	id       integer
	date     integer
	editDate integer

	chat       peer
	from       peer
	senderChat peer
	signature  string

	thread  integer
	inTopic bool
	reply   reply
	album   string

	content content
	note    note
	// foreign says that the chat is a customer's or one that the bot is no member of:
	// its id belongs to another namespace and may equal one of ours.
	foreign bool
}

// reply is what we need of the replied-to message.
type reply struct {
	id   integer
	chat peer
	// chained says that it has a reply of its own.
	chained bool
}

func (m *message) read(d *jsontext.Decoder) error {
	*m = message{}
	known, err := readMembers(d, func(name []byte) error { return m.member(d, name) })
	m.known = known
	return err
}

func (m *message) member(d *jsontext.Decoder, name []byte) (err error) {
	switch string(name) {
	case "message_id":
		return m.id.read(d)
	case "date":
		return m.date.read(d)
	case "edit_date":
		return m.editDate.read(d)
	case "chat":
		return m.chat.read(d)
	case "from":
		return m.from.read(d)
	case "sender_chat":
		return m.senderChat.read(d)
	case "author_signature":
		m.signature, err = readName(d)
	case "message_thread_id":
		return m.thread.read(d)
	case "is_topic_message":
		m.inTopic, err = readTrue(d)
	case replyMember:
		return m.reply.read(d)
	case "media_group_id":
		m.album, err = readWord(d)
	case "business_connection_id", "guest_query_id":
		m.foreign = m.foreign || !isNothing(d)
		return d.SkipValue()
	default:
		if isService(string(name)) {
			return m.note.read(d, string(name))
		}
		return m.content.read(d, name)
	}
	return err
}

func (r *reply) read(d *jsontext.Decoder) error {
	*r = reply{}
	_, err := readMembers(d, func(name []byte) error {
		switch string(name) {
		case "message_id":
			return r.id.read(d)
		case "chat":
			return r.chat.read(d)
		case replyMember:
			r.chained = true
		}
		return d.SkipValue()
	})
	return err
}

// update makes an Update of the message that came in body. post says that it is a
// channel's post, edited that it is a new version.
func (m *message) update(u channel.Update, body []byte, version int64, unclean, post, edited bool, receivedAt time.Time) (channel.Update, error) {
	if m.foreign {
		return u, nil
	}
	u.Chat = m.chat.toChat(post)
	if err := m.check(u.Chat); err != nil {
		return u, err
	}
	if m.id.value == 0 {
		return u, nil // Seen by one user and the bot alone, under a number that is used again.
	}
	if m.note.is {
		facts, err := m.note.facts(u.Chat, m.noteThread(), receivedAt)
		if err == nil && len(facts) > 0 {
			u.Verdict, u.Facts = channel.State, facts
		}
		return u, err
	}
	stored, err := keep(body, unclean || m.reply.chained)
	if err != nil {
		return channel.Update{}, err
	}
	u.Verdict = channel.Store
	u.Message = &eventsv1.MessageReceived{Message: m.toMessage(u.Chat, post), Chat: u.Chat, Version: version, Edited: edited, Raw: stored}
	return u, nil
}

// check tells what is wrong with what a message must have. An ephemeral message, of
// which nothing is kept, needs its id only.
func (m *message) check(chat *eventsv1.Chat) error {
	switch {
	case !m.known:
		return notUnderstood("the message is not an object")
	case m.id.state == absent:
		return notUnderstood("the message has no message_id")
	case m.id.in(0, 0):
		return nil
	case !m.id.in(1, math.MaxInt64):
		return notUnderstood("message_id is not a positive integer of 64 bits")
	case chat == nil:
		return notUnderstood("the message has no chat.id that is an integer of 64 bits other than 0")
	case !m.date.in(minDate, maxDate):
		return notUnderstood("the message has no date between 1 and 253402300799")
	}
	return nil
}

func (m *message) toMessage(chat *eventsv1.Chat, post bool) *eventsv1.Message {
	out := &eventsv1.Message{SourceName: Name, ChatId: chat.GetChatId(), ExternalMessageId: m.id.decimal(),
		SentAt: &timestamppb.Timestamp{Seconds: m.date.value}, ChatName: chat.GetName(), ThreadId: m.topic(),
		ReplyToExternalId: m.replyTo(), MediaGroupId: m.album}
	out.Content, out.HasWords = m.content.plain()
	out.Author, out.AuthorId = m.author(post)
	if m.editDate.in(minDate, maxDate) {
		out.EditedAt = &timestamppb.Timestamp{Seconds: m.editDate.value}
	}
	return out
}

// author is who speaks. Where somebody speaks as a chat, from is a stand-in kept for
// old clients (GroupAnonymousBot, Channel_Bot, Telegram); a channel's posts have none.
func (m *message) author(post bool) (name, id string) {
	speaker, signature := &m.from, ""
	switch {
	case m.senderChat.known:
		speaker, signature = &m.senderChat, m.signature
	case post && !m.from.known:
		speaker, signature = &m.chat, m.signature
	}
	id, name = speaker.id.decimal(), speaker.name()
	if name == "" && id != "" {
		name = "id " + id
	}
	switch {
	case signature == "":
	case name == "":
		name = signature
	default:
		name += " (" + signature + ")"
	}
	return name, id
}

// topic is the thread that the message is in. Without is_topic_message the thread of
// an ordinary group's message is a chain of replies, no topic.
func (m *message) topic() string {
	if !m.inTopic || !m.thread.in(generalTopic+1, math.MaxInt64) {
		return ""
	}
	return m.thread.decimal()
}

// noteThread is the topic that a service message is about: the one it is in. A topic's
// id is that of the message that created it.
func (m *message) noteThread() string {
	if m.thread.in(generalTopic+1, math.MaxInt64) {
		return m.thread.decimal()
	}
	return ""
}

// replyTo is the message of the same chat that this one answers. What is no reply in
// a topic has the topic's creation as its reply_to_message, whose id is the topic's.
func (m *message) replyTo() string {
	switch {
	case !m.reply.id.in(1, math.MaxInt64):
		return ""
	case m.reply.chat.id.state == present && m.reply.chat.id.value != m.chat.id.value:
		return ""
	case m.inTopic && m.thread.state == present && m.thread.value == m.reply.id.value:
		return ""
	}
	return m.reply.id.decimal()
}
