package handlers

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/oapi-codegen/runtime/types"

	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/wire"
	"github.com/tasktracker/tasktracker/proto/gen/api"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/api/internal/contract"
)

// ListTasks pages through tasks, newest first.
func (h *Handlers) ListTasks(ctx context.Context, r apiserver.ListTasksRequestObject) (apiserver.ListTasksResponseObject, error) {
	filter, err := taskFilter(r.Params)
	if err != nil {
		return nil, err
	}
	page, err := h.Store.ListTasks(ctx, filter)
	if err != nil {
		return nil, err
	}
	link, next := nextPage(ctx, page.NextCursor)
	body := make([]api.TaskResponse, 0, len(page.Tasks))
	for _, task := range page.Tasks {
		body = append(body, wire.Task(task))
	}
	return apiserver.ListTasks200JSONResponse{
		Body: body, Headers: apiserver.ListTasks200ResponseHeaders{Link: link, XNextCursor: next},
	}, nil
}

// nobody is how a list is asked for what has no assignee, or came from no chat.
const nobody = "none"

func taskFilter(p api.ListTasksParams) (store.TaskFilter, error) {
	filter := store.TaskFilter{
		Status: string(value(p.Status)), Category: string(value(p.Category)), Priority: string(value(p.Priority)),
		Source: value(p.Source), Query: value(p.Q), Limit: value(p.Limit), Cursor: value(p.Cursor),
	}
	if filter.Assignee = value(p.Assignee); filter.Assignee == nobody {
		filter.Assignee, filter.Unassigned = "", true
	}
	if filter.ChatID = p.ChatID; value(p.ChatID) == nobody {
		filter.ChatID = new(string)
	}
	tz, err := contract.TimeZone(value(p.TZ))
	if err != nil {
		return filter, err
	}
	setDue(&filter, value(p.Due), time.Now().In(tz))
	for _, bound := range []struct {
		day  *types.Date
		last bool
		at   *time.Time
	}{{p.CreatedFrom, false, &filter.CreatedFrom}, {p.CreatedTo, true, &filter.CreatedBefore}, {p.ClosedFrom, false, &filter.ClosedFrom}, {p.ClosedTo, true, &filter.ClosedBefore}} {
		if bound.day == nil {
			continue
		}
		day := bound.day.Time
		if bound.last {
			day = day.AddDate(0, 0, 1)
		}
		*bound.at = startOfDay(day, tz)
	}
	return filter, nil
}

// setDue selects what is due; days are those of the zone of now.
func setDue(filter *store.TaskFilter, due api.TaskDue, now time.Time) {
	filter.Open = due != ""
	week := weekEnds(now)
	switch due {
	case api.TaskDueOverdue:
		filter.DueBefore = now
	case api.TaskDueWeek:
		filter.DueFrom, filter.DueBefore = now, week
	case api.TaskDueLater:
		filter.DueFrom = week
	case api.TaskDueNone:
		filter.WithoutDue = true
	}
}

// weekEnds is when the week ends that begins now: the end of the sixth day after today.
func weekEnds(now time.Time) time.Time { return startOfDay(now.AddDate(0, 0, 7), now.Location()) }

// CountTasksBy counts tasks by the values of a field.
func (h *Handlers) CountTasksBy(ctx context.Context, r apiserver.CountTasksByRequestObject) (apiserver.CountTasksByResponseObject, error) {
	p := r.Params
	filter, err := taskFilter(api.ListTasksParams{
		Status: p.Status, Category: p.Category, Priority: p.Priority, Source: p.Source, Assignee: p.Assignee, ChatID: p.ChatID, Due: p.Due,
		CreatedFrom: p.CreatedFrom, CreatedTo: p.CreatedTo, ClosedFrom: p.ClosedFrom, ClosedTo: p.ClosedTo, TZ: p.TZ, Q: p.Q,
	})
	if err != nil {
		return nil, err
	}
	tz, err := contract.TimeZone(value(p.TZ))
	if err != nil {
		return nil, err
	}
	now := time.Now().In(tz)
	counts, err := h.Store.CountTasksBy(ctx, string(p.By), filter, now, weekEnds(now))
	if err != nil {
		return nil, err
	}
	body := make(apiserver.CountTasksBy200JSONResponse, 0, len(counts))
	for _, c := range counts {
		body = append(body, api.TaskCount{Value: filterValue(p.By, c.Value), Name: optional(c.Name), Count: c.N})
	}
	return body, nil
}

