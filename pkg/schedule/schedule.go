// Package schedule reads when something happens by itself: an expression as in cron, and the
// time zone whose clock it means.
package schedule

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Faults of an expression, beside those of the parser.
var (
	ErrZone  = errors.New("the zone is named elsewhere")
	ErrNever = errors.New("it never comes")
)

// Schedule gives moments.
type Schedule struct {
	cron cron.Schedule
	zone *time.Location
}

// fields are those of cron itself. No descriptors: "@every" counts from the start of a
// process, so that each would have its own moments.
const fields = cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow

// Parse reads an expression of five fields; an empty one gives nil. ErrZone and ErrNever, and
// whatever the parser says, are wrapped.
func Parse(expression string, zone *time.Location) (*Schedule, error) {
	expression = strings.TrimSpace(expression)
	if expression == "" {
		return nil, nil
	}
	if strings.Contains(expression, "=") {
		return nil, fmt.Errorf("schedule %q: %w", expression, ErrZone)
	}
	parsed, err := cron.NewParser(fields).Parse(expression)
	if err != nil {
		return nil, fmt.Errorf("schedule %q: %w", expression, err)
	}
	s := &Schedule{cron: parsed, zone: zone}
	if s.Next(time.Now()).IsZero() {
		return nil, fmt.Errorf("schedule %q: %w", expression, ErrNever)
	}
	return s, nil
}

// Next is the first moment after a time, by the clock of the zone.
func (s *Schedule) Next(after time.Time) time.Time { return s.cron.Next(after.In(s.zone)) }

// Last is the last moment until now, of as long as back; zero where there was none.
func (s *Schedule) Last(now time.Time, back time.Duration) (last time.Time) {
	for moment := s.Next(now.Add(-back)); !moment.IsZero() && !moment.After(now); moment = s.Next(moment) {
		last = moment
	}
	return last
}
