package wire_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/wire"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

func TestMessage_AvatarIsOursUntilThereIsAPicture(t *testing.T) {
	t.Parallel()
	avatar := func(m *eventsv1.Message) string {
		if url := wire.Message(m).AvatarURL; url != nil {
			return *url
		}
		return "null"
	}
	for _, tc := range []struct {
		message *eventsv1.Message
		want    string
	}{
		{&eventsv1.Message{SourceName: "telegram", AuthorId: "-100", Author: "Іван Я"}, "/api/avatars/telegram/-100?initials=%D0%86%D0%AF"},
		{&eventsv1.Message{SourceName: "api", AuthorId: "a/b?c", Author: "&"}, "/api/avatars/api/a%2Fb%3Fc?initials=%3F"},
		{&eventsv1.Message{SourceName: "telegram", AuthorId: "1", AvatarUrl: "/api/avatars/telegram/1?v=2"}, "/api/avatars/telegram/1?v=2"},
		{&eventsv1.Message{SourceName: "api", Author: "Nobody"}, "null"},
	} {
		if got := avatar(tc.message); got != tc.want {
			t.Errorf("avatar is %s, want %s", got, tc.want)
		}
	}
}

func TestMessage_NoneIsNull(t *testing.T) {
	t.Parallel()
	raw, err := json.Marshal(wire.Message(&eventsv1.Message{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"avatar_url", "chat_id", "chat_name", "thread_id", "reply_to_external_id", "edited_at", "classification", "task_id"} {
		if !strings.Contains(string(raw), `"`+field+`":null`) {
			t.Errorf("%s is not null in %s", field, raw)
		}
	}
}

func TestTask_ListsAreNeverNull(t *testing.T) {
	t.Parallel()
	raw, err := json.Marshal(wire.Task(&eventsv1.Task{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"labels":[]`, `"source_message_ids":[]`, `"assignee":null`, `"confidence":null`, `"due_at":null`} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("%s is not in %s", want, raw)
		}
	}
}

func TestProposal_NoneIsNull(t *testing.T) {
	t.Parallel()
	raw, err := json.Marshal(wire.Proposal(&eventsv1.Proposal{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"message_ids":[]`, `"assignee":null`, `"due_at":null`, `"decided_at":null`, `"snoozed_until":null`, `"task_id":null`, `"reject_reason":""`} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("%s is not in %s", want, raw)
		}
	}
}

func TestEvent_SaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]*eventsv1.Event{
		"nil":                       nil,
		"no payload":                {},
		"message.new":               {Payload: &eventsv1.Event_MessageNew{}},
		"message.updated":           {Payload: &eventsv1.Event_MessageUpdated{MessageUpdated: &eventsv1.MessageUpdated{}}},
		"task_created":              {Payload: &eventsv1.Event_TaskCreated{TaskCreated: &eventsv1.TaskCreated{}}},
		"task_updated":              {Payload: &eventsv1.Event_TaskUpdated{}},
		"proposal_created":          {Payload: &eventsv1.Event_ProposalCreated{}},
		"proposal_updated":          {Payload: &eventsv1.Event_ProposalUpdated{ProposalUpdated: &eventsv1.ProposalUpdated{Changed: []string{"status"}}}},
		"analysis_progress of when": {Payload: &eventsv1.Event_AnalysisProgress{AnalysisProgress: &eventsv1.AnalysisProgress{Date: "today"}}},
	} {
		if _, _, err := wire.Event(e); !errors.Is(err, wire.ErrBadEvent) {
			t.Errorf("%s: error is %v, want ErrBadEvent", name, err)
		}
	}
}
