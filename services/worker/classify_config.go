package worker

import (
	"errors"
	"fmt"
	"time"
	_ "time/tzdata" // zones of chats, on machines that have none

	"github.com/tasktracker/tasktracker/pkg/classify/openai"
	"github.com/tasktracker/tasktracker/pkg/conversation"
)

// ClassifyConfig says who judges messages, when, and what follows.
type ClassifyConfig struct {
	Provider          string        `envconfig:"AI_PROVIDER" default:"local" desc:"who judges messages, unless the settings page says: local (built in, no network) or openai (the model server of LLM_BASE_URL, with local where that fails)"`
	LocalFallback     bool          `envconfig:"AI_LOCAL_FALLBACK" default:"true" desc:"whether local judges where the model server cannot; if not, messages wait until it can"`
	Autonomy          string        `envconfig:"CLASSIFY_AUTONOMY" default:"live" desc:"what the machine may do by itself, unless the settings page says: live (tasks and proposals), gated (proposals, every task waits for a person) or shadow (nothing: messages are judged, and what would follow is said with them)"`
	Quiet             time.Duration `envconfig:"CLASSIFY_QUIET" default:"10s" desc:"a conversation is judged when nothing was stored in it for so long, or six times as long after its first change; from 0s to 10m"`
	Concurrency       int           `envconfig:"CLASSIFY_CONCURRENCY" default:"2" desc:"batches of messages that one worker puts into conversations at a time, 1 to 16"`
	TaskThreshold     float64       `envconfig:"CLASSIFY_TASK_THRESHOLD" default:"0.75" desc:"least probability of an issue that makes a task, 0.01 to 1; 1 for never: all wait for a person as proposals"`
	ProposalThreshold float64       `envconfig:"CLASSIFY_PROPOSAL_THRESHOLD" default:"0.45" desc:"least probability of an issue that makes a proposal; from 0.01 to CLASSIFY_TASK_THRESHOLD"`
	SubjectThreshold  float64       `envconfig:"CONVERSATION_SUBJECT_THRESHOLD" default:"0.9" desc:"least probability of an issue, by the built-in classifier and its own words alone, from which a message that answers nobody opens a conversation of its own though others speak; 0.5 to 1, or 0: none does"`
	DuplicateSure     float64       `envconfig:"DUPLICATE_SURE_THRESHOLD" default:"0.85" desc:"least score from which a new issue is attached to the task that says the same, 0.01 to 1; 1 for never"`
	DuplicateLikely   float64       `envconfig:"DUPLICATE_LIKELY_THRESHOLD" default:"0.45" desc:"least score from which a person is asked whether two tasks are the same; from 0.01 to DUPLICATE_SURE_THRESHOLD"`
	TimeZone          string        `envconfig:"CHAT_TIME_ZONE" default:"Local" desc:"time zone in which people name dates in chats, such as Europe/Kyiv; Local is that of the machine, in a container UTC"`
	LearnAfter        int           `envconfig:"CLASSIFY_LEARN_AFTER" default:"20" desc:"new corrections after which the built-in classifier learns from all of them, 5 to 1000; 0 for never"`
	ConversationSettings
	LLMConfig
}

// Embedded structs need names of their own.
type (
	ConversationSettings = conversation.Settings
	LLMConfig            = openai.Config
)

// Validate reports every setting that is wrong, joined. Those of a model server count only
// where one is used.
func (c ClassifyConfig) Validate() error {
	faults := []error{c.ConversationSettings.Validate(), c.settings().Validate()}
	fault := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	fault(c.Concurrency < 1 || c.Concurrency > 16, "CLASSIFY_CONCURRENCY is %d: use 1 to 16", c.Concurrency)
	fault(c.SubjectThreshold != 0 && !(c.SubjectThreshold >= 0.5 && c.SubjectThreshold <= 1), "CONVERSATION_SUBJECT_THRESHOLD is %v: use 0.5 to 1, or 0", c.SubjectThreshold)
	fault(c.LearnAfter != 0 && (c.LearnAfter < 5 || c.LearnAfter > 1000), "CLASSIFY_LEARN_AFTER is %d: use 0, or 5 to 1000", c.LearnAfter)
	_, err := time.LoadLocation(c.TimeZone)
	fault(err != nil, "CHAT_TIME_ZONE is %q: use a name such as Europe/Kyiv or UTC", c.TimeZone)
	return errors.Join(faults...)
}
