package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/services/api"
)

const (
	groupsPath   = "/api/webhook-settings/telegram/groups"
	groupIDsPath = "/api/webhook-settings/telegram/group-ids"
)

// monitored are the ids that ingest takes in, sorted.
func (w *world) monitored() []string {
	w.t.Helper()
	var ids []string
	err := w.bus.UpdateMonitored(w.t.Context(), func(m bus.Monitored) (bus.Monitored, error) {
		ids = nil
		for id := range m.ChatIDs() {
			ids = append(ids, id)
		}
		return m, nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Sort(ids)
	return ids
}

func TestSettingsThatNeverWere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{PublicBaseURL: "https://set.example.org"})
	settings := get[object](w, "/api/webhook-settings")
	if settings["telegram"] != nil || settings["default_protocol"] != "https" || settings["default_host"] != "set.example.org" {
		t.Errorf("settings %v", settings)
	}
	if got := ok[object](w, http.MethodDelete, groupsPath+"/-77", ""); fmt.Sprint(got["groups"]) != "[]" {
		t.Errorf("removing what is not there: %v", got)
	}
	if got := ok[object](w, http.MethodPut, groupIDsPath, `{"group_ids":[]}`); fmt.Sprint(got["groups"]) != "[]" {
		t.Errorf("an empty list: %v", got)
	}
	ok[object](w, http.MethodPost, groupsPath, `{"group_id":-1002988379206}`)
	if got := get[object](w, "/api/webhook-settings")["telegram"]; fmt.Sprint(got.(object)["groups"]) != "[map[id:-1.002988379206e+12 name:<nil>]]" {
		t.Errorf("after the first: %v", got)
	}
}

// However a monitored chat is pasted, it is the same chat.
func TestAMonitoredChatIsNotAddedTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	for _, pasted := range []string{"-1002988379206", `"-1002988379206"`, `"2988379206"`, `"-2988379206"`, `"https://t.me/c/2988379206/15"`, `" 1002988379206 "`} {
		got := ok[object](w, http.MethodPost, groupsPath, `{"group_id":`+pasted+`}`)
		if fmt.Sprint(got["groups"]) != "[map[id:-1.002988379206e+12 name:<nil>]]" {
			t.Errorf("%s: %v", pasted, got["groups"])
		}
	}
	if n := w.events()["events.settings.updated"]; n != 1 {
		t.Errorf("%d events, want 1", n)
	}
}

// While an id is a guess, whatever else it may be is taken in too.
func TestAGuessIsMonitoredUnderAllItMayBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	ok[object](w, http.MethodPost, groupsPath, `{"group_id":"2988379206"}`)
	if got := w.monitored(); !slices.Equal(got, []string{"-1002988379206", "-2988379206"}) {
		t.Errorf("ingest takes in %v", got)
	}
	ok[object](w, http.MethodPost, groupsPath, `{"group_id":-1002641907733}`) // a later change keeps it
	if got := w.monitored(); !slices.Equal(got, []string{"-1002641907733", "-1002988379206", "-2988379206"}) {
		t.Errorf("ingest takes in %v", got)
	}
	ok[object](w, http.MethodDelete, groupsPath+"/-1002988379206", "")
	if got := w.monitored(); !slices.Equal(got, []string{"-1002641907733"}) {
		t.Errorf("ingest takes in %v", got)
	}
}

func TestMonitoredChatsAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = fmt.Sprint(-1_000_000_000_001 - i)
	}
	full := `{"group_ids":[` + strings.Join(ids, ",") + `]}`
	ok[object](w, http.MethodPut, groupIDsPath, full)
	if status, said, _ := w.call(http.MethodPost, groupsPath, `{"group_id":-1002988379206}`); status != 400 || !strings.Contains(said, "remove one first") {
		t.Errorf("%d %.200s", status, said)
	}
	ok[object](w, http.MethodPost, groupsPath, `{"group_id":`+ids[7]+`}`) // monitored already
	if status, _, _ := w.call(http.MethodPut, groupIDsPath, strings.Replace(full, "[", "[-5,", 1)); status != 422 {
		t.Errorf("1001 at once: %d", status)
	}
}
