// Package aisettings is who judges messages, and how: what the environment says, what
// operators set over it, and what of that is wrong. The api stores it, workers go by it.
package aisettings

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/classify/openai"
)

// Providers.
const (
	Local  = "local"
	OpenAI = openai.Provider
)

// What the machine may do by itself.
const (
	Live   = "live"   // tasks and proposals
	Gated  = "gated"  // proposals
	Shadow = "shadow" // nothing: it judges, and says what would follow
)

// Settings say who judges messages, and what follows.
type Settings struct {
	Provider          string        `envconfig:"AI_PROVIDER" default:"local" desc:"who judges messages, unless the settings page says: local (built in, no network) or openai (the model server of LLM_BASE_URL, with local where that fails)"`
	LocalFallback     bool          `envconfig:"AI_LOCAL_FALLBACK" default:"true" desc:"whether local judges where the model server cannot; if not, messages wait until it can"`
	Autonomy          string        `envconfig:"CLASSIFY_AUTONOMY" default:"live" desc:"what the machine may do by itself, unless the settings page says: live (tasks and proposals), gated (proposals, every task waits for a person) or shadow (nothing: messages are judged, and what would follow is said with them)"`
	Quiet             time.Duration `envconfig:"CLASSIFY_QUIET" default:"10s" desc:"a conversation is judged when nothing was stored in it for so long, or six times as long after its first change; from 0s to 10m"`
	TaskThreshold     float64       `envconfig:"CLASSIFY_TASK_THRESHOLD" default:"0.75" desc:"least probability of an issue that makes a task, 0.01 to 1; 1 for never: all wait for a person as proposals"`
	ProposalThreshold float64       `envconfig:"CLASSIFY_PROPOSAL_THRESHOLD" default:"0.45" desc:"least probability of an issue that makes a proposal; from 0.01 to CLASSIFY_TASK_THRESHOLD"`
	DuplicateSure     float64       `envconfig:"DUPLICATE_SURE_THRESHOLD" default:"0.85" desc:"least score from which a new issue is attached to the task that says the same, 0.01 to 1; 1 for never"`
	DuplicateLikely   float64       `envconfig:"DUPLICATE_LIKELY_THRESHOLD" default:"0.45" desc:"least score from which a person is asked whether two tasks are the same; from 0.01 to DUPLICATE_SURE_THRESHOLD"`
	ModelServer
}

// ModelServer is the model server; embedded structs need names of their own.
type ModelServer = openai.Config

// MaxQuiet is the longest Quiet.
const MaxQuiet = 10 * time.Minute

// Validate reports every setting that is wrong, joined, each an *openai.SettingError. Those
// of a model server count only where one is used.
func (s Settings) Validate() error {
	var faults []error
	fault := func(bad bool, setting, format string, args ...any) {
		if bad {
			faults = append(faults, &openai.SettingError{Setting: setting, Problem: fmt.Sprintf(format, args...)})
		}
	}
	switch s.Provider {
	case Local:
	case OpenAI:
		faults = append(faults, s.ModelServer.Validate())
	default:
		fault(true, "AI_PROVIDER", "is %q: use local or openai", s.Provider)
	}
	fault(s.Autonomy != Live && s.Autonomy != Gated && s.Autonomy != Shadow, "CLASSIFY_AUTONOMY", "is %q: use live, gated or shadow", s.Autonomy)
	fault(s.Quiet < 0 || s.Quiet > MaxQuiet, "CLASSIFY_QUIET", "is %s: use 0s to 10m", s.Quiet)
	fault(!(s.TaskThreshold >= 0.01 && s.TaskThreshold <= 1), "CLASSIFY_TASK_THRESHOLD", "is %g: use 0.01 to 1", s.TaskThreshold)
	fault(!(s.ProposalThreshold >= 0.01 && s.ProposalThreshold <= s.TaskThreshold), "CLASSIFY_PROPOSAL_THRESHOLD", "is %g: use 0.01 to CLASSIFY_TASK_THRESHOLD", s.ProposalThreshold)
	fault(!(s.DuplicateSure >= 0.01 && s.DuplicateSure <= 1), "DUPLICATE_SURE_THRESHOLD", "is %g: use 0.01 to 1", s.DuplicateSure)
	fault(!(s.DuplicateLikely >= 0.01 && s.DuplicateLikely <= s.DuplicateSure), "DUPLICATE_LIKELY_THRESHOLD", "is %g: use 0.01 to DUPLICATE_SURE_THRESHOLD", s.DuplicateLikely)
	return errors.Join(faults...)
}

