package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// GetTask reads one task, or returns ErrNotFound.
func (s *Store) GetTask(ctx context.Context, id int64) (*eventsv1.Task, error) {
	return getTask(ctx, s.q, id)
}

func getTask(ctx context.Context, q *db.Queries, id int64) (*eventsv1.Task, error) {
	row, err := q.GetTask(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("task %d: %w", id, ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("read task %d: %w", id, err)
	}
	return task(row), nil
}

// CreateTask stores a task with the messages that it came from, its first entry of
// history, and the events of both. The first message counts as corrected to what the task
// says. ErrInvalid names the rule that is broken, ErrNoMessage the message that does not
// exist, ErrConflict the one that led to a task before.
func (s *Store) CreateTask(ctx context.Context, n NewTask, actor Actor) (TaskResult, error) {
	var result TaskResult
	err := s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) (err error) {
		if err := confirmOrigin(ctx, q, n, actor); err != nil {
			return err
		}
		if result, err = s.createTask(ctx, q, n, actor, "origin"); err != nil {
			return err
		}
		return tellOrigins(ctx, q, n.MessageIDs, &result)
	})
	if err != nil {
		return TaskResult{}, fmt.Errorf("create task: %w", err)
	}
	return result, nil
}

func (s *Store) createTask(ctx context.Context, q *db.Queries, n NewTask, actor Actor, role string) (TaskResult, error) {
	id, err := s.insertTask(ctx, q, n, actor)
	if err != nil {
		return TaskResult{}, err
	}
	if len(n.MessageIDs) > 0 {
		if err := q.LinkMessages(ctx, db.LinkMessagesParams{TaskID: id, MessageIds: n.MessageIDs, Role: role}); err != nil {
			return TaskResult{}, fmt.Errorf("link messages: %w", err)
		}
	}
	created, err := getTask(ctx, q, id)
	if err != nil {
		return TaskResult{}, err
	}
	result := TaskResult{Task: created}
	err = emit(ctx, q, &result.Events, bus.SubjectTaskCreated, &eventsv1.Event{
		Payload: &eventsv1.Event_TaskCreated{TaskCreated: &eventsv1.TaskCreated{Task: created}}})
	if err != nil {
		return TaskResult{}, err
	}
	return result, emitStats(ctx, q, &result.Events, "task_created", id)
}

// insertTask stores a task with its first entry of history, and tells nobody.
func (s *Store) insertTask(ctx context.Context, q *db.Queries, n NewTask, actor Actor) (int64, error) {
	id, err := q.InsertTask(ctx, db.InsertTaskParams{
		Title: n.Title, Description: n.Description, Category: n.Category, Priority: n.Priority,
		Status: cmp.Or(n.Status, "open"), Source: n.Source, AiGenerated: n.AIGenerated, Confidence: n.Confidence,
		Assignee: n.Assignee, DueAt: n.DueAt, Labels: append([]string{}, n.Labels...),
		Search: s.vector(n.Description, n.Title), Terms: terms(n.Title, n.Description, n.Category),
	})
	if err != nil {
		return 0, err
	}
	if err := q.InsertTaskHistory(ctx, db.InsertTaskHistoryParams{
		TaskID: id, Field: "created", ActorKind: actor.Kind, ActorName: actor.Name}); err != nil {
		return 0, fmt.Errorf("write history: %w", err)
	}
	return id, nil
}

func emitStats(ctx context.Context, q *db.Queries, written *[]OutboxEvent, reason string, taskID int64) error {
	return emit(ctx, q, written, bus.SubjectStatsUpdated, &eventsv1.Event{
		Payload: &eventsv1.Event_StatsUpdated{StatsUpdated: &eventsv1.StatsUpdated{Reason: reason, TaskId: taskID}}})
}

