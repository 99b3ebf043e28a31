package bus

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// batchSession is one subscription and what it has in hand. Only run's goroutine uses
// it, but for in, lost, over and hand.
type batchSession struct {
	*BatchConsumer
	cc     jetstream.ConsumeContext
	in     chan *Delivery
	lost   chan error
	closed <-chan struct{}

	draining bool  // nothing more is asked for; what has been sent still arrives
	ended    bool  // nothing more arrives
	cause    error // why the consumer was lost; nil where it was not

	backlog  []*Delivery // arrived while a batch was held
	suspects []*Delivery // to be handled alone
	holds    int         // holds since the last success

	under  int           // batches that are being handled ahead of run
	over   chan attempt  // what became of them
	failed [][]*Delivery // those that run has to handle again

	mu   sync.Mutex
	hand map[*Delivery]struct{}
}

func (s *batchSession) take(d *Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hand[d] = struct{}{}
}

func (s *batchSession) release(d *Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.hand, d)
}

func (s *batchSession) inHand() []*Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	held := make([]*Delivery, 0, len(s.hand))
	for d := range s.hand {
		held = append(held, d)
	}
	return held
}

// run handles one batch and one suspect in turn until nothing arrives any more and
// nothing is in hand.
func (s *batchSession) run(ctx, work context.Context) {
	for {
		batch := s.collect(ctx, work)
		full := len(batch) == s.maxBatch
		batch = s.setAside(batch)
		if full && s.concurrency > 1 {
			s.begin(work, batch)
		} else if len(batch) > 0 {
			s.rejoin(work)
			s.work(ctx, work, batch)
		}
		if s.draining || len(s.suspects)+len(s.failed) > 0 {
			s.rejoin(work)
		}
		for _, failed := range s.failed {
			s.work(ctx, work, failed)
		}
		s.failed = nil
		s.trySuspect(ctx, work)
		if s.ended && len(s.in)+len(s.backlog)+len(s.suspects) == 0 {
			return
		}
	}
}

// drain stops asking for more.
func (s *batchSession) drain(cause error) {
	if !s.draining {
		s.draining, s.cause = true, cause
		s.cc.Drain()
	}
}

// collect waits for the first message, or for something to happen, and takes what
// comes within the linger.
func (s *batchSession) collect(ctx, work context.Context) []*Delivery {
	n := min(len(s.backlog), s.maxBatch)
	batch := slices.Clone(s.backlog[:n])
	s.backlog = s.backlog[n:]
	if len(batch) == 0 && len(s.suspects) == 0 && !s.ended {
		if first := s.wait(ctx, work); first != nil {
			batch = append(batch, first)
		}
	} else {
		s.notice(ctx)
	}
	var linger <-chan time.Time
	if len(batch) > 0 && !s.draining {
		timer := time.NewTimer(s.linger)
		defer timer.Stop()
		linger = timer.C
	}
	for len(batch) < s.maxBatch {
		select {
		case d := <-s.in:
			batch = append(batch, d)
			continue
		default:
		}
		if linger == nil {
			return batch
		}
		select {
		case d := <-s.in:
			batch = append(batch, d)
		case <-linger:
			return batch
		}
	}
	return batch
}

// wait blocks until there is a message, which it returns, or the state has changed.
func (s *batchSession) wait(ctx, work context.Context) *Delivery {
	stop, giveUp := ctx.Done(), work.Done()
	lost := s.lost
	if s.draining {
		stop, lost = nil, nil
	} else {
		giveUp = nil
	}
	select {
	case d := <-s.in:
		return d
	case a := <-s.over:
		s.conclude(work, a)
	case <-stop:
		s.drain(nil)
	case err := <-lost:
		s.drain(err)
	case <-s.closed:
		s.drain(jetstream.ErrConnectionClosed)
		s.ended = true
	case <-giveUp:
		// The broker does not confirm the end: what it may still send is delivered again.
		s.ended = true
	}
	return nil
}

