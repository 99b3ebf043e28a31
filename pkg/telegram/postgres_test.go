package telegram_test

import (
	"os"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/channel/channeltest"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/pkg/telegram"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }

// TestPostgresTakesAll gives a real jsonb and a real text what becomes of every case,
// and of members that no jsonb takes as they are.
func TestPostgresTakesAll(t *testing.T) {
	t.Parallel()
	pool := postgrestest.NewEmpty(t)
	bodies := map[string][]byte{}
	for _, c := range channeltest.Cases(t, "testdata") {
		bodies[c.Name] = c.Body
	}
	for _, member := range []string{`"x":1e131072`, `"x":1e-16384`, `"x":1` + strings.Repeat("0", 200_000), `"x":0.` + strings.Repeat("1", 20_000),
		`"\u0000":"\u0000"`, `"\ud800":"\udc00"`, "\"\xff\":\"\xed\xa0\x80\"", `"x":"\uFFFF\uFDD0\u200b"`,
		`"x":` + strings.Repeat("[", 500) + strings.Repeat("]", 500)} {
		bodies[member] = []byte(`{"update_id":1,"message":{"message_id":1,"date":1,"chat":{"id":-1},` + member + `}}`)
	}
	stored := 0
	for name, body := range bodies {
		u, err := telegram.Adapter{}.Decode(body, channeltest.ReceivedAt)
		if err != nil || u.Message == nil {
			continue
		}
		stored++
		m := u.Message.GetMessage()
		var id int64
		err = pool.QueryRow(t.Context(), `SELECT coalesce(($1::jsonb ->> 'update_id')::bigint, 0) FROM (SELECT $2::text, $3::timestamptz) AS _`,
			string(u.Message.GetRaw()), m.GetContent()+m.GetAuthor()+m.GetChatName(), m.GetSentAt().AsTime()).Scan(&id)
		if err != nil || id == 0 {
			t.Errorf("%.100s: update_id %d, %v", name, id, err)
		}
	}
	if stored < 45 {
		t.Errorf("%d messages were stored; are the cases gone?", stored)
	}
}
