package worker

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/outbox"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telemetry"
	"github.com/tasktracker/tasktracker/services/worker/internal/decide"
	"github.com/tasktracker/tasktracker/services/worker/internal/precedence"
)

const (
	// idlePoll is the longest pause between two looks at what is due: other workers
	// group too. busyPoll is the pause while there is work.
	idlePoll = time.Second
	busyPoll = 250 * time.Millisecond
	// heldDelay is when what nobody could judge is tried again, the first time; then it takes
	// as long again as it has been held, up to maxHeldDelay.
	heldDelay, maxHeldDelay = 30 * time.Second, 5 * time.Minute
	// judgedAtOnce is how many portions are judged at once where more than one is due and no
	// server is asked, which is bounded by itself: while the database writes one, another is read
	// and classified. portions is how many each does before settings and figures are looked at again.
	judgedAtOnce, portions = 2, 10
	// stopGrace bounds what is done after the end of ctx, to hand back what was claimed.
	stopGrace = 3 * time.Second
)

// judgeStore is what judging asks of the store.
type judgeStore interface {
	ClaimConversations(ctx context.Context, limit int, lease time.Duration) ([]store.Conversation, error)
	ReleaseConversations(ctx context.Context, conversations []store.Conversation) error
	Contents(ctx context.Context, ids []int64) (map[int64]string, error)
	Judge(ctx context.Context, judgements []store.Judgement, decide func(store.Conversation) store.Decision, limits store.DuplicateLimits) (store.Judged, error)
	HoldConversations(ctx context.Context, held []store.Judgement, delay, longest time.Duration) error
	NextJudgement(ctx context.Context) (time.Duration, bool, error)
	WaitingConversations(ctx context.Context) (waiting, held int64, err error)
	WakeProposals(ctx context.Context) ([]store.OutboxEvent, error)
}

// judge takes conversations that are due, has them judged and stores what follows. Any
// number may run.
type judge struct {
	store      judgeStore
	outbox     *outbox.Publisher
	tracer     *telemetry.Tracer
	cascade    *cascade
	authors    *authors // nil where nothing leaves the machine
	floor      func(text string) (classify.Priority, []string)
	policy     decide.Policy
	duplicates store.DuplicateLimits
	limit      int           // conversations at a time
	lease      time.Duration // after which another worker may take them
	sampling   time.Duration
	wake       <-chan struct{}
	first      *precedence.Queue
	provider   *provider // whose settings cascade, policy, limit and lease are of
	metrics    *classifyMetrics
	log        zerolog.Logger
}

// run judges until ctx ends.
func (j *judge) run(ctx context.Context) {
	rounds{wake: j.wake, sample: j.sample, sampling: j.sampling, trouble: "conversations are not judged; trying on", log: j.log,
		do: func(ctx context.Context) (time.Duration, error) {
			if j.provider != nil {
				j.provider.adopt(j)
			}
			n, err := j.round(ctx)
			return j.pause(ctx, n, err), err
		}}.run(ctx)
}

// pause is how long to wait until the next round, after one of n conversations.
func (j *judge) pause(ctx context.Context, n int, err error) time.Duration {
	switch {
	case err != nil:
		return idlePoll
	case n == j.limit:
		return 0
	case n > 0:
		return busyPoll
	}
	next, any, err := j.store.NextJudgement(ctx)
	if err != nil || !any {
		return idlePoll
	}
	return min(max(next, 10*time.Millisecond), idlePoll)
}

func (j *judge) sample(ctx context.Context) {
	waiting, held, err := j.store.WaitingConversations(ctx)
	if err != nil {
		return // the round says what is wrong; the figures stay as they were
	}
	j.metrics.waiting.Set(float64(waiting))
	j.metrics.held.Set(float64(held))
}

