package channel

import (
	"errors"
	"time"

	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

var (
	// ErrInvalid is returned by Decode for a body that is no delivery of the
	// channel at all: not its format, or without the id that every delivery has.
	// The sender is told (HTTP 400); nothing is stored.
	ErrInvalid = errors.New("invalid body")
	// ErrNotUnderstood is returned by Decode, beside an Update with ID and Kind,
	// for a delivery whose shape is not the one we know. It is kept raw as a dead
	// letter and accepted, so that the channel does not repeat it for ever.
	ErrNotUnderstood = errors.New("shape not understood")
)

// Adapter turns what one channel delivers into what the bus carries. It is pure
// (no network, no state) and safe for concurrent use.
type Adapter interface {
	// Name is the channel's name: subject token, source_name and metric label.
	Name() string
	// Decode reads one delivered body, which it does not keep or change. Its
	// errors wrap ErrInvalid or ErrNotUnderstood with a sentence that holds
	// nothing of the body's text.
	Decode(body []byte, receivedAt time.Time) (Update, error)
}

// Verdict is what is to be done with an update.
type Verdict int

const (
	// Ignore: of a kind that is not handled; accepted and counted.
	Ignore Verdict = iota
	// Store: Message is somebody's message, or a new version of one.
	Store
	// State: nothing was said; Facts may change what is known of a chat.
	State
	// Callback: a button of ours was pressed; CallbackID is to be answered.
	Callback
)

// String names the verdict, for metrics and logs.
func (v Verdict) String() string {
	switch v {
	case Store:
		return "store"
	case State:
		return "state"
	case Callback:
		return "callback"
	default:
		return "ignore"
	}
}

// Update is what an adapter made of one delivery.
type Update struct {
	// ID is the exact id of the delivery within the account, for de-duplication.
	ID string
	// Kind is the channel's word for it, of a bounded set ("message", ..., "unknown").
	Kind    string
	Verdict Verdict
	// Chat is where it happened; nil where it has no chat.
	Chat *eventsv1.Chat
	// Message is set for Store only.
	Message *eventsv1.MessageReceived
	// Facts are what it says about chats, for the database: chat_migrated,
	// chat_renamed, topic_named, bot_membership_changed.
	Facts []*eventsv1.Inbound
	// CallbackID is set for Callback only.
	CallbackID string
}
