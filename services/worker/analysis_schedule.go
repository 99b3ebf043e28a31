package worker

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/outbox"
	"github.com/tasktracker/tasktracker/pkg/schedule"
	"github.com/tasktracker/tasktracker/pkg/store"
)

// madeUp is for how long a moment that nobody was there for is made up.
const madeUp = 24 * time.Hour

// scheduleStore is what the schedule asks of the store.
type scheduleStore interface {
	KeepAnalysisSchedule(ctx context.Context, schedule store.AnalysisSchedule) (since time.Time, err error)
	ScheduleAnalysisRun(ctx context.Context, moment time.Time, span store.AnalysisSpan) (made bool, events []store.OutboxEvent, err error)
}

// timetable makes the runs of the schedule. Every worker has one; the database sees to it
// that a moment makes one run.
type timetable struct {
	store      scheduleStore
	outbox     *outbox.Publisher
	schedule   *schedule.Schedule // nil for none
	expression string
	zone       *time.Location
	postTo     []store.PostTarget
	now        func() time.Time
	log        zerolog.Logger
	next       time.Time // nothing is due before
	noted      bool      // that there is no schedule
}

// look makes the run of the last moment that has come, if it has none yet. Moments before
// the schedule was set are not made up, nor all of several that were missed.
func (t *timetable) look(ctx context.Context) error {
	if t.schedule == nil {
		return t.noteNone(ctx)
	}
	now := t.now().In(t.zone)
	if now.Before(t.next) {
		return nil
	}
	since, err := t.store.KeepAnalysisSchedule(ctx, store.AnalysisSchedule{Expression: t.expression, TimeZone: t.zone.String(), PostTo: t.postTo})
	if err != nil {
		return err
	}
	if moment := t.schedule.Last(now, madeUp); moment.After(since) {
		made, events, err := t.store.ScheduleAnalysisRun(ctx, moment, dayBefore(moment))
		if err != nil {
			return err
		}
		t.outbox.Publish(ctx, events)
		if made {
			t.log.Info().Time("moment", moment).Msg("the schedule asks for an analysis")
		}
	}
	t.next = t.schedule.Next(now)
	return nil
}

// noteNone tells the api that there is no schedule, so that it shows none of an earlier start.
func (t *timetable) noteNone(ctx context.Context) error {
	if t.noted {
		return nil
	}
	if _, err := t.store.KeepAnalysisSchedule(ctx, store.AnalysisSchedule{TimeZone: t.zone.String()}); err != nil {
		return err
	}
	t.noted = true
	return nil
}

// dayBefore is what the run of a moment covers: from the same time of the day before, by the
// clock of its zone, until the moment.
func dayBefore(moment time.Time) store.AnalysisSpan {
	return store.AnalysisSpan{From: moment.AddDate(0, 0, -1), To: moment}
}
