package ingest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
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
	type expectation struct {
		status                int
		says                  string
		inbound, events, dead int
	}
	store, edit := expectation{200, "ok", 1, 1, 0}, expectation{200, "ok", 1, 0, 0}
	fact, ignored := edit, expectation{200, "ignored", 0, 0, 0}
	refused, dead := expectation{400, "Not an update", 0, 0, 0}, expectation{200, "ok", 0, 0, 1}
	want := map[string]expectation{
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
				got := expectation{status, expected.says, len(w.inbound()), len(w.events()), len(w.deadLetters())}
				if got != expected || !strings.Contains(said, expected.says) {
					t.Errorf("got %+v %s, want %+v", got, said, expected)
				}
				checkGolden(t, w, name, sample(t, name), status, said)
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
	log := w.log.String()
	if strings.Contains(strings.ToLower(log), strings.ToLower(cfg.TelegramWebhookSecret)) {
		t.Error("the log has the secret, or what was sent in its place")
	}
	if n := strings.Count(log, `"level":"warn"`); n != 1 {
		t.Errorf("%d warnings, want one for all that came within a minute:\n%s", n, log)
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
	announced := len(w.events())
	for i := int64(200); i < 205; i++ {
		if status, said, _ := w.post(text(i, -5, i, strings.Repeat("x", 60_000))); status != 503 {
			t.Fatalf("%d %s", status, said)
		}
	}
	if n := len(w.events()); n != announced {
		t.Errorf("%d messages were announced that were refused", n-announced)
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

func TestABodyThatStallsIsCut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, webhookConfig())
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "POST /webhook/telegram HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n{\"update_id\":1,")
	answer, err := io.ReadAll(conn) // until the server closes the connection
	if err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 400 ")) || !bytes.Contains(answer, []byte("did not arrive whole")) {
		t.Errorf("%q %v", answer, err)
	}
}

// NATS takes 1 MiB in one message, where it is not configured otherwise. Nothing that
// the webhook takes may be lost to that, or come again for ever.
func TestWhatIsTooLargeForTheBrokerIsKeptAllTheSame(t *testing.T) {
	t.Parallel()
	const terse = `{"update_id":1,"message":{"message_id":1,"date":1794815520,"chat":{"id":-5},"text":"`
	long := strings.Repeat("слово ", 50_000) // 550 kB: fits once, not twice
	for name, c := range map[string]struct {
		body    string
		content int // bytes of the message stored and announced; 0: none
		whole   bool
	}{
		"a message with its raw form": {text(1, -5, 1, long), len(long), true},
		"a message of 1 MiB":          {text(1, -5, 1, strings.Repeat("a", 1<<20-300)), 1<<20 - 300, false},
		"a message too large itself":  {terse + strings.Repeat("a", 1<<20-len(terse)-3) + `"}}`, 0, false},
		"not understood":              {`{"update_id":1,"message":"` + strings.Repeat("a", 900_000) + `"}`, 0, true},
		"not understood, of 1 MiB":    {`{"update_id":1,"message":"` + strings.Repeat("a", 1<<20-50) + `"}`, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, webhookConfig())
			if status, answer, _ := w.post(c.body); status != 200 || answer != said {
				t.Fatalf("%d %s", status, answer)
			}
			dead := w.deadLetters()
			if len(dead) != 1 {
				t.Fatalf("%d dead letters", len(dead))
			}
			var contents []int
			for _, in := range w.inbound() {
				contents = append(contents, len(in.GetMessageReceived().GetMessage().GetContent()))
			}
			for _, e := range w.events() {
				contents = append(contents, len(e.GetMessageNew().GetMessage().GetContent()))
			}
			var want []int
			if c.content > 0 {
				want = []int{c.content, c.content}
			}
			if !slices.Equal(contents, want) {
				t.Errorf("bytes stored and announced: %v, want %v", contents, want)
			}
			if whole := string(dead[0].GetPayload()) == c.body; whole != c.whole || whole == strings.Contains(dead[0].GetReason(), "cut from") {
				t.Errorf("whole is %v, and the reason says %q", whole, dead[0].GetReason())
			}
		})
	}
}

func TestNothingIsLoggedOfABody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, webhookConfig())
	for _, body := range []string{
		text(1, -5, 1, "marker"), `{"update_id":2,"message":"marker"}`, `{"update_id":3,"marker":{}}`, `{"marker`, `["marker"]`,
		`{"update_id":"marker"}`, `{"update_id":4,"message":{"message_id":1,"date":1,"chat":{"id":"marker"}}}`, `{"marker":1,"marker":2}`,
	} {
		if _, answer, _ := w.post(body); strings.Contains(answer, "marker") {
			t.Errorf("the answer quotes the body: %s", answer)
		}
	}
	if strings.Contains(w.log.String(), "marker") {
		t.Errorf("the log quotes a body:\n%s", w.log)
	}
}

func TestAnUnknownChannelIsNotFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, webhookConfig())
	resp, err := w.server.Client().Post(w.server.URL+"/webhook/pigeon", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct{ Detail string }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != 404 || answer.Detail == "" {
		t.Errorf("%d %+v %v", resp.StatusCode, answer, err)
	}
}
