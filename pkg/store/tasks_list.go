package store

import (
	"context"
	"fmt"

	"github.com/tasktracker/tasktracker/pkg/search"
	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// ListTasks gives one page of the tasks that fit every filter, newest first by
// created_at, then id. It returns ErrBadCursor for a cursor that it did not make.
func (s *Store) ListTasks(ctx context.Context, f TaskFilter) (TaskPage, error) {
	limit := min(f.Limit, maxPage)
	if limit <= 0 {
		limit = maxPage
	}
	arg := db.ListTasksParams{Status: some(f.Status), Category: some(f.Category), Priority: some(f.Priority),
		Source: some(f.Source), CreatedFrom: some(f.CreatedFrom), CreatedBefore: some(f.CreatedBefore),
		ClosedFrom: some(f.ClosedFrom), ClosedBefore: some(f.ClosedBefore),
		Assignee: some(f.Assignee), Unassigned: some(f.Unassigned), IsOpen: some(f.Open),
		DueFrom: some(f.DueFrom), DueBefore: some(f.DueBefore), WithoutDue: some(f.WithoutDue), MaxRows: int64(limit) + 1}
	if f.Cursor != "" {
		at, numbers, err := readCursor(f.Cursor, 1)
		if err != nil {
			return TaskPage{}, err
		}
		arg.BeforeAt, arg.BeforeID = &at, &numbers[0]
	}
	if contradicts(f) {
		return TaskPage{}, nil
	}
	if f.Query != "" {
		query := search.Query(f.Query)
		if query == "" {
			return TaskPage{}, nil // nothing that could be found
		}
		if err := s.searchTasks(ctx, &arg, query); err != nil {
			return TaskPage{}, fmt.Errorf("search tasks: %w", err)
		}
	}
	rows, err := s.planned.ListTasks(ctx, arg)
	if err != nil {
		return TaskPage{}, fmt.Errorf("list tasks: %w", err)
	}
	page := TaskPage{}
	if len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		page.NextCursor = cursorAt(last.CreatedAt, last.ID)
	}
	page.Tasks = make([]*eventsv1.Task, len(rows))
	for i, r := range rows {
		page.Tasks[i] = task(r)
	}
	return page, nil
}

// contradicts says that no task can fit, which the database would find out by reading all.
func contradicts(f TaskFilter) bool {
	closed := f.Status != "" && !isOpen(f.Status)
	return f.Open && closed || f.Unassigned && f.Assignee != "" || f.WithoutDue && !(f.DueFrom.IsZero() && f.DueBefore.IsZero())
}

// searchTasks asks for the tasks that a search has found, where they are few.
func (s *Store) searchTasks(ctx context.Context, arg *db.ListTasksParams, query string) error {
	common, err := isCommon(ctx, query, s.q.TasksExpected)
	if err != nil {
		return err
	}
	if !common {
		found, err := s.q.TasksFound(ctx, db.TasksFoundParams{Query: query, Most: rareHits})
		if err != nil {
			return err
		}
		if len(found) < rareHits {
			arg.Ids = append([]int64{}, found...)
			return nil
		}
	}
	arg.Query = &query
	return nil
}
