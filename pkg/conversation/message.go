package conversation

import (
	"cmp"
	"slices"
	"time"
)

// Message is what grouping needs to know of a message. All messages given to one call are
// of one chat and topic.
type Message struct {
	// ID is the store's id of the message, above 0.
	ID int64
	// At is when it was sent; microseconds count, what is finer does not.
	At time.Time
	// Position is the channel's own number of the message in its chat, at least 0, which
	// orders messages of one moment; 0 if there is none. Then ID orders, and must not
	// depend on the order of arrival.
	Position int64
	// Author is the channel's id of the author; "" if unknown, who is nobody's like.
	Author string
	// ReplyTo is the ID of the message of the same chat and topic to which it replies; 0
	// if it is no reply, or replies to what is not stored.
	ReplyTo int64
	// Album is the channel's id of the album that it is part of; "" if none.
	Album string
	// Opens tells whether it opens a subject, by its own words alone: it then starts a
	// burst, unless it is part of an album or a reply, or its author goes on speaking.
	Opens bool
	// Burst and Conversation are the keys stored with it; 0 for one that has just arrived.
	Burst, Conversation int64
}

// order compares messages by time of sending, position and id.
func order(a, b Message) int {
	return cmp.Or(cmp.Compare(a.At.UnixMicro(), b.At.UnixMicro()), cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
}

// sorted returns a copy in order, each message once, with times in whole microseconds.
func sorted(messages []Message) []Message {
	s := slices.Clone(messages)
	for i := range s {
		s[i].At = time.UnixMicro(s[i].At.UnixMicro())
	}
	slices.SortFunc(s, order)
	return slices.CompactFunc(s, func(a, b Message) bool { return a.ID == b.ID })
}
