package telegramtest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
)

// FuzzSend checks that whatever Send takes comes out as one line of ASCII that
// means the same.
func FuzzSend(f *testing.F) {
	for _, seed := range []string{
		`{"update_id":1,"message":{"chat":{"id":1},"text":"при \ud83d 👍"}}`, `{}`, `{"message":"x"}`, `[]`, `{"update_id":1e3}`, "{\"a\":\"\u2028\"}",
	} {
		f.Add([]byte(seed))
	}
	s, err := telegramtest.Start(telegramtest.Options{})
	if err != nil {
		f.Fatal(err)
	}
	defer s.Close()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	f.Fuzz(func(t *testing.T, doc []byte) {
		s.AddBot(telegramtest.Bot{Token: token, CanReadAllGroupMessages: true})
		id, err := s.Send(token, doc)
		if err != nil || id == 0 {
			return
		}
		response, err := client.Get(s.URL() + "/bot" + token + "/getUpdates")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		if i := bytes.IndexFunc(body, func(r rune) bool { return r > 126 || r < 32 }); i >= 0 {
			t.Errorf("byte %d is no ASCII: %q", i, body)
		}
		var got struct {
			Result []map[string]any `json:"result"`
		}
		var want map[string]any
		if err := json.Unmarshal(body, &got); err != nil || len(got.Result) != 1 {
			t.Fatalf("answer %q: %v", body, err)
		}
		if err := json.Unmarshal(doc, &want); err != nil {
			t.Fatal(err)
		}
		want["update_id"] = float64(id)
		if !reflect.DeepEqual(got.Result[0], want) {
			t.Errorf("sent %v, got %v", want, got.Result[0])
		}
	})
}
