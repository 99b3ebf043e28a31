package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/tests/line"
)

// Workers are killed while they judge conversations and while they do a run of the analysis:
// in the middle of each, and at random moments. Every message gets its verdict, and a client
// hears of it; a conversation leads to one task, which is announced once; the run goes on
// where it was, and ends once.
func TestWorkersAreKilledWhileTheyJudge(t *testing.T) {
	t.Parallel()
	killJudges(t, 2)
}

func TestWorkersAreKilledWhileTheyJudgeTwentyTimes(t *testing.T) {
	long(t)
	killJudges(t, 20)
}

// portion is how many messages a run of the analysis reads before it stores what it has found.
const portion = 500

func killJudges(t *testing.T, times int) {
	database := postgrestest.URL(t)
	l := StartLine(t, Config{
		NATSURL: line.StartNATS(t).URL, DatabaseURL: database,
		Of: map[string]map[string]string{Worker: {"CLASSIFY_QUIET": "300ms"}},
	})
	heard := &verdicts{classified: map[string]bool{}, ends: map[int64]int{}}
	client := StartClient(t, l.Base, heard.take)
	load := StartLoad(t, l.Base)

	making := holdIn(t, database, "tasks", "INSERT", "true")
	load.AwaitAccepted(perSecond)
	making.killInside(l.All(Worker))
	reading := holdIn(t, database, "analysis_runs", "UPDATE", fmt.Sprintf("new.processed >= %d AND new.attempts = 0", portion))
	stored := func() int { return int(query(t, database, `SELECT count(*) FROM messages`, pgx.RowTo[int64])[0]) }
	line.EventuallyProgressing(t, func() bool { return stored() >= 2*portion }, stored, func() string { return fmt.Sprintf("%d messages are stored", stored()) })
	run := analyse(t, l.Base, load.at)
	reading.killInside(l.All(Worker))

	kill(t, moments(t), times, l.All(Worker))
	l.AwaitReady()
	load.AwaitAccepted(perSecond)
	accepted := load.Stop()
	Verify(t, accepted, l.Base, database, client)
	verifyVerdicts(t, accepted, database, client, heard)
	verifyTasks(t, nil, database, client)
	verifyRun(t, accepted, l.Base, run, heard)
	t.Log(load, client)
}

// hold stops whoever changes a table inside the database, until a test lets go.
type hold struct {
	t    *testing.T
	conn *pgx.Conn
	key  int32
}

// holdKey is the first of the two numbers of the advisory lock by which a hold holds; the
// second one is its own.
const holdKey = 7041

// holdIn holds each change of a kind (INSERT, UPDATE) to a row of a table for which when is
// true, from now on.
func holdIn(t *testing.T, url, table, kind, when string) *hold {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	h := &hold{t: t, conn: conn, key: int32(len(table))}
	h.exec(`SELECT pg_advisory_lock($1, $2)`, holdKey, h.key)
	h.exec(fmt.Sprintf(`CREATE FUNCTION hold_%[1]s() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN PERFORM pg_advisory_xact_lock_shared(%[2]d, %[3]d); RETURN new; END'`, table, holdKey, h.key))
	h.exec(fmt.Sprintf(`CREATE TRIGGER hold BEFORE %s ON %s FOR EACH ROW WHEN (%s) EXECUTE FUNCTION hold_%[2]s()`, kind, table, when))
	return h
}

func (h *hold) exec(sql string, args ...any) {
	h.t.Helper()
	if _, err := h.conn.Exec(h.t.Context(), sql, args...); err != nil {
		h.t.Fatalf("%s: %v", sql, err)
	}
}

// killInside waits until somebody is held, kills all who may be it, lets go, and starts
// them again.
func (h *hold) killInside(copies []*Copy) {
	h.t.Helper()
	line.Eventually(h.t, func() bool {
		var held int
		err := h.conn.QueryRow(h.t.Context(), `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND classid = $1 AND objid = $2`,
			holdKey, h.key).Scan(&held)
		return err == nil && held > 0
	}, func() string { return "nobody came to where he was to be killed" })
	for _, c := range copies {
		c.Kill()
	}
	h.exec(`SELECT pg_advisory_unlock($1, $2)`, holdKey, h.key)
	for _, c := range copies {
		c.Start()
	}
}