// filterValue is how the list is asked for what has a value.
func filterValue(by api.CountTasksByParamsBy, found string) string {
	switch {
	case by != api.CountTasksByParamsByAssignee && by != api.CountTasksByParamsByChatID:
		return found
	case found == "":
		return nobody
	case found == nobody && by == api.CountTasksByParamsByAssignee:
		return "None" // a person of that name
	}
	return found
}

// CreateTask makes a task of status open, of messages where it names some.
func (h *Handlers) CreateTask(ctx context.Context, r apiserver.CreateTaskRequestObject) (apiserver.CreateTaskResponseObject, error) {
	result, err := h.Store.CreateTask(ctx, store.NewTask{
		Title: r.Body.Title, Description: r.Body.Description, Category: string(r.Body.Category),
		Priority: string(r.Body.Priority), Source: r.Body.Source, MessageIDs: unique(value(r.Body.SourceMessageIds)),
	}, caller())
	if err != nil {
		return nil, originError(err)
	}
	h.Outbox.Publish(ctx, result.Events)
	return apiserver.CreateTask201JSONResponse(wire.Task(result.Task)), nil
}

func originError(err error) error {
	if errors.Is(err, store.ErrNoMessage) {
		return contract.Fault("unknown", "names a message that does not exist: "+after(err, store.ErrNoMessage), "body", "source_message_ids")
	}
	if errors.Is(err, store.ErrConflict) {
		return conflict("No task was made: " + after(err, store.ErrConflict) + ". Change that task, or leave the message out.")
	}
	return err
}

// GetTask reads one task.
func (h *Handlers) GetTask(ctx context.Context, r apiserver.GetTaskRequestObject) (apiserver.GetTaskResponseObject, error) {
	task, err := h.Store.GetTask(ctx, r.ID)
	if err != nil {
		return nil, taskError(err)
	}
	return apiserver.GetTask200JSONResponse(wire.Task(task)), nil
}

