package gateway_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gorilla/websocket"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/wire"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// schemas holds frames to what openapi.yaml says of them.
type schemas struct{ openapi3.Schemas }

func loadSchemas(t *testing.T) schemas {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("../../proto/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return schemas{doc.Components.Schemas}
}

// schemaOf names the schema of each type of frame.
func schemaOf() map[string]string {
	return map[string]string{
		"connection": "ConnectionFrame", "resync": "ResyncFrame", "error": "ErrorFrame", "pong": "PongFrame",
		wire.TypeMessageNew: "MessageNewFrame", wire.TypeMessageUpdated: "MessageUpdatedFrame",
		wire.TypeTaskCreated: "TaskCreatedFrame", wire.TypeTaskUpdated: "TaskUpdatedFrame",
		wire.TypeStatsUpdated: "StatsUpdatedFrame", wire.TypeAnalysisProgress: "AnalysisProgressFrame",
		wire.TypeSettingsUpdated: "SettingsUpdatedFrame", wire.TypeWebhookTest: "WebhookTestFrame",
		wire.TypeProposalCreated: "ProposalCreatedFrame", wire.TypeProposalUpdated: "ProposalUpdatedFrame",
	}
}

func (s schemas) check(t *testing.T, f got) {
	t.Helper()
	ref, ok := s.Schemas[schemaOf()[f.Type]]
	if !ok {
		t.Fatalf("no schema for frame %s", f.raw)
	}
	var value any
	if err := json.Unmarshal(f.raw, &value); err != nil {
		t.Fatal(err)
	}
	if err := ref.Value.VisitJSON(value, openapi3.EnableFormatValidation()); err != nil {
		t.Errorf("frame %s breaks the contract: %v", f.raw, err)
	}
}

func everyEvent() []struct {
	subject, frameType string
	event              *eventsv1.Event
} {
	at := timestamppb.New(time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC))
	full := &eventsv1.Message{
		Id: 7, SourceName: "telegram", ChatId: "-100", ExternalMessageId: "9", Content: "It crashes", Author: "Ada", AuthorId: "5", SentAt: at, EditedAt: at,
		ChatName: "Support", ThreadId: "3", ReplyToExternalId: "8", AvatarUrl: "/api/avatars/telegram/5?v=1", Persisted: true, TaskId: 4,
		Classification: &eventsv1.Classification{IsIssue: true, Category: "bug", Priority: "high", Confidence: .8, Provider: "local", ClassifiedAt: at},
	}
	confidence, assignee := .5, "grace"
	task := &eventsv1.Task{
		Id: 4, Title: "Crash", Category: "bug", Priority: "critical", Source: "telegram", Status: "open", CreatedAt: at, UpdatedAt: at,
		AiGenerated: true, Confidence: &confidence, Assignee: &assignee, DueAt: at, Labels: []string{"ui"}, SourceMessageIds: []int64{7},
	}
	proposal := &eventsv1.Proposal{Id: 5, Status: "pending", Title: "Crash", Category: "bug", Priority: "low", Confidence: .5, Source: "telegram", CreatedAt: at, UpdatedAt: at}
	decided := &eventsv1.Proposal{
		Id: 5, Status: "accepted", Title: "Crash", Description: "It crashes", Category: "bug", Priority: "low", Confidence: .5, Reason: "Something fails.", Quote: "crashes",
		Provider: "local", Model: "m", Source: "telegram", Assignee: &assignee, DueAt: at, CreatedAt: at, UpdatedAt: at, DecidedAt: at, DecidedBy: "grace",
		Comment: "yes", TaskId: 4, MessageIds: []int64{7}, Undoable: true,
	}
	event := func(e *eventsv1.Event) *eventsv1.Event { e.OccurredAt = at; return e }
	return []struct {
		subject, frameType string
		event              *eventsv1.Event
	}{
		{bus.SubjectMessageNew, wire.TypeMessageNew, newMessage(1)},
		{bus.SubjectMessageUpdated, wire.TypeMessageUpdated, event(&eventsv1.Event{Payload: &eventsv1.Event_MessageUpdated{MessageUpdated: &eventsv1.MessageUpdated{Message: full}}})},
		{bus.SubjectTaskCreated, wire.TypeTaskCreated, taskCreated(3)},
		{bus.SubjectTaskUpdated, wire.TypeTaskUpdated, event(&eventsv1.Event{Payload: &eventsv1.Event_TaskUpdated{TaskUpdated: &eventsv1.TaskUpdated{Task: task, Changed: []string{"status"}}}})},
		{bus.SubjectStatsUpdated, wire.TypeStatsUpdated, event(&eventsv1.Event{Payload: &eventsv1.Event_StatsUpdated{StatsUpdated: &eventsv1.StatsUpdated{Reason: "task_created"}}})},
		{bus.SubjectAnalysisProgress, wire.TypeAnalysisProgress, event(&eventsv1.Event{Payload: &eventsv1.Event_AnalysisProgress{AnalysisProgress: &eventsv1.AnalysisProgress{Date: "2026-05-04", Stage: "reading", Processed: 1, Total: 2}}})},
		{bus.SubjectSettingsUpdated, wire.TypeSettingsUpdated, settingsUpdated("webhook_settings")},
		{bus.SubjectWebhookTested, wire.TypeWebhookTest, event(&eventsv1.Event{Payload: &eventsv1.Event_WebhookTested{WebhookTested: &eventsv1.WebhookTested{Id: "a", Hop: "broker", At: at}}})},
		{bus.SubjectProposalCreated, wire.TypeProposalCreated, event(&eventsv1.Event{Payload: &eventsv1.Event_ProposalCreated{ProposalCreated: &eventsv1.ProposalCreated{Proposal: proposal}}})},
		{bus.SubjectProposalUpdated, wire.TypeProposalUpdated, event(&eventsv1.Event{Payload: &eventsv1.Event_ProposalUpdated{ProposalUpdated: &eventsv1.ProposalUpdated{Proposal: decided, Changed: []string{"status", "task_id"}}}})},
	}
}

