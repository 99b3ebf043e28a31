package worker

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// AnalysisConfig says when messages are analysed without anybody asking.
type AnalysisConfig struct {
	AnalysisSchedule string `envconfig:"ANALYSIS_SCHEDULE" desc:"when the last day is analysed by itself: minute, hour, day of month, month and day of week as in cron, such as 0 9 * * 1-5; empty for never"`
	AnalysisTimeZone string `envconfig:"ANALYSIS_TIME_ZONE" default:"UTC" desc:"time zone of ANALYSIS_SCHEDULE, such as Europe/Kyiv"`
}

// cronFields are those of cron itself. No descriptors: "@every" counts from the start of a
// process, so that each worker would have its own moments.
const cronFields = cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow

// schedule is nil where there is none.
func (c AnalysisConfig) schedule() (cron.Schedule, *time.Location, error) {
	zone, err := time.LoadLocation(c.AnalysisTimeZone)
	if err != nil || c.AnalysisTimeZone == "Local" {
		return nil, nil, fmt.Errorf("ANALYSIS_TIME_ZONE is %q: use a name such as Europe/Kyiv or UTC", c.AnalysisTimeZone)
	}
	expression := strings.TrimSpace(c.AnalysisSchedule)
	if expression == "" {
		return nil, zone, nil
	}
	if strings.Contains(expression, "=") {
		return nil, nil, fmt.Errorf("ANALYSIS_SCHEDULE is %q: name the zone in ANALYSIS_TIME_ZONE", c.AnalysisSchedule)
	}
	schedule, err := cron.NewParser(cronFields).Parse(expression)
	if err != nil {
		return nil, nil, fmt.Errorf("ANALYSIS_SCHEDULE is %q: use five fields as in cron, such as 0 9 * * 1-5 (%w)", c.AnalysisSchedule, err)
	}
	if schedule.Next(time.Now().In(zone)).IsZero() {
		return nil, nil, fmt.Errorf("ANALYSIS_SCHEDULE is %q, which never comes: use days that exist", c.AnalysisSchedule)
	}
	return schedule, zone, nil
}

// Validate reports what is wrong with the schedule.
func (c AnalysisConfig) Validate() error {
	_, _, err := c.schedule()
	return err
}
