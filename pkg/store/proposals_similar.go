package store

import (
	"cmp"
	"context"
	"slices"

	"github.com/tasktracker/tasktracker/pkg/similar"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

const (
	// comparedProposals is how many that wait are compared with one, the newest.
	comparedProposals = 500
	// maxSimilar bounds those that are found.
	maxSimilar = 50
)

// SimilarProposal is a proposal that may say the same as another.
type SimilarProposal struct {
	Proposal *eventsv1.Proposal
	similar.Match
}

// SimilarProposals finds, of the newest 500 that wait, those that score at least `least` beside a proposal, the most similar first, at
// most 50. It returns ErrNotFound where there is no such proposal.
func (s *Store) SimilarProposals(ctx context.Context, id int64, least float64) ([]SimilarProposal, error) {
	one, err := s.GetProposal(ctx, id)
	if err != nil {
		return nil, err
	}
	page, err := s.ListProposals(ctx, ProposalPending, comparedProposals, "")
	if err != nil {
		return nil, err
	}
	text := similar.New(one.GetTitle(), one.GetDescription(), one.GetCategory())
	var found []SimilarProposal
	for _, other := range page.Proposals {
		if other.GetId() == id {
			continue
		}
		if m := similar.Compare(text, similar.New(other.GetTitle(), other.GetDescription(), other.GetCategory())); m.Score >= least {
			found = append(found, SimilarProposal{other, m})
		}
	}
	slices.SortStableFunc(found, func(a, b SimilarProposal) int { return cmp.Compare(b.Score, a.Score) })
	return found[:min(len(found), maxSimilar)], nil
}
