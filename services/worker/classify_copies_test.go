package worker_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/worker"
)

func TestDeliveredAgainChangesNothing(t *testing.T) {
	t.Parallel()
	w, classifier := newClassifying(t)
	w.start(t)
	batch := []*eventsv1.Inbound{received("1", "it is broken"), received("2", "ok", by("7", "Ivan"), after(time.Second)), received("3", "maybe later", after(2*time.Hour))}
	w.put(t, batch...)
	w.awaitJudged(t)
	judged, attempts := len(classifier.judged()), w.count(t, "SELECT count(*) FROM classification_attempts")
	for range 3 {
		w.put(t, batch...)
	}
	var ids []int64
	for id := range int64(3) {
		ids = append(ids, id+1)
	}
	job, err := bus.NewMessage(bus.SubjectJobClassify, "", &eventsv1.ClassifyMessages{MessageIds: append(ids, 999)})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.bus.Publish(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	w.awaitJudged(t)
	if len(w.tasks(t)) != 1 || len(classifier.judged()) != judged || w.count(t, "SELECT count(*) FROM classification_attempts") != attempts {
		t.Errorf("%d tasks, %d judged after %d", len(w.tasks(t)), len(classifier.judged()), judged)
	}
}

func TestSeveralWorkersMakeOneTaskOfAConversation(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	for range 3 {
		w.start(t)
	}
	const chats, messages = 8, 30
	var batch []*eventsv1.Inbound
	for i := range messages {
		for chat := range chats {
			text := "it is broken"
			if i%3 != 0 {
				text = "ok"
			}
			m := received(fmt.Sprint(i+1), text, after(time.Duration(i)*time.Second), by(fmt.Sprint(i%4), "someone"), inChat(chat))
			batch = append(batch, m)
		}
	}
	for i, in := range batch { // in no order
		j := (i * 7919) % len(batch)
		batch[i], batch[j] = batch[j], in
	}
	for len(batch) > 0 {
		n := min(20, len(batch))
		w.put(t, batch[:n]...)
		batch = batch[n:]
	}
	w.awaitJudged(t)
	if n := w.count(t, "SELECT count(*) FROM conversations"); n != chats {
		t.Errorf("%d conversations", n)
	}
	if n := w.count(t, "SELECT count(*) FROM conversation_messages WHERE conversation_id NOT IN (SELECT id FROM conversations)"); n != 0 {
		t.Errorf("%d messages without a conversation", n)
	}
	if n := w.count(t, "SELECT count(*) FROM conversation_tasks"); n != chats {
		t.Errorf("%d conversations have led to a task", n)
	}
	if n := w.count(t, "SELECT count(*) FROM messages WHERE is_issue IS NULL"); n != 0 {
		t.Errorf("%d messages have no verdict", n)
	}
}

// story is what five people said, and conversations what belongs together of it.
func story() (said []*eventsv1.Inbound, conversations []string) {
	anna, boris, vira := by("1", "Anna"), by("2", "Boris"), by("3", "Vira")
	return []*eventsv1.Inbound{
		received("1", "it is broken", anna),
		received("2", "the export", anna, after(30*time.Second)),
		received("3", "ok", boris, after(time.Minute)),
		received("4", "good morning", vira, after(20*time.Minute)),
		received("5", "hi", anna, after(21*time.Minute)),
		received("6", "it works again", boris, after(3*time.Hour), answering("1")),
		received("7", "really", boris, after(3*time.Hour+10*time.Second)),
		received("8", "maybe later", vira, after(5*time.Hour)),
	}, []string{"1 2 3 6 7", "4 5", "8"}
}

func TestMessagesInAnyOrderGiveTheSameConversations(t *testing.T) {
	t.Parallel()
	for name, shuffle := range map[string]func([]*eventsv1.Inbound){
		"as they were said": func([]*eventsv1.Inbound) {},
		"backwards":         slices.Reverse[[]*eventsv1.Inbound],
		"shuffled":          func(s []*eventsv1.Inbound) { rand.New(rand.NewPCG(1, 2)).Shuffle(len(s), swap(s)) },
		"shuffled anew":     func(s []*eventsv1.Inbound) { rand.New(rand.NewPCG(3, 4)).Shuffle(len(s), swap(s)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _ := newClassifying(t)
			w.start(t)
			said, want := story()
			shuffle(said)
			for _, m := range said { // each judged before the next one comes
				w.put(t, m)
				w.awaitJudged(t)
			}
			var got []string
			rows, err := w.pool.Query(t.Context(), `SELECT string_agg(m.external_message_id, ' ' ORDER BY m.external_message_id)
				FROM conversation_messages c JOIN messages m ON m.id = c.message_id GROUP BY c.conversation_id ORDER BY 1`)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			for rows.Next() {
				var ids string
				if err := rows.Scan(&ids); err != nil {
					t.Fatal(err)
				}
				got = append(got, ids)
			}
			if err := rows.Err(); err != nil || !slices.Equal(got, want) {
				t.Errorf("conversations %q, want %q; %v", got, want, err)
			}
			if n := len(w.tasks(t)); n != 1 {
				t.Errorf("%d tasks", n)
			}
			if n := w.count(t, "SELECT count(*) FROM proposals WHERE status = 'pending'"); n != 1 {
				t.Errorf("%d proposals", n)
			}
		})
	}
}

func swap(s []*eventsv1.Inbound) func(i, j int) { return func(i, j int) { s[i], s[j] = s[j], s[i] } }

func TestRestartsLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	const chats = 12
	for round := range 6 {
		stop := w.start(t)
		var batch []*eventsv1.Inbound
		for chat := range chats {
			batch = append(batch, received(fmt.Sprint(round), "it is broken", after(time.Duration(round)*time.Minute), inChat(chat)))
		}
		w.put(t, batch...)
		if round%2 == 0 { // else it stops at once, wherever it is
			w.awaitDone(t)
		}
		stop()
	}
	w.start(t)
	w.awaitJudged(t)
	if n := w.count(t, "SELECT count(*) FROM conversations"); n != chats {
		t.Errorf("%d conversations", n)
	}
	if n := len(w.tasks(t)); n != chats {
		t.Errorf("%d tasks", n)
	}
	if n := len(w.events(t, bus.SubjectTaskCreated)); n != chats {
		t.Errorf("task_created was told %d times", n)
	}
	if n := w.count(t, "SELECT count(*) FROM task_messages WHERE role = 'origin'"); n != 6*chats {
		t.Errorf("%d messages have led to a task", n)
	}
}

