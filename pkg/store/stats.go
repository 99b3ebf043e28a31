package store

import (
	"context"
	"fmt"
	"time"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// trendWindow is how far back Stats.Trend looks.
const trendWindow = 30 * 24 * time.Hour

// Stats counts the tasks, all of them and those of the 30 days before now; see Stats.
func (s *Store) Stats(ctx context.Context) (Stats, error) {
	all, err := s.q.CountTasks(ctx)
	if err != nil {
		return Stats{}, fmt.Errorf("count tasks: %w", err)
	}
	recent, err := s.q.CountTasksSince(ctx, time.Now().Add(-trendWindow))
	if err != nil {
		return Stats{}, fmt.Errorf("count recent tasks: %w", err)
	}
	stats := Stats{All: newCounts(), Trend: newCounts()}
	for _, r := range all {
		stats.All.add(r)
	}
	for _, r := range recent {
		stats.Trend.add(db.CountTasksRow(r))
	}
	return stats, nil
}

func newCounts() Counts {
	zeros := func(names []string) map[string]int64 {
		m := make(map[string]int64, len(names))
		for _, name := range names {
			m[name] = 0
		}
		return m
	}
	return Counts{ByStatus: zeros(Statuses()), ByCategory: zeros(Categories()), ByPriority: zeros(Priorities())}
}

// add sorts one group of the database's count, of which there are 120 at most.
func (c *Counts) add(r db.CountTasksRow) {
	c.Total += r.N
	c.ByStatus[r.Status] += r.N
	c.ByCategory[r.Category] += r.N
	c.ByPriority[r.Priority] += r.N
}

// Activity counts the messages sent from `from` until before `to`, by hour and source;
// hours without any are left out. Hours begin by the clock of tz, which matters where
// zones are not whole hours apart.
func (s *Store) Activity(ctx context.Context, from, to time.Time, tz *time.Location) ([]ActivityBucket, error) {
	sources, err := s.planned.SourcesLike(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("find sources: %w", err)
	}
	rows, err := s.activity(ctx, sources, from, to, tz)
	if err != nil {
		return nil, fmt.Errorf("count messages by hour: %w", asInvalid(err))
	}
	buckets := make([]ActivityBucket, len(rows))
	for i, r := range rows {
		buckets[i] = ActivityBucket{Hour: r.Hour.In(tz), Source: r.Source, Count: r.Count}
	}
	return buckets, nil
}

func (s *Store) activity(ctx context.Context, sources []int64, from, to time.Time, tz *time.Location) ([]db.ActivityRow, error) {
	first, last := from.Truncate(time.Hour), to.Truncate(time.Hour)
	if first.Before(from) {
		first = first.Add(time.Hour)
	}
	if first.After(last) || !wholeHours(from, to, tz) {
		return s.planned.Activity(ctx, db.ActivityParams{Tz: tz.String(), SourceIds: sources, SentFrom: from, SentTo: to})
	}
	rows, err := s.planned.ActivityOfWholeHours(ctx, db.ActivityOfWholeHoursParams{
		SourceIds: sources, SentFrom: from, SentTo: to, FirstHour: first, LastHour: last})
	if err != nil {
		return nil, err
	}
	activity := make([]db.ActivityRow, len(rows))
	for i, r := range rows {
		activity[i] = db.ActivityRow(r)
	}
	return activity, nil
}

// wholeHours says whether hours in tz begin with those of UTC, all the time. Zones change
// their offset seldom; a day is looked at by its begin, the last also by its end.
func wholeHours(from, to time.Time, tz *time.Location) bool {
	whole := func(t time.Time) bool {
		_, offset := t.In(tz).Zone()
		return offset%3600 == 0
	}
	for t := from; t.Before(to); t = t.Add(24 * time.Hour) {
		if !whole(t) {
			return false
		}
	}
	return whole(to)
}
