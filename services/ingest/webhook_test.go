package ingest_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
)

const samples = "../../pkg/telegram/testdata/"

func sample(t testing.TB, name string) string {
	t.Helper()
	body, err := os.ReadFile(samples + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func text(update, chat, message int64, words string) string {
	return fmt.Sprintf(`{"update_id":%d,"message":{"message_id":%d,"date":%d,"from":{"id":5,"is_bot":false,"first_name":"Ада"},"chat":{"id":%d,"type":"supergroup","title":"Каса"},"text":%q}}`,
		update, message, time.Now().Unix(), chat, words)
}

// What each sample leaves behind, after ../../pkg/telegram's table of what is expected.
func TestEverySampleIsAnsweredAndStoredAsItShould(t *testing.T) {
	t.Parallel()
	type outcome struct {
		status                int
		says                  string
		inbound, events, dead int
	}
	store, edit := outcome{200, "ok", 1, 1, 0}, outcome{200, "ok", 1, 0, 0}
	fact, ignored := edit, outcome{200, "ignored", 0, 0, 0}
	refused, dead := outcome{400, "Not an update", 0, 0, 0}, outcome{200, "ok", 0, 0, 1}
	want := map[string]outcome{
		"updates/edited_message_text": edit, "updates/edited_message_no_visible_change": edit, "updates/edited_channel_post": edit,
		"updates/forum_topic_created": fact, "updates/migrate_to_supergroup": fact, "updates/migrate_from_group": fact,
		"updates/my_chat_member_added": fact, "updates/my_chat_member_kicked": fact,
		"updates/callback_query":    {200, "ok", 0, 0, 0}, // a job
		"updates/business_message":  ignored,
		"updates/message_reaction":  ignored,
		"updates/poll_answer":       ignored,
		"updates/ephemeral_message": ignored, "updates/hostile_unknown_update_kind": ignored,
		"updates/new_chat_members_bot_added": ignored, "updates/pinned_message": ignored,
		"invalid/empty": refused, "invalid/truncated": refused, "invalid/html_error_page": refused, "invalid/array_of_updates": refused,
		"invalid/missing_update_id": refused, "invalid/update_id_string": refused, "invalid/update_id_beyond_int64": refused,
		"invalid/trailing_garbage": refused, "invalid/duplicate_keys": refused, "invalid/deep_nesting": refused,
		"invalid/message_is_string": dead, "invalid/message_missing_message_id": dead, "invalid/chat_id_string": dead,
		"invalid/ids_beyond_int64": dead, "invalid/date_out_of_range": dead,
	}
	for _, dir := range []string{"updates", "invalid"} {
		files, err := filepath.Glob(samples + dir + "/*.json")
		if err != nil || len(files) < 20 {
			t.Fatalf("samples of %s: %d %v", dir, len(files), err)
		}
		for _, file := range files {
			name := dir + "/" + strings.TrimSuffix(filepath.Base(file), ".json")
			if strings.HasSuffix(name, ".golden") {
				continue
			}
			expected, ok := want[name]
			if !ok {
				expected = store
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, webhookConfig())
				status, said, _ := w.post(sample(t, name))
				got := outcome{status, expected.says, len(w.inbound()), len(w.events()), len(w.deadLetters())}
				if got != expected || !strings.Contains(said, expected.says) {
					t.Errorf("got %+v %s, want %+v", got, said, expected)
				}
			})
		}
	}
}

func TestTheSameUpdateThreeTimesIsStoredOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, webhookConfig())
	for range 3 {
		if status, said, _ := w.post(text(1, -5, 1, "once")); status != 200 || said != `{"status":"ok"}` {
			t.Fatalf("%d %s", status, said)
		}
	}
	if in, ev := len(w.inbound()), len(w.events()); in != 1 || ev != 1 {
		t.Errorf("%d in INBOUND, %d in EVENTS; want one each", in, ev)
	}
	shown := w.events()[0].GetMessageNew().GetMessage()
	if shown.GetPersisted() || shown.GetId() != 0 || !strings.HasPrefix(shown.GetAvatarUrl(), "/api/avatars/telegram/5?initials=") {
		t.Errorf("message.new is %v", shown)
	}
}

func TestSecretToken(t *testing.T) {
	t.Parallel()
	cfg := webhookConfig()
	cfg.TelegramWebhookSecret = "s3cret-Token_1"
	w := newWorld(t, cfg)
	const header = "X-Telegram-Bot-Api-Secret-Token"
	for _, wrong := range [][]string{nil, {header, ""}, {header, "s3cret-Token_"}, {header, "s3cret-Token_12"}, {header, "S3CRET-TOKEN_1"}} {
		if status, said, _ := w.post(text(1, -5, 1, "x"), wrong...); status != 401 || strings.Contains(said, cfg.TelegramWebhookSecret) {
			t.Errorf("%v: %d %s", wrong, status, said)
		}
	}
	if n := len(w.inbound()) + len(w.deadLetters()); n != 0 {
		t.Errorf("%d stored without the secret", n)
	}
	if status, _, _ := w.post(text(1, -5, 1, "x"), header, cfg.TelegramWebhookSecret); status != 200 {
		t.Errorf("with the secret: %d", status)
	}
	if strings.Contains(w.log.String(), cfg.TelegramWebhookSecret) {
		t.Error("the log has the secret")
	}
}

