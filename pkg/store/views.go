package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// sectionViews is the section of settings_updated that stands for views.
const sectionViews = "views"

// MaxViews is how many views a page may have.
const MaxViews = 100

// View is filters of a page under a name, for everybody.
type View struct {
	ID int64
	// Page is "messages" or "tasks", Name has 1 to 60 characters.
	Page, Name string
	// Query is as in the page's address, without the question mark, at most 2,000 characters.
	Query     string
	UpdatedAt time.Time
}

func view(row db.View) View {
	return View{ID: row.ID, Page: row.Page, Name: row.Name, Query: row.Query, UpdatedAt: row.UpdatedAt.UTC()}
}

// Views lists them, by page and name.
func (s *Store) Views(ctx context.Context) ([]View, error) {
	rows, err := s.q.Views(ctx)
	if err != nil {
		return nil, fmt.Errorf("list views: %w", err)
	}
	all := make([]View, len(rows))
	for i, row := range rows {
		all[i] = view(row)
	}
	return all, nil
}

// SaveView keeps a view in the place of one of its page and name, with the event
// settings_updated where that changes anything. It returns ErrConflict where the page has
// MaxViews others.
func (s *Store) SaveView(ctx context.Context, v View) (saved View, events []OutboxEvent, err error) {
	err = s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		events = nil // of this attempt
		if err := q.LockViews(ctx); err != nil {
			return err
		}
		others, err := q.CountOtherViews(ctx, db.CountOtherViewsParams{Page: v.Page, Name: v.Name})
		if err != nil {
			return err
		}
		if others >= MaxViews {
			return ErrConflict
		}
		changed, err := q.SaveView(ctx, db.SaveViewParams{Page: v.Page, Name: v.Name, Query: v.Query})
		if err != nil {
			return err
		}
		if len(changed) > 0 {
			saved = view(changed[0])
			return emitSettings(ctx, q, &events, sectionViews)
		}
		row, err := q.ViewNamed(ctx, db.ViewNamedParams{Page: v.Page, Name: v.Name})
		saved = view(row)
		return err
	})
	if err != nil {
		return View{}, nil, fmt.Errorf("save a view of %s: %w", v.Page, err)
	}
	return saved, events, nil
}

// DeleteView removes a view, with the event settings_updated. It returns ErrNotFound.
func (s *Store) DeleteView(ctx context.Context, id int64) (events []OutboxEvent, err error) {
	err = s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		events = nil
		n, err := q.DeleteView(ctx, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNotFound
		}
		return emitSettings(ctx, q, &events, sectionViews)
	})
	if err != nil {
		return nil, fmt.Errorf("delete view %d: %w", id, err)
	}
	return events, nil
}
