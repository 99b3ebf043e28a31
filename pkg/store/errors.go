package store

import "errors"

var (
	// ErrNotFound is returned where a single thing was asked for by its id and
	// there is none: GetMessage, GetTask, UpdateTask, TaskHistory, GetAvatar,
	// WebhookSettings, Setting, GetAnalysisRun, CancelAnalysisRun.
	ErrNotFound = errors.New("not found")

	// ErrInvalid is returned where a value breaks a rule that the database holds,
	// such as a status that does not exist or a title that is too long. The
	// constraint is named in the text.
	ErrInvalid = errors.New("value breaks a rule of the database")

	// ErrBadCursor is returned by ListMessages and ListTasks for a cursor that
	// they did not make.
	ErrBadCursor = errors.New("cursor is not one of ours")

	// ErrConflict is returned where something cannot be done in the state that things are
	// in, such as a decision about a proposal that was decided; the text says which.
	ErrConflict = errors.New("it cannot be done as things are")

	// ErrNoTask is returned by MergeProposal for a task that does not exist.
	ErrNoTask = errors.New("task does not exist")

	// ErrNoMessage is returned by CreateTask for a message that does not exist; the text says
	// which.
	ErrNoMessage = errors.New("message does not exist")

	// ErrAlreadyAnalyzed is returned by SaveDaySummary where another run has
	// meanwhile analysed some of the messages; nothing was saved.
	ErrAlreadyAnalyzed = errors.New("messages were analysed by another run")

	// ErrTooManyRuns is returned by QueueAnalysisRun while MaxQueuedAnalysisRuns wait.
	ErrTooManyRuns = errors.New("too many analysis runs wait")

	// ErrRunFinished is returned by CancelAnalysisRun for a run that completed or failed.
	ErrRunFinished = errors.New("the analysis run is finished")

	// ErrRunLost is returned where a worker stores something of a run that is no longer
	// its own; nothing was stored.
	ErrRunLost = errors.New("the analysis run was cancelled, or another worker has it")
)
