package handlers

import (
	"time"

	"github.com/oapi-codegen/runtime/types"

	"github.com/tasktracker/tasktracker/services/api/internal/contract"
)

// maxSpan bounds a span of days that is counted day by day.
const maxSpan = 366 * 24 * time.Hour

// span gives the instants at which the first day begins and the last one ends in a zone.
func span(first, last types.Date, zone *string) (from, before time.Time, tz *time.Location, err error) {
	if tz, err = contract.TimeZone(value(zone)); err != nil {
		return from, before, tz, err
	}
	if last.Sub(first.Time) >= maxSpan {
		return from, before, tz, contract.Fault("range", "is more than 366 days before date_to: ask for a shorter span", "query", "date_from")
	}
	return startOfDay(first.Time, tz), startOfDay(last.AddDate(0, 0, 1), tz), tz, nil
}

// startOfDay is the first instant at which the clocks of tz show this date, of which
// the year, month and day count. Where clocks skip midnight the day begins where they
// jump to; where they show it twice, at the first; a day that a zone left out (Apia,
// 30 December 2011) begins and ends where the next one begins.
func startOfDay(date time.Time, tz *time.Location) time.Time {
	midnight := time.Date(date.Year(), date.Month(), date.Day(), 0, 0, 0, 0, time.UTC)
	// No zone is more than a day from UTC: at this instant the date lies ahead everywhere.
	from := midnight.AddDate(0, 0, -2).In(tz)
	for {
		_, offset := from.Zone()
		_, change := from.ZoneBounds()
		start := midnight.Add(-time.Duration(offset) * time.Second).In(tz)
		if start.Before(from) {
			start = from // the clocks jumped over midnight, to here
		}
		if change.IsZero() || start.Before(change) {
			return start
		}
		from = change.In(tz)
	}
}
