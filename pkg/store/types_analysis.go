package store

import (
	"encoding/json"
	"time"
)

// MaxQueuedAnalysisRuns bounds the runs that wait.
const MaxQueuedAnalysisRuns = 10

// Statuses of an AnalysisRun.
const (
	RunQueued    = "queued"
	RunRunning   = "running"
	RunCompleted = "completed"
	RunFailed    = "failed"
	RunCancelled = "cancelled"
)

// Who asks for an AnalysisRun, and for an AnalysisPost.
const (
	ByUser     = "user"
	BySchedule = "schedule"
)

// AnalysisSchedule says when runs are made by themselves, and where their summaries are posted.
type AnalysisSchedule struct {
	// Expression is "" where there is no schedule.
	Expression string       `json:"expression"`
	TimeZone   string       `json:"time_zone"`
	PostTo     []PostTarget `json:"post_to,omitempty"`
}

// PostTarget is a group at Telegram, or a topic of it.
type PostTarget struct {
	GroupID int64   `json:"group_id"`
	TopicID *string `json:"topic_id,omitempty"` // nil for none
}

// AnalysisSpan says which messages a run is about: those sent from From until before To, of
// Chats, or of all where that is nil.
type AnalysisSpan struct {
	From, To time.Time
	Chats    []string
}

// AnalysisRun is one run of the analysis of a time.
type AnalysisRun struct {
	ID     int64
	Status string
	AnalysisSpan
	// Messages is how many there were when it started, Processed how many have been read.
	Messages, Processed   int64
	CreatedAt             time.Time
	StartedAt, FinishedAt *time.Time
	// RequestedBy is ByUser or BySchedule; ScheduledFor is nil for the former.
	RequestedBy  string
	ScheduledFor *time.Time
	// Error is "" but for a failed run.
	Error string
	// Summary is nil while it is not completed, and where there was nothing to analyse.
	Summary json.RawMessage
	// Checkpoint is what the last worker stored; nil for nothing.
	Checkpoint json.RawMessage
	// Attempts says how often it was claimed since it last got on.
	Attempts int
	claims   int32
}

// Finished reports whether nothing more happens to it.
func (r AnalysisRun) Finished() bool { return r.Status != RunQueued && r.Status != RunRunning }

// AnalysisCursor is where reading the messages of a run goes on. The zero value is the start.
type AnalysisCursor struct {
	SourceID int64     `json:"source_id"`
	SentAt   time.Time `json:"sent_at"`
	ID       int64     `json:"id"`
}

// SentMessage is a message as the analysis reads it.
type SentMessage struct {
	ID int64
	// Chat is unique over all sources.
	Chat, Topic, ExternalID, ReplyTo string
	Author, Content                  string
	HasWords                         bool
	SentAt                           time.Time
}

// AnalysisTask is a task as a summary names it.
type AnalysisTask struct {
	ID       int64  `json:"id"`
	Title    string `json:"title"`
	Status   string `json:"status"`
	Category string `json:"category"`
	Priority string `json:"priority"`
}

// AnalysisCounts are figures over all messages of a run.
type AnalysisCounts struct {
	Messages int64 `json:"messages"`
	Authors  int64 `json:"authors"`
	Chats    int64 `json:"chats"`
	// Issues are messages judged to be issues, by category.
	Issues map[string]int64 `json:"issues"`
}

// AnalysisFigures are what the database says of the time of a run.
type AnalysisFigures struct {
	Counts      AnalysisCounts
	NewTasks    []AnalysisTask
	ClosedTasks []AnalysisTask
}
