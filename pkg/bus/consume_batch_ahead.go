package bus

import "context"

// attempt is a batch that was handled while run went on.
type attempt struct {
	batch []*Delivery
	err   error
}

// begin handles a batch while run collects the next, once fewer than concurrency are being
// handled: while one waits for the database, another can be read and the one before announced.
func (s *batchSession) begin(work context.Context, batch []*Delivery) {
	for s.under >= s.concurrency {
		s.conclude(work, <-s.over)
	}
	s.under++
	go func() {
		s.over <- attempt{batch, s.together(work, func() error { return s.call(work, batch) })}
	}()
}

// conclude ends the messages of a batch that was handled; one that failed is left for run, which
// does so alone.
func (s *batchSession) conclude(work context.Context, a attempt) {
	s.under--
	if a.err != nil {
		s.failed = append(s.failed, a.batch)
		return
	}
	s.holds = 0
	for _, d := range a.batch {
		s.finish(work, d, d.err)
	}
}

// rejoin waits for every batch that was begun.
func (s *batchSession) rejoin(work context.Context) {
	for s.under > 0 {
		s.conclude(work, <-s.over)
	}
}
