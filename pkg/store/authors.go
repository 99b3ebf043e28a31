package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

const (
	// How many names, authors and chats a process remembers: some 10 MB each at most.
	cacheSize = 20_000
	// How long what is known of a picture is believed. Another process may find a
	// picture meanwhile, so this bounds how long its old URL is given out.
	authorTTL = 30 * time.Second
)

// AuthorNames gives names by which authors have signed, the newest first, at most limit.
func (s *Store) AuthorNames(ctx context.Context, limit int) ([]string, error) {
	names, err := s.q.NewestAuthorNames(ctx, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("read names of authors: %w", err)
	}
	return names, nil
}

type nameKey struct {
	source int64
	name   string
}

type authorKey struct {
	source int64
	id     string
}

// authorFacts is what the store knows of an author.
type authorFacts struct {
	name        string
	namedAt     time.Time
	version     int64
	nextCheckAt *time.Time
	loadedAt    time.Time
}

// wanted says whether the picture should be looked for now.
func (f authorFacts) wanted(now time.Time) bool {
	return f.nextCheckAt == nil || !now.Before(*f.nextCheckAt)
}

type (
	nameCache   struct{ *cache[nameKey, int64] }
	authorCache struct{ *cache[authorKey, authorFacts] }
)

func newNameCache() *nameCache     { return &nameCache{newCache[nameKey, int64](cacheSize)} }
func newAuthorCache() *authorCache { return &authorCache{newCache[authorKey, authorFacts](cacheSize)} }

// sourceID finds a source, making it on first use.
func (s *Store) sourceID(ctx context.Context, name string) (int64, error) {
	if id, ok := s.sources.get(name); ok {
		return id, nil
	}
	if name == "" {
		return 0, fmt.Errorf("%w: message without a source", ErrInvalid)
	}
	id, err := s.q.EnsureSource(ctx, name)
	if err != nil {
		return 0, fmt.Errorf("source %q: %w", name, asInvalid(err))
	}
	s.sources.put(name, id)
	return id, nil
}

// nameIDs finds the ids of author names, making those that are new.
func (s *Store) nameIDs(ctx context.Context, wanted map[nameKey]int64) error {
	var missing []nameKey
	for key := range wanted {
		if id, ok := s.names.get(key); ok {
			wanted[key] = id
		} else {
			missing = append(missing, key)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.SortFunc(missing, func(a, b nameKey) int {
		return cmp.Or(cmp.Compare(a.source, b.source), cmp.Compare(a.name, b.name))
	})
	arg := db.InsertAuthorNamesParams{}
	for _, key := range missing {
		arg.SourceIds, arg.Names = append(arg.SourceIds, key.source), append(arg.Names, key.name)
	}
	if err := s.q.InsertAuthorNames(ctx, arg); err != nil {
		return fmt.Errorf("store %d author names: %w", len(missing), err)
	}
	rows, err := s.q.AuthorNames(ctx, db.AuthorNamesParams(arg))
	if err != nil {
		return fmt.Errorf("read %d author names: %w", len(missing), err)
	}
	for _, r := range rows {
		key := nameKey{r.SourceID, r.Name}
		wanted[key] = r.ID
		s.names.put(key, r.ID)
	}
	return nil
}

// authorFacts stores the names of authors where they are news, and returns what is
// known of each. What was read less than authorTTL ago is not asked for again.
func (s *Store) authorFacts(ctx context.Context, seen map[authorKey]authorFacts, now time.Time) (map[authorKey]authorFacts, error) {
	facts := make(map[authorKey]authorFacts, len(seen))
	news := make(map[authorKey]authorFacts)
	for key, f := range seen {
		known, ok := s.authors.get(key)
		if ok && now.Sub(known.loadedAt) < authorTTL && (known.name == f.name || !f.namedAt.After(known.namedAt)) {
			facts[key] = known
		} else {
			news[key] = f
		}
	}
	if len(news) == 0 {
		return facts, nil
	}
	arg := db.UpsertAuthorsParams{}
	keys := slices.SortedFunc(maps.Keys(news), func(a, b authorKey) int {
		return cmp.Or(cmp.Compare(a.source, b.source), cmp.Compare(a.id, b.id))
	})
	for _, key := range keys {
		arg.SourceIds = append(arg.SourceIds, key.source)
		arg.ExternalIds = append(arg.ExternalIds, key.id)
		arg.Names = append(arg.Names, news[key].name)
		arg.NamedAt = append(arg.NamedAt, news[key].namedAt)
	}
	if err := s.q.UpsertAuthors(ctx, arg); err != nil {
		return nil, fmt.Errorf("store %d authors: %w", len(keys), err)
	}
	rows, err := s.q.AuthorStates(ctx, db.AuthorStatesParams{SourceIds: arg.SourceIds, ExternalIds: arg.ExternalIds})
	if err != nil {
		return nil, fmt.Errorf("read %d authors: %w", len(keys), err)
	}
	for _, r := range rows {
		key := authorKey{r.SourceID, r.ExternalID}
		f := authorFacts{r.Name, r.NamedAt, r.AvatarVersion, r.AvatarNextCheckAt, now}
		facts[key] = f
		s.authors.put(key, f)
	}
	return facts, nil
}
