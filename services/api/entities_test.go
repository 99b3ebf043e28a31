package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/tasktracker/tasktracker/services/api"
)

// What a message names is read relative to its own moment, in the zone of the chats.
func TestWhatAMessageNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{TimeZone: "Europe/Kyiv"})
	body := `{"id":"1","content":"@olha, зробити до 18:00 завтра: версія 2.14.1, LL-490, https://example.com/a","author":"Ann",` +
		`"timestamp":"2026-11-16T23:30:00Z","chat_id":"5"}` // 17 November in Kyiv
	id := ok[object](w, http.MethodPost, "/api/messages", body)["id"]
	var named []string
	for _, e := range get[object](w, fmt.Sprintf("/api/messages/%v", id))["entities"].([]any) {
		entity := e.(object)
		said := fmt.Sprint(entity["kind"], " ", entity["value"])
		if date, ok := entity["date"].(object); ok {
			said = fmt.Sprint(entity["kind"], " ", date["to"], " ", date["is_deadline"])
		}
		named = append(named, said)
	}
	for _, want := range []string{"mention olha", "date 2026-11-18T16:00:00Z true", "version 2.14.1", "issue LL-490", "link https://example.com/a"} {
		if !slices.Contains(named, want) {
			t.Errorf("%q is not among %q", want, named)
		}
	}
}

func TestAZoneOfChatsThatIsNoneStopsTheStart(t *testing.T) {
	t.Parallel()
	if err := (api.Config{TimeZone: "Kyiv"}).Validate(); err == nil {
		t.Error("a zone Kyiv is taken")
	}
}