// notice is wait without blocking or taking a message.
func (s *batchSession) notice(ctx context.Context) {
	if ctx.Err() != nil {
		s.drain(nil)
	}
	select {
	case err := <-s.lost:
		s.drain(err)
	case <-s.closed:
		s.drain(jetstream.ErrConnectionClosed)
		s.ended = true
	default:
	}
}

// setAside takes suspects out of a batch.
func (s *batchSession) setAside(batch []*Delivery) []*Delivery {
	return slices.DeleteFunc(batch, func(d *Delivery) bool {
		if s.suspect(d) {
			s.suspects = append(s.suspects, d)
		}
		return s.suspect(d)
	})
}

// trySuspect handles one suspect, any of them: were it always the first, the one that
// ends the process would take the same neighbours with it at every attempt.
func (s *batchSession) trySuspect(ctx, work context.Context) {
	if len(s.suspects) == 0 {
		return
	}
	i := rand.IntN(len(s.suspects))
	d := s.suspects[i]
	s.suspects = slices.Delete(s.suspects, i, i+1)
	err := s.try(work, d, func() error {
		if err := s.call(work, []*Delivery{d}); err != nil {
			return err
		}
		return d.err
	})
	wait, held := isHold(err)
	switch {
	case err != nil && work.Err() != nil, held && ctx.Err() != nil, errors.Is(err, errNotTried):
		s.handBackAll([]*Delivery{d})
	case held && d.err == nil:
		s.suspects = append(s.suspects, d)
		s.hold(ctx, err, wait)
	default:
		s.holds = 0
		s.finish(work, d, err)
	}
}

// work handles a batch to the end: done, failed alone, or handed back.
func (s *batchSession) work(ctx, work context.Context, batch []*Delivery) {
	for len(batch) > 0 {
		err := s.together(work, func() error { return s.call(work, batch) })
		wait, held := isHold(err)
		switch {
		case err == nil:
			s.holds = 0
			for _, d := range batch {
				s.finish(work, d, d.err)
			}
			return
		case work.Err() != nil || held && ctx.Err() != nil:
			s.handBackAll(batch)
			return
		case held:
			s.hold(ctx, err, wait)
		case len(batch) == 1:
			s.finish(work, batch[0], err)
			return
		default:
			half := len(batch) / 2
			s.work(ctx, work, batch[:half])
			batch = batch[half:]
		}
	}
}

func (s *batchSession) call(work context.Context, batch []*Delivery) error {
	for _, d := range batch {
		d.err = nil
	}
	began := time.Now()
	err := s.protect(work, func(ctx context.Context) error { return s.handle(ctx, batch) })
	s.cfg.Metrics.handled(s.cfg, len(batch), time.Since(began))
	return err
}

// finish settles a message. Success is a plain ack: an ack that is lost brings the
// message back to a handler that changes nothing the second time, which is cheaper
// than a round trip for each.
func (s *batchSession) finish(ctx context.Context, d *Delivery, err error) {
	s.settle(ctx, d, err, func(context.Context) error { return d.msg.Ack() })
	s.release(d)
}

func (s *batchSession) handBackAll(batch []*Delivery) {
	for _, d := range batch {
		s.handBack(d)
		s.release(d)
	}
}

// hold waits before a batch is tried again. Meanwhile nothing more is asked for, so
// that messages wait in the stream, where others can take them, and not with us. What
// the broker was sending at that very moment may be lost on the way; it comes again
// after AckWait, as after a stop.
func (s *batchSession) hold(ctx context.Context, err error, wait time.Duration) {
	s.holds++
	if wait <= 0 {
		wait = s.cfg.holdDelay(s.holds)
	}
	if s.holds == 1 {
		s.log.Warn().Err(err).Msg("waiting for what the work needs; messages are kept")
	}
	s.cfg.Metrics.holding(s.cfg, 1)
	defer s.cfg.Metrics.holding(s.cfg, -1)
	s.drain(nil)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		select {
		case d := <-s.in:
			s.backlog = append(s.backlog, d)
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}
