package wire

import (
	"github.com/tasktracker/tasktracker/proto/gen/api"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// Task gives the client's view of t, which must not be nil.
func Task(t *eventsv1.Task) api.TaskResponse {
	updated := t.GetUpdatedAt()
	if updated == nil {
		updated = t.GetCreatedAt() // never changed
	}
	return api.TaskResponse{
		ID:               t.GetId(),
		Title:            t.GetTitle(),
		Description:      t.GetDescription(),
		Category:         api.TaskCategory(t.GetCategory()),
		Priority:         api.TaskPriority(t.GetPriority()),
		Source:           t.GetSource(),
		CreatedAt:        t.GetCreatedAt().AsTime(),
		Status:           api.TaskStatus(t.GetStatus()),
		UpdatedAt:        updated.AsTime(),
		AIGenerated:      t.GetAiGenerated(),
		Confidence:       t.Confidence,
		Assignee:         t.Assignee,
		DueAt:            instant(t.GetDueAt()),
		Labels:           list(t.GetLabels()),
		SourceMessageIds: list(t.GetSourceMessageIds()),
		DuplicateOfID:    optional(t.GetDuplicateOfId()),
		OpenLinks:        int(t.GetOpenLinks()),
		Unconfirmed:      unconfirmed(t.GetUnconfirmed()),
		ChatID:           optional(t.GetChatId()),
		ChatName:         optional(t.GetChatName()),
	}
}

func unconfirmed(fields []string) []api.ConfirmableField {
	all := make([]api.ConfirmableField, len(fields))
	for i, f := range fields {
		all[i] = api.ConfirmableField(f)
	}
	return all
}

// taskUpdated is the data of task_updated: the task as it is now, and which of
// its fields changed. Embedding keeps it in step with TaskResponse.
type taskUpdated struct {
	api.TaskResponse
	Changed []string `json:"changed"`
}
