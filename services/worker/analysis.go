package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/aisettings"
	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/digest"
	"github.com/tasktracker/tasktracker/pkg/outbox"
	"github.com/tasktracker/tasktracker/pkg/store"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

const (
	analysisPoll = time.Second
	// analysisPortion is how many messages are read between two checkpoints: what a crash
	// costs, and after how many a cancelled run ends.
	analysisPortion = 500
	// analysisLease is how long a run stands still after its worker has died.
	analysisLease = 30 * time.Second
	// analysisAttempts bounds how often a run is taken without getting on.
	analysisAttempts = 5
	// analysisRetry is the pause after the first failure; it grows by as much with each.
	analysisRetry = 2 * time.Second
	// progressPause keeps frames about one run to four a second.
	progressPause = 250 * time.Millisecond
)

// analysisStore is what the analysis asks of the store.
type analysisStore interface {
	ClaimAnalysisRun(ctx context.Context, lease time.Duration) (store.AnalysisRun, bool, error)
	StartAnalysisRun(ctx context.Context, r *store.AnalysisRun) error
	CheckpointAnalysisRun(ctx context.Context, r *store.AnalysisRun, checkpoint json.RawMessage, lease time.Duration) error
	ReleaseAnalysisRun(ctx context.Context, r store.AnalysisRun, delay time.Duration, forgiven bool) error
	CompleteAnalysisRun(ctx context.Context, r store.AnalysisRun, summary json.RawMessage, postTo ...store.PostTarget) ([]store.OutboxEvent, error)
	FailAnalysisRun(ctx context.Context, r store.AnalysisRun, reason string) ([]store.OutboxEvent, error)
	MessagesSent(ctx context.Context, span store.AnalysisSpan, cursor store.AnalysisCursor, limit int) ([]store.SentMessage, store.AnalysisCursor, error)
	MessagesToQuote(ctx context.Context, ids []int64) ([]store.SentMessage, error)
	AnalysisFigures(ctx context.Context, span store.AnalysisSpan) (store.AnalysisFigures, error)
	WaitingAnalysisRuns(ctx context.Context) (int64, error)
	MonitoredGroup(ctx context.Context, id int64) (store.Group, bool, error)
}

// analyst does the runs of the analysis, one at a time. Any number may work: each run is
// claimed by one, and gone on with by another where that one dies.
type analyst struct {
	store     analysisStore
	bus       outbox.Broker
	outbox    *outbox.Publisher
	timetable *timetable
	writer    func() (writer, string)         // see provider.writer
	learn     func(ctx context.Context) error // reads the names that must not leave
	tokens    int                             // the most for one summary; 0: no model writes any
	zone      *time.Location                  // in which people name dates
	sampling  time.Duration
	metrics   *analysisMetrics
	log       zerolog.Logger
}

// run works until ctx ends.
func (a *analyst) run(ctx context.Context) {
	rounds{sample: a.sample, sampling: a.sampling, trouble: "analysis runs are not done; trying on", log: a.log,
		do: func(ctx context.Context) (time.Duration, error) {
			err := a.timetable.look(ctx)
			for more := true; more && err == nil && ctx.Err() == nil; {
				more, err = a.round(ctx)
			}
			return analysisPoll, err
		}}.run(ctx)
}

func (a *analyst) sample(ctx context.Context) {
	waiting, err := a.store.WaitingAnalysisRuns(ctx)
	if err != nil {
		return // the round says what is wrong; the figure stays as it was
	}
	a.metrics.waiting.Set(float64(waiting))
}

// round does one run; more is false where none waits.
func (a *analyst) round(ctx context.Context) (more bool, err error) {
	run, any, err := a.store.ClaimAnalysisRun(ctx, analysisLease)
	if err != nil || !any {
		return false, err
	}
	began := time.Now()
	if run.Attempts > analysisAttempts {
		return true, a.giveUp(ctx, run)
	}
	err = a.work(ctx, &run)
	switch {
	case err == nil:
		a.metrics.finished.WithLabelValues(store.RunCompleted).Inc()
		a.metrics.seconds.Observe(time.Since(began).Seconds())
		a.log.Info().Int64("run", run.ID).Int64("messages", run.Processed).Msg("analysis run completed")
		return true, nil
	case errors.Is(err, store.ErrRunLost):
		a.metrics.finished.WithLabelValues("lost").Inc()
		a.log.Info().Int64("run", run.ID).Msg("analysis run left: it was cancelled, or another worker has it")
		return true, nil
	}
	return false, errors.Join(err, a.release(ctx, run))
}

// giveUp fails a run that does not get on, whoever takes it.
func (a *analyst) giveUp(ctx context.Context, run store.AnalysisRun) error {
	events, err := a.store.FailAnalysisRun(ctx, run, fmt.Sprintf(
		"It did not get on in %d attempts. The logs of the workers say why; ask for it again once that is mended.", analysisAttempts))
	if errors.Is(err, store.ErrRunLost) {
		return nil
	}
	if err != nil {
		return err
	}
	a.outbox.Publish(ctx, events)
	a.metrics.finished.WithLabelValues(store.RunFailed).Inc()
	a.log.Error().Int64("run", run.ID).Msg("analysis run failed: it did not get on")
	return nil
}

