package worker

import (
	"errors"
	"fmt"
	"time"

	"github.com/tasktracker/tasktracker/pkg/schedule"
)

// AnalysisConfig says when messages are analysed without anybody asking, and how much a model
// may do about it.
type AnalysisConfig struct {
	AnalysisSchedule string `envconfig:"ANALYSIS_SCHEDULE" desc:"when the last day is analysed by itself: minute, hour, day of month, month and day of week as in cron, such as 0 9 * * 1-5; empty for never"`
	AnalysisTimeZone string `envconfig:"ANALYSIS_TIME_ZONE" default:"UTC" desc:"time zone of ANALYSIS_SCHEDULE, such as Europe/Kyiv"`
	AnalysisTokens   int    `envconfig:"ANALYSIS_TOKENS" default:"60000" desc:"most tokens of the model server for the summary of one run, however many messages it has, 0 to 10000000; 0: no model writes summaries"`
}

// maxAnalysisTokens is the largest ANALYSIS_TOKENS.
const maxAnalysisTokens = 10_000_000

// schedule is nil where there is none.
func (c AnalysisConfig) schedule() (*schedule.Schedule, *time.Location, error) {
	zone, err := time.LoadLocation(c.AnalysisTimeZone)
	if err != nil || c.AnalysisTimeZone == "Local" {
		return nil, nil, fmt.Errorf("ANALYSIS_TIME_ZONE is %q: use a name such as Europe/Kyiv or UTC", c.AnalysisTimeZone)
	}
	parsed, err := schedule.Parse(c.AnalysisSchedule, zone)
	switch {
	case errors.Is(err, schedule.ErrZone):
		return nil, nil, fmt.Errorf("ANALYSIS_SCHEDULE is %q: name the zone in ANALYSIS_TIME_ZONE", c.AnalysisSchedule)
	case errors.Is(err, schedule.ErrNever):
		return nil, nil, fmt.Errorf("ANALYSIS_SCHEDULE is %q, which never comes: use days that exist", c.AnalysisSchedule)
	case err != nil:
		return nil, nil, fmt.Errorf("ANALYSIS_SCHEDULE is %q: use five fields as in cron, such as 0 9 * * 1-5 (%w)", c.AnalysisSchedule, err)
	}
	return parsed, zone, nil
}

// Validate reports what is wrong with the settings of the analysis.
func (c AnalysisConfig) Validate() error {
	_, _, err := c.schedule()
	if c.AnalysisTokens < 0 || c.AnalysisTokens > maxAnalysisTokens {
		err = errors.Join(err, fmt.Errorf("ANALYSIS_TOKENS is %d: use 0 to %d", c.AnalysisTokens, maxAnalysisTokens))
	}
	return err
}