// UpdateTask changes what the body names; null clears assignee and due_at.
func (h *Handlers) UpdateTask(ctx context.Context, r apiserver.UpdateTaskRequestObject) (apiserver.UpdateTaskResponseObject, error) {
	b := r.Body
	if due, err := b.DueAt.Get(); err == nil && (due.UTC().Year() < 1 || due.UTC().Year() > 9999) {
		return nil, contract.Fault("range", "must be a time between the years 1 and 9999", "body", "due_at")
	}
	if b.Title == nil && b.Description == nil && b.Labels == nil && b.Category == nil && b.Priority == nil && b.Status == nil &&
		!b.Assignee.IsSpecified() && !b.DueAt.IsSpecified() {
		return nil, contract.Fault("minProperties", "names no field of a task: send at least one to change", "body")
	}
	task, err := h.change(ctx, r.ID, func(edit *store.TaskEdit) error {
		set(&edit.Title, b.Title)
		set(&edit.Description, b.Description)
		if b.Labels != nil {
			edit.Labels = unique(*b.Labels)
		}
		set(&edit.Category, (*string)(b.Category))
		set(&edit.Priority, (*string)(b.Priority))
		set(&edit.Status, (*string)(b.Status))
		if b.Assignee.IsSpecified() {
			edit.Assignee = pointer(b.Assignee.Get())
		}
		if b.DueAt.IsSpecified() {
			edit.DueAt = pointer(b.DueAt.Get())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return apiserver.UpdateTask200JSONResponse(wire.Task(task)), nil
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// unique leaves out what came before, and keeps the order.
func unique[T comparable](given []T) []T {
	kept := make([]T, 0, len(given))
	for _, v := range given {
		if !slices.Contains(kept, v) {
			kept = append(kept, v)
		}
	}
	return kept
}

// pointer is nil for the error that nullable gives for null.
func pointer[T any](v T, err error) *T {
	if err != nil {
		return nil
	}
	return &v
}

// SetTaskStatus takes the status from the body, else from the query.
func (h *Handlers) SetTaskStatus(ctx context.Context, r apiserver.SetTaskStatusRequestObject) (apiserver.SetTaskStatusResponseObject, error) {
	var status api.TaskStatus
	switch {
	case r.Body != nil && r.Body.Status != "": // an absent body binds as an empty one
		status = r.Body.Status
	case r.Params.Status != nil:
		status = *r.Params.Status
	default:
		return nil, contract.Fault("missing", "is required, in the body or as ?status=", "body", "status")
	}
	task, err := h.change(ctx, r.ID, func(edit *store.TaskEdit) error {
		edit.Status = string(status)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return apiserver.SetTaskStatus200JSONResponse{
		Message: "Task status updated", TaskID: r.ID, Status: api.TaskStatus(task.GetStatus()), Task: wire.Task(task),
	}, nil
}

func (h *Handlers) change(ctx context.Context, id int64, fn func(*store.TaskEdit) error) (*eventsv1.Task, error) {
	result, err := h.Store.UpdateTask(ctx, id, caller(), fn)
	if err != nil {
		return nil, taskError(err)
	}
	h.Outbox.Publish(ctx, result.Events)
	return result.Task, nil
}

// ConfirmTask takes a person's word that the machine filled fields rightly.
func (h *Handlers) ConfirmTask(ctx context.Context, r apiserver.ConfirmTaskRequestObject) (apiserver.ConfirmTaskResponseObject, error) {
	var fields []string
	if r.Body != nil {
		for _, f := range value(r.Body.Fields) {
			fields = append(fields, string(f))
		}
	}
	result, err := h.Store.ConfirmTask(ctx, r.ID, fields, caller())
	if err != nil {
		return nil, taskError(err)
	}
	h.Outbox.Publish(ctx, result.Events)
	return apiserver.ConfirmTask200JSONResponse(wire.Task(result.Task)), nil
}

// maxHistory bounds a page, as proto/openapi.yaml says.
const maxHistory = 500

// ListTaskHistory lists a task's changes, newest first.
func (h *Handlers) ListTaskHistory(ctx context.Context, r apiserver.ListTaskHistoryRequestObject) (apiserver.ListTaskHistoryResponseObject, error) {
	limit := maxHistory
	if r.Params.Limit != nil {
		limit = *r.Params.Limit
	}
	before, err := numberCursor(r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	changes, err := h.Store.TaskHistory(ctx, r.ID, before, limit)
	if err != nil {
		return nil, taskError(err)
	}
	body := make([]api.TaskHistoryEntry, 0, len(changes))
	for _, c := range changes {
		body = append(body, historyEntry(c))
	}
	cursor := ""
	if len(changes) == limit {
		cursor = decimal(changes[limit-1].ID)
	}
	link, next := nextPage(ctx, cursor)
	return apiserver.ListTaskHistory200JSONResponse{
		Body: body, Headers: apiserver.ListTaskHistory200ResponseHeaders{Link: link, XNextCursor: next},
	}, nil
}

func historyEntry(c store.TaskChange) api.TaskHistoryEntry {
	return api.TaskHistoryEntry{ID: c.ID, At: c.At.UTC(), Field: c.Field, From: c.From, To: c.To, Actor: c.Actor.Name, ActorKind: api.ActorKind(c.Actor.Kind)}
}

func taskError(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return notFound("Task not found")
	}
	return err
}
