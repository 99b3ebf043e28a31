package secrecy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
)

// places is all that was seen, by where.
type places struct {
	mu   sync.Mutex
	seen map[string][]byte
}

func (p *places) add(where string, what ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range what {
		p.seen[where] = append(append(p.seen[where], w...), '\n')
	}
}

// search reports every place that has a secret, and that the places have something at all.
func (p *places) search(t *testing.T, secrets []string, want ...string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, where := range want {
		if len(p.seen[where]) == 0 {
			t.Errorf("nothing was seen in %s", where)
		}
	}
	for _, where := range slices.Sorted(maps.Keys(p.seen)) {
		for i, secret := range secrets {
			if form := telegramtest.FindToken(secret, p.seen[where]); form != "" {
				t.Errorf("secret %d is in %s, %s", i, where, form)
			}
		}
	}
}

// hit sends one request, keeps the whole answer, and gives its status; 0 where there was none.
func (p *places) hit(ctx context.Context, method, url, body string) int {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0
	}
	p.add("answers", resp.Status+" "+method+" "+req.URL.Path, fmt.Sprint(resp.Header), string(said))
	return resp.StatusCode
}

// watchFrames keeps what a page gets, until the test ends or the server does.
func (p *places) watchFrames(t *testing.T, base string) {
	t.Helper()
	conn, resp, err := websocket.DefaultDialer.Dial(strings.Replace(base, "http", "ws", 1)+"/ws", nil)
	if err != nil {
		t.Fatalf("open /ws: %v", err)
	}
	resp.Body.Close()
	var reading sync.WaitGroup
	reading.Go(func() {
		for {
			_, frame, err := conn.ReadMessage()
			if err != nil {
				return
			}
			p.add("frames", string(frame))
		}
	})
	t.Cleanup(func() { conn.Close(); reading.Wait() })
}

// watchBroker keeps everything that anybody publishes, JetStream's own requests and the
// buckets included: what a work queue has given away is in no stream any more.
func (p *places) watchBroker(t *testing.T, url string) *nats.Conn {
	t.Helper()
	conn, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	_, err = conn.Subscribe(">", func(m *nats.Msg) {
		where := "messages"
		if strings.HasPrefix(m.Subject, "$KV.") {
			where = "buckets"
		}
		p.add(where, m.Subject, fmt.Sprint(m.Header), string(m.Data))
	})
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// readStreams keeps what lies in every stream, those of buckets included.
func (p *places) readStreams(t *testing.T, conn *nats.Conn) {
	t.Helper()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	streams := js.ListStreams(t.Context())
	for info := range streams.Info() {
		stream, err := js.Stream(t.Context(), info.Config.Name)
		if err != nil {
			t.Fatal(err)
		}
		for seq := info.State.FirstSeq; seq > 0 && seq <= info.State.LastSeq; seq++ {
			m, err := stream.GetMsg(t.Context(), seq)
			if errors.Is(err, jetstream.ErrMsgNotFound) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			p.add("streams", m.Subject, fmt.Sprint(m.Header), string(m.Data))
		}
	}
	if err := streams.Err(); err != nil {
		t.Fatal(err)
	}
}

// readRows keeps every row of every table; bytes are read as text.
func (p *places) readRows(t *testing.T, url string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	columns := map[string][]string{}
	rows, err := conn.Query(t.Context(), `SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema()`)
	if err != nil {
		t.Fatal(err)
	}
	var table, column, kind string
	_, err = pgx.ForEachRow(rows, []any{&table, &column, &kind}, func() error {
		value := pgx.Identifier{column}.Sanitize()
		if kind == "bytea" {
			value = "encode(" + value + ", 'escape')"
		}
		columns[table] = append(columns[table], value+"::text")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for table, values := range columns {
		rows, err := conn.Query(t.Context(), "SELECT concat_ws(' ', "+strings.Join(values, ", ")+") FROM "+pgx.Identifier{table}.Sanitize())
		if err != nil {
			t.Fatal(err)
		}
		var text string
		if _, err := pgx.ForEachRow(rows, []any{&text}, func() error { p.add("table "+table, text); return nil }); err != nil {
			t.Fatalf("read %s: %v", table, err)
		}
	}
}

// collector takes traces, and keeps them as they come.
func (p *places) collector(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		p.add("traces", string(body))
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// Each form in which a secret could hide is found, in bytes as in text.
func TestTheSearchFindsEveryForm(t *testing.T) {
	t.Parallel()
	for name, hidden := range hiddenForms(token) {
		if telegramtest.FindToken(token, []byte(hidden)) == "" {
			t.Errorf("%s is not found in %q", name, hidden)
		}
	}
	if form := telegramtest.FindToken(token, []byte(token[:10]+"...[truncated]")); form != "" {
		t.Errorf("what the contract shows counts as the token, %s", form)
	}
}