func TestBodiesOverTheBound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, webhookConfig())
	good := text(1, -5, 1, "x")
	bodies := map[string]io.Reader{
		"long text":   strings.NewReader(text(1, -5, 1, strings.Repeat("a", 2<<20))),
		"white space": strings.NewReader(strings.Repeat(" ", 2<<20) + good),
		"brackets":    strings.NewReader(strings.Repeat("[", 2<<20)),
		// No Content-Length: sent in chunks.
		"chunked": io.MultiReader(strings.NewReader(strings.Repeat(" ", 2<<20)), strings.NewReader(good)),
	}
	for name, body := range bodies {
		resp, err := w.server.Client().Post(w.server.URL+"/webhook/telegram", "application/json", body)
		if err != nil {
			continue // the connection may be closed on the sender: it has its answer then
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %d, want 413", name, resp.StatusCode)
		}
	}
	if status, _, _ := w.post(good); status != 200 {
		t.Errorf("a good update afterwards: %d", status)
	}
	if n := len(w.inbound()); n != 1 {
		t.Errorf("%d stored, want the good one", n)
	}
}

func TestAnAnnouncedBodyOverTheBoundIsRefusedBeforeItComes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, webhookConfig())
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /webhook/telegram HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n0123456789", 2<<20)
	answer := make([]byte, 64)
	if _, err := io.ReadFull(conn, answer); err != nil || !bytes.Contains(answer, []byte(" 413 ")) {
		t.Errorf("%q %v", answer, err)
	}
}

func TestOnlyPost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, webhookConfig())
	resp, err := w.server.Client().Get(w.server.URL + "/webhook/telegram")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusMethodNotAllowed || resp.Header.Get("Allow") != http.MethodPost {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
}

func TestAFullBacklogIsSaidAndPasses(t *testing.T) {
	t.Parallel()
	b := bustest.StartServer(t).Connect(t)
	cfg := bustest.Config()
	cfg.InboundMaxBytes = 1 << 20
	if err := b.EnsureStreams(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	w := onBus(t, webhookConfig(), b)
	accepted, refused := 0, 0
	for i := int64(1); refused == 0 && i < 100; i++ {
		switch status, said, header := w.post(text(i, -5, i, strings.Repeat("x", 60_000))); status {
		case 200:
			accepted++
		case 503:
			refused++
			if header.Get("Retry-After") == "" || !strings.Contains(said, "detail") {
				t.Errorf("503 says %s %v", said, header)
			}
		default:
			t.Fatalf("%d %s", status, said)
		}
	}
	if refused == 0 || len(w.inbound()) != accepted {
		t.Fatalf("accepted %d, refused %d, stored %d", accepted, refused, len(w.inbound()))
	}
	s, err := b.JetStream().Stream(t.Context(), bus.StreamInbound)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if status, said, _ := w.post(text(1000, -5, 1000, "after")); status != 200 {
		t.Errorf("after it has drained: %d %s", status, said)
	}
}

func TestWithoutABrokerItIs503(t *testing.T) {
	t.Parallel()
	server := bustest.StartServer(t)
	b := server.Connect(t)
	if err := b.EnsureStreams(t.Context(), bustest.Config()); err != nil {
		t.Fatal(err)
	}
	w := onBus(t, webhookConfig(), b)
	server.Shutdown()
	server.WaitForShutdown()
	if status, said, header := w.post(text(1, -5, 1, "x")); status != 503 || header.Get("Retry-After") == "" {
		t.Errorf("%d %s %v", status, said, header)
	}
}

func TestOnlyMonitoredChatsAreTakenIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, webhookConfig())
	monitor := func(ids ...int64) {
		var m bus.Monitored
		for _, id := range ids {
			m.Groups = append(m.Groups, bus.MonitoredGroup{ID: id})
		}
		if err := w.bus.PutMonitored(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	says := func(update, chat int64) string {
		_, said, _ := w.post(text(update, chat, update, "hello"))
		return said
	}
	monitor(-10)
	w.eventually("the monitored chat is not known", func() bool { return says(time.Now().UnixNano()&0x7fffffff, -20) == `{"status":"ignored"}` })
	if said := says(1, -10); said != `{"status":"ok"}` {
		t.Errorf("monitored: %s", said)
	}
	w.eventually("what was seen of the other chat is not counted", func() bool {
		for _, in := range w.inbound() {
			if seen := in.GetChatSeen(); seen.GetChat().GetChatId() == "-20" && seen.GetMessages() > 0 {
				return !strings.Contains(in.String(), "hello")
			}
		}
		return false
	})

	// A group becomes a supergroup: the next message under the new id is taken in.
	if _, said, _ := w.post(`{"update_id":5,"message":{"message_id":9,"date":1794815520,"chat":{"id":-10,"type":"group"},"migrate_to_chat_id":-1000000000777}}`); said != `{"status":"ok"}` {
		t.Fatalf("migration: %s", said)
	}
	w.eventually("the monitored chat did not move", func() bool { return says(6, -1000000000777) == `{"status":"ok"}` })
	if said := says(7, -10); said != `{"status":"ok"}` {
		t.Errorf("the old id: %s", said)
	}
}

func FuzzWebhookBody(f *testing.F) {
	for _, dir := range []string{"updates", "invalid"} {
		files, _ := filepath.Glob(samples + dir + "/*.json")
		for _, file := range files {
			if body, err := os.ReadFile(file); err == nil && !strings.Contains(file, "golden") {
				f.Add(body)
			}
		}
	}
	w := newWorld(f, webhookConfig())
	f.Fuzz(func(t *testing.T, body []byte) {
		here := *w
		here.t = t
		status, said, _ := here.post(string(body))
		if status != 200 && status != 400 && status != 413 {
			t.Errorf("%d %s", status, said)
		}
	})
}
