package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/services/api"
)

const viewsPath = "/api/views"

func TestViewsAreShared(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	if got := get[[]object](w, viewsPath); len(got) != 0 {
		t.Fatalf("at first %v", got)
	}
	first := ok[object](w, http.MethodPut, viewsPath, `{"page":"tasks","name":" Каса ","query":"status=open"}`)
	if first["name"] != "Каса" || first["page"] != "tasks" || first["query"] != "status=open" || first["updated_at"] == nil {
		t.Errorf("saved %v", first)
	}
	ok[object](w, http.MethodPut, viewsPath, `{"page":"messages","name":"Каса","query":""}`)
	told := w.events()["events.settings.updated"]
	if same := ok[object](w, http.MethodPut, viewsPath, `{"page":"tasks","name":"Каса","query":"status=open"}`); differences(first, same) != "" || told != 2 || w.events()["events.settings.updated"] != told {
		t.Errorf("saved again: %v, told %d times", same, told)
	}
	other := ok[object](w, http.MethodPut, viewsPath, `{"page":"tasks","name":"Каса","query":"priority=high"}`)
	if other["id"] != first["id"] || other["query"] != "priority=high" || w.events()["events.settings.updated"] != 3 {
		t.Errorf("replaced: %v", other)
	}
	all := get[[]object](w, viewsPath)
	if len(all) != 2 || all[0]["page"] != "messages" || all[1]["query"] != "priority=high" {
		t.Errorf("all %v", all)
	}
	path := fmt.Sprint(viewsPath, "/", first["id"])
	if status, _, _ := w.call(http.MethodDelete, path, ""); status != http.StatusNoContent || len(get[[]object](w, viewsPath)) != 1 || w.events()["events.settings.updated"] != 4 {
		t.Errorf("removed: %d", status)
	}
	if status, said, _ := w.call(http.MethodDelete, path, ""); status != http.StatusNotFound || !strings.Contains(said, "View not found") {
		t.Errorf("removed again: %d %s", status, said)
	}
}

func TestWrongViewsChangeNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	long := strings.Repeat("ж", 61)
	for body, field := range map[string]string{
		`{"page":"review","name":"a","query":""}`:                                 "page",
		`{"page":"tasks","name":" ","query":""}`:                                  "name",
		`{"page":"tasks","name":"` + long + `","query":""}`:                       "name",
		`{"page":"tasks","name":"a","query":"` + strings.Repeat("q", 2001) + `"}`: "query",
		`{"page":"tasks","name":"a"}`:                                             "query",
		`{"page":"tasks","name":"\u0000 ","query":""}`:                            "name",
	} {
		status, said, _ := w.call(http.MethodPut, viewsPath, body)
		if status != http.StatusUnprocessableEntity || !strings.Contains(said, `"`+field+`"`) {
			t.Errorf("%.60s: %d %s", body, status, said)
		}
	}
	for i := range store.MaxViews {
		ok[object](w, http.MethodPut, viewsPath, fmt.Sprintf(`{"page":"tasks","name":"view %d","query":""}`, i))
	}
	if status, said, _ := w.call(http.MethodPut, viewsPath, `{"page":"tasks","name":"one more","query":""}`); status != http.StatusConflict || !strings.Contains(said, "remove one first") {
		t.Errorf("one more: %d %s", status, said)
	}
	ok[object](w, http.MethodPut, viewsPath, `{"page":"tasks","name":"view 1","query":"q=x"}`)
	ok[object](w, http.MethodPut, viewsPath, `{"page":"messages","name":"one more","query":""}`)
	all := get[[]object](w, viewsPath)
	if len(all) != store.MaxViews+1 || slices.ContainsFunc(all, func(v object) bool { return v["page"] == "tasks" && v["name"] == "one more" }) {
		t.Errorf("%d views", len(all))
	}
}
