package store

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// usedNames remembers which author names have messages, which is asked of an index for
// each name. It stays true while the sum of renames in message_counts does; names that
// came since are found by asking for the others.
type usedNames struct {
	mu      sync.Mutex
	renames int64
	// These are replaced, never changed: they are given out.
	ids    []int64
	sorted []string
}

// MessageFilters tells what the message list can be filtered by, and counts all
// messages, exactly. It reads no message but the first and last of each source, and
// those of names that were not known to have any.
func (s *Store) MessageFilters(ctx context.Context) (MessageFacets, error) {
	var f MessageFacets
	counted, err := s.q.MessageTotal(ctx)
	if err != nil {
		return f, fmt.Errorf("count messages: %w", err)
	}
	f.Total = counted.N
	// The names are read after the count of renames: what changes between is seen next time.
	if f.Authors, err = s.usedNames(ctx, counted.Renames); err != nil {
		return f, fmt.Errorf("list authors: %w", err)
	}
	if f.Sources, err = s.q.MessageSources(ctx); err != nil {
		return f, fmt.Errorf("list sources: %w", err)
	}
	span, err := s.q.MessageRange(ctx)
	if err != nil {
		return f, fmt.Errorf("find first and last message: %w", err)
	}
	if span.Sources > 0 {
		f.Earliest, f.Latest = span.Earliest, span.Latest
	}
	return f, nil
}

// usedNames gives the author names with messages, sorted, without repeats.
func (s *Store) usedNames(ctx context.Context, renames int64) ([]string, error) {
	known, sorted := s.used.get(renames)
	// Never nil, which would be NULL.
	rows, err := s.planned.OtherAuthorNames(ctx, append([]int64{}, known...))
	if err != nil || len(rows) == 0 {
		return sorted, err
	}
	ids, names := slices.Clone(known), slices.Clone(sorted)
	for _, r := range rows {
		ids, names = append(ids, r.ID), append(names, r.Name)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	s.used.put(renames, ids, names)
	return names, nil
}

func (u *usedNames) get(renames int64) (ids []int64, sorted []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.renames != renames {
		return nil, nil
	}
	return u.ids, u.sorted
}

// put replaces what is remembered of earlier renames, and of the same where more is known.
func (u *usedNames) put(renames int64, ids []int64, sorted []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if renames > u.renames || renames == u.renames && len(ids) > len(u.ids) {
		u.renames, u.ids, u.sorted = renames, ids, sorted
	}
}