// verdicts are what a client hears of judging and of the analysis.
type verdicts struct {
	mu         sync.Mutex
	classified map[string]bool // messages, by key
	ends       map[int64]int   // frames that say that a run has ended
}

func (v *verdicts) take(f line.Frame) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch f.Type {
	case "message.updated":
		var m struct {
			line.Message
			Classification *struct{}
		}
		if json.Unmarshal(f.Data, &m) == nil && m.Classification != nil {
			v.classified[m.Key()] = true
		}
	case "analysis_progress":
		var progress struct {
			Run    int64 `json:"run_id"`
			Status string
		}
		if json.Unmarshal(f.Data, &progress) == nil && progress.Status == "completed" {
			v.ends[progress.Run]++
		}
	}
}

func (v *verdicts) known() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.classified)
}

// unfinished are the messages that are in no conversation, those without a verdict, and the
// conversations that are to be judged.
const unfinished = `SELECT (SELECT count(*) FROM messages m WHERE m.is_issue IS NULL OR NOT EXISTS (SELECT FROM conversation_messages c WHERE c.message_id = m.id))
	+ (SELECT count(*) FROM conversations WHERE judge_at IS NOT NULL)`

// broken are tasks that no conversation leads to, and conversations that should lead to one and
// do not. That none leads to two is a key of conversation_tasks.
const broken = `SELECT (SELECT count(*) FROM tasks t WHERE ai_generated AND NOT EXISTS (SELECT FROM conversation_tasks c WHERE c.task_id = t.id))
	+ (SELECT count(*) FROM conversations c WHERE decision = 'task' AND NOT EXISTS (SELECT FROM conversation_tasks t WHERE t.conversation_id = c.id))`

func verifyVerdicts(t *testing.T, accepted Accepted, url string, client *Client, heard *verdicts) {
	t.Helper()
	left := func() int { return int(query(t, url, unfinished, pgx.RowTo[int64])[0]) }
	line.EventuallyProgressing(t, func() bool { return left() == 0 }, func() int { return -left() },
		func() string { return fmt.Sprintf("%d messages and conversations wait for a verdict", left()) })
	if client.Resyncs() == 0 {
		line.EventuallyProgressing(t, func() bool { return heard.known() >= accepted.Total() }, heard.known,
			func() string { return fmt.Sprintf("a client heard %d of %d verdicts", heard.known(), accepted.Total()) })
	}
	if n := query(t, url, broken, pgx.RowTo[int64])[0]; n > 0 {
		t.Errorf("%d conversations and tasks do not belong together", n)
	}
	if n := query(t, url, `SELECT count(*) FROM tasks WHERE ai_generated`, pgx.RowTo[int64])[0]; n == 0 {
		t.Error("no task was made: nothing was judged")
	}
}

// analyse asks for a run over all messages of a load and gives its number.
func analyse(t *testing.T, base string, at time.Time) int64 {
	t.Helper()
	status, said := line.Post(t, base+"/api/analysis-runs", fmt.Appendf(nil, `{"from": %q, "to": %q}`,
		at.Add(-time.Hour).UTC().Format(time.RFC3339), at.Add(time.Hour).UTC().Format(time.RFC3339)))
	var run struct{ ID int64 }
	if err := json.Unmarshal([]byte(said), &run); status != http.StatusAccepted || err != nil {
		t.Fatalf("a run of the analysis is answered %d %s", status, said)
	}
	return run.ID
}

// verifyRun waits for the end of a run, which has read no message twice.
func verifyRun(t *testing.T, accepted Accepted, base string, id int64, heard *verdicts) {
	t.Helper()
	var run struct {
		Status              string
		Messages, Processed int
		Summary             *struct{ Counts struct{ Messages int } }
	}
	ended := func() int {
		heard.mu.Lock()
		defer heard.mu.Unlock()
		return heard.ends[id]
	}
	line.Eventually(t, func() bool {
		line.GetJSON(t, fmt.Sprintf("%s/api/analysis-runs/%d", base, id), &run)
		return run.Status == "completed" && ended() > 0
	}, func() string { return fmt.Sprintf("the run of the analysis: %+v, its end told %d times", run, ended()) })
	if run.Summary == nil || run.Processed != run.Messages || run.Summary.Counts.Messages != run.Processed || run.Processed < portion || run.Processed > accepted.Total() || ended() != 1 {
		t.Errorf("of %d messages: %+v, its end told %d times", accepted.Total(), run, ended())
	}
}
