package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// keptAdapters is how many versions are kept, beside the one in use.
const keptAdapters = 20

// Adapter is a version of what the built-in classifier has learnt from corrections.
type Adapter struct {
	ID int64
	// Base is the version of the weights that it was made for.
	Base string
	// Learnt is from how many corrections; HeldBack are those that it was measured on.
	Learnt, HeldBack int
	// Before and After are what the classifier was worth on those held back.
	Before, After AdapterWorth
	// Adopted is whether it was put to use when it was made; Active whether it is in use.
	Adopted, Active bool
	CreatedAt       time.Time
}

// AdapterWorth is what a classifier is worth on corrections.
type AdapterWorth struct {
	Right int
	Loss  float64
}

// NewAdapter is what a training made.
type NewAdapter struct {
	Adapter
	Weights []byte
}

// ListAdapters gives all versions, newest first.
func (s *Store) ListAdapters(ctx context.Context) ([]Adapter, error) {
	rows, err := s.q.ListAdapters(ctx)
	if err != nil {
		return nil, fmt.Errorf("list adapters: %w", err)
	}
	all := make([]Adapter, len(rows))
	for i, r := range rows {
		all[i] = Adapter{ID: r.ID, Base: r.Base, Learnt: int(r.Learnt), HeldBack: int(r.HeldBack), Adopted: r.Adopted, Active: r.Active, CreatedAt: r.CreatedAt,
			Before: AdapterWorth{int(r.RightBefore), r.LossBefore}, After: AdapterWorth{int(r.RightAfter), r.LossAfter}}
	}
	return all, nil
}

// ActiveAdapter is the one in use, and the version of the weights that it fits; 0 for none.
func (s *Store) ActiveAdapter(ctx context.Context) (id int64, base string, err error) {
	return activeAdapter(ctx, s.q)
}

func activeAdapter(ctx context.Context, q *db.Queries) (id int64, base string, err error) {
	rows, err := q.ActiveAdapter(ctx)
	if err != nil || len(rows) == 0 {
		return 0, "", errors.Join(err)
	}
	return rows[0].ID, rows[0].Base, nil
}

// AdapterWeights reads what a training made, or returns ErrNotFound.
func (s *Store) AdapterWeights(ctx context.Context, id int64) ([]byte, error) {
	row, err := s.q.AdapterWeights(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read adapter %d: %w", id, err)
	}
	return row.Weights, nil
}

// ActivateAdapter puts a version to use, and the one before it out of it; 0 stands for the
// weights that are shipped alone. One that was made for other weights than base is
// ErrConflict, one that there is not ErrNotFound.
func (s *Store) ActivateAdapter(ctx context.Context, id int64, base string) (events []OutboxEvent, err error) {
	err = s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		if id != 0 {
			row, err := q.AdapterWeights(ctx, id)
			if errors.Is(err, pgx.ErrNoRows) {
				return ErrNotFound
			}
			if err != nil {
				return err
			}
			if row.Base != base {
				return fmt.Errorf("%w: it was made for weights %s, and these are %s", ErrConflict, row.Base, base)
			}
		}
		events = nil // of this attempt
		return activateAdapter(ctx, q, id, &events)
	})
	if err != nil {
		return nil, fmt.Errorf("put adapter %d to use: %w", id, err)
	}
	return events, nil
}

func activateAdapter(ctx context.Context, q *db.Queries, id int64, events *[]OutboxEvent) error {
	if err := q.LockAdapters(ctx); err != nil {
		return err
	}
	gone, err := q.DeactivateAdapters(ctx, id)
	if err != nil {
		return err
	}
	come, err := q.ActivateAdapter(ctx, id)
	if err != nil || gone+come == 0 {
		return err
	}
	return emitSettings(ctx, q, events, sectionAI)
}

// NewCorrections counts corrections since the last training with these weights, up to bound.
func (s *Store) NewCorrections(ctx context.Context, base string, bound int) (int, error) {
	n, err := s.q.NewCorrections(ctx, db.NewCorrectionsParams{Base: base, Bound: int32(bound)})
	if err != nil {
		return 0, fmt.Errorf("count new corrections: %w", err)
	}
	return int(n), nil
}

// TrainAdapter has train make a version of corrections, at most limit, the newest first,
// where there are as many new ones as after; it stores it, and puts it to use where it says
// Adopted. train gets the weights of the adapter in use, nil for none, and may return nil for
// nothing to learn. One training goes on at a time: made is nil where another does, and where
// there was nothing to do. What dies in between leaves nothing behind.
func (s *Store) TrainAdapter(ctx context.Context, base string, after, limit int,
	train func(current []byte, corrections []Correction) (*NewAdapter, error),
) (made *Adapter, events []OutboxEvent, err error) {
	err = s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		made, events = nil, nil
		if mine, err := q.TryLockAdapters(ctx); err != nil || !mine {
			return err
		}
		n, err := q.NewCorrections(ctx, db.NewCorrectionsParams{Base: base, Bound: int32(after)})
		if err != nil || int(n) < after {
			return err
		}
		newest, err := q.LastFeedback(ctx)
		if err != nil {
			return err
		}
		current, err := currentWeights(ctx, q, base)
		if err != nil {
			return err
		}
		corrections, err := readCorrections(ctx, q, limit)
		if err != nil {
			return err
		}
		a, err := train(current, corrections)
		if err != nil || a == nil {
			return err
		}
		a.ID, err = q.InsertAdapter(ctx, db.InsertAdapterParams{Base: base, Weights: a.Weights, FeedbackID: newest, Learnt: int32(a.Learnt), HeldBack: int32(a.HeldBack),
			RightBefore: int32(a.Before.Right), RightAfter: int32(a.After.Right), LossBefore: a.Before.Loss, LossAfter: a.After.Loss, Adopted: a.Adopted})
		if err != nil {
			return err
		}
		made = &a.Adapter
		if a.Adopted {
			if err := activateAdapter(ctx, q, a.ID, &events); err != nil {
				return err
			}
		} else if err := emitSettings(ctx, q, &events, sectionAI); err != nil { // there is a version more
			return err
		}
		return q.TrimAdapters(ctx, keptAdapters)
	})
	if err != nil {
		return nil, nil, fmt.Errorf("train an adapter: %w", err)
	}
	return made, events, nil
}

// currentWeights are those of the adapter in use; nil for none, or for one that does not fit.
func currentWeights(ctx context.Context, q *db.Queries, base string) ([]byte, error) {
	id, of, err := activeAdapter(ctx, q)
	if err != nil || id == 0 || of != base {
		return nil, err
	}
	row, err := q.AdapterWeights(ctx, id)
	return row.Weights, err
}

// SyncAdapter is what brings the broker's copy of which adapter is in use to what the
// database says.
func (s *Store) SyncAdapter(ctx context.Context) func(bus.Adapter) (bus.Adapter, error) {
	return func(bus.Adapter) (bus.Adapter, error) {
		id, _, err := s.ActiveAdapter(ctx)
		return bus.Adapter{ID: id}, err
	}
}

// Corrections reads what people said of turns, at most limit of what they said, newest first.
// Of several words about one turn the last counts.
func (s *Store) Corrections(ctx context.Context, limit int) ([]Correction, error) {
	all, err := readCorrections(ctx, s.q, limit)
	if err != nil {
		return nil, fmt.Errorf("read corrections: %w", err)
	}
	return slices.Clip(all), nil
}
