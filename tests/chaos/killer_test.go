package chaos

import (
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/tests/line"
)

// A message ends the process of every worker that handles it, with hundreds of others in
// hand. Something starts the workers again each time, as an orchestrator does. The killer
// ends among the dead letters, alone; all others are stored.
//
// Takes more than a minute, since the broker waits 10 s before it takes a process for
// dead, at each of the five attempts. pkg/bus has the same with a shorter wait.
func TestAMessageThatKillsItsWorker(t *testing.T) {
	long(t)
	const text = "цей текст вбиває"
	database := postgrestest.URL(t)
	l := StartLine(t, Config{
		NATSURL: line.StartNATS(t).URL, DatabaseURL: database,
		Binaries: map[string]string{Worker: "killerworker"},
		Of:       map[string]map[string]string{Worker: {"KILLER": text}},
	})
	client := StartClient(t, l.Base)
	load := StartLoad(t, l.Base)
	load.AwaitAccepted(perSecond)
	if status, said := line.PostUpdate(t, l.Base, line.TelegramText(1<<40, -5, 1, text)); status != 200 {
		t.Fatalf("webhook answered %d %s", status, said)
	}
	deaths := 0
	line.EventuallyWithin(t, 8*time.Minute, func() bool {
		for _, w := range l.All(Worker) {
			select {
			case <-w.Process().Ended():
				if code := w.Process().ExitCode(); code != 3 {
					t.Errorf("a worker exited with %d", code)
				}
				deaths++
				w.Start()
			default:
			}
		}
		return len(deadLetters(t, l.Base)) > 0
	}, func() string { return "the killer was not found" })
	l.AwaitReady()
	load.AwaitAccepted(perSecond)
	VerifyMessages(t, load.Stop(), l.Base, database, client)
	dead := deadLetters(t, l.Base)
	if len(dead) != 1 || !strings.Contains(dead[0].Reason, "ends the process") {
		t.Errorf("dead letters: %+v", dead)
	}
	t.Logf("condemned after %d deaths", deaths)
	t.Log(load, client)
}