// Faults takes joined errors of Validate apart.
func Faults(err error) []*openai.SettingError {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*openai.SettingError
		for _, one := range joined.Unwrap() {
			all = append(all, Faults(one)...)
		}
		return all
	}
	if fault, ok := errors.AsType[*openai.SettingError](err); ok {
		return []*openai.SettingError{fault}
	}
	return nil
}

// With puts what operators set over s. Where the key does not open there is none, and the
// error says why.
func (s Settings) With(set bus.AISettings, open func(purpose, sealed string) (string, error)) (Settings, error) {
	over(&s.Provider, set.Provider)
	over(&s.BaseURL, set.BaseURL)
	over(&s.Model, set.Model)
	over(&s.LocalFallback, set.LocalFallback)
	over(&s.Autonomy, set.Autonomy)
	over(&s.TaskThreshold, set.TaskThreshold)
	over(&s.ProposalThreshold, set.ProposalThreshold)
	over(&s.DuplicateSure, set.DuplicateSureThreshold)
	over(&s.DuplicateLikely, set.DuplicateLikelyThreshold)
	over(&s.MaskNames, set.MaskNames)
	over(&s.MaskPhones, set.MaskPhones)
	over(&s.MaskEmails, set.MaskEmails)
	over(&s.DailyTokens, set.TokenBudgetPerDay)
	if set.QuietSeconds != nil {
		s.Quiet = time.Duration(*set.QuietSeconds * float64(time.Second))
	}
	if set.APIKey == nil {
		return s, nil
	}
	s.APIKey = ""
	if *set.APIKey == "" {
		return s, nil
	}
	key, err := open(bus.PurposeAIKey, *set.APIKey)
	if err != nil {
		return s, fmt.Errorf("the stored key of the model server cannot be read: %w", err)
	}
	s.APIKey = key
	return s, nil
}

func over[T any](value *T, set *T) {
	if set != nil {
		*value = *set
	}
}

// SameServer reports whether two addresses are of one scheme, host and port: a key that was
// entered for one may be sent to the other.
func SameServer(a, b string) bool {
	one, errOne := url.Parse(a)
	other, errOther := url.Parse(b)
	return errOne == nil && errOther == nil && origin(one) == origin(other)
}

func origin(u *url.URL) string {
	port := "80"
	if u.Scheme == "https" {
		port = "443"
	}
	return u.Scheme + "://" + strings.ToLower(u.Hostname()) + ":" + cmp.Or(u.Port(), port)
}

// fields are the names in the API of settings that can be changed there.
var fields = map[string]string{
	"AI_PROVIDER": "provider", "AI_LOCAL_FALLBACK": "local_fallback", "CLASSIFY_AUTONOMY": "autonomy", "CLASSIFY_QUIET": "quiet_seconds",
	"CLASSIFY_TASK_THRESHOLD": "task_threshold", "CLASSIFY_PROPOSAL_THRESHOLD": "proposal_threshold",
	"DUPLICATE_SURE_THRESHOLD": "duplicate_sure_threshold", "DUPLICATE_LIKELY_THRESHOLD": "duplicate_likely_threshold",
	"LLM_BASE_URL": "base_url", "LLM_MODEL": "model", "LLM_API_KEY": "api_key", "LLM_DAILY_TOKENS": "token_budget_per_day",
}

// Field is the name of a setting in the API; "" for one that only the environment has.
func Field(setting string) string { return fields[setting] }

var words = func() *strings.Replacer {
	var pairs []string
	for setting, field := range fields {
		pairs = append(pairs, setting, field)
	}
	return strings.NewReplacer(pairs...)
}()

// Words says a sentence about settings of the environment with their names in the API.
func Words(text string) string { return words.Replace(text) }
