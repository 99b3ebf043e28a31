package chaos

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/tests/line"
)

// callers use the API while faults happen: they create tasks, each once, whatever the
// answer, and hand in messages, each again until it is answered 200.
type callers struct {
	base string
	quit chan struct{}
	wait sync.WaitGroup

	mu       sync.Mutex
	created  []int64 // tasks answered 201
	handedIn []string
}

const callersAtOnce = 3

func startCallers(t *testing.T, base string) *callers {
	c := &callers{base: base, quit: make(chan struct{})}
	for i := range callersAtOnce {
		c.wait.Go(func() { c.run(i) })
	}
	t.Cleanup(c.stop)
	return c
}

func (c *callers) stop() {
	select {
	case <-c.quit:
	default:
		close(c.quit)
	}
	c.wait.Wait()
}

func (c *callers) run(caller int) {
	client := &http.Client{Timeout: answerWithin}
	defer client.CloseIdleConnections()
	pace := time.NewTicker(50 * time.Millisecond)
	defer pace.Stop()
	for n := 1; ; n++ {
		select {
		case <-c.quit:
			return
		case <-pace.C:
		}
		task := fmt.Sprintf(`{"title":"Задача %d/%d","description":"","category":"bug","priority":"low","source":"chaos"}`, caller, n)
		if status, said := c.post(client, "/api/tasks", task); status == http.StatusCreated {
			var answer struct{ ID int64 }
			if json.Unmarshal(said, &answer) == nil {
				c.mu.Lock()
				c.created = append(c.created, answer.ID)
				c.mu.Unlock()
			}
		}
		message := fmt.Sprintf(`{"id":"%d","content":"Чек","author":"Каса","timestamp":"2026-03-02T09:15:00Z","chat_id":"till-%d"}`, n, caller)
		for status := 0; status != http.StatusOK; {
			if status, _ = c.post(client, "/api/messages", message); status != http.StatusOK {
				<-pace.C
			}
		}
		c.mu.Lock()
		c.handedIn = append(c.handedIn, fmt.Sprintf("till-%d/%d", caller, n))
		c.mu.Unlock()
	}
}

func (c *callers) post(client *http.Client, path, body string) (int, []byte) {
	resp, err := client.Post(c.base+path, "application/json", bytes.NewReader([]byte(body)))
	if err != nil {
		return 0, nil
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, nil
	}
	return resp.StatusCode, said
}

// What the API changes reaches every client once, though the api, the worker that relays
// the outbox, the gateway and the broker die: tasks answered 201 are there, and every
// task that is there, answered or not, was announced once.
func TestNoEventIsLostBetweenTheAPIAndItsClients(t *testing.T) {
	t.Parallel()
	database := postgrestest.URL(t)
	nats := line.StartNATS(t)
	l := StartLine(t, Config{NATSURL: nats.URL, DatabaseURL: database})
	client := StartClient(t, l.Base)
	load, users := StartLoad(t, l.Base), startCallers(t, l.Base)
	load.AwaitAccepted(perSecond / 2)
	kill(t, moments(t), 4, l.All(API, API, Worker, Gateway))
	nats.Stop(sigkill)
	load.AwaitRepeated(chats)
	nats.Restart()
	l.AwaitReady()
	load.AwaitAccepted(perSecond)
	users.stop()
	Verify(t, load.Stop(), l.Base, database, client)
	verifyTasks(t, users.created, database, client)
	verifyHandedIn(t, users.handedIn, database, client)
	t.Logf("%d tasks, %d messages handed in", len(users.created), len(users.handedIn))
}

func verifyTasks(t *testing.T, created []int64, url string, client *Client) {
	t.Helper()
	stored := map[int64]bool{}
	for _, id := range query(t, url, `SELECT id FROM tasks`, pgx.RowTo[int64]) {
		stored[id] = true
	}
	for _, id := range created {
		if !stored[id] {
			t.Errorf("task %d was answered 201 and is not in the database", id)
		}
	}
	heard := func() (n int) {
		client.mu.Lock()
		defer client.mu.Unlock()
		for id := range stored {
			if client.knows(taskKey(id), client.tasks[id]) {
				n++
			}
		}
		return n
	}
	line.Eventually(t, func() bool { return heard() == len(stored) },
		func() string { return fmt.Sprintf("%d of %d tasks were announced once", heard(), len(stored)) })
	client.mu.Lock()
	defer client.mu.Unlock()
	for id := range client.tasks {
		if !stored[id] {
			t.Errorf("task %d was announced and is not in the database", id)
		}
	}
}

func verifyHandedIn(t *testing.T, keys []string, url string, client *Client) {
	t.Helper()
	stored := map[string]int{}
	for _, key := range query(t, url, `SELECT chat_id || '/' || external_message_id FROM messages WHERE chat_id LIKE 'till-%'`, pgx.RowTo[string]) {
		stored[key]++
	}
	heard := func() (n int) {
		client.mu.Lock()
		defer client.mu.Unlock()
		for _, key := range keys {
			if client.knows(key, client.others[key]) {
				n++
			}
		}
		return n
	}
	line.Eventually(t, func() bool { return heard() == len(keys) },
		func() string {
			return fmt.Sprintf("%d of %d messages handed in were announced once", heard(), len(keys))
		})
	for _, key := range keys {
		if stored[key] != 1 {
			t.Errorf("message %s is stored %d times", key, stored[key])
		}
	}
}

// query collects the rows of a statement.
func query[T any](t *testing.T, url, sql string, row pgx.RowToFunc[T]) []T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, row)
	if err != nil {
		t.Fatal(err)
	}
	return found
}
