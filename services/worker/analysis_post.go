package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/digest"
	"github.com/tasktracker/tasktracker/pkg/outbox"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/pkg/telegram/explain"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

const (
	// postsAtOnce is how many summaries one worker posts side by side, those that wait for Telegram included.
	postsAtOnce = 4
	// postTimeout bounds a call, which Telegram mostly answers within a second.
	postTimeout = 10 * time.Second
	// postPatience is for how long after the end of a run its summary is tried to be posted: later it is stale.
	postPatience = time.Hour
)

// postTo says where the summary of a run is posted by itself, by the numbers that the groups have now.
func (a *analyst) postTo(ctx context.Context, run *store.AnalysisRun) ([]store.PostTarget, error) {
	if run.RequestedBy != store.BySchedule {
		return nil, nil
	}
	targets := slices.Clone(a.timetable.postTo)
	for i := range targets {
		group, monitored, err := a.store.MonitoredGroup(ctx, targets[i].GroupID)
		if err != nil {
			return nil, err
		}
		if monitored { // what is not is refused when it is posted, for all to see
			targets[i].GroupID = group.ID
		}
	}
	return targets, nil
}

// postStore is what posting asks of the store.
type postStore interface {
	GetAnalysisRun(ctx context.Context, id int64) (store.AnalysisRun, error)
	MonitoredGroup(ctx context.Context, id int64) (store.Group, bool, error)
	NoteAnalysisPost(ctx context.Context, p store.AnalysisPost) (int64, error)
	DoubtAnalysisPost(ctx context.Context, p store.AnalysisPost, o store.PostOutcome) (bool, []store.OutboxEvent, error)
	FinishAnalysisPost(ctx context.Context, id, runID int64, status string, o store.PostOutcome) ([]store.OutboxEvent, error)
}

// poster does jobs.post: it has the bot write the summaries of the schedule into groups. A post is noted before it is
// sent, and never sent where it is noted: a chat has a summary once or, where a worker died meanwhile, perhaps not.
type poster struct {
	store   postStore
	outbox  *outbox.Publisher
	bots    *bots
	explain explain.Explainer
	zone    *time.Location // of the schedule, by which the text names times
	posts   *prometheus.CounterVec
	log     zerolog.Logger
}

func (h *poster) handle(ctx context.Context, d *bus.Delivery) error {
	job := new(eventsv1.PostSummary)
	if err := proto.Unmarshal(d.Payload, job); err != nil {
		return bus.Permanent(fmt.Errorf("decode: %w", err))
	}
	run, err := h.store.GetAnalysisRun(ctx, job.GetRunId())
	if errors.Is(err, store.ErrNotFound) || err == nil && (run.Summary == nil || run.FinishedAt == nil) {
		return bus.Permanent(fmt.Errorf("analysis run %d has no summary to post", job.GetRunId()))
	}
	if err != nil {
		return storeFault(err)
	}
	written, err := digest.PostOf(run.Summary, run.From, run.To, h.zone)
	if err != nil {
		return bus.Permanent(err)
	}
	group, monitored, err := h.store.MonitoredGroup(ctx, job.GetGroupId())
	if err != nil {
		return storeFault(err)
	}
	// Under the number of the job, by which it is found again if the group moves meanwhile.
	post := store.AnalysisPost{RunID: run.ID, GroupID: job.GetGroupId(), GroupName: group.Name, Text: written.Text, PostedBy: store.BySchedule}
	if topic := job.GetTopicId(); topic != "" {
		post.TopicID = &topic
	}
	if post.ID, err = h.store.NoteAnalysisPost(ctx, post); err != nil {
		return storeFault(err)
	}
	if post.ID == 0 {
		return h.doubt(ctx, post)
	}
	if !monitored {
		return h.finish(ctx, post, notMonitored(job.GetGroupId()))
	}
	return h.send(ctx, post, botapi.Text{ChatID: group.ID, Topic: job.GetTopicId(), Text: post.Text, Quiet: true}, run.FinishedAt.Add(postPatience))
}

