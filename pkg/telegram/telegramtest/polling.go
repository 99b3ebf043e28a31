package telegramtest

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

const (
	maxPollTimeout = 50 * time.Second
	// conflictDelay is how late a repeated 409 is answered, and how long the
	// same offset waits when it is asked for again within that time.
	conflictDelay = 3 * time.Second
	// maxPollAnswer is where an answer to getUpdates is cut, in bytes.
	maxPollAnswer = 4 << 20
)

// poller is a getUpdates call that waits. It is ended by a call that takes its
// place, with the words it is to answer.
type poller struct {
	cancel context.CancelFunc
	ended  string
}

// endPoll makes a waiting getUpdates answer 409; Server.mu must be held.
func (b *bot) endPoll(description string) {
	if b.poll != nil {
		b.poll.ended = description
		b.poll.cancel()
		b.poll = nil
	}
}

func (c *call) getUpdates() (any, string, *apiError) {
	s, b := c.server, c.bot
	ctx, cancel := context.WithCancel(c.ctx)
	defer cancel()
	own := &poller{cancel: cancel}

	s.mu.Lock()
	if b.hook != nil {
		s.mu.Unlock()
		return nil, "", c.conflict("Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
	}
	b.endPoll("Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")
	b.poll = own
	c.takeAllowedUpdates()
	deadline := c.beginPoll()
	s.mu.Unlock()

	updates, ended := c.pollUntil(ctx, own, deadline)
	if ended != "" {
		return nil, "", c.conflict(ended)
	}
	return updates, "", nil
}

// beginPoll confirms what the offset confirms and says until when to wait for
// updates; Server.mu must be held.
func (c *call) beginPoll() time.Time {
	b, now := c.bot, c.server.clock.now()
	offset := c.params.int("offset", 0)
	timeout := min(max(time.Duration(c.params.int("timeout", 0))*time.Second, 0), maxPollTimeout)
	if offset == b.lastOffset && now.Sub(b.lastPoll) < conflictDelay {
		timeout = max(timeout, conflictDelay)
	}
	b.lastOffset, b.lastPoll = offset, now
	b.dropExpired(now)
	keep := int64(-1)
	if offset < 0 {
		keep = -offset
	}
	left := int64(b.pending)
	for _, u := range b.queue[:len(b.queue):len(b.queue)] {
		if u.done {
			continue
		}
		if u.id < offset || (keep >= 0 && left > keep) {
			c.server.delivered[u.id] = u.id < offset || c.server.delivered[u.id]
			b.finish(u)
		}
		left--
	}
	c.server.notify()
	return now.Add(timeout)
}

// pollUntil returns the updates there are, or waits for some until the deadline;
// ended is the description of the 409 of a poll that another call ended.
func (c *call) pollUntil(ctx context.Context, own *poller, deadline time.Time) (updates []json.RawMessage, ended string) {
	s, b := c.server, c.bot
	due, cancel := context.WithCancel(ctx)
	defer cancel()
	s.running.Go(func() {
		defer cancel()
		_ = s.clock.sleepUntil(due, deadline)
	})
	for {
		s.mu.Lock()
		updates, changed := c.pendingUpdates(), s.changed
		over := len(updates) > 0 || due.Err() != nil
		ended := own.ended
		if over && b.poll == own {
			b.poll = nil
		}
		s.mu.Unlock()
		if over || ended != "" {
			return updates, ended
		}
		select {
		case <-changed:
		case <-due.Done():
		}
	}
}

// pendingUpdates are those that fit the limit and the size of an answer;
// Server.mu must be held.
func (c *call) pendingUpdates() []json.RawMessage {
	limit := min(max(c.params.int("limit", 100), 1), 100)
	updates, size := []json.RawMessage{}, 0
	for _, u := range c.bot.queue {
		if u.done {
			continue
		}
		size += len(u.body)
		if int64(len(updates)) == limit || (size > maxPollAnswer && len(updates) > 0) {
			break
		}
		updates = append(updates, u.body)
	}
	return updates
}

// conflict is a 409, late if the last one was just now.
func (c *call) conflict(description string) *apiError {
	s, b := c.server, c.bot
	s.mu.Lock()
	now := s.clock.now()
	repeated := now.Sub(b.lastConflict) < conflictDelay
	b.lastConflict = now
	s.mu.Unlock()
	if repeated {
		_ = s.clock.sleep(c.ctx, conflictDelay) // whoever has gone reads no answer
	}
	return &apiError{code: http.StatusConflict, description: description}
}
