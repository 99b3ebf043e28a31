package telegram

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/channel"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// membership is what we need of a ChatMemberUpdated about the bot.
type membership struct {
	chat   peer
	date   integer
	status string
	// outside is true for a restricted bot that is not in the chat.
	outside bool
}

func (m *membership) read(d *jsontext.Decoder) error {
	*m = membership{}
	_, err := readMembers(d, func(name []byte) error {
		switch string(name) {
		case "chat":
			return m.chat.read(d)
		case "date":
			return m.date.read(d)
		case "new_chat_member":
			_, err := readMembers(d, func(name []byte) (err error) {
				switch string(name) {
				case "status":
					m.status, err = readWord(d)
				case "is_member":
					m.outside = d.PeekKind() == jsontext.KindFalse
					err = d.SkipValue()
				default:
					err = d.SkipValue()
				}
				return err
			})
			return err
		}
		return d.SkipValue()
	})
	return err
}

// update makes an Update of what the bot now is in a chat.
func (m *membership) update(u channel.Update, receivedAt time.Time) (channel.Update, error) {
	u.Chat = m.chat.toChat(false)
	switch {
	case u.Chat == nil:
		return u, notUnderstood("the change of membership has no chat.id that is an integer of 64 bits other than 0")
	case m.status == "":
		return u, notUnderstood("the change of membership has no new_chat_member.status of 1 to 64 bytes")
	case !m.date.in(minDate, maxDate):
		return u, notUnderstood("the change of membership has no date between 1 and 253402300799")
	}
	if m.status == "restricted" && m.outside {
		// Its restrictions wait for its return (core.telegram.org/bots/api#chatmemberrestricted):
		// it hears nothing, as one that left.
		m.status = "left"
	}
	u.Verdict = channel.State
	u.Facts = []*eventsv1.Inbound{{ReceivedAt: timestamppb.New(receivedAt),
		Payload: &eventsv1.Inbound_BotMembershipChanged{BotMembershipChanged: &eventsv1.BotMembershipChanged{
			Chat: u.Chat, Status: m.status, ChangedAt: &timestamppb.Timestamp{Seconds: m.date.value}}}}}
	return u, nil
}
