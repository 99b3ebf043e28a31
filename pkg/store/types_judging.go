package store

import (
	"encoding/json"
	"time"

	"github.com/tasktracker/tasktracker/pkg/conversation"
)

// What follows from a judgement.
const (
	DecisionTask     = "task"
	DecisionProposal = "proposal"
	DecisionNoise    = "noise"
	// DecisionShadow is for an issue of which nothing is made, since the machine may only judge.
	DecisionShadow = "shadow"
	// DecisionNothing is for a conversation without words.
	DecisionNothing = "nothing"
)

// ProviderUser is the provider of a classification that a person gave. No later judgement
// replaces it.
const ProviderUser = "user"

// Verdict is what a classifier said about one turn of a conversation: consecutive messages
// of one author.
type Verdict struct {
	// Messages are the turn's, in order.
	Messages []int64 `json:"messages"`
	// Probability is that of an issue, 0 to 1.
	Probability float64 `json:"probability"`
	// Category and Priority are "" where it names none, as for noise.
	Category string `json:"category,omitempty"`
	Priority string `json:"priority,omitempty"`
	// Quote decided, and Reason says why; Title is "" where the provider makes none.
	Quote   string   `json:"quote,omitempty"`
	Reason  string   `json:"reason,omitempty"`
	Title   string   `json:"title,omitempty"`
	Signals []string `json:"signals,omitempty"`
	// Provider, Model and Version tell who judged, by which weights or which prompt.
	Provider string `json:"provider"`
	Model    string `json:"model,omitempty"`
	Version  string `json:"version,omitempty"`
}

// Opinion is what a person said about a message.
type Opinion struct {
	IsIssue            bool
	Category, Priority string
}

// Utterance is a message of a conversation that is judged.
type Utterance struct {
	// Utterance has no Text where the message has no words.
	conversation.Utterance
	AuthorName string
	// Verdict is that of the turn which this message opened, Judged; nil for none.
	Verdict *Verdict
	// Opinion is nil where no person said anything.
	Opinion *Opinion
	// TaskID is the task that the message led to; 0 for none.
	TaskID int64
	// Raw is what the channel delivered, where it marked somebody in it who has no @name;
	// nil for others.
	Raw json.RawMessage

	contentAt      time.Time
	contentVersion int64
}

// Conversation is what is judged as one.
type Conversation struct {
	ID, Version int64
	// Source is the name of the channel.
	Source string
	// Messages are in the order in which they were sent.
	Messages []Utterance
	// Around is what was said last in its chat, where a person calls a message an issue and none of Messages has
	// words: whoever names the task knows the language of the chat by it.
	Around []string
	// TraceParents are the traces of the messages that have come since it was judged, the
	// newest last, of those that are sampled; ClaimConversations tells them.
	TraceParents []string
}

// Judgement is what a classifier said about a conversation.
type Judgement struct {
	Conversation Conversation
	// Verdicts are those of the turns that were judged now.
	Verdicts []Verdict
	Duration time.Duration
	// Fallback is why only the next in line judged it; "" where the first did.
	Fallback string
	// TraceParent is the trace in which the events that follow are told; "" for none.
	TraceParent string
}

// MessageVerdict is the classification of one message.
type MessageVerdict struct {
	ID                 int64
	IsIssue            bool
	Category, Priority string
	Confidence         float64
	Provider           string
}

// Decision is what follows from the verdicts of a conversation.
type Decision struct {
	// Kind is one of those above, and Explanation says in a sentence why.
	Kind, Explanation string
	// Verdict is that which decided; nil where there is none.
	Verdict *Verdict
	// Probability is that of the whole conversation to be an issue, 0 to 1.
	Probability float64
	// Title, Description, Category, Priority, Assignee and DueAt are those of the task or
	// proposal.
	Title, Description string
	Category, Priority string
	Assignee           *string
	DueAt              *time.Time
	// Messages are the verdicts of single messages, where there are any.
	Messages []MessageVerdict
	// Attach are the messages that belong to the task.
	Attach []int64
}

// issue reports whether it is one, whether or not anything is made of it.
func (d Decision) issue() bool {
	return d.Kind == DecisionTask || d.Kind == DecisionProposal || d.Kind == DecisionShadow
}

// Judged is what Judge changed.
type Judged struct {
	// Conversations, Tasks and Proposals count what was judged, and what was made of it.
	Conversations, Tasks, Proposals int
	// Attached counts what was attached to a task that said the same, Links what a person is
	// asked about.
	Attached, Links int
	// Events are the outbox rows written with it. Whoever called Judge publishes them;
	// the relay does after ten seconds.
	Events []OutboxEvent
}