// send has the bot write a post that is noted. Where Telegram could not take it, and would later, it waits and the job
// is kept, but not beyond the time until which that is of use.
func (h *poster) send(ctx context.Context, post store.AnalysisPost, text botapi.Text, until time.Time) error {
	c := h.bots.current.Load() // also one that was refused lately: few calls, and nobody asks again
	if c.bot == nil {
		return h.finish(ctx, post, c.missing)
	}
	timed, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	err := c.bot.SendText(timed, text)
	if err == nil {
		return h.finish(ctx, post, nil)
	}
	refusal := h.explain.Unsaid(err)
	if botapi.IsUnauthorized(err) {
		_ = c.refused(err) // other work leaves the token alone
	}
	wait := botapi.RetryAfter(err)
	if refusal.Kind != explain.Unreachable || time.Now().Add(wait).After(until) {
		return h.finish(ctx, post, refusal)
	}
	if err := h.note(ctx, post, store.PostWaiting, outcomeOf(refusal)); err != nil {
		return err
	}
	return bus.Hold(err, wait)
}

// finish stores what became of a post; refusal is nil where it was sent.
func (h *poster) finish(ctx context.Context, post store.AnalysisPost, refusal *explain.Refusal) error {
	status, outcome := store.PostSent, store.PostOutcome{}
	if refusal != nil {
		status, outcome = store.PostRefused, outcomeOf(refusal)
		if refusal.Kind == explain.Unconfirmed {
			status = store.PostUnconfirmed
		}
	}
	if err := h.note(ctx, post, status, outcome); err != nil {
		return err // the job comes again, finds the note, and says that nobody knows
	}
	h.count(post, status, refusal)
	return nil
}

// note stores how a post stands, whoever stops meanwhile.
func (h *poster) note(ctx context.Context, post store.AnalysisPost, status string, outcome store.PostOutcome) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
	defer cancel()
	events, err := h.store.FinishAnalysisPost(ctx, post.ID, post.RunID, status, outcome)
	if err != nil {
		return storeFault(err)
	}
	h.outbox.Publish(ctx, events)
	return nil
}

// doubt says of a post that was noted before, by a worker that told no end of it, that nobody knows whether it was
// sent. Where the end is known nothing is to be done.
func (h *poster) doubt(ctx context.Context, post store.AnalysisPost) error {
	refusal := &explain.Refusal{Words: "The worker was interrupted while it posted the summary", Fix: explain.FixPerhaps, Code: "post_interrupted", Kind: explain.Unconfirmed}
	doubted, events, err := h.store.DoubtAnalysisPost(ctx, post, outcomeOf(refusal))
	if err != nil {
		return storeFault(err)
	}
	if doubted {
		h.outbox.Publish(ctx, events)
		h.count(post, store.PostUnconfirmed, refusal)
	}
	return nil
}

// count tells operators what became of a post.
func (h *poster) count(post store.AnalysisPost, status string, refusal *explain.Refusal) {
	h.posts.WithLabelValues(status).Inc()
	if refusal == nil {
		h.log.Info().Int64("run", post.RunID).Int64("group", post.GroupID).Msg("the summary of the schedule is posted")
		return
	}
	h.log.Warn().Int64("run", post.RunID).Int64("group", post.GroupID).Str("outcome", status).Str("cause", refusal.Code).
		Msg("the summary of the schedule is not posted, or nobody knows whether it is; the run says what to do")
}

func notMonitored(id int64) *explain.Refusal {
	number := fmt.Sprint(id)
	return &explain.Refusal{Words: "The group " + number + " of ANALYSIS_POST_TO is not monitored", Detail: number, Code: "not_monitored",
		Fix: "Add the group in the settings, or take it out of ANALYSIS_POST_TO: the bot writes into monitored groups only."}
}

func outcomeOf(r *explain.Refusal) store.PostOutcome {
	optional := func(text string) *string {
		if text == "" {
			return nil
		}
		return &text
	}
	return store.PostOutcome{Error: &r.Words, Fix: &r.Fix, CauseCode: optional(r.Code), CauseDetail: optional(r.Detail)}
}
