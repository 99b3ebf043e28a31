package openai

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// State is how the provider does.
type State string

// The states.
const (
	// StateUntried: no call has ended yet.
	StateUntried State = "untried"
	// StateOK: the last call ended well.
	StateOK State = "ok"
	// StateDegraded: the last call failed.
	StateDegraded State = "degraded"
)

// latencies is how many of the last calls are measured.
const latencies = 100

// Snapshot is the state of a Classifier for operators. Nothing in it is secret.
type Snapshot struct {
	Provider, Model, PromptVersion string
	State                          State
	// Since is when the state began.
	Since time.Time
	// Kind and Why are the last fault and what to do about it; empty but in StateDegraded.
	Kind Kind
	Why  string
	// Breaker is "closed", "half-open" or "open"; PausedUntil is when the pause ends that the server asked for, zero
	// where there is none.
	Breaker     string
	PausedUntil time.Time
	// Format is how the server is asked for JSON: "json_schema", "json_object" or "text".
	Format string
	// Calls are the requests since the Classifier was made, Failures those that failed,
	// Judged the verdicts.
	Calls, Failures, Judged int64
	// TokensToday are those of the ledger for this day (UTC), DailyTokens the budget, 0 for none;
	// TokensEstimated says that the server does not count them.
	TokensToday, DailyTokens int64
	TokensEstimated          bool
	// LatencyLast, LatencyMedian and LatencyP95 are of the last 100 calls that were
	// answered; 0 where none was.
	LatencyLast, LatencyMedian, LatencyP95 time.Duration
}

// Snapshot gives the state of now. It fails where the ledger cannot be read.
func (c *Classifier) Snapshot(ctx context.Context) (Snapshot, error) {
	spent, err := c.ledger.Spent(ctx, today())
	if err != nil {
		return Snapshot{}, fmt.Errorf("read the tokens of today: %w", err)
	}
	s := c.monitor.snapshot()
	s.Provider, s.Model, s.PromptVersion = Provider, c.config.Model, PromptVersion
	s.Breaker = c.breaker.State().String()
	s.Format = c.dialect.current().String()
	s.TokensToday, s.DailyTokens = spent, c.config.DailyTokens
	return s, nil
}

// monitor notes what happens. It is safe for concurrent use.
type monitor struct {
	mu                      sync.Mutex
	state                   State
	since                   time.Time
	last                    *Error // of StateDegraded
	blocked                 *Error // the fault that every call has until a person acts
	pausedUntil             time.Time
	pausedBy                *Error
	calls, failures, judges int64
	estimated               bool
	durations               []time.Duration // a ring of latencies
	lastDuration            time.Duration
}

func (m *monitor) begin() { m.state, m.since = StateUntried, time.Now() }

// called notes one request. One that the caller gave up says nothing of the server.
func (m *monitor) called(got reply, err error) {
	fault, ok := asError(err)
	if err != nil && !ok {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	m.blocked = nil
	if fault != nil {
		m.failures++
		if fault.trait == traitHopeless {
			m.blocked = fault
		}
	}
	if got.promptTokens == 0 {
		return // not answered
	}
	m.estimated = got.estimated
	m.lastDuration = got.duration
	if len(m.durations) == latencies {
		m.durations = m.durations[1:]
	}
	m.durations = append(m.durations, got.duration)
}

// ended notes how a call ended, after all attempts.
func (m *monitor) ended(err error) {
	fault, ok := asError(err)
	if err != nil && !ok {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	state := StateOK
	if fault != nil {
		state = StateDegraded
	}
	if state != m.state {
		m.state, m.since = state, time.Now()
	}
	if m.last = fault; fault != nil && fault.trait == traitBreaker && m.blocked != nil {
		m.last = m.blocked
	}
}

func (m *monitor) judged(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.judges += int64(n)
}

// hopeless is the fault of the last request, if every other will have it too.
func (m *monitor) hopeless() *Error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.blocked
}

// pauseFor notes a fault with a time to wait.
func (m *monitor) pauseFor(fault *Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if until := time.Now().Add(fault.RetryAfter); until.After(m.pausedUntil) {
		m.pausedUntil, m.pausedBy = until, fault
	}
}

// pause is how long a pause lasts from now, and the fault that began it.
func (m *monitor) pause() (time.Duration, *Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Until(m.pausedUntil), m.pausedBy
}

func (m *monitor) snapshot() Snapshot {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := Snapshot{
		State: m.state, Since: m.since, Calls: m.calls, Failures: m.failures, Judged: m.judges,
		TokensEstimated: m.estimated, LatencyLast: m.lastDuration,
	}
	if m.last != nil {
		s.Kind, s.Why = m.last.Kind, m.last.Message
	}
	if time.Now().Before(m.pausedUntil) {
		s.PausedUntil = m.pausedUntil
	}
	if n := len(m.durations); n > 0 {
		sorted := slices.SortedFunc(slices.Values(m.durations), cmp.Compare[time.Duration])
		s.LatencyMedian, s.LatencyP95 = sorted[n/2], sorted[n*95/100]
	}
	return s
}
