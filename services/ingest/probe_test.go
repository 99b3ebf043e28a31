package ingest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
)

// testUpdate is what the api sends through the public address.
func testUpdate(t testing.TB, key, purpose, id string, sent time.Time) string {
	t.Helper()
	at := sent.UTC().Format(time.RFC3339Nano)
	body, err := json.Marshal(map[string]any{"update_id": 1, "task_tracker_test": map[string]string{
		"id": id, "sent_at": at, "signature": ring(t, key).Sign(purpose, id+"\n"+at),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestATestUpdateTellsWhereItComesPast(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	connect(t, b, record(t, settingsKey, botToken, "", bus.WebhookSecret{Sealed: "new"}))
	monitor(t, b, -10) // it is of no chat, and passes all the same
	w := onBus(t, webhookConfig(), b)
	sent := time.Now()
	update := testUpdate(t, settingsKey, "webhook test", "7QK2", sent)
	if status, _, _ := w.post(update); status != http.StatusUnauthorized {
		t.Errorf("without the secret: %d", status)
	}
	for range 2 { // a proxy may repeat it
		if status, answer, _ := w.post(update, secretHeader, "new"); status != http.StatusOK || answer != said {
			t.Fatalf("%d %s", status, answer)
		}
	}
	in := w.inbound()
	if len(in) != 1 || in[0].GetProbe().GetId() != "7QK2" || !in[0].GetProbe().GetSentAt().AsTime().Equal(sent) {
		t.Errorf("stored: %v", in)
	}
	var hops []string
	for _, e := range w.events() {
		tested := e.GetWebhookTested()
		hops = append(hops, tested.GetId()+" "+tested.GetHop())
		if at := tested.GetAt().AsTime(); at.Before(sent) || at.After(time.Now()) {
			t.Errorf("%s at %s", tested.GetHop(), at)
		}
	}
	if got := strings.Join(hops, ", "); got != "7QK2 ingest, 7QK2 wire, 7QK2 broker" {
		t.Errorf("told: %s", got)
	}
}

func TestWhatIsNoTestUpdateOfOursIsIgnored(t *testing.T) {
	t.Parallel()
	w := newWorld(t, webhookConfig())
	now := time.Now()
	good := testUpdate(t, settingsKey, "webhook test", "a", now)
	for name, body := range map[string]string{
		"signed with another key":  testUpdate(t, otherKey, "webhook test", "a", now),
		"signed for something":     testUpdate(t, settingsKey, "something else", "a", now),
		"old":                      testUpdate(t, settingsKey, "webhook test", "a", now.Add(-6*time.Minute)),
		"from the future":          testUpdate(t, settingsKey, "webhook test", "a", now.Add(6*time.Minute)),
		"without an id":            testUpdate(t, settingsKey, "webhook test", "", now),
		"with a long id":           testUpdate(t, settingsKey, "webhook test", strings.Repeat("a", 65), now),
		"with another id":          strings.Replace(good, `"id":"a"`, `"id":"b"`, 1),
		"without a signature":      `{"update_id":1,"task_tracker_test":{"id":"a","sent_at":"2026-01-01T00:00:00Z"}}`,
		"not an object":            `{"update_id":1,"task_tracker_test":"hello"}`,
		"a time that is none":      `{"update_id":1,"task_tracker_test":{"id":"a","sent_at":"now","signature":"x"}}`,
		"members of another shape": `{"update_id":1,"task_tracker_test":{"id":1,"sent_at":[],"signature":{}}}`,
	} {
		if status, answer, _ := w.post(body); status != http.StatusOK || answer != ignored {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	if n := len(w.inbound()) + len(w.events()) + len(w.deadLetters()); n != 0 {
		t.Errorf("%d stored", n)
	}
}
