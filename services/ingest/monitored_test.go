package ingest_test

import (
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
)

const (
	said    = `{"status":"ok"}`
	ignored = `{"status":"ignored"}`
)

// monitor makes the given chats the monitored ones.
func monitor(t *testing.T, b *bus.Bus, ids ...int64) {
	t.Helper()
	var m bus.Monitored
	for _, id := range ids {
		m.Groups = append(m.Groups, bus.MonitoredGroup{ID: id})
	}
	if err := b.PutMonitored(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

// monitoring is a world in which the given chats alone are heard from the start.
func monitoring(t *testing.T, b *bus.Bus, ids ...int64) *world {
	t.Helper()
	monitor(t, b, ids...)
	return onBus(t, webhookConfig(), b)
}

func (w *world) says(update, chat int64) string {
	w.t.Helper()
	_, answer, _ := w.post(text(update, chat, update, "hello"))
	return answer
}

func TestOnlyMonitoredChatsAreTakenIn(t *testing.T) {
	t.Parallel()
	w := monitoring(t, bustest.New(t), -10)
	if got := w.says(1, -10); got != said {
		t.Errorf("monitored: %s", got)
	}
	for update := range int64(3) {
		if got := w.says(10+update, -20); got != ignored {
			t.Errorf("not monitored: %s", got)
		}
	}
	w.stop() // what was counted and not yet told is told now
	messages, seen := 0, int64(0)
	for _, in := range w.inbound() {
		switch {
		case in.GetChatSeen().GetChat().GetChatId() == "-20" && in.GetChatSeen().GetChat().GetName() == "Каса":
			seen += in.GetChatSeen().GetMessages()
			if strings.Contains(in.String(), "hello") {
				t.Errorf("what was said is in the count: %v", in)
			}
		case in.GetMessageReceived().GetMessage().GetChatId() == "-10":
			messages++
		default:
			t.Errorf("stored: %v", in)
		}
	}
	if messages != 1 || seen != 3 || len(w.events()) != 1 {
		t.Errorf("%d messages, %d of the other chat, %d events; want 1, 3, 1", messages, seen, len(w.events()))
	}
}

func TestAChatIsHeardAsSoonAsItIsMonitored(t *testing.T) {
	t.Parallel()
	w := monitoring(t, bustest.New(t), -10)
	w.endRun() // with it the watch, which cannot lag more than that
	monitor(t, w.bus, -10, -30)
	if got := w.says(1, -30); got != said {
		t.Errorf("at once: %s", got)
	}
}

func TestWhatAnUnmonitoredChatSaysOfItselfCounts(t *testing.T) {
	t.Parallel()
	w := monitoring(t, bustest.New(t), -10)
	if _, got, _ := w.post(sample(t, "updates/my_chat_member_added")); got != said {
		t.Errorf("membership: %s", got)
	}
	if in := w.inbound(); len(in) != 1 || in[0].GetBotMembershipChanged() == nil {
		t.Errorf("stored: %v", in)
	}
}

// A group becomes a supergroup: the next message under the new id is taken in, though
// it reaches another copy than the note of the move did.
func TestAMigratedChatIsHeardAtOnceByEveryCopy(t *testing.T) {
	t.Parallel()
	const old, upgraded = -10, -1000000000777
	b := bustest.New(t)
	first := monitoring(t, b, old)
	second := onBus(t, webhookConfig(), b)
	first.endRun() // with it the watch, which cannot lag more than that
	second.endRun()
	if got := first.says(1, upgraded); got != ignored {
		t.Errorf("before: %s", got)
	}
	if _, got, _ := first.post(`{"update_id":5,"message":{"message_id":9,"date":1794815520,"chat":{"id":-10,"type":"group"},"migrate_to_chat_id":-1000000000777}}`); got != said {
		t.Fatalf("migration: %s", got)
	}
	for update, w := range map[int64]*world{6: first, 7: second} {
		if got := w.says(update, upgraded); got != said {
			t.Errorf("update %d under the new id: %s", update, got)
		}
		if got := w.says(10+update, old); got != said {
			t.Errorf("update %d under the old id: %s", update, got)
		}
	}
	moved := 0
	for _, in := range first.inbound() {
		if in.GetChatMigrated().GetToChatId() == "-1000000000777" {
			moved++
		}
	}
	if moved != 1 {
		t.Errorf("the move is in INBOUND %d times", moved)
	}
}

// What is said in a topic that is not monitored is as lost as in a chat that is not, and
// counts for neither.
func TestIgnoredTopicsAreNotTakenIn(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	ignoring := bus.Monitored{Groups: []bus.MonitoredGroup{{ID: -10, Aliases: []int64{-9}, IgnoredTopics: []string{"7", bus.GeneralTopic}}, {ID: -20}}}
	if err := b.PutMonitored(t.Context(), ignoring); err != nil {
		t.Fatal(err)
	}
	w := onBus(t, webhookConfig(), b)
	in := func(update, chat int64, topic string) string {
		_, answer, _ := w.post(strings.Replace(text(update, chat, update, "hello"), `"text":`, topic+`"text":`, 1))
		return answer
	}
	topic := func(number string) string { return `"is_topic_message":true,"message_thread_id":` + number + `,` }
	for update, test := range []struct {
		chat        int64
		topic, want string
	}{
		{-10, topic("8"), said}, {-10, topic("7"), ignored}, {-10, "", ignored}, {-9, topic("7"), ignored}, {-20, topic("7"), said}, {-20, "", said},
	} {
		if got := in(int64(update+1), test.chat, test.topic); got != test.want {
			t.Errorf("chat %d, topic %q: %s, want %s", test.chat, test.topic, got, test.want)
		}
	}
	w.stop()
	if got := len(w.inbound()); got != 3 || len(w.events()) != 3 {
		t.Errorf("%d stored, %d events; want 3 of each, and no chat counted as seen", got, len(w.events()))
	}
}
