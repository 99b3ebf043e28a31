package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// avatarCheckEvery is how long a picture, or that there is none, is believed.
const avatarCheckEvery = 24 * time.Hour

// SaveAvatar caches an author's picture (1 byte to 5 MiB) under the channel's lasting
// id of it, and returns its version, which grows only where the picture is another.
// It is looked for again after a day.
func (s *Store) SaveAvatar(ctx context.Context, source, authorID, fileID, contentType string, image []byte) (int64, error) {
	sourceID, err := s.sourceID(ctx, source)
	if err != nil {
		return 0, err
	}
	var version int64
	err = s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		row, err := q.AvatarFound(ctx, db.AvatarFoundParams{
			SourceID: sourceID, ExternalID: authorID, FileID: fileID, CheckAfter: avatarCheckEvery})
		if err != nil {
			return err
		}
		version = row.AvatarVersion
		return q.StoreAvatar(ctx, db.StoreAvatarParams{AuthorID: row.ID, ContentType: contentType, Image: image})
	})
	if err != nil {
		return 0, fmt.Errorf("save avatar of %s: %w", authorID, err)
	}
	s.authors.drop(authorKey{sourceID, authorID})
	return version, nil
}

// MarkNoAvatar notes that an author has no picture, and removes the one that was
// cached. It is looked for again after retry, or after a day where retry is 0.
func (s *Store) MarkNoAvatar(ctx context.Context, source, authorID string, retry time.Duration) error {
	if retry <= 0 {
		retry = avatarCheckEvery
	}
	sourceID, err := s.sourceID(ctx, source)
	if err != nil {
		return err
	}
	err = s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		id, err := q.AvatarMissing(ctx, db.AvatarMissingParams{SourceID: sourceID, ExternalID: authorID, CheckAfter: retry})
		if err != nil {
			return err
		}
		return q.DropAvatar(ctx, id)
	})
	if err != nil {
		return fmt.Errorf("mark %s as without avatar: %w", authorID, err)
	}
	s.authors.drop(authorKey{sourceID, authorID})
	return nil
}

// GetAvatar reads the cached picture, or returns ErrNotFound.
func (s *Store) GetAvatar(ctx context.Context, source, authorID string) (Avatar, error) {
	row, err := s.q.GetAvatar(ctx, db.GetAvatarParams{Source: source, ExternalID: authorID})
	if errors.Is(err, pgx.ErrNoRows) {
		return Avatar{}, fmt.Errorf("avatar of %s: %w", authorID, ErrNotFound)
	}
	if err != nil {
		return Avatar{}, fmt.Errorf("read avatar of %s: %w", authorID, err)
	}
	return Avatar{ContentType: row.ContentType, Image: row.Image, Version: row.AvatarVersion}, nil
}

// AvatarState reads what is known of an author's picture, without the picture, or
// returns ErrNotFound for an author never seen.
func (s *Store) AvatarState(ctx context.Context, source, authorID string) (AvatarState, error) {
	row, err := s.q.AvatarState(ctx, db.AvatarStateParams{Source: source, ExternalID: authorID})
	if errors.Is(err, pgx.ErrNoRows) {
		return AvatarState{}, fmt.Errorf("author %s: %w", authorID, ErrNotFound)
	}
	if err != nil {
		return AvatarState{}, fmt.Errorf("read author %s: %w", authorID, err)
	}
	return AvatarState{Name: row.Name, FileID: row.AvatarFileID, Version: row.AvatarVersion,
		CheckedAt: deref(row.AvatarCheckedAt), NextCheckAt: deref(row.AvatarNextCheckAt)}, nil
}