// UpdateTask reads a task for update, lets fn change it, and writes it with an entry of
// history for each field that changed and the events task_updated and stats_updated,
// all in one transaction. Where nothing changed, nothing is written. An error of fn
// is returned as it is. fn must not block: others wait for the row.
func (s *Store) UpdateTask(ctx context.Context, id int64, actor Actor, fn func(*TaskEdit) error) (TaskResult, error) {
	var result TaskResult
	err := s.inTxAgain(ctx, func(_ pgx.Tx, q *db.Queries) error {
		if _, err := q.LockTask(ctx, id); errors.Is(err, pgx.ErrNoRows) {
			return ErrNotFound
		} else if err != nil {
			return err
		}
		row, err := q.GetTask(ctx, id)
		if err != nil {
			return err
		}
		old := editOf(row)
		edit := editOf(row)
		if err := fn(&edit); err != nil {
			return err
		}
		changes := old.changes(edit)
		if len(changes) == 0 {
			result.Task = task(row)
			return nil
		}
		if err := correct(ctx, q, row, edit, changes, actor); err != nil {
			return fmt.Errorf("keep the correction: %w", err)
		}
		result, err = s.writeTask(ctx, q, id, edit, changes, actor)
		return err
	})
	if err != nil {
		return TaskResult{}, fmt.Errorf("update task %d: %w", id, err)
	}
	return result, nil
}

func (s *Store) writeTask(ctx context.Context, q *db.Queries, id int64, edit TaskEdit, changes []TaskChange, actor Actor) (TaskResult, error) {
	err := q.WriteTask(ctx, db.WriteTaskParams{
		ID: id, Title: edit.Title, Description: edit.Description, Category: edit.Category, Priority: edit.Priority,
		Status: edit.Status, Assignee: edit.Assignee, DueAt: edit.DueAt, Labels: append([]string{}, edit.Labels...),
		Search: s.vector(edit.Description, edit.Title), Terms: terms(edit.Title, edit.Description, edit.Category),
	})
	if err != nil {
		return TaskResult{}, err
	}
	var result TaskResult
	for _, c := range changes {
		result.Changed = append(result.Changed, c.Field)
		err := q.InsertTaskHistory(ctx, db.InsertTaskHistoryParams{
			TaskID: id, Field: c.Field, OldValue: c.From, NewValue: c.To, ActorKind: actor.Kind, ActorName: actor.Name})
		if err != nil {
			return TaskResult{}, fmt.Errorf("write history: %w", err)
		}
	}
	if result.Task, err = getTask(ctx, q, id); err != nil {
		return TaskResult{}, err
	}
	err = emit(ctx, q, &result.Events, bus.SubjectTaskUpdated, &eventsv1.Event{
		Payload: &eventsv1.Event_TaskUpdated{TaskUpdated: &eventsv1.TaskUpdated{Task: result.Task, Changed: result.Changed}}})
	if err != nil {
		return TaskResult{}, err
	}
	return result, emitStats(ctx, q, &result.Events, "task_updated", id)
}

// ConfirmTask notes that a person finds fields of a task right as the machine filled them, all
// of them where fields is empty, and emits task_updated where some were not confirmed. The
// machine changes them no more (FieldsByPeople).
func (s *Store) ConfirmTask(ctx context.Context, id int64, fields []string, actor Actor) (TaskResult, error) {
	var result TaskResult
	err := s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		if _, err := q.LockTask(ctx, id); errors.Is(err, pgx.ErrNoRows) {
			return ErrNotFound
		} else if err != nil {
			return err
		}
		row, err := q.GetTask(ctx, id)
		if err != nil {
			return err
		}
		confirmed := slices.DeleteFunc(slices.Clone(row.Unconfirmed), func(field string) bool {
			return len(fields) > 0 && !slices.Contains(fields, field)
		})
		values := editOf(row).values()
		for _, field := range confirmed {
			err := q.InsertTaskHistory(ctx, db.InsertTaskHistoryParams{TaskID: id, Field: field, OldValue: values[field], NewValue: values[field],
				ActorKind: actor.Kind, ActorName: actor.Name})
			if err != nil {
				return fmt.Errorf("write history: %w", err)
			}
		}
		if len(confirmed) > 0 && len(confirmed) == len(row.Unconfirmed) {
			if err := keepCorrection(ctx, q, row, "accept", row.Category, row.Priority, actor); err != nil {
				return fmt.Errorf("keep that it was right: %w", err)
			}
		}
		if result.Task, err = getTask(ctx, q, id); err != nil || len(confirmed) == 0 {
			return err
		}
		result.Changed = []string{"unconfirmed"}
		return emit(ctx, q, &result.Events, bus.SubjectTaskUpdated, &eventsv1.Event{
			Payload: &eventsv1.Event_TaskUpdated{TaskUpdated: &eventsv1.TaskUpdated{Task: result.Task, Changed: result.Changed}}})
	})
	if err != nil {
		return TaskResult{}, fmt.Errorf("confirm task %d: %w", id, err)
	}
	return result, nil
}

