package store

import "time"

// Counts are numbers of tasks.
type Counts struct {
	Total int64
	// ByStatus, ByCategory and ByPriority hold every value of Statuses, Categories
	// and Priorities, 0 included.
	ByStatus   map[string]int64
	ByCategory map[string]int64
	ByPriority map[string]int64
}

// Stats are the figures of the head of the dashboard.
type Stats struct {
	// All counts every task.
	All Counts
	// Trend counts the tasks created in the 30 days (30 times 24 hours) before the
	// moment of asking, by the status, category and priority that they have now.
	Trend Counts
}

// ActivityBucket counts the messages of one source sent in one hour.
type ActivityBucket struct {
	// Hour is when the hour begins, by the clock of the time zone asked for.
	Hour   time.Time
	Source string
	Count  int64
}

// Durations says how long many of a kind took, in seconds; zero where there are none.
type Durations struct {
	Count       int64
	Median, P90 float64
}

// TaskFlowDay counts the tasks created and closed on one day.
type TaskFlowDay struct {
	// Day is YYYY-MM-DD.
	Day             string
	Created, Closed int64
}

// ChatActivity counts the messages of one chat.
type ChatActivity struct {
	Source, ChatID string
	// Name is "" where none is known.
	Name  string
	Count int64
}

// Overview are the figures of a span.
type Overview struct {
	// Messages were sent in it; Judged of them are decided about, and Issues of those are issues.
	Messages, Judged, Issues int64
	// TasksClosed counts those that were not opened again, TasksOfMessages those created ones
	// to which messages lead.
	TasksCreated, TasksClosed, TasksOfMessages int64
	// ToTask is the median time from the first message to the task; 0 where there is none.
	ToTask time.Duration
}

// DaySummary is what one run of the analysis of a day found.
type DaySummary struct {
	// Date is YYYY-MM-DD, the day as the caller's time zone cuts it.
	Date string
	// MessageIDs are the messages that were summarised, as UnanalyzedMessages gave them.
	MessageIDs  []int64
	Title       string
	Description string
	Priority    string
	// Provider wrote the summary.
	Provider  string
	StartedAt time.Time
}
