package bus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// MaxDeadLetters is the most that ListDeadLetters returns at once.
const MaxDeadLetters = 200

// DeadLetter is one dead letter and the number it is known by.
type DeadLetter struct {
	Seq uint64
	*eventsv1.DeadLetter
}

// Replayable reports whether ReplayDeadLetter can do anything with it.
func (d DeadLetter) Replayable() bool { return d.GetSubject() != "" }

// ListDeadLetters returns the newest dead letters that pass the filter with a number below
// before (0: the newest of all), newest first, at most limit (1 to MaxDeadLetters). Fewer
// than limit means that there are no more.
func (b *Bus) ListDeadLetters(ctx context.Context, filter DeadLetterFilter, before uint64, limit int) ([]DeadLetter, error) {
	stream, err := b.deadLetters(ctx)
	if err != nil {
		return nil, err
	}
	info, err := stream.Info(ctx, jetstream.WithDeletedDetails(true))
	if err != nil {
		return nil, fmt.Errorf("look at stream %s: %w", StreamDeadLetter, classify(err))
	}
	state := info.State
	seq := state.LastSeq
	if before > 0 {
		seq = min(seq, before-1)
	}
	slices.Sort(state.Deleted)
	limit = min(max(limit, 1), MaxDeadLetters)
	var letters []DeadLetter
	for ; seq >= max(state.FirstSeq, 1) && len(letters) < limit; seq-- {
		if _, gone := slices.BinarySearch(state.Deleted, seq); gone {
			continue
		}
		letter, _, err := readDeadLetter(ctx, stream, seq)
		if errors.Is(err, ErrNotFound) {
			continue // deleted since we looked
		}
		if err != nil {
			return nil, err
		}
		if filter.Matches(letter) {
			letters = append(letters, letter)
		}
	}
	return letters, nil
}

// ReplayDeadLetter publishes the original under its own subject and with its headers
// again, and deletes the dead letter once the stream has the original. Called twice at
// once it publishes once. It returns the subject, or ErrNotFound, ErrNotReplayable, or what Publish
// returns, and then the dead letter is kept.
func (b *Bus) ReplayDeadLetter(ctx context.Context, seq uint64) (subject string, err error) {
	stream, err := b.deadLetters(ctx)
	if err != nil {
		return "", err
	}
	letter, raw, err := readDeadLetter(ctx, stream, seq)
	if err != nil {
		return "", err
	}
	if !letter.Replayable() {
		return "", fmt.Errorf("dead letter %d: %w", seq, ErrNotReplayable)
	}
	original := &nats.Msg{Subject: letter.GetSubject(), Data: letter.GetPayload(), Header: nats.Header{}}
	for name, value := range letter.GetHeaders() {
		if !strings.HasPrefix(strings.ToLower(name), "nats-") { // instructions to the broker, used up
			original.Header.Set(name, value)
		}
	}
	// Not the original's id, which the stream may still remember.
	original.Header.Set(jetstream.MsgIDHeader, fmt.Sprintf("replay:%d:%d", seq, raw.Time.UnixNano()))
	if _, err := b.js.PublishMsg(ctx, original, jetstream.WithRetryAttempts(0)); err != nil {
		return "", fmt.Errorf("replay dead letter %d: %w", seq, classify(err))
	}
	if err := b.DeleteDeadLetter(ctx, seq); err != nil && !errors.Is(err, ErrNotFound) {
		return "", err
	}
	return letter.GetSubject(), nil
}

// DeleteDeadLetter removes a dead letter for good, or returns ErrNotFound.
func (b *Bus) DeleteDeadLetter(ctx context.Context, seq uint64) error {
	stream, err := b.deadLetters(ctx)
	if err != nil {
		return err
	}
	if err := stream.DeleteMsg(ctx, seq); err != nil {
		// The broker's refusal does not tell why.
		if _, readErr := stream.GetMsg(ctx, seq); errors.Is(readErr, jetstream.ErrMsgNotFound) {
			return fmt.Errorf("dead letter %d: %w", seq, ErrNotFound)
		}
		return fmt.Errorf("delete dead letter %d: %w", seq, classify(err))
	}
	return nil
}

func (b *Bus) deadLetters(ctx context.Context) (jetstream.Stream, error) {
	stream, err := b.js.Stream(ctx, StreamDeadLetter)
	if err != nil {
		return nil, fmt.Errorf("look at stream %s: %w", StreamDeadLetter, classify(err))
	}
	return stream, nil
}

func readDeadLetter(ctx context.Context, stream jetstream.Stream, seq uint64) (DeadLetter, *jetstream.RawStreamMsg, error) {
	raw, err := stream.GetMsg(ctx, seq)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return DeadLetter{}, nil, fmt.Errorf("dead letter %d: %w", seq, ErrNotFound)
	}
	if err != nil {
		return DeadLetter{}, nil, fmt.Errorf("read dead letter %d: %w", seq, classify(err))
	}
	return decodeDeadLetter(raw), raw, nil
}

func decodeDeadLetter(raw *jetstream.RawStreamMsg) DeadLetter {
	letter := new(eventsv1.DeadLetter)
	if err := proto.Unmarshal(raw.Data, letter); err != nil {
		// Something else was published there: shown for what it is.
		letter = &eventsv1.DeadLetter{Stream: raw.Subject, Kind: "unknown", Reason: "not a dead letter: " + Redact(err.Error()), Payload: raw.Data}
	}
	return DeadLetter{Seq: raw.Sequence, DeadLetter: letter}
}
