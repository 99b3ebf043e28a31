package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/classify/local"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/services/api"
)

const (
	adaptersPath = "/api/ai/adapters"
	activePath   = adaptersPath + "/active"
)

func TestWhatWasLearntIsListedAndSwitched(t *testing.T) {
	t.Parallel()
	classifier, err := local.New()
	if err != nil {
		t.Fatal(err)
	}
	w := newAIWorld(t, environment(), func(d *api.Deps) { d.Local = classifier })
	if list := ok[object](w, http.MethodGet, adaptersPath, ""); list["active_id"] != nil || list["base"] != classifier.Base() || list["new_corrections"] != 0.0 || len(list["items"].([]any)) != 0 {
		t.Errorf("at first: %v", list)
	}
	text := "zefir for the kitchen"
	weights, err := classifier.Learn([]local.Lesson{{Input: classify.Input{Text: text}, IsIssue: true, Category: classify.CategoryChore}}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	keep := func(base string, adopted bool) {
		t.Helper()
		_, _, err := w.store.TrainAdapter(t.Context(), base, 0, 10, func([]byte, []store.Correction) (*store.NewAdapter, error) {
			return &store.NewAdapter{Weights: weights, Adapter: store.Adapter{Learnt: 1, HeldBack: 8, Adopted: adopted,
				Before: store.AdapterWorth{Right: 4, Loss: 1}, After: store.AdapterWorth{Right: 7, Loss: 0.5}}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	keep(classifier.Base(), true)
	keep("of-another-release", false)
	list := ok[object](w, http.MethodGet, adaptersPath, "")
	items := list["items"].([]any)
	newest, first := items[0].(object), items[1].(object)
	if list["active_id"] != 1.0 || newest["fits"] != false || newest["active"] != false || first["active"] != true || first["adopted"] != true || first["after"].(object)["right"] != 7.0 {
		t.Errorf("two: %v", list)
	}
	version := func() any {
		t.Helper()
		ok[object](w, http.MethodPost, providersPath+"/local/test", fmt.Sprintf(`{"text":%q}`, text))
		return classifier.Version()
	}
	if v := version(); v != classifier.Base()+"+1" {
		t.Errorf("a test goes by %v", v)
	}
	before := w.events()[bus.SubjectSettingsUpdated]
	for range 2 { // once, and once more
		if list := ok[object](w, http.MethodPut, activePath, `{"id":null}`); list["active_id"] != nil {
			t.Errorf("switched back: %v", list)
		}
	}
	if v := version(); v != classifier.Base() {
		t.Errorf("after that a test goes by %v", v)
	}
	if list := ok[object](w, http.MethodPut, activePath, `{"id":1}`); list["active_id"] != 1.0 {
		t.Errorf("switched on: %v", list)
	}
	if n := w.events()[bus.SubjectSettingsUpdated] - before; n != 2 {
		t.Errorf("%d events of two changes", n)
	}
	for body, want := range map[string]int{`{"id":2}`: http.StatusConflict, `{"id":9}`: http.StatusNotFound, `{"id":0}`: http.StatusUnprocessableEntity, `{}`: http.StatusUnprocessableEntity} {
		if status, answer, _ := w.call(http.MethodPut, activePath, body); status != want {
			t.Errorf("%s: %d %s", body, status, answer)
		}
	}
}
