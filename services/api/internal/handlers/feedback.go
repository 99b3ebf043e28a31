package handlers

import (
	"context"
	"errors"
	"fmt"

	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/wire"
	"github.com/tasktracker/tasktracker/proto/gen/api"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
)

// ClassifyMessage stores a person's word about a message.
func (h *Handlers) ClassifyMessage(ctx context.Context, r apiserver.ClassifyMessageRequestObject) (apiserver.ClassifyMessageResponseObject, error) {
	said := store.Opinion{IsIssue: r.Body.IsIssue, Category: string(value(r.Body.Category)), Priority: string(value(r.Body.Priority))}
	message, err := h.opine(ctx, r.ID, &said)
	return apiserver.ClassifyMessage200JSONResponse(message), err
}

// UnclassifyMessage takes it back.
func (h *Handlers) UnclassifyMessage(ctx context.Context, r apiserver.UnclassifyMessageRequestObject) (apiserver.UnclassifyMessageResponseObject, error) {
	message, err := h.opine(ctx, r.ID, nil)
	return apiserver.UnclassifyMessage200JSONResponse(message), err
}

func (h *Handlers) opine(ctx context.Context, id int64, said *store.Opinion) (api.MessageResponse, error) {
	result, err := h.Store.Opine(ctx, id, caller(), said)
	if err != nil {
		return api.MessageResponse{}, messageError(err)
	}
	h.Outbox.Publish(ctx, result.Events)
	return wire.Message(result.Message), nil
}

func messageError(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return notFound("Message not found")
	}
	return err
}

// ListFeedback pages through corrections, newest first.
func (h *Handlers) ListFeedback(ctx context.Context, r apiserver.ListFeedbackRequestObject) (apiserver.ListFeedbackResponseObject, error) {
	limit := defaultProposals
	set(&limit, r.Params.Limit)
	before, err := numberCursor(r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := h.Store.ListFeedback(ctx, before, limit)
	if err != nil {
		return nil, err
	}
	cursor := ""
	if len(found) == limit {
		cursor = decimal(found[limit-1].ID)
	}
	link, next := nextPage(ctx, cursor)
	return apiserver.ListFeedback200JSONResponse{
		Body: feedbackList(found), Headers: apiserver.ListFeedback200ResponseHeaders{Link: link, XNextCursor: next},
	}, nil
}

func feedbackList(found []store.Feedback) []api.Feedback {
	list := make([]api.Feedback, 0, len(found))
	for _, f := range found {
		list = append(list, api.Feedback{ID: f.ID, Kind: f.Kind, MessageID: f.MessageID, ConversationID: f.ConversationID, TaskID: f.TaskID, ProposalID: f.Proposal,
			Machine: verdict(f.Machine), Person: verdict(f.Person), Reason: f.Reason, Comment: f.Comment, Actor: f.Actor, UndoneAt: f.UndoneAt, CreatedAt: f.CreatedAt})
	}
	return list
}

func verdict(s store.Saying) api.Verdict {
	return api.Verdict{IsIssue: s.IsIssue, Category: s.Category, Priority: s.Priority, Confidence: s.Confidence, Provider: s.Provider, Model: s.Model}
}

// GetMessageReceipt tells the story of a message.
func (h *Handlers) GetMessageReceipt(ctx context.Context, r apiserver.GetMessageReceiptRequestObject) (apiserver.GetMessageReceiptResponseObject, error) {
	receipt, err := h.Store.Receipt(ctx, r.ID)
	if err != nil {
		return nil, messageError(err)
	}
	answer := why(receipt)
	body := api.Receipt{Answer: answer, AnswerClauses: wire.Clauses(answer), Message: wire.Message(receipt.Message), StoredAt: receipt.StoredAt, Feedback: feedbackList(receipt.Feedback),
		Links: taskLinks(receipt.Links), Judgements: []api.Judgement{}, TaskHistory: make([]api.TaskHistoryEntry, 0, len(receipt.History))}
	if c := receipt.Conversation; c != nil {
		body.Conversation = &api.ReceiptConversation{ID: c.ID, FirstAt: c.FirstAt, LastAt: c.LastAt, Messages: c.Messages, JudgeAt: c.JudgeAt,
			HeldSince: c.HeldSince, Decision: c.Decision, Explanation: c.Explanation, ExplanationClauses: wire.Clauses(c.Explanation)}
	}
	for _, a := range receipt.Attempts {
		body.Judgements = append(body.Judgements, api.Judgement{At: a.At, Provider: value(a.Said.Provider), Model: value(a.Said.Model), PromptVersion: a.PromptVersion,
			Milliseconds: a.Milliseconds, Turns: a.Turns, IsIssue: a.Said.IsIssue, Category: a.Said.Category, Priority: a.Said.Priority, Confidence: a.Said.Confidence,
			Quote: a.Quote, Reason: a.Reason, ReasonClauses: wire.Clauses(a.Reason), Signals: append([]string{}, a.Signals...), Decision: a.Decision,
			Explanation: a.Explanation, ExplanationClauses: wire.Clauses(a.Explanation), Error: a.Error})
	}
	if receipt.Proposal != nil {
		p := wire.Proposal(receipt.Proposal)
		body.Proposal = &p
	}
	if receipt.Task != nil {
		t := wire.Task(receipt.Task)
		body.Task = &t
	}
	for _, c := range receipt.History {
		body.TaskHistory = append(body.TaskHistory, historyEntry(c))
	}
	return apiserver.GetMessageReceipt200JSONResponse(body), nil
}

// why answers why a message became a task, or why not.
func why(r store.Receipt) string {
	c, p := r.Conversation, r.Proposal
	for _, l := range r.Links {
		if r.Task != nil && l.Status == store.LinkAttached && l.KeptTaskID == r.Task.GetId() {
			return fmt.Sprintf("It was attached to task %d as a duplicate: %s.", r.Task.GetId(), explained(c))
		}
	}
	switch {
	case r.Task != nil && r.Task.GetAiGenerated():
		return fmt.Sprintf("It led to task %d, which was made of its conversation: %s.", r.Task.GetId(), explained(c))
	case r.Task != nil:
		return fmt.Sprintf("It led to task %d, which a person made.", r.Task.GetId())
	case c == nil:
		return "It has not been put into a conversation yet; a worker does that within seconds."
	case c.HeldSince != nil:
		return "No classifier could judge it; it is tried again until one can. See the last judgement for the reason."
	case len(r.Attempts) == 0:
		return "Its conversation is not quiet yet; it is judged then."
	case p != nil && p.GetStatus() == store.ProposalRejected:
		return fmt.Sprintf("Proposal %d was made of its conversation, and a person rejected it (%s).", p.GetId(), p.GetRejectReason())
	case p != nil && (p.GetStatus() == store.ProposalPending || p.GetStatus() == store.ProposalSnoozed):
		return fmt.Sprintf("Proposal %d was made of its conversation and waits for a person: %s.", p.GetId(), explained(c))
	}
	return fmt.Sprintf("Nothing followed from its conversation: %s.", explained(c))
}

func explained(c *store.ReceiptConversation) string {
	if c == nil || c.Explanation == "" {
		return "nothing more is known"
	}
	return c.Explanation
}
