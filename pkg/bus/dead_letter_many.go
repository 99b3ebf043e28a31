package bus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tasktracker/tasktracker/pkg/clauses"
)

// DeadLetterFilter selects dead letters; a zero field selects all.
type DeadLetterFilter struct {
	Stream, Kind string
	// Text is a part of the reason or of the advice about it, whatever the case.
	Text string
	// Clauses are names of clauses (package clauses): beside Text, a letter with one of them in its reason or
	// its advice passes too.
	Clauses []string
}

// Matches reports whether a dead letter passes.
func (f DeadLetterFilter) Matches(d DeadLetter) bool {
	return (f.Stream == "" || d.GetStream() == f.Stream) && (f.Kind == "" || d.GetKind() == f.Kind) &&
		(f.Text == "" || f.tells(d.GetReason()))
}

// tells reports whether the reason or the advice about it says what is looked for.
func (f DeadLetterFilter) tells(reason string) bool {
	advice := clauses.Advice(reason)
	if text := strings.ToLower(f.Text); strings.Contains(strings.ToLower(reason), text) || strings.Contains(strings.ToLower(advice), text) {
		return true
	}
	named := func(c clauses.Clause) bool { return slices.Contains(f.Clauses, c.Code) }
	return len(f.Clauses) > 0 && (slices.ContainsFunc(clauses.Of(advice), named) || slices.ContainsFunc(clauses.Of(reason), named))
}

// DeadLetterCount says how many dead letters of a stream and kind there are.
type DeadLetterCount struct {
	Stream, Kind string
	Count        int64
}

// CountDeadLetters counts by the subjects, most first, at most MaxDeadLetters of them. The names are those of one letter of
// each subject, since subjects have them shortened.
func (b *Bus) CountDeadLetters(ctx context.Context) ([]DeadLetterCount, error) {
	stream, err := b.deadLetters(ctx)
	if err != nil {
		return nil, err
	}
	info, err := stream.Info(ctx, jetstream.WithSubjectFilter("dead.>"))
	if err != nil {
		return nil, fmt.Errorf("look at stream %s: %w", StreamDeadLetter, classify(err))
	}
	var counts []DeadLetterCount
	for subject, n := range info.State.Subjects {
		raw, err := stream.GetLastMsgForSubject(ctx, subject)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue // deleted since we looked
		}
		if err != nil {
			return nil, fmt.Errorf("read dead letter of %s: %w", subject, classify(err))
		}
		letter := decodeDeadLetter(raw)
		counts = append(counts, DeadLetterCount{Stream: letter.GetStream(), Kind: letter.GetKind(), Count: int64(n)})
	}
	slices.SortFunc(counts, func(a, b DeadLetterCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Stream, b.Stream), strings.Compare(a.Kind, b.Kind))
	})
	return counts[:min(len(counts), MaxDeadLetters)], nil
}

// maxReplay bounds how many dead letters one ReplayDeadLetters looks at.
const maxReplay = 1000

// DeadLettersReplay says which dead letters are to be replayed: those that pass the filter
// with a number above After and up to UpTo (0: the newest there is).
type DeadLettersReplay struct {
	Filter      DeadLetterFilter
	After, UpTo uint64
	// DryRun changes nothing.
	DryRun bool
}

// DeadLettersReplayed is what ReplayDeadLetters did, or in a dry run would do.
type DeadLettersReplayed struct {
	Matched, Replayable, Replayed int
	// UpTo is the newest number that was there.
	UpTo uint64
	// NextAfter is where to go on; 0 where all were looked at.
	NextAfter uint64
	// Refused is why the broker did not take the one that ended it; nil where none was refused.
	Refused error
}

// ReplayDeadLetters replays those that match, in the order in which they failed, as
// ReplayDeadLetter does each. One that cannot be replayed is counted and kept; the first that
// the broker refuses ends it.
func (b *Bus) ReplayDeadLetters(ctx context.Context, which DeadLettersReplay) (DeadLettersReplayed, error) {
	var done DeadLettersReplayed
	stream, err := b.deadLetters(ctx)
	if err != nil {
		return done, err
	}
	state := stream.CachedInfo().State
	if done.UpTo = state.LastSeq; which.UpTo > 0 {
		done.UpTo = min(done.UpTo, which.UpTo)
	}
	looked := 0
	for seq := max(which.After+1, state.FirstSeq); seq <= done.UpTo && state.Msgs > 0; seq++ {
		if looked == maxReplay {
			done.NextAfter = seq - 1
			return done, nil
		}
		// The next that is there: numbers of those deleted are passed over.
		raw, err := stream.GetMsg(ctx, seq, jetstream.WithGetMsgSubject("dead.>"))
		if errors.Is(err, jetstream.ErrMsgNotFound) || err == nil && raw.Sequence > done.UpTo {
			return done, nil
		}
		if err != nil {
			return done, fmt.Errorf("read dead letter %d: %w", seq, classify(err))
		}
		seq = raw.Sequence
		looked++
		if b.replayOne(ctx, decodeDeadLetter(raw), which, &done); done.Refused != nil {
			return done, nil
		}
	}
	return done, nil
}

func (b *Bus) replayOne(ctx context.Context, letter DeadLetter, which DeadLettersReplay, done *DeadLettersReplayed) {
	if !which.Filter.Matches(letter) {
		return
	}
	done.Matched++
	if !letter.Replayable() {
		return
	}
	done.Replayable++
	if which.DryRun {
		return
	}
	switch _, err := b.ReplayDeadLetter(ctx, letter.Seq); {
	case err == nil:
		done.Replayed++
	case errors.Is(err, ErrNotFound): // somebody else was quicker
	default:
		done.Refused = err
	}
}
