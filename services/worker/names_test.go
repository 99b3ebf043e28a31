package worker_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// monitorChats makes chats the monitored ones, with no name known.
func (w *world) monitorChats(t *testing.T, ids ...int64) {
	t.Helper()
	if _, _, err := w.store.UpdateGroups(t.Context(), func([]store.Group) (groups []store.Group, err error) {
		for _, id := range ids {
			groups = append(groups, store.Group{ID: id})
		}
		return groups, nil
	}); err != nil {
		t.Fatal(err)
	}
}

// calledInDatabase is what a monitored chat is called there; "" for no name.
func (w *world) calledInDatabase(t *testing.T, id int64) string {
	t.Helper()
	settings, err := w.store.WebhookSettings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range settings.Groups {
		if g.ID == id && g.Name != nil {
			return *g.Name
		}
	}
	return ""
}

// calledInBucket is the same of the bucket, once it knows the chat.
func (w *world) calledInBucket(t *testing.T, id int64) string {
	t.Helper()
	name := "not there"
	if err := w.bus.UpdateMonitored(t.Context(), func(m bus.Monitored) (bus.Monitored, error) {
		for _, g := range m.Groups {
			if g.ID == id {
				name = g.Name
			}
		}
		return m, nil
	}); err != nil {
		t.Fatal(err)
	}
	return name
}

func titled(name string, at time.Time) func(*eventsv1.MessageReceived) {
	return func(m *eventsv1.MessageReceived) { m.Chat.Name, m.Message.SentAt = name, timestamppb.New(at) }
}

func TestMonitoredChatsAreCalledWhatTheirMessagesSay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.monitorChats(t, -1001, -7)
	w.start(t)
	eventually(t, "the bucket is filled", func() bool { return w.calledInBucket(t, -1001) == "" })
	id := 0
	say := func(name string, at time.Time) {
		id++
		w.put(t, received(fmt.Sprint(id), "a", titled(name, at)))
		w.awaitDone(t)
	}
	// The watch of a worker that has just started may not have told it of the group yet.
	eventually(t, "the name is not taken over", func() bool {
		say("Support", noon)
		return w.calledInDatabase(t, -1001) == "Support"
	})
	eventually(t, "the bucket follows", func() bool { return w.calledInBucket(t, -1001) == "Support" })
	eventually(t, "clients are told", func() bool { return len(w.events(t, bus.SubjectSettingsUpdated)) == 2 }) // the first is of the groups
	say("Support", noon.Add(time.Minute))
	say("Helpdesk", noon.Add(2*time.Minute))
	say("An old name", noon.Add(-time.Hour)) // delivered late
	if got := w.calledInDatabase(t, -1001); got != "Helpdesk" {
		t.Errorf("it is called %q", got)
	}
	w.put(t, &eventsv1.Inbound{ReceivedAt: timestamppb.New(noon.Add(time.Hour)), Payload: &eventsv1.Inbound_ChatRenamed{ChatRenamed: &eventsv1.ChatRenamed{
		Chat: &eventsv1.Chat{SourceName: "telegram", ChatId: "-1001", Kind: "supergroup", Name: "Care"}}}})
	w.awaitDone(t)
	if got := w.calledInDatabase(t, -1001); got != "Care" {
		t.Errorf("after the note of a new title it is called %q", got)
	}
	if got := w.calledInDatabase(t, -7); got != "" {
		t.Errorf("the other chat is called %q", got)
	}
}

// A basic group becomes a supergroup: its messages are listed as one history, newest
// first, page by page, under the new id.
func TestAHistoryStaysOneThroughAMigration(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.monitorChats(t, -500)
	w.start(t)
	in := func(chat string, minute int) func(*eventsv1.MessageReceived) {
		return func(m *eventsv1.MessageReceived) {
			m.Message.ChatId, m.Chat.ChatId = chat, chat
			m.Message.SentAt = timestamppb.New(noon.Add(time.Duration(minute) * time.Minute))
		}
	}
	const upgraded = "-1002988379206"
	w.put(t, received("1", "one", in("-500", 1)), received("2", "two", in("-500", 2)),
		&eventsv1.Inbound{ReceivedAt: timestamppb.New(noon), Payload: &eventsv1.Inbound_ChatMigrated{ChatMigrated: &eventsv1.ChatMigrated{
			SourceName: "telegram", FromChatId: "-500", ToChatId: upgraded}}},
		received("1", "three", in(upgraded, 3)), received("2", "four", in(upgraded, 4)),
		received("3", "said before, told after", in("-500", 2)), received("9", "elsewhere", in("-9", 5)))
	w.awaitDone(t)
	var listed []string
	for cursor := ""; ; {
		page, err := w.store.ListMessages(t.Context(), store.MessageFilter{ChatID: upgraded, Limit: 2, Cursor: cursor})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Messages {
			listed = append(listed, m.GetContent())
		}
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"four", "three", "said before, told after", "two", "one"}, listed); diff != "" {
		t.Error(diff)
	}
	settings, err := w.store.WebhookSettings(t.Context())
	if err != nil || len(settings.Groups) != 1 || settings.Groups[0].ID != -1002988379206 {
		t.Errorf("monitored: %+v, %v", settings.Groups, err)
	}
}

// A number was added that may stand for two chats: the first that speaks is the one that
// was meant, and the other is heard no longer.
func TestAGuessedGroupIsSettledByTheFirstThatSpeaks(t *testing.T) {
	t.Parallel()
	const likeliest, other = -1002988379206, -2988379206
	for name, speaks := range map[string]int64{"the likeliest": likeliest, "the other": other} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.monitorChats(t, likeliest)
			err := w.bus.PutMonitored(t.Context(), bus.Monitored{Groups: []bus.MonitoredGroup{{ID: likeliest, Aliases: []int64{other}}}})
			if err != nil {
				t.Fatal(err)
			}
			w.start(t)
			id := 0
			eventually(t, "it is settled and named", func() bool {
				id++
				w.put(t, received(fmt.Sprint(id), "a", func(m *eventsv1.MessageReceived) {
					m.Message.ChatId, m.Chat.ChatId = fmt.Sprint(speaks), fmt.Sprint(speaks)
				}))
				w.awaitDone(t)
				return w.calledInDatabase(t, speaks) == "Support"
			})
			var monitored bus.Monitored
			eventually(t, "ingest knows it", func() bool {
				if err := w.bus.UpdateMonitored(t.Context(), func(m bus.Monitored) (bus.Monitored, error) { monitored = m; return m, nil }); err != nil {
					t.Fatal(err)
				}
				return len(monitored.Groups) == 1 && monitored.Groups[0].Name == "Support"
			})
			if ids := monitored.ChatIDs(); len(ids) != 1 || monitored.Groups[0].ID != speaks {
				t.Errorf("monitored: %v", monitored)
			}
		})
	}
}
