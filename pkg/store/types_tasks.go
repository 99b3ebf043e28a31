package store

import (
	"time"

	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// Statuses, Categories and Priorities are the values that a task may have, in the
// order in which people list them. Categories ends with "summary", which only
// analysis runs write.
func Statuses() []string {
	return []string{"open", "pending", "in_progress", "completed", "cancelled"}
}

// Categories: see Statuses.
func Categories() []string {
	return []string{"bug", "feature", "improvement", "question", "chore", CategorySummary}
}

// CategorySummary is of what sums messages up, and so is no issue.
const CategorySummary = "summary"

// Priorities: see Statuses.
func Priorities() []string { return []string{"low", "medium", "high", "critical"} }

// MaxTitle bounds a task's title, in characters.
const MaxTitle = 200

// TaskFilter selects tasks; a zero field selects all.
type TaskFilter struct {
	Status, Category, Priority string
	// Source is compared whole, without regard to case.
	Source string
	// CreatedFrom and ClosedFrom are included, CreatedBefore and ClosedBefore are not. Closed are
	// those that are completed or cancelled, at the time when they became so.
	CreatedFrom, CreatedBefore, ClosedFrom, ClosedBefore time.Time
	// Assignee is compared whole, without regard to case. Unassigned selects what nobody has.
	Assignee   string
	Unassigned bool
	// ChatID is that of the chat of the first message that led to the task, as it is called now; "" selects what no message led to,
	// nil everything.
	ChatID *string
	// Open selects what is neither completed nor cancelled.
	Open bool
	// DueFrom is included, DueBefore is not. WithoutDue selects what has no due date.
	DueFrom, DueBefore time.Time
	WithoutDue         bool
	// Query is what the user typed into the search field.
	Query string
	// Limit is 1 to 500; 0 or more than that means 500.
	Limit  int
	Cursor string
}

// TaskPage is one page, newest first by created_at, then id.
type TaskPage struct {
	Tasks      []*eventsv1.Task
	NextCursor string
}

// TaskCount says how many tasks have a value of a field.
type TaskCount struct {
	Value string
	// Name is that of a chat; "" where it is not known, and of everything else.
	Name string
	N    int64
}

// NewTask is a task to be created.
type NewTask struct {
	Title, Description         string
	Category, Priority, Source string
	// Status is "open" where empty.
	Status      string
	AIGenerated bool
	// Confidence is 0 to 1; nil where nobody estimated it.
	Confidence *float64
	Assignee   *string
	DueAt      *time.Time
	Labels     []string
	// MessageIDs are the messages that it came from.
	MessageIDs []int64
}

// Actor is who or what changes a task, for its history.
type Actor struct {
	// Kind is "user", "ai" or "system".
	Kind string
	// Name is shown as it is: a user's name, a provider. May be empty.
	Name string
}

// TaskEdit is the part of a task that may be changed, as UpdateTask offers it.
type TaskEdit struct {
	Title, Description         string
	Category, Priority, Status string
	Assignee                   *string
	DueAt                      *time.Time
	Labels                     []string
}

// TaskChange is one entry of a task's history.
type TaskChange struct {
	ID    int64
	At    time.Time
	Field string
	// From and To are the values as text; RFC 3339 for times, labels joined by ", ";
	// nil where there was none. Field "created" has neither.
	From, To *string
	Actor    Actor
}

// TaskResult is what a change of a task leaves behind.
type TaskResult struct {
	Task *eventsv1.Task
	// Changed names the fields of eventsv1.Task that changed; empty where nothing did.
	Changed []string
	// Events are the outbox rows written with it, for publishing at once.
	Events []OutboxEvent
}

// OutboxEvent is one event that waits to be published.
type OutboxEvent struct {
	ID int64
	// Subject is where it goes on the bus.
	Subject string
	// Payload is a marshalled eventsv1.Event.
	Payload []byte
	// MsgID is what the bus drops repeats by: "outbox-<id>".
	MsgID string
	// TraceParent is the trace in which it is published, where whoever publishes it has no
	// other; "" for none.
	TraceParent string
	// Attempts counts how often it was claimed, this time included.
	Attempts int
	// LastError is why the attempt before failed; "" for the first.
	LastError string
	CreatedAt time.Time
}
