package wire

import (
	"errors"
	"fmt"
	"time"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/tasktracker/tasktracker/proto/gen/api"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// Types of the WebSocket frames that carry events (proto/asyncapi.yaml).
const (
	TypeMessageNew       = "message.new"
	TypeMessageUpdated   = "message.updated"
	TypeTaskCreated      = "task_created"
	TypeTaskUpdated      = "task_updated"
	TypeStatsUpdated     = "stats_updated"
	TypeAnalysisProgress = "analysis_progress"
	TypeSettingsUpdated  = "settings_updated"
	TypeWebhookTest      = "webhook_test"
	TypeProposalCreated  = "proposal_created"
	TypeProposalUpdated  = "proposal_updated"
)

// EventTypes lists every type of frame that Event can give, in the order of event.proto.
func EventTypes() []string {
	return []string{
		TypeMessageNew, TypeMessageUpdated, TypeTaskCreated, TypeTaskUpdated,
		TypeStatsUpdated, TypeAnalysisProgress, TypeSettingsUpdated, TypeWebhookTest,
		TypeProposalCreated, TypeProposalUpdated,
	}
}

// ErrBadEvent is returned by Event for an event without a payload, with one of a
// kind that this build does not know (a newer service published it), or with a
// part missing or out of shape.
var ErrBadEvent = errors.New("event cannot be shown to clients")

// Event gives the type of the frame for an event, and its data, ready for
// encoding/json. It returns ErrBadEvent with what is wrong.
func Event(e *eventsv1.Event) (frameType string, data any, err error) {
	switch p := e.GetPayload().(type) {
	case *eventsv1.Event_MessageNew:
		m := p.MessageNew.GetMessage()
		if m == nil {
			return "", nil, missing(TypeMessageNew, "message")
		}
		return TypeMessageNew, Message(m), nil
	case *eventsv1.Event_MessageUpdated:
		m := p.MessageUpdated.GetMessage()
		if m == nil {
			return "", nil, missing(TypeMessageUpdated, "message")
		}
		return TypeMessageUpdated, Message(m), nil
	case *eventsv1.Event_TaskCreated:
		t := p.TaskCreated.GetTask()
		if t == nil {
			return "", nil, missing(TypeTaskCreated, "task")
		}
		return TypeTaskCreated, Task(t), nil
	case *eventsv1.Event_TaskUpdated:
		t := p.TaskUpdated.GetTask()
		if t == nil {
			return "", nil, missing(TypeTaskUpdated, "task")
		}
		return TypeTaskUpdated, taskUpdated{TaskResponse: Task(t), Changed: list(p.TaskUpdated.GetChanged())}, nil
	case *eventsv1.Event_StatsUpdated:
		return TypeStatsUpdated, api.StatsUpdatedData{Reason: p.StatsUpdated.GetReason(), TaskID: optional(p.StatsUpdated.GetTaskId())}, nil
	case *eventsv1.Event_AnalysisProgress:
		data, err := analysisProgress(p.AnalysisProgress)
		return TypeAnalysisProgress, data, err
	case *eventsv1.Event_SettingsUpdated:
		return TypeSettingsUpdated, api.SettingsUpdatedData{Section: p.SettingsUpdated.GetSection()}, nil
	case *eventsv1.Event_WebhookTested:
		t := p.WebhookTested
		if t.GetAt() == nil {
			return "", nil, missing(TypeWebhookTest, "time")
		}
		return TypeWebhookTest, api.WebhookTestData{ID: t.GetId(), Hop: t.GetHop(), At: t.GetAt().AsTime()}, nil
	case *eventsv1.Event_ProposalCreated:
		proposal := p.ProposalCreated.GetProposal()
		if proposal == nil {
			return "", nil, missing(TypeProposalCreated, "proposal")
		}
		return TypeProposalCreated, Proposal(proposal), nil
	case *eventsv1.Event_ProposalUpdated:
		proposal := p.ProposalUpdated.GetProposal()
		if proposal == nil {
			return "", nil, missing(TypeProposalUpdated, "proposal")
		}
		return TypeProposalUpdated, proposalUpdated{ProposalResponse: Proposal(proposal), Changed: list(p.ProposalUpdated.GetChanged())}, nil
	default:
		return "", nil, fmt.Errorf("%w: no payload that this version knows", ErrBadEvent)
	}
}

func analysisProgress(a *eventsv1.AnalysisProgress) (api.AnalysisProgressData, error) {
	day, err := time.Parse(time.DateOnly, a.GetDate())
	if err != nil {
		return api.AnalysisProgressData{}, fmt.Errorf("%w: %s: date: %w", ErrBadEvent, TypeAnalysisProgress, err)
	}
	return api.AnalysisProgressData{
		RunID:     optional(a.GetRunId()),
		Status:    optional(api.AnalysisRunStatus(a.GetStatus())),
		Date:      openapi_types.Date{Time: day},
		Stage:     api.AnalysisStage(a.GetStage()),
		Processed: a.GetProcessed(),
		Total:     a.GetTotal(),
		Step:      stepOf(a),
		Steps:     optional(int(a.GetSteps())),
	}, nil
}

// stepOf is absent where there are no steps, and 0 before the first is done.
func stepOf(a *eventsv1.AnalysisProgress) *int {
	if a.GetSteps() == 0 {
		return nil
	}
	step := int(a.GetStep())
	return &step
}

func missing(frameType, part string) error {
	return fmt.Errorf("%w: %s without its %s", ErrBadEvent, frameType, part)
}
