package store

import "errors"

var (
	// ErrNotFound is returned where a single thing was asked for by its id and
	// there is none: GetMessage, GetTask, UpdateTask, TaskHistory, GetAvatar,
	// WebhookSettings, Setting.
	ErrNotFound = errors.New("not found")

	// ErrInvalid is returned where a value breaks a rule that the database holds,
	// such as a status that does not exist or a title that is too long. The
	// constraint is named in the text.
	ErrInvalid = errors.New("value breaks a rule of the database")

	// ErrBadCursor is returned by ListMessages and ListTasks for a cursor that
	// they did not make.
	ErrBadCursor = errors.New("cursor is not one of ours")

	// ErrAlreadyAnalyzed is returned by SaveDaySummary where another run has
	// meanwhile analysed some of the messages; nothing was saved.
	ErrAlreadyAnalyzed = errors.New("messages were analysed by another run")
)
