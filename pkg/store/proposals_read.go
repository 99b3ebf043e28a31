package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// ProposalPage is a page of proposals; NextCursor is "" on the last.
type ProposalPage struct {
	Proposals  []*eventsv1.Proposal
	NextCursor string
}

// ListProposals gives one page of the proposals of a status ("" for any), newest first. It
// returns ErrBadCursor for a cursor that it did not make. limit is 1 to 500.
func (s *Store) ListProposals(ctx context.Context, status string, limit int, cursor string) (ProposalPage, error) {
	arg := db.ListProposalsParams{Status: some(status), MaxRows: int64(limit) + 1}
	if cursor != "" {
		at, numbers, err := readCursor(cursor, 1)
		if err != nil {
			return ProposalPage{}, err
		}
		arg.BeforeAt, arg.BeforeID = &at, &numbers[0]
	}
	rows, err := s.q.ListProposals(ctx, arg)
	if err != nil {
		return ProposalPage{}, fmt.Errorf("list proposals: %w", err)
	}
	page := ProposalPage{}
	if len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		page.NextCursor = cursorAt(last.CreatedAt, last.ID)
	}
	messages, err := proposalMessages(ctx, s.q, rows...)
	if err != nil {
		return ProposalPage{}, err
	}
	for _, r := range rows {
		page.Proposals = append(page.Proposals, proposal(r, messages[r.ID]))
	}
	return page, nil
}

// GetProposal reads one proposal, or returns ErrNotFound.
func (s *Store) GetProposal(ctx context.Context, id int64) (*eventsv1.Proposal, error) {
	row, err := s.q.GetProposal(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("proposal %d: %w", id, ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("read proposal %d: %w", id, err)
	}
	messages, err := proposalMessages(ctx, s.q, row)
	if err != nil {
		return nil, err
	}
	return proposal(row, messages[id]), nil
}
