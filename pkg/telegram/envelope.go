package telegram

import (
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/tasktracker/tasktracker/pkg/channel"
)

// Kinds of updates that are handled.
const (
	kindMessage           = "message"
	kindEditedMessage     = "edited_message"
	kindChannelPost       = "channel_post"
	kindEditedChannelPost = "edited_channel_post"
	kindMyChatMember      = "my_chat_member"
	kindCallbackQuery     = "callback_query"
)

// kindUnknown is an update of no kind that we know of.
const kindUnknown = "unknown"

// kinds are those of Bot API 10.3, the handled ones first. An update has one; should
// it have several, the first of them counts.
var kinds = []string{
	kindMessage, kindEditedMessage, kindChannelPost, kindEditedChannelPost, kindMyChatMember, kindCallbackQuery,
	"message_reaction", "message_reaction_count", "business_connection", "business_message",
	"edited_business_message", "deleted_business_messages", "guest_message", "poll", "poll_answer",
	"chat_member", "chat_join_request", "chat_boost", "removed_chat_boost", "inline_query",
	"chosen_inline_result", "shipping_query", "pre_checkout_query", "purchased_paid_media", "managed_bot",
	"subscription", "stopped_message_generation",
}

// envelope is an Update.
type envelope struct {
	// known is true where the body is an object.
	known bool
	id    integer
	// rank is 1 + the index of the kind in kinds; 0 where there is none.
	rank int

	message    message
	membership membership
	callback   callback
}

// UnmarshalJSONFrom reads an update.
func (e *envelope) UnmarshalJSONFrom(d *jsontext.Decoder) (err error) {
	e.known, err = readMembers(d, func(name []byte) error {
		if string(name) == "update_id" {
			return e.id.read(d)
		}
		rank := slices.Index(kinds, string(name)) + 1
		if rank == 0 || e.rank != 0 && e.rank < rank {
			return d.SkipValue()
		}
		e.rank = rank
		return e.readKind(d)
	})
	return err
}

func (e *envelope) readKind(d *jsontext.Decoder) error {
	switch e.kindName() {
	case kindMessage, kindEditedMessage, kindChannelPost, kindEditedChannelPost:
		return e.message.read(d)
	case kindMyChatMember:
		return e.membership.read(d)
	case kindCallbackQuery:
		return e.callback.read(d)
	default:
		return d.SkipValue()
	}
}

func (e *envelope) kindName() string {
	if e.rank == 0 {
		return kindUnknown
	}
	return kinds[e.rank-1]
}

// check tells whether the body is an update at all.
func (e *envelope) check() error {
	switch {
	case !e.known:
		return fmt.Errorf("%w: not a JSON object", channel.ErrInvalid)
	case e.id.state == absent:
		return fmt.Errorf("%w: no update_id", channel.ErrInvalid)
	case e.id.state == malformed:
		return fmt.Errorf("%w: update_id is not an integer of 64 bits", channel.ErrInvalid)
	}
	return nil
}