// release lets others go on with a run: at once where this worker stops, else after a pause.
func (a *analyst) release(ctx context.Context, run store.AnalysisRun) error {
	stopping := ctx.Err() != nil
	delay := time.Duration(run.Attempts) * analysisRetry
	if stopping {
		delay = 0
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
	defer cancel()
	return a.store.ReleaseAnalysisRun(ctx, run, delay, stopping)
}

// checkpoint is from where a run is gone on with.
type checkpoint struct {
	Cursor store.AnalysisCursor `json:"cursor"`
	Digest digest.State         `json:"digest"`
	// Draft is nil before all is read, and where no model writes.
	Draft *draft `json:"draft,omitempty"`
}

// work reads the messages of a claimed run in portions and stores what they say.
func (a *analyst) work(ctx context.Context, run *store.AnalysisRun) error {
	var at checkpoint
	if run.Checkpoint == nil {
		if err := a.store.StartAnalysisRun(ctx, run); err != nil {
			return err
		}
	} else if err := json.Unmarshal(run.Checkpoint, &at); err != nil {
		return fmt.Errorf("read the checkpoint of analysis run %d: %w", run.ID, err)
	}
	var told time.Time
	for {
		if time.Since(told) >= progressPause {
			a.progress(ctx, *run, "reading")
			told = time.Now()
		}
		messages, cursor, err := a.store.MessagesSent(ctx, run.AnalysisSpan, at.Cursor, analysisPortion)
		if err != nil {
			return err
		}
		if len(messages) == 0 {
			return a.finish(ctx, run, &at)
		}
		at.Digest.Add(said(messages), a.zone)
		at.Cursor = cursor
		run.Processed += int64(len(messages))
		stored, err := json.Marshal(at)
		if err != nil {
			return fmt.Errorf("write the checkpoint of analysis run %d: %w", run.ID, err)
		}
		if err := a.store.CheckpointAnalysisRun(ctx, run, stored, analysisLease); err != nil {
			return err
		}
		a.metrics.messages.Add(float64(len(messages)))
	}
}

// said are the messages that have words.
func said(messages []store.SentMessage) []digest.Message {
	found := make([]digest.Message, 0, len(messages))
	for _, m := range messages {
		if m.HasWords {
			found = append(found, digest.Message{ID: m.ID, Chat: m.Chat, Topic: m.Topic, ExternalID: m.ExternalID, ReplyTo: m.ReplyTo,
				Author: m.Author, Text: m.Content, SentAt: m.SentAt})
		}
	}
	return found
}

// summary is what GET /api/analysis-runs/{id} shows.
type summary struct {
	digest.Summary
	NewTasks    []store.AnalysisTask `json:"new_tasks"`
	ClosedTasks []store.AnalysisTask `json:"closed_tasks"`
	Counts      store.AnalysisCounts `json:"counts"`
	Provider    string               `json:"provider"`
	Model       *string              `json:"model"`
	// Fallback is why no model wrote it though one should have; nil for no reason.
	Fallback *string `json:"fallback"`
	Tokens   int     `json:"tokens"`
}

// finish writes the summary; none where there was nothing to analyse.
func (a *analyst) finish(ctx context.Context, run *store.AnalysisRun, at *checkpoint) error {
	var (
		stored json.RawMessage
		postTo []store.PostTarget
	)
	if run.Processed > 0 {
		a.progress(ctx, *run, "summarizing")
		written, err := a.summarize(ctx, run, at)
		if err != nil {
			return err
		}
		if stored, err = json.Marshal(written); err != nil {
			return fmt.Errorf("write the summary of analysis run %d: %w", run.ID, err)
		}
		a.progress(ctx, *run, "saving")
		a.metrics.summaries.WithLabelValues(written.Provider).Inc()
		if postTo, err = a.postTo(ctx, run); err != nil {
			return err
		}
	}
	events, err := a.store.CompleteAnalysisRun(ctx, *run, stored, postTo...)
	if err != nil {
		return err
	}
	a.outbox.Publish(ctx, events)
	return nil
}

func (a *analyst) summarize(ctx context.Context, run *store.AnalysisRun, at *checkpoint) (summary, error) {
	s := summary{Provider: aisettings.Local}
	model, err := a.write(ctx, run, at)
	if err != nil {
		return s, err
	}
	// Read last: what was changed or removed meanwhile is not quoted.
	messages, err := a.store.MessagesToQuote(ctx, at.Digest.Quoted())
	if err != nil {
		return s, err
	}
	s.Summary = at.Digest.Summary(said(messages))
	if d := at.Draft; d != nil {
		s.Tokens = d.Tokens
		if d.Fallback != "" {
			s.Fallback = &d.Fallback
		} else if model != "" {
			s.Summary, s.Provider, s.Model = d.summary(said(messages), s.Language), aisettings.OpenAI, &model
		}
	}
	figures, err := a.store.AnalysisFigures(ctx, run.AnalysisSpan)
	if err != nil {
		return s, err
	}
	figures.Counts.Messages = run.Processed
	s.NewTasks, s.ClosedTasks, s.Counts = figures.NewTasks, figures.ClosedTasks, figures.Counts
	return s, nil
}

// progress tells clients how far a run is. It changes nothing, so a lost one costs nothing.
func (a *analyst) progress(ctx context.Context, run store.AnalysisRun, stage string) {
	a.tell(ctx, run.ID, store.AnalysisProgress(run, stage))
}

func (a *analyst) tell(ctx context.Context, run int64, event *eventsv1.Event) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	m, err := bus.NewMessage(bus.SubjectAnalysisProgress, "", event)
	if err == nil {
		err = a.bus.Publish(ctx, m)
	}
	if err != nil && ctx.Err() == nil {
		a.log.Debug().Err(err).Int64("run", run).Msg("progress of the analysis was not told")
	}
}
