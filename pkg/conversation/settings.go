package conversation

import (
	"errors"
	"fmt"
	"time"
)

// Settings are the bounds of conversations. All workers of one installation have the same;
// where they are changed, what is stored is grouped anew only as messages arrive near it.
type Settings struct {
	QuietGap    time.Duration `envconfig:"CONVERSATION_QUIET_GAP" default:"10m" desc:"a conversation in which nothing was said for this long is judged, and the same people open a new one; from BURST_GAP to half of MAX_DURATION"`
	BurstGap    time.Duration `envconfig:"CONVERSATION_BURST_GAP" default:"2m" desc:"whoever speaks this soon after a message joins its conversation; from 0s"`
	MaxDuration time.Duration `envconfig:"CONVERSATION_MAX_DURATION" default:"6h" desc:"longest stretch of one conversation without a reply to it; from 1m to 168h"`
	MaxReplyAge time.Duration `envconfig:"CONVERSATION_MAX_REPLY_AGE" default:"24h" desc:"a reply joins a conversation that began no longer ago; from 0s to 720h"`
	MaxMessages int           `envconfig:"CONVERSATION_MAX_MESSAGES" default:"50" desc:"most messages of one conversation; from 2 to 1000"`
}

// Default returns the settings of an installation that sets none.
func Default() Settings {
	return Settings{
		QuietGap: 10 * time.Minute, BurstGap: 2 * time.Minute, MaxDuration: 6 * time.Hour,
		MaxReplyAge: 24 * time.Hour, MaxMessages: 50,
	}
}

// Validate joins every fault. Grouping by settings that have one is undefined.
func (s Settings) Validate() error {
	var faults []error
	fault := func(bad bool, name string, is, should any) {
		if bad {
			faults = append(faults, fmt.Errorf("%s is %v: must be %v", name, is, should))
		}
	}
	fault(s.MaxDuration < time.Minute || s.MaxDuration > 168*time.Hour, "CONVERSATION_MAX_DURATION", s.MaxDuration, "from 1m to 168h")
	fault(s.BurstGap < 0 || s.BurstGap > s.QuietGap, "CONVERSATION_BURST_GAP", s.BurstGap, "from 0s to CONVERSATION_QUIET_GAP")
	fault(s.QuietGap < time.Second || s.QuietGap > s.MaxDuration/2, "CONVERSATION_QUIET_GAP", s.QuietGap,
		"from 1s to half of CONVERSATION_MAX_DURATION")
	fault(s.MaxReplyAge < 0 || s.MaxReplyAge > 720*time.Hour, "CONVERSATION_MAX_REPLY_AGE", s.MaxReplyAge, "from 0s to 720h")
	fault(s.MaxMessages < 2 || s.MaxMessages > 1000, "CONVERSATION_MAX_MESSAGES", s.MaxMessages, "from 2 to 1000")
	return errors.Join(faults...)
}

// MaxHops is how many replies from burst to burst lead to the first message of a
// conversation at most. It bounds what is read, not how many replies a message has.
const MaxHops = 16

// cellMessages is how many messages one cell of the grid holds at most (see breaks): two
// cells, and so everything between two cuts, are four conversations of the longest.
func (s Settings) cellMessages() int { return 2 * s.MaxMessages }

// cellSize is the greatest cell in microseconds: two of them are MaxDuration.
func (s Settings) cellSize() int64 { return s.MaxDuration.Microseconds() / 2 }
