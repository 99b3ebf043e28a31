package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/bus"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/api"
)

// shownTopics are the topics of an answer, as "id name ignored".
func shownTopics(w *world, path string) []string {
	w.t.Helper()
	shown := []string{}
	for _, topic := range get[[]object](w, path) {
		shown = append(shown, fmt.Sprintf("%v %v %v", topic["id"], topic["name"], topic["ignored"]))
	}
	return shown
}

// Topics of a forum are listened to unless they are chosen not to be.
func TestTopicsAreIgnored(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	const path = groupsPath + "/-5/topics"
	refused(w, groupsPath, `{"group_id":-5}`, http.StatusOK)
	refused(w, groupsPath, `{"group_id":-6}`, http.StatusOK)
	if got := shownTopics(w, path); len(got) != 0 {
		t.Errorf("before any is known: %v", got)
	}
	first := telegram("31", "Олена", "Чек не друкується", "2026-11-15T22:30:00Z")
	first.ThreadId = "12"
	w.save(first)
	named := &eventsv1.TopicNamed{Chat: &eventsv1.Chat{SourceName: "telegram", ChatId: "-5"}, ThreadId: "7", Name: "Флуд"}
	err := w.store.SaveChatFacts(t.Context(), []*eventsv1.Inbound{{ReceivedAt: timestamppb.New(time.Now()), Payload: &eventsv1.Inbound_TopicNamed{TopicNamed: named}}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := shownTopics(w, path), []string{"1 <nil> false", "7 Флуд false"}; !slices.Equal(got, want) {
		t.Errorf("known: %v, want %v", got, want)
	}
	config := ok[object](w, http.MethodPut, path, `{"topics":["7","12","7"]}`)
	if got := fmt.Sprint(config["groups"]); got != "[map[id:-5 ignored_topics:[7 12] name:<nil>] map[id:-6 name:<nil>]]" {
		t.Errorf("groups %s", got)
	}
	if got, want := shownTopics(w, path), []string{"1 <nil> false", "7 Флуд true", "12 <nil> true"}; !slices.Equal(got, want) {
		t.Errorf("ignored: %v, want %v", got, want)
	}
	var told bus.Monitored
	err = w.bus.UpdateMonitored(t.Context(), func(now bus.Monitored) (bus.Monitored, error) { told = now; return now, nil })
	if err != nil || !slices.Equal(told.ChatIDs()["-5"], []string{"7", "12"}) || len(told.ChatIDs()["-6"]) != 0 {
		t.Errorf("ingest is told %+v (%v)", told, err)
	}
	// What else is done with groups leaves that alone.
	ok[object](w, http.MethodPut, groupIDsPath, `{"group_ids":[-5,-8]}`)
	if got, want := shownTopics(w, path)[1:], []string{"7 Флуд true", "12 <nil> true"}; !slices.Equal(got, want) {
		t.Errorf("after another change: %v, want %v", got, want)
	}
	ok[object](w, http.MethodPut, path, `{"topics":[]}`)
	if got, want := shownTopics(w, path), []string{"1 <nil> false", "7 Флуд false"}; !slices.Equal(got, want) {
		t.Errorf("listened to again: %v, want %v", got, want)
	}
	for body, status := range map[string]int{`{}`: 422, `{"topics":["x"]}`: 422, `{"topics":["0"]}`: 422, `{"topics":[7]}`: 422} {
		if got, said, _ := w.call(http.MethodPut, path, body); got != status {
			t.Errorf("%s: %d %s", body, got, said)
		}
	}
	for _, method := range []string{http.MethodGet, http.MethodPut} {
		if status, said, _ := w.call(method, groupsPath+"/-77/topics", `{"topics":[]}`); status != http.StatusNotFound {
			t.Errorf("%s of a chat that is not monitored: %d %s", method, status, said)
		}
	}
}
