package store

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

const (
	// How long claimed rows belong to the claimer: enough to publish 500 events to a
	// slow broker, and short enough that the death of a relay is hardly noticed.
	outboxLease = 30 * time.Second
	maxReason   = 2000
)

// emit writes an event into the outbox, as part of the caller's transaction.
func emit(ctx context.Context, q *db.Queries, written *[]OutboxEvent, subject string, event *eventsv1.Event) error {
	event.OccurredAt = timestamppb.Now()
	return emitJob(ctx, q, written, subject, event)
}

// emitJob writes what is no event into the outbox, such as a job, as emit does.
func emitJob(ctx context.Context, q *db.Queries, written *[]OutboxEvent, subject string, job proto.Message) error {
	payload, err := proto.Marshal(job)
	if err != nil {
		return fmt.Errorf("marshal %s: %w", subject, err)
	}
	row, err := q.InsertOutbox(ctx, db.InsertOutboxParams{Subject: subject, Payload: payload})
	if err != nil {
		return fmt.Errorf("write outbox %s: %w", subject, err)
	}
	*written = append(*written, outboxEvent(row))
	return nil
}

func outboxEvent(r db.Outbox) OutboxEvent {
	return OutboxEvent{ID: r.ID, Subject: r.Subject, Payload: r.Payload, MsgID: r.MsgID, TraceParent: r.TraceParent,
		Attempts: int(r.Attempts), LastError: r.LastError, CreatedAt: r.CreatedAt}
}

// Emit writes one event that goes with no other change into the outbox.
func (s *Store) Emit(ctx context.Context, subject string, event *eventsv1.Event) ([]OutboxEvent, error) {
	var written []OutboxEvent
	return written, emit(ctx, s.q, &written, subject, event)
}

// ClaimOutbox gives the oldest events that wait, at most limit, by id. They belong to
// the caller for 30 s, in which it publishes each and calls MarkPublished or
// FailOutbox; after that they can be claimed anew. Two claimers never get the same row.
func (s *Store) ClaimOutbox(ctx context.Context, limit int) ([]OutboxEvent, error) {
	rows, err := s.q.ClaimOutbox(ctx, db.ClaimOutboxParams{Lease: outboxLease, MaxRows: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("claim outbox: %w", err)
	}
	events := make([]OutboxEvent, len(rows))
	for i, r := range rows {
		events[i] = outboxEvent(db.Outbox(r))
	}
	return events, nil
}

// MarkPublished removes events that the bus has acknowledged.
func (s *Store) MarkPublished(ctx context.Context, ids []int64) error {
	if _, err := s.q.DeleteOutbox(ctx, ids); err != nil {
		return fmt.Errorf("mark %d events published: %w", len(ids), err)
	}
	return nil
}

// FailOutbox notes why an event could not be published, and keeps it back for delay.
func (s *Store) FailOutbox(ctx context.Context, id int64, reason string, delay time.Duration) error {
	if len(reason) > maxReason {
		reason = reason[:maxReason]
	}
	if !utf8.ValidString(reason) {
		reason = string([]rune(reason))
	}
	if _, err := s.q.FailOutbox(ctx, db.FailOutboxParams{ID: id, Reason: reason, Delay: delay}); err != nil {
		return fmt.Errorf("note failure of event %d: %w", id, asInvalid(err))
	}
	return nil
}

// OutboxSize counts the events that wait.
func (s *Store) OutboxSize(ctx context.Context) (int64, error) {
	n, err := s.q.OutboxSize(ctx)
	if err != nil {
		return 0, fmt.Errorf("count outbox: %w", err)
	}
	return n, nil
}

// ListenOutbox puts a value into wake whenever events were written, never blocking:
// one in a channel of one stands for any number. It sends one at the start, since
// what was written before nobody heard of, and returns when ctx ends or the connection
// is lost, never with nil. The caller goes on polling beside it.
func (s *Store) ListenOutbox(ctx context.Context, wake chan<- struct{}) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("listen to outbox: %w", err)
	}
	// Closed, not returned: a pooled connection must not go on listening.
	raw := conn.Hijack()
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		_ = raw.Close(closing)
	}()
	if err := db.New(raw).ListenOutbox(ctx); err != nil {
		return fmt.Errorf("listen to outbox: %w", err)
	}
	for {
		select {
		case wake <- struct{}{}:
		default:
		}
		if _, err := raw.WaitForNotification(ctx); err != nil {
			return fmt.Errorf("wait for outbox: %w", err)
		}
	}
}