func inChat(chat int) func(*eventsv1.MessageReceived) {
	return func(m *eventsv1.MessageReceived) { m.Message.ChatId, m.Chat = fmt.Sprint("-10", chat), nil }
}

// A worker that dies with conversations in hand keeps them only until its lease ends.
func TestWhatADeadWorkerClaimedIsJudgedByAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.classifying = func(*worker.ClassifyConfig) {}
	stop := w.start(t) // groups, and judges nothing
	w.put(t, received("1", "it is broken"))
	w.awaitDone(t)
	stop()
	w.due(t)
	claimed, err := w.store.ClaimConversations(t.Context(), 10, time.Minute)
	if err != nil || len(claimed) != 1 {
		t.Fatalf("claimed %d, %v", len(claimed), err)
	}
	if again, err := w.store.ClaimConversations(t.Context(), 10, time.Minute); err != nil || len(again) != 0 {
		t.Errorf("claimed twice: %v, %v", again, err)
	}
	w.due(t) // its lease is over
	w.classifier = &byWords{}
	w.start(t)
	w.awaitJudged(t)
	if n := len(w.tasks(t)); n != 1 {
		t.Errorf("%d tasks", n)
	}
}

func TestTaskOfJoinedConversations(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.start(t)
	// Two conversations, until the message between them comes.
	w.put(t, received("1", "it is broken"), received("3", "the page is broken", by("7", "Ivan"), after(19*time.Minute)))
	w.awaitJudged(t)
	if n := len(w.tasks(t)); n != 2 {
		t.Fatalf("%d tasks", n)
	}
	w.put(t, received("2", "ok", after(9*time.Minute+30*time.Second)), received("4", "yes", by("42", "Оксана Коваль"), after(19*time.Minute+10*time.Second)))
	w.awaitJudged(t)
	if n := w.count(t, "SELECT count(*) FROM (SELECT conversation_id FROM conversation_tasks GROUP BY 1 HAVING count(*) > 1) AS twice"); n != 0 {
		t.Errorf("%d conversations have led to several tasks", n)
	}
	if n := len(w.tasks(t)); n != 2 {
		t.Errorf("%d tasks after the conversations were joined", n)
	}
	if n := w.count(t, "SELECT count(*) FROM task_messages WHERE role = 'origin'"); n != 4 {
		t.Errorf("%d messages have led to a task", n)
	}
}
