package store

import (
	"time"

	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// Incoming is one version of a message as a channel delivered it.
type Incoming struct {
	Message *eventsv1.Message
	// Chat is what the same update said about the chat; nil where nothing.
	Chat *eventsv1.Chat
	// Version orders versions of equal time, see eventsv1.MessageReceived.
	Version int64
	Edited  bool
	// Raw is the channel's own form, one JSON object that jsonb accepts; empty for none.
	Raw []byte
}

// Saved is what became of one Incoming.
type Saved struct {
	// Message is the whole stored row: persisted, with avatar_url filled.
	Message *eventsv1.Message
	// Emit says that this very delivery is the one whose content is stored: a new
	// row or a visible change, to be announced by message.updated. It stays true
	// when the same version is delivered again, so that an announcement lost to a
	// crash is made up for.
	Emit bool
	// AvatarWanted says that the author's picture is unknown or older than a day,
	// and should be resolved; true at most once per author in a batch.
	AvatarWanted bool
}

// Classification filters of ListMessages, beside the five categories of a task.
const (
	// ClassifiedIssue selects messages that were classified as an issue.
	ClassifiedIssue = "issue"
	// ClassifiedNoise selects messages that were classified as no issue.
	ClassifiedNoise = "noise"
	// Unclassified selects messages that nobody classified yet.
	Unclassified = "unclassified"
)

// Reached is how far a message got, from what was said to what is done; each stage holds those
// that follow.
type Reached int

// Stages, of which the zero is any.
const (
	// ReachedProposed led to a task, or to a proposal that the machine has not withdrawn.
	ReachedProposed Reached = iota + 1
	// ReachedAccepted leads to a task that was not cancelled.
	ReachedAccepted
	// ReachedDone leads to a task that is completed.
	ReachedDone
)

// MessageFilter selects messages; a zero field selects all.
type MessageFilter struct {
	// Author and Source are case-insensitive substrings; % and _ mean themselves.
	Author string
	Source string
	// From is included, To is not; both are instants.
	From, To time.Time
	ChatID   string
	// Classification is ClassifiedIssue, ClassifiedNoise, Unclassified, or a
	// category (bug, feature, improvement, question, chore).
	Classification string
	// Reached selects what got at least so far.
	Reached Reached
	// Query is what the user typed into the search field.
	Query string
	// Limit is 1 to 500; 0 means 50, more means 500.
	Limit int
	// Cursor is MessagePage.NextCursor of the page before; "" for the first.
	Cursor string
}

// MessagePage is one page, newest first by sent_at, then by the number of the message in
// its chat, then id.
type MessagePage struct {
	Messages []*eventsv1.Message
	// NextCursor continues after this page; "" at the end.
	NextCursor string
}

// MessageFacets is what the message list can be filtered by.
type MessageFacets struct {
	// Authors and Sources are sorted and without repeats.
	Authors []string
	Sources []string
	// Total counts all messages, exactly.
	Total int64
	// Earliest and Latest are zero where there are no messages.
	Earliest, Latest time.Time
}

// MessageEdit is what a message said before an edit.
type MessageEdit struct {
	Content string
	// WrittenAt is when that version was sent, or edited.
	WrittenAt time.Time
}

// MessageDetail is one message and its place in the conversation.
type MessageDetail struct {
	Message *eventsv1.Message
	// Raw is the channel's own form, a JSON object; nil where there is none.
	Raw []byte
	// Edits are the earlier versions, oldest first.
	Edits []MessageEdit
	// ReplyTo is nil where it answers nothing, or nothing that we have.
	ReplyTo *eventsv1.Message
	// Replies are the messages that answer it, oldest first, at most 100.
	Replies []*eventsv1.Message
	// TopicName is the name of the thread; "" where unknown.
	TopicName string
}

// ConversationMessage says in short who wrote what; AI summaries are made of it.
type ConversationMessage struct {
	ID     int64
	Source string
	ChatID string
	// ChatName is "" where unknown.
	ChatName string
	Author   string
	Content  string
	SentAt   time.Time
}
