package frame_test

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/frame"
)

// Whatever a client sends is a ping, a subscription to known types, or answered with
// a short sentence.
func FuzzClientFrame(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `null`, `[]`, `{"type":"subscribe","types":["message.new"]}`, `{"type":"subscribe","data":{"types":["task_created","x"]}}`,
		`{"type":"subscribe","types":[]}`, `{"type":"subscribe","types":null}`, `{"type":1}`, `{"type":"ping"}`, "\xff", `{"type":"subscribe","types":["` + "\u2028" + `"]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		command, err := frame.ParseCommand(raw)
		choice := command.Types
		if err == nil {
			if len(raw) > frame.MaxCommand || !json.Valid(raw) || choice&^frame.AllKinds() != 0 {
				t.Errorf("%q was taken as choice %b", raw, choice)
			}
			return
		}
		message := err.Error()
		if command != (frame.Command{}) || message == "" || len(message) > 1000 || !utf8.ValidString(message) {
			t.Errorf("%q: choice %b, error %q", raw, choice, message)
		}
	})
}
