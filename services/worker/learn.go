package worker

import (
	"context"
	"hash/fnv"
	"strconv"
	"time"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/classify/local"
	"github.com/tasktracker/tasktracker/pkg/outbox"
	"github.com/tasktracker/tasktracker/pkg/store"
)

const (
	// learnPoll is the pause between two looks at the database: the broker says at once what is
	// in use, the database what is true.
	learnPoll = 2 * time.Second
	// maxLessons bounds the corrections that are learnt from: the newest.
	maxLessons = 4000
	// heldBack: of one conversation in so many the corrections are not learnt from, but
	// measured on. Fewer than leastHeldBack of them tell nothing.
	heldBack, leastHeldBack = 4, 5
)

// learnStore is what learning asks of the store.
type learnStore interface {
	ActiveAdapter(ctx context.Context) (id int64, base string, err error)
	AdapterWeights(ctx context.Context, id int64) ([]byte, error)
	NewCorrections(ctx context.Context, base string, bound int) (int, error)
	TrainAdapter(ctx context.Context, base string, after, limit int,
		train func(current []byte, corrections []store.Correction) (*store.NewAdapter, error)) (*store.Adapter, []store.OutboxEvent, error)
	SyncAdapter(ctx context.Context) func(bus.Adapter) (bus.Adapter, error)
}

var _ learnStore = (*store.Store)(nil)

// learner has the built-in classifier go by the adapter that is in use, and makes new ones
// of what people correct. Any number may run: one trains at a time.
type learner struct {
	store      learnStore
	bus        *bus.Bus
	outbox     *outbox.Publisher
	classifier *local.Classifier
	after      int // new corrections that a training takes; 0 for none ever
	metrics    *learnMetrics
	log        zerolog.Logger
	wake       chan struct{}
	ready      chan struct{} // closed once it is known what is in use
	tried      int           // new corrections of which nothing could be learnt yet
	broken     int64
}

// run learns until ctx ends.
func (l *learner) run(ctx context.Context) {
	if l.classifier == nil {
		close(l.ready)
		return
	}
	ticker := time.NewTicker(learnPoll)
	defer ticker.Stop()
	troubled, known := false, false
	for {
		err := l.adopt(ctx)
		if err == nil && !known {
			close(l.ready)
			known = true
		}
		if err == nil && l.after > 0 {
			err = l.learn(ctx)
		}
		if err != nil && !troubled && ctx.Err() == nil {
			l.log.Warn().Err(err).Msg("the built-in classifier does not learn; trying on")
		}
		troubled = err != nil
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-l.wake:
		}
	}
}

// await has the first text judged by what was learnt. Where the database does not answer, the
// judge waits for it as well.
func (l *learner) await(ctx context.Context) {
	select {
	case <-l.ready:
	case <-ctx.Done():
	}
}

// follow looks at once where another adapter is put to use, until ctx ends.
func (l *learner) follow(ctx context.Context) error {
	if l.classifier == nil {
		return nil
	}
	return l.bus.WatchAdapter(ctx, func(bus.Adapter) {
		select {
		case l.wake <- struct{}{}:
		default:
		}
	})
}

// learn makes an adapter where there are enough new corrections.
func (l *learner) learn(ctx context.Context) error {
	n, err := l.store.NewCorrections(ctx, l.classifier.Base(), l.after+l.tried)
	if err != nil || n < l.after+l.tried {
		return err
	}
	began := time.Now()
	considered := false
	made, events, err := l.store.TrainAdapter(ctx, l.classifier.Base(), l.after, maxLessons,
		func(current []byte, corrections []store.Correction) (*store.NewAdapter, error) {
			considered = true
			return l.train(current, corrections)
		})
	if err != nil {
		return err
	}
	if made == nil {
		if considered { // too few to measure with: wait for as many more
			l.tried += l.after
		}
		return nil
	}
	l.tried = 0
	l.metrics.trained(made.Adopted, time.Since(began))
	l.log.Info().Int64("adapter", made.ID).Int("learnt", made.Learnt).Int("held_back", made.HeldBack).Int("right_before", made.Before.Right).
		Int("right_after", made.After.Right).Bool("adopted", made.Adopted).Msg("the built-in classifier has learnt from corrections")
	l.outbox.Publish(ctx, events)
	if !made.Adopted {
		return nil
	}
	// Where this fails the other workers see it when they look next.
	telling, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	if err := l.bus.UpdateAdapter(telling, l.store.SyncAdapter(telling)); err != nil {
		l.log.Debug().Err(err).Msg("that another adapter is in use was not told")
	}
	return l.adopt(ctx)
}

// adopt has the classifier go by the adapter that is in use. One that does not fit the
// weights, as after an upgrade, or cannot be read, is left out.
func (l *learner) adopt(ctx context.Context) error {
	id, base, err := l.store.ActiveAdapter(ctx)
	if err != nil {
		return err
	}
	if base != l.classifier.Base() {
		id = 0
	}
	if id == l.classifier.Adapted() || id != 0 && id == l.broken {
		return nil
	}
	if id == 0 {
		l.classifier.Adapt(nil)
		l.metrics.adapter.Set(0)
		return nil
	}
	weights, err := l.store.AdapterWeights(ctx, id)
	if err != nil {
		return err
	}
	a, err := local.ReadAdapter(id, weights)
	if err != nil {
		l.broken = id
		l.classifier.Adapt(nil)
		l.metrics.adapter.Set(0)
		l.log.Error().Err(err).Msg("what the built-in classifier has learnt cannot be read; the shipped weights judge alone")
		return nil
	}
	l.classifier.Adapt(a)
	l.metrics.adapter.Set(float64(id))
	l.log.Info().Int64("adapter", id).Msg("the built-in classifier goes by what it has learnt")
	return nil
}

// train makes an adapter, and measures it against the one in use; nil where there is too little
// to do either.
func (l *learner) train(current []byte, corrections []store.Correction) (*store.NewAdapter, error) {
	learnt, held := Lessons(corrections)
	if len(held) < leastHeldBack || len(learnt) == 0 {
		return nil, nil
	}
	var before *local.Adapter
	if current != nil {
		var err error
		if before, err = local.ReadAdapter(0, current); err != nil {
			before = nil // it judges nothing either
		}
	}
	adapter := l.classifier.Learn(learnt)
	was, is := l.classifier.Worth(before, held), l.classifier.Worth(adapter, held)
	weights, err := adapter.Marshal()
	if err != nil {
		return nil, err
	}
	return &store.NewAdapter{Weights: weights, Adapter: store.Adapter{
		Base: l.classifier.Base(), Learnt: len(learnt), HeldBack: is.Lessons, Adopted: is.Better(was),
		Before: store.AdapterWorth{Right: was.Right, Loss: was.Loss}, After: store.AdapterWorth{Right: is.Right, Loss: is.Loss}}}, nil
}

// Lessons divides corrections into those that are learnt from and those that are held back
// to measure it: by conversation, always the same.
func Lessons(corrections []store.Correction) (learnt, held []local.Lesson) {
	for _, c := range corrections {
		lesson := local.Lesson{Input: c.Input, IsIssue: c.IsIssue, Category: classify.Category(c.Category)}
		h := fnv.New32a()
		h.Write([]byte(strconv.FormatInt(c.ConversationID, 10)))
		if h.Sum32()%heldBack == 0 {
			held = append(held, lesson)
		} else {
			learnt = append(learnt, lesson)
		}
	}
	return learnt, held
}
