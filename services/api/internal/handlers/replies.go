package handlers

import (
	"context"
	"slices"
	"strconv"

	"github.com/tasktracker/tasktracker/pkg/telegram"
	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/api/internal/contract"
)

// ReplyInChat has the bot answer a message of a task, and keeps in the task's history what it said.
func (h *Handlers) ReplyInChat(ctx context.Context, r apiserver.ReplyInChatRequestObject) (apiserver.ReplyInChatResponseObject, error) {
	task, err := h.Store.GetTask(ctx, r.ID)
	if err != nil {
		return nil, taskError(err)
	}
	if !slices.Contains(task.GetSourceMessageIds(), r.Body.MessageID) {
		return nil, contract.Fault("unknown", "names no message of this task: choose one of its source_message_ids", "body", "message_id")
	}
	message, err := h.Store.GetMessage(ctx, r.Body.MessageID)
	if err != nil {
		return nil, err
	}
	reply, ok := replyTo(message.Message, r.Body.Text)
	if !ok {
		return nil, contract.Fault("unknown", "names a message that did not come from Telegram: there is no chat to answer in", "body", "message_id")
	}
	refusal, err := h.Connection.Say(ctx, reply)
	if err != nil {
		return nil, told(err)
	}
	if refusal != nil {
		return apiserver.ReplyInChat200JSONResponse{
			Message: "The answer was not sent", Error: &refusal.Words, Fix: &refusal.Fix,
			CauseCode: optional(refusal.Code), CauseDetail: optional(refusal.Detail),
		}, nil
	}
	// It is said; that it cannot be written down is no reason to have it said twice.
	if err := h.Store.NoteReply(context.WithoutCancel(ctx), r.ID, r.Body.Text, caller()); err != nil {
		h.Log.Error().Err(err).Int64("task_id", r.ID).Msg("the bot answered in the chat, which the task's history does not tell")
	}
	return apiserver.ReplyInChat200JSONResponse{Success: true, Message: "The answer is in the chat"}, nil
}

// replyTo answers a message at Telegram; false for one of another channel.
func replyTo(m *eventsv1.Message, text string) (botapi.Text, bool) {
	chat, errChat := strconv.ParseInt(m.GetChatId(), 10, 64)
	number, errNumber := strconv.ParseInt(m.GetExternalMessageId(), 10, 64)
	ok := m.GetSourceName() == telegram.Name && errChat == nil && errNumber == nil
	return botapi.Text{ChatID: chat, Topic: m.GetThreadId(), To: number, Text: text}, ok
}
