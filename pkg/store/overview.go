package store

import (
	"context"
	"fmt"
	"time"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// Overview counts messages and tasks from `from` until before `to`.
func (s *Store) Overview(ctx context.Context, from, to time.Time, tz *time.Location) (Overview, error) {
	var o Overview
	hours, err := s.Activity(ctx, from, to, tz)
	if err != nil {
		return Overview{}, err
	}
	for _, h := range hours {
		o.Messages += h.Count
	}
	sources, err := s.planned.SourcesLike(ctx, "")
	if err != nil {
		return Overview{}, fmt.Errorf("find sources: %w", err)
	}
	judged, err := s.planned.CountJudged(ctx, db.CountJudgedParams{SourceIds: sources, SentFrom: from, SentTo: to})
	if err != nil {
		return Overview{}, fmt.Errorf("count judged messages: %w", err)
	}
	o.Judged, o.Issues = judged.Judged, judged.Issues
	days, err := s.TaskFlow(ctx, from, to, tz)
	if err != nil {
		return Overview{}, err
	}
	for _, d := range days {
		o.TasksCreated += d.Created
		o.TasksClosed += d.Closed
	}
	timed, err := s.planned.TimeToTask(ctx, db.TimeToTaskParams{FromAt: from, BeforeAt: to})
	if err != nil {
		return Overview{}, fmt.Errorf("measure the time to a task: %w", err)
	}
	o.TasksOfMessages, o.ToTask = timed.N, time.Duration(timed.Median*float64(time.Second))
	return o, nil
}
