package wire

import (
	"github.com/tasktracker/tasktracker/proto/gen/api"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// Proposal gives the client's view of p, which must not be nil.
func Proposal(p *eventsv1.Proposal) api.ProposalResponse {
	return api.ProposalResponse{
		ID:            p.GetId(),
		Status:        api.ProposalStatus(p.GetStatus()),
		Title:         p.GetTitle(),
		Description:   p.GetDescription(),
		Category:      api.TaskCategory(p.GetCategory()),
		Priority:      api.TaskPriority(p.GetPriority()),
		Confidence:    p.GetConfidence(),
		Reason:        p.GetReason(),
		ReasonClauses: Clauses(p.GetReason()),
		Quote:         p.GetQuote(),
		Provider:      p.GetProvider(),
		Model:         p.GetModel(),
		Source:        p.GetSource(),
		Assignee:      p.Assignee,
		DueAt:         instant(p.GetDueAt()),
		CreatedAt:     p.GetCreatedAt().AsTime(),
		UpdatedAt:     p.GetUpdatedAt().AsTime(),
		DecidedAt:     instant(p.GetDecidedAt()),
		DecidedBy:     p.GetDecidedBy(),
		RejectReason:  api.ProposalRejectReason(p.GetRejectReason()),
		Comment:       p.GetComment(),
		SnoozedUntil:  instant(p.GetSnoozedUntil()),
		TaskID:        optional(p.GetTaskId()),
		MessageIds:    list(p.GetMessageIds()),
		Undoable:      p.GetUndoable(),
	}
}

// proposalUpdated is the data of proposal_updated: the proposal as it is now, and
// which of its fields changed.
type proposalUpdated struct {
	api.ProposalResponse
	Changed []string `json:"changed"`
}
