package store

import (
	"context"
	"fmt"
	"time"

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
	arg := listing(f)
	arg.MaxRows = int64(limit) + 1
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
	if found, err := s.searched(ctx, &arg, f.Query); err != nil || !found {
		return TaskPage{}, err
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

// listing is what a filter says, without its search and its place in the list.
func listing(f TaskFilter) db.ListTasksParams {
	return db.ListTasksParams{Status: some(f.Status), Category: some(f.Category), Priority: some(f.Priority),
		Source: some(f.Source), CreatedFrom: some(f.CreatedFrom), CreatedBefore: some(f.CreatedBefore),
		ClosedFrom: some(f.ClosedFrom), ClosedBefore: some(f.ClosedBefore),
		Assignee: some(f.Assignee), Unassigned: some(f.Unassigned), ChatID: f.ChatID, IsOpen: some(f.Open),
		DueFrom: some(f.DueFrom), DueBefore: some(f.DueBefore), WithoutDue: some(f.WithoutDue)}
}

// maxCounts bounds how many values of a field are counted.
const maxCounts = 200

// CountTasksBy counts the tasks that pass a filter by the values of a field, the most first, at most 200: status, priority, category,
// assignee ("" for none, and whatever the case of a name as it is written most often), chat_id ("" for none, with the names), or due, as overdue at now, week until
// weekEnds, later, none, of those that are neither completed nor cancelled.
func (s *Store) CountTasksBy(ctx context.Context, field string, f TaskFilter, now, weekEnds time.Time) ([]TaskCount, error) {
	arg := listing(f)
	if contradicts(f) {
		return nil, nil
	}
	if found, err := s.searched(ctx, &arg, f.Query); err != nil || !found {
		return nil, err
	}
	rows, err := s.planned.CountTasksBy(ctx, db.CountTasksByParams{ByField: field, NowAt: now, WeekEnds: weekEnds,
		Status: arg.Status, Category: arg.Category, Priority: arg.Priority, Source: arg.Source,
		CreatedFrom: arg.CreatedFrom, CreatedBefore: arg.CreatedBefore, ClosedFrom: arg.ClosedFrom, ClosedBefore: arg.ClosedBefore,
		Assignee: arg.Assignee, Unassigned: arg.Unassigned, ChatID: arg.ChatID, IsOpen: arg.IsOpen,
		DueFrom: arg.DueFrom, DueBefore: arg.DueBefore, WithoutDue: arg.WithoutDue, Query: arg.Query, Ids: arg.Ids, MaxRows: maxCounts})
	if err != nil {
		return nil, fmt.Errorf("count tasks by %s: %w", field, err)
	}
	counts := make([]TaskCount, len(rows))
	for i, r := range rows {
		counts[i] = TaskCount{Value: r.Value, N: r.N}
	}
	if field == "chat_id" {
		return counts, s.nameChats(ctx, counts)
	}
	return counts, nil
}

// nameChats gives counts by chat the names of the chats.
func (s *Store) nameChats(ctx context.Context, counts []TaskCount) error {
	ids := make([]string, len(counts))
	for i, c := range counts {
		ids[i] = c.Value
	}
	rows, err := s.q.NamesOfChatIDs(ctx, ids)
	if err != nil {
		return fmt.Errorf("name %d chats: %w", len(ids), err)
	}
	names := make(map[string]string, len(rows))
	for _, r := range rows {
		names[r.ExternalID] = r.Name
	}
	for i, c := range counts {
		counts[i].Name = names[c.Value]
	}
	return nil
}

// contradicts says that no task can fit, which the database would find out by reading all.
func contradicts(f TaskFilter) bool {
	closed := f.Status != "" && !isOpen(f.Status)
	return f.Open && closed || f.Unassigned && f.Assignee != "" || f.WithoutDue && !(f.DueFrom.IsZero() && f.DueBefore.IsZero())
}

// searched adds to arg what somebody searches for; false where nothing can be found.
func (s *Store) searched(ctx context.Context, arg *db.ListTasksParams, typed string) (bool, error) {
	if typed == "" {
		return true, nil
	}
	query := search.Query(typed)
	if query == "" {
		return false, nil
	}
	if err := s.searchTasks(ctx, arg, query); err != nil {
		return false, fmt.Errorf("search tasks: %w", err)
	}
	return true, nil
}

// searchTasks asks for the tasks that a search has found, where they are few.
func (s *Store) searchTasks(ctx context.Context, arg *db.ListTasksParams, query string) error {
	lead, err := leadOf(ctx, query, s.q.TasksExpected)
	if err != nil {
		return err
	}
	if lead != "" {
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