// round judges what is due, as far as some portions go, and returns how many conversations
// there were in the last one.
func (j *judge) round(ctx context.Context) (int, error) {
	woken, err := j.store.WakeProposals(ctx)
	if err != nil {
		return 0, err
	}
	j.outbox.Publish(ctx, woken)
	n, err := j.portion(ctx)
	if err != nil || n < j.limit || j.cascade.model != nil {
		return n, err
	}
	var group errgroup.Group
	var last [judgedAtOnce]int
	for i := range last {
		group.Go(func() (err error) {
			for range portions {
				if last[i], err = j.portion(ctx); err != nil || last[i] < j.limit {
					break
				}
			}
			return err
		})
	}
	err = group.Wait()
	return slices.Max(last[:]), err
}

// portion judges what is due, at most limit, and returns how many there were.
func (j *judge) portion(ctx context.Context) (int, error) {
	if err := j.first.Yield(ctx); err != nil {
		return 0, err
	}
	claimed, err := j.store.ClaimConversations(ctx, j.limit, j.lease)
	if err != nil || len(claimed) == 0 {
		return 0, err
	}
	began := time.Now()
	if err := j.judge(ctx, claimed); err != nil {
		return len(claimed), errors.Join(err, j.release(ctx, claimed))
	}
	j.metrics.seconds.Observe(time.Since(began).Seconds())
	return len(claimed), nil
}

// release hands back what could not be finished, instead of having it wait for the end of
// the lease.
func (j *judge) release(ctx context.Context, claimed []store.Conversation) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
	defer cancel()
	return j.store.ReleaseConversations(ctx, claimed)
}

// judge has conversations judged, stores what follows from it and publishes it.
func (j *judge) judge(ctx context.Context, claimed []store.Conversation) (err error) {
	spans := beginJudging(j.tracer, claimed)
	defer func() { spans.end(err) }()
	if err := j.authors.learn(ctx, claimed); err != nil {
		return err
	}
	turns, err := j.turns(ctx, claimed)
	if err != nil {
		return err
	}
	judgements, held, err := j.ask(ctx, claimed, turns)
	if err != nil {
		return err
	}
	for i := range judgements {
		judgements[i].TraceParent = spans.conversations[judgements[i].Conversation.ID].TraceParent()
	}
	refused, err := j.keep(ctx, judgements, spans.deciding(j.policy.Decide))
	if held = append(held, refused...); len(held) == 0 {
		return err
	}
	spans.held(held)
	return errors.Join(err, j.hold(ctx, held))
}

// keep stores what follows from judgements. Those of which the database refuses a value are
// given back, with the reason, so that they hold up no other.
func (j *judge) keep(ctx context.Context, judgements []store.Judgement, decide func(store.Conversation) store.Decision) (refused []store.Judgement, err error) {
	if len(judgements) == 0 {
		return nil, nil
	}
	done, err := j.store.Judge(ctx, judgements, decide, j.duplicates)
	if errors.Is(err, store.ErrInvalid) {
		if len(judgements) == 1 {
			j.log.Error().Err(err).Int64("conversation", judgements[0].Conversation.ID).Msg("what follows from a verdict cannot be stored; the conversation is held")
			judgements[0].Fallback = "what follows from it cannot be stored: " + err.Error()
			return judgements, nil
		}
		half := len(judgements) / 2
		first, firstErr := j.keep(ctx, judgements[:half], decide)
		second, secondErr := j.keep(ctx, judgements[half:], decide)
		return append(first, second...), errors.Join(firstErr, secondErr)
	}
	if err != nil {
		return nil, err
	}
	j.outbox.Publish(ctx, done.Events)
	j.metrics.tasks.Add(float64(done.Tasks))
	j.metrics.proposals.Add(float64(done.Proposals))
	j.metrics.attached.Add(float64(done.Attached))
	j.metrics.links.Add(float64(done.Links))
	j.log.Debug().Int("conversations", done.Conversations).Int("tasks", done.Tasks).Int("proposals", done.Proposals).Int("attached", done.Attached).Int("links", done.Links).Msg("conversations judged")
	return nil, nil
}

// hold keeps what could not be judged for later, and shows at once that there is such.
func (j *judge) hold(ctx context.Context, held []store.Judgement) error {
	if err := j.store.HoldConversations(ctx, held, heldDelay, maxHeldDelay); err != nil {
		return err
	}
	j.sample(ctx)
	return nil
}
