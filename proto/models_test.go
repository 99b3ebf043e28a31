package proto_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/labstack/echo/v5"

	"github.com/tasktracker/tasktracker/proto/gen/api"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
)

var (
	sentAt = time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC)
	task   = api.TaskResponse{
		ID: 7, Title: "Login fails", Category: api.TaskCategoryBug, Priority: api.TaskPriorityHigh, Source: "telegram",
		Status: api.TaskStatusOpen, CreatedAt: sentAt, UpdatedAt: sentAt, Labels: []string{}, SourceMessageIds: []int64{1 << 40}, Unconfirmed: []api.ConfirmableField{},
	}
	message = api.MessageResponse{ExternalMessageID: "15", Content: "It fails", Author: "Olena", SentAt: sentAt, SourceName: "telegram"}
)

// What is absent in Go is null in JSON, and every answer made of the models fits its schema.
func TestModelsFitTheirSchemas(t *testing.T) {
	t.Parallel()
	spec := loadSpec(t)
	replied := message
	category, priority := api.TaskCategoryBug, api.TaskPriorityLow
	replied.Classification = &api.Classification{
		IsIssue: true, Category: &category, Priority: &priority, Confidence: 0.5, Provider: "local", ClassifiedAt: sentAt,
	}
	for schema, value := range map[string]any{
		"MessageResponse": message,
		"MessageDetail": api.MessageDetail{
			MessageResponse: replied, Raw: json.RawMessage(`{"update_id":1}`), Edits: []api.MessageVersion{}, ReplyTo: &message,
			Replies: []api.MessageResponse{message}, Entities: []api.MessageEntity{},
		},
		"Classification":   api.Classification{Confidence: 0.9, Provider: "local", ClassifiedAt: sentAt}, // noise has no category
		"TaskResponse":     task,
		"WebhookSettings":  api.WebhookSettings{DefaultProtocol: api.WebhookProtocolHTTPS},
		"ValidationError":  api.ValidationError{Detail: []api.ValidationFault{{Loc: []any{"body", "labels", 3}, Msg: "too long", Type: "too_long"}}},
		"AnalyzeDayResult": api.AnalyzeDayResult{Success: true, Message: "No unanalyzed messages found for 2026-03-02"},
		"Activity": api.Activity{
			Data: []api.ActivityPoint{{Timestamp: sentAt, Source: "telegram", Count: 3}}, Period: api.ActivityPeriod{Type: api.ActivityPeriodTypeWeek, Start: sentAt, End: sentAt},
		},
		"MessageFilters": api.MessageFilters{Authors: []string{}, Sources: []string{}},
		"MessageNewFrame": api.MessageNewFrame{
			Type: api.MessageNewFrameTypeMessageNew, Seq: 1, TS: sentAt, Data: message,
		},
		"TaskUpdatedFrame": api.TaskUpdatedFrame{
			Type: api.TaskUpdatedFrameTypeTaskUpdated, Seq: 2, TS: sentAt, Data: api.TaskUpdatedData{TaskResponse: task, Changed: []string{"status"}},
		},
		"StatsUpdatedFrame": api.StatsUpdatedFrame{
			Type: api.StatsUpdatedFrameTypeStatsUpdated, Seq: 3, TS: sentAt, Data: api.StatsUpdatedData{Reason: "task_created"},
		},
	} {
		t.Run(schema, func(t *testing.T) {
			t.Parallel()
			encoded, err := json.Marshal(value)
			if err != nil {
				t.Fatalf("encode: %v", err)
			}
			var decoded any
			if err := json.Unmarshal(encoded, &decoded); err != nil {
				t.Fatalf("decode: %v", err)
			}
			if err := spec.Components.Schemas[schema].Value.VisitJSON(decoded); err != nil {
				t.Errorf("%s does not fit: %v", encoded, err)
			}
		})
	}
}

// A change of a task tells a field that is absent from one that is null.
func TestTaskUpdateTellsAbsentFromNull(t *testing.T) {
	t.Parallel()
	var update api.TaskUpdate
	if err := json.Unmarshal([]byte(`{"assignee":null,"labels":[],"unknown":1}`), &update); err != nil {
		t.Fatalf("decode: %v", err)
	}
	if !update.Assignee.IsNull() {
		t.Error("assignee was null and is not seen as null")
	}
	if update.DueAt.IsSpecified() || update.Status != nil {
		t.Error("due_at and status were absent and are seen as given")
	}
	if update.Labels == nil || len(*update.Labels) != 0 {
		t.Errorf("labels were an empty list and are %v", update.Labels)
	}
}

// Ids that callers hand in may be text or numbers, beyond 32 bits too.
func TestExternalIDTakesTextAndNumbers(t *testing.T) {
	t.Parallel()
	var group api.TelegramGroupAdd
	if err := json.Unmarshal([]byte(`{"group_id":-1002988379206}`), &group); err != nil {
		t.Fatalf("decode: %v", err)
	}
	if id, err := group.GroupID.AsNumericID(); err != nil || id != -1002988379206 {
		t.Errorf("number read as %d, %v", id, err)
	}
	if err := json.Unmarshal([]byte(`{"group_id":"t.me/team"}`), &group); err != nil {
		t.Fatalf("decode: %v", err)
	}
	if id, err := group.GroupID.AsTextID(); err != nil || id != "t.me/team" {
		t.Errorf("text read as %q, %v", id, err)
	}
	if _, err := group.GroupID.AsNumericID(); err == nil {
		t.Error("text was taken for a number")
	}
}

// partialServer answers two operations whose paths could be taken for each other.
type partialServer struct {
	apiserver.StrictServerInterface
}

func (partialServer) GetMessageFilters(context.Context, apiserver.GetMessageFiltersRequestObject) (apiserver.GetMessageFiltersResponseObject, error) {
	return apiserver.GetMessageFilters200JSONResponse{Authors: []string{}, Sources: []string{}, TotalMessages: 4}, nil
}

func (partialServer) GetMessage(context.Context, apiserver.GetMessageRequestObject) (apiserver.GetMessageResponseObject, error) {
	return apiserver.GetMessage404JSONResponse{NotFoundJSONResponse: apiserver.NotFoundJSONResponse{Detail: "Message not found"}}, nil
}

func TestFiltersAreNotTakenForAMessage(t *testing.T) {
	t.Parallel()
	server := echo.New()
	apiserver.RegisterHandlers(server, apiserver.NewStrictHandler(partialServer{}, nil))
	for path, want := range map[string]int{"/api/messages/filters": http.StatusOK, "/api/messages/12": http.StatusNotFound} {
		recorder := httptest.NewRecorder()
		server.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
		if recorder.Code != want {
			t.Errorf("GET %s answered %d, want %d: %s", path, recorder.Code, want, recorder.Body)
		}
	}
}
