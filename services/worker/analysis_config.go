package worker

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tasktracker/tasktracker/pkg/schedule"
	"github.com/tasktracker/tasktracker/pkg/store"
)

// AnalysisConfig says when messages are analysed without anybody asking, and how much a model
// may do about it.
type AnalysisConfig struct {
	AnalysisSchedule string `envconfig:"ANALYSIS_SCHEDULE" desc:"when the last day is analysed by itself: minute, hour, day of month, month and day of week as in cron, such as 0 9 * * 1-5; empty for never"`
	AnalysisTimeZone string `envconfig:"ANALYSIS_TIME_ZONE" default:"UTC" desc:"time zone of ANALYSIS_SCHEDULE, such as Europe/Kyiv"`
	AnalysisPostTo   string `envconfig:"ANALYSIS_POST_TO" desc:"monitored groups that the bot posts the summary of each run of ANALYSIS_SCHEDULE to, at most 10, separated by commas: the number of a group, such as -1002988379206, and /12 behind it for topic 12 of a forum; empty for none"`
	AnalysisTokens   int    `envconfig:"ANALYSIS_TOKENS" default:"60000" desc:"most tokens of the model server for the summary of one run, however many messages it has, 0 to 10000000; 0: no model writes summaries"`
}

// maxPostTo is how many groups ANALYSIS_POST_TO may name.
const maxPostTo = 10

// postTarget is a number of a group, and behind it one of a topic.
var postTarget = regexp.MustCompile(`^(-[1-9][0-9]{0,18})(?:/([1-9][0-9]{0,18}))?$`)

// postTo are the groups that summaries are posted to.
func (c AnalysisConfig) postTo() ([]store.PostTarget, error) {
	if strings.TrimSpace(c.AnalysisPostTo) == "" {
		return nil, nil
	}
	if c.AnalysisSchedule == "" {
		return nil, errors.New("ANALYSIS_POST_TO names groups, but without ANALYSIS_SCHEDULE there is nothing to post: set ANALYSIS_SCHEDULE too, or leave both empty")
	}
	var targets []store.PostTarget
	for entry := range strings.SplitSeq(c.AnalysisPostTo, ",") {
		found := postTarget.FindStringSubmatch(strings.TrimSpace(entry))
		if found == nil {
			return nil, wrongTarget(entry)
		}
		id, err := strconv.ParseInt(found[1], 10, 64)
		if err != nil {
			return nil, wrongTarget(entry)
		}
		target := store.PostTarget{GroupID: id}
		if found[2] != "" {
			target.TopicID = &found[2]
		}
		targets = append(targets, target)
	}
	if len(targets) > maxPostTo {
		return nil, fmt.Errorf("ANALYSIS_POST_TO names %d groups: use at most %d", len(targets), maxPostTo)
	}
	return targets, nil
}

func wrongTarget(entry string) error {
	return fmt.Errorf("ANALYSIS_POST_TO has %q: use the number of a group as the settings page shows it, such as -1002988379206, and -1002988379206/12 for topic 12 of a forum; a comma between two", strings.TrimSpace(entry))
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
	_, _, errSchedule := c.schedule()
	_, errPostTo := c.postTo()
	err := errors.Join(errSchedule, errPostTo)
	if c.AnalysisTokens < 0 || c.AnalysisTokens > maxAnalysisTokens {
		err = errors.Join(err, fmt.Errorf("ANALYSIS_TOKENS is %d: use 0 to %d", c.AnalysisTokens, maxAnalysisTokens))
	}
	return err
}