// TaskHistory reads the changes of a task with ids below before (0: the newest of all),
// newest first, at most limit of them, or returns ErrNotFound.
func (s *Store) TaskHistory(ctx context.Context, id, before int64, limit int) ([]TaskChange, error) {
	if _, err := s.GetTask(ctx, id); err != nil {
		return nil, err
	}
	if before == 0 {
		before = math.MaxInt64
	}
	rows, err := s.q.TaskHistory(ctx, db.TaskHistoryParams{TaskID: id, Before: before, MaxRows: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("read history of task %d: %w", id, err)
	}
	changes := make([]TaskChange, len(rows))
	for i, r := range rows {
		changes[i] = TaskChange{ID: r.ID, At: r.ChangedAt, Field: r.Field, From: r.OldValue, To: r.NewValue,
			Actor: Actor{Kind: r.ActorKind, Name: r.ActorName}}
	}
	return changes, nil
}

// NoteReply writes into a task's history what was said of it in a chat.
func (s *Store) NoteReply(ctx context.Context, id int64, text string, actor Actor) error {
	err := s.q.InsertTaskHistory(ctx, db.InsertTaskHistoryParams{TaskID: id, Field: "reply", NewValue: &text, ActorKind: actor.Kind, ActorName: actor.Name})
	if err != nil {
		return fmt.Errorf("write into the history of task %d what was said in its chat: %w", id, err)
	}
	return nil
}

func task(r db.TaskDetail) *eventsv1.Task {
	return &eventsv1.Task{
		Id: r.ID, Title: r.Title, Description: r.Description, Category: r.Category, Priority: r.Priority,
		Source: r.Source, Status: r.Status, CreatedAt: timestamppb.New(r.CreatedAt), UpdatedAt: timestamppb.New(r.UpdatedAt),
		AiGenerated: r.AiGenerated, Confidence: r.Confidence, Assignee: r.Assignee, DueAt: timestamp(r.DueAt),
		Labels: r.Labels, SourceMessageIds: r.SourceMessageIds, DuplicateOfId: r.DuplicateOfID, OpenLinks: r.OpenLinks, Unconfirmed: r.Unconfirmed,
		ChatId: r.ChatID, ChatName: r.ChatName,
	}
}

func editOf(r db.TaskDetail) TaskEdit {
	return TaskEdit{Title: r.Title, Description: r.Description, Category: r.Category, Priority: r.Priority,
		Status: r.Status, Assignee: r.Assignee, DueAt: r.DueAt, Labels: append([]string{}, r.Labels...)}
}

// changes lists what differs from the older state to the newer, in the order of the fields.
func (e TaskEdit) changes(to TaskEdit) []TaskChange {
	was, is := e.texts(), to.texts()
	var changes []TaskChange
	for i, field := range taskFields {
		differs := (was[i] == nil) != (is[i] == nil) || deref(was[i]) != deref(is[i])
		if field == "labels" {
			differs = !slices.Equal(e.Labels, to.Labels) // "a, b" is not "a", "b"
		}
		if differs {
			changes = append(changes, TaskChange{Field: field, From: was[i], To: is[i]})
		}
	}
	return changes
}

// taskFields are the fields that can change, in the order of texts.
var taskFields = []string{"title", "description", "category", "priority", "status", "assignee", "due_at", "labels"}

// values are texts by field.
func (e TaskEdit) values() map[string]*string {
	byField := make(map[string]*string, len(taskFields))
	for i, text := range e.texts() {
		byField[taskFields[i]] = text
	}
	return byField
}

// texts are the values of the fields as the history shows them.
func (e TaskEdit) texts() []*string {
	var due *string
	if e.DueAt != nil {
		text := e.DueAt.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano)
		due = &text
	}
	return []*string{&e.Title, &e.Description, &e.Category, &e.Priority, &e.Status, e.Assignee, due,
		some(strings.Join(e.Labels, ", "))}
}