func TestGateway_SendsEveryTypeOfFrameAsTheContractSays(t *testing.T) {
	t.Parallel()
	schema := loadSchemas(t)
	r := start(t, config())
	p, first := r.dial("")
	schema.check(t, first)
	var types []string
	for i, e := range everyEvent() {
		r.emit(e.subject, e.event)
		f := p.frame()
		schema.check(t, f)
		if f.Type != e.frameType || f.Seq != uint64(i+1) {
			t.Errorf("got %s, want type %s with seq %d", f.raw, e.frameType, i+1)
		}
		types = append(types, f.Type)
	}
	if !slices.Equal(types, wire.EventTypes()) {
		t.Errorf("tested types %v, there are %v", types, wire.EventTypes())
	}
	p.write(websocket.TextMessage, `{"type":"ping"}`)
	if f := p.frame(); f.Type != "pong" {
		t.Errorf("a ping is answered with %s", f.raw)
	} else {
		schema.check(t, f)
	}
	p.write(websocket.TextMessage, "?")
	schema.check(t, p.frame())
	future, _ := r.dial("?since=99")
	schema.check(t, future.frame())
}

func TestGateway_MessageNewIsWhatTheContractSays(t *testing.T) {
	t.Parallel()
	r := start(t, config())
	p, _ := r.dial("")
	r.publish(1, 1)
	var data map[string]any
	f := p.frame()
	if err := json.Unmarshal(f.Data, &data); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"id": 0.0, "persisted": false, "avatar_url": "/api/avatars/telegram/77?initials=OK", "content": "text <b>&</b> 1", "classification": nil}
	for name, value := range want {
		if data[name] != value {
			t.Errorf("%s is %v, want %v in %s", name, data[name], value, f.raw)
		}
	}
	if f.TS.Nanosecond() != 1 {
		t.Errorf("ts is %s, want the time of the event", f.TS)
	}
}

func TestGateway_LeavesOutAnEventThatItCannotRead(t *testing.T) {
	t.Parallel()
	r := start(t, config())
	p, _ := r.dial("")
	r.publish(1, 1)
	bad := bus.Message{Subject: bus.SubjectMessageNew, Payload: []byte("no protobuf")}
	empty := r.event(bus.SubjectMessageNew, &eventsv1.Event{})
	if err := r.bus.Publish(t.Context(), bad, empty); err != nil {
		t.Fatal(err)
	}
	r.publish(4, 4)
	p.expect(1, 1)
	if f := p.expect(4, 4); f.Seq != 4 {
		t.Errorf("seq is %d, want that of the stream, 4", f.Seq)
	}
	r.counts("tasktracker_gateway_encode_errors_total", 2)
	resumed, _ := r.dial("?since=1")
	resumed.expect(4, 4)
}
