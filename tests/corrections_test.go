package tests

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/embeddedpostgres"
	"github.com/tasktracker/tasktracker/tests/line"
)

// asked is a request to somebody whom Telegram marked, since she has no @name.
const asked = `{"update_id":1,"message":{"message_id":1,"date":%d,"from":{"id":5,"is_bot":false,"first_name":"Іван"},
	"chat":{"id":-1002988379206,"title":"Каса","type":"supergroup"},"text":"👍 Олена Коваль, звіт не відкривається, виправте, будь ласка",
	"entities":[{"type":"text_mention","offset":3,"length":12,"user":{"id":77,"is_bot":false,"first_name":"Олена","last_name":"Коваль"}}]}}`

// eval runs the command with these settings and gives all that it says.
func eval(t *testing.T, settings ...string) string {
	t.Helper()
	cmd := exec.Command(line.Binary("eval"), "-feedback")
	cmd.Dir, cmd.Env = line.Root(), append(settings, "PATH="+os.Getenv("PATH")) // where PostgreSQL is found
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("eval: %v\n%s", err, out)
	}
	return string(out)
}

// What a person corrects of a task is scored: while the product runs, by the address of the
// database, and when it has stopped.
func TestCorrectionsOfAnInstallationAreScored(t *testing.T) {
	t.Parallel()
	dir := line.DataDir(t)
	s := line.StartStandalone(t, dir, map[string]string{"CLASSIFY_QUIET": "100ms", "CLASSIFY_TASK_THRESHOLD": "0.01", "CLASSIFY_PROPOSAL_THRESHOLD": "0.01"})
	base := s.URL()
	if said := eval(t, "DATA_DIR="+dir); !strings.Contains(said, "Nobody has corrected anything yet.") {
		t.Errorf("of nothing it says:\n%s", said)
	}
	if status, said := line.PostUpdate(t, base, fmt.Appendf(nil, asked, time.Now().Unix())); status != http.StatusOK {
		t.Fatalf("webhook answered %d %s", status, said)
	}
	var tasks []struct {
		ID                 int64
		Category, Assignee string
		SourceMessageIDs   []int64 `json:"source_message_ids"`
	}
	line.Eventually(t, func() bool { line.GetJSON(t, base+"/api/tasks", &tasks); return len(tasks) == 1 }, func() string { return "no task was made" })
	if tasks[0].Assignee != "Олена Коваль" {
		t.Errorf("assigned to %q", tasks[0].Assignee)
	}
	var message struct {
		Entities []struct{ Kind, Text, Value string }
	}
	line.GetJSON(t, fmt.Sprintf("%s/api/messages/%d", base, tasks[0].SourceMessageIDs[0]), &message)
	if len(message.Entities) != 1 || message.Entities[0].Kind != "mention" || message.Entities[0].Value != "Олена Коваль" {
		t.Errorf("it names %+v", message.Entities)
	}

	other := map[bool]string{true: "bug", false: "chore"}[tasks[0].Category != "bug"]
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, fmt.Sprintf("%s/api/tasks/%d", base, tasks[0].ID), strings.NewReader(`{"category":"`+other+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if resp.Body.Close(); resp.StatusCode != http.StatusOK {
		t.Fatalf("the correction is answered %s", resp.Status)
	}
	const want = "1 corrections. The machine had spoken in 1 of these cases, and said the same in 0."
	address, err := embeddedpostgres.Running(dir)
	if err != nil || address == "" {
		t.Fatalf("where the database runs: %q, %v", address, err)
	}
	for how, settings := range map[string]string{"by DATA_DIR": "DATA_DIR=" + dir, "by DATABASE_URL": "DATABASE_URL=" + address} {
		if said := eval(t, settings); !strings.Contains(said, want) || !strings.Contains(said, "(shipped), 1 corrections") {
			t.Errorf("%s it says:\n%s", how, said)
		}
	}
	if code := s.Stop(syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if said := eval(t, "DATA_DIR="+dir); !strings.Contains(said, want) {
		t.Errorf("when it has stopped it says:\n%s", said)
	}
	if address, err := embeddedpostgres.Running(dir); err != nil || address != "" {
		t.Errorf("eval left a database behind: %q, %v", address, err)
	}
}
