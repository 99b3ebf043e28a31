package tests

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/tests/line"
)

// Two ingests, two gateways, three workers and an api as processes of their own,
// against one NATS and one PostgreSQL: whoever takes a message, everybody sees it once.
func TestCopiesOfServicesShareTheLine(t *testing.T) {
	t.Parallel()
	env := map[string]string{
		"HTTP_ADDR": "127.0.0.1:0", "NATS_URL": line.StartNATS(t).URL, "DATABASE_URL": postgrestest.URL(t),
	}
	var ingests, gateways, workers []*line.Process
	for range 2 {
		ingests = append(ingests, line.Start(t, "ingest", env))
		gateways = append(gateways, line.Start(t, "realtime-gateway", env))
	}
	for range 3 {
		workers = append(workers, line.Start(t, "worker", env))
	}
	api := line.Start(t, "api", env).URL()
	for _, w := range workers {
		w.URL()
	}
	var browsers []*line.Browser
	for _, g := range gateways {
		browsers = append(browsers, line.OpenBrowser(t, g.URL(), ""))
	}

	const chats, perChat = 10, 40
	want := map[string]int{}
	var senders sync.WaitGroup
	for chat := range int64(chats) {
		for n := range int64(perChat) {
			want[fmt.Sprintf("%d/%d", -1001000000000-chat, n+1)] = 1
		}
		base := ingests[chat%2].URL()
		again := ingests[(chat+1)%2].URL()
		senders.Go(func() {
			for n := range int64(perChat) {
				body := line.TelegramText(chat*perChat+n+1, -1001000000000-chat, n+1, "Чек не друкується")
				for _, ingest := range []string{base, again, base}[:1+n%3] { // some are delivered two or three times
					if status, said := line.PostUpdate(t, ingest, body); status != 200 {
						t.Errorf("webhook answered %d %s", status, said)
					}
				}
			}
		})
	}
	senders.Wait()

	for _, kind := range []string{"message.new", "message.updated"} {
		for i, b := range browsers {
			line.Eventually(t, func() bool { return len(b.Seen(kind)) == len(want) }, func() string {
				return fmt.Sprintf("client %d saw %d of %d %s", i, len(b.Seen(kind)), len(want), kind)
			})
			if got := b.Seen(kind); !maps.Equal(got, want) {
				t.Errorf("client %d did not see every %s once: %v", i, kind, got)
			}
		}
	}
	var stored []string
	for _, m := range line.AllMessages(t, api) {
		stored = append(stored, m.Key())
	}
	slices.Sort(stored)
	if keys := slices.Sorted(maps.Keys(want)); !slices.Equal(stored, keys) {
		t.Errorf("stored %d messages, want every one of %d once", len(stored), len(keys))
	}
	for _, p := range slices.Concat(ingests, gateways, workers) {
		if code := p.Stop(syscall.SIGTERM); code != 0 {
			t.Errorf("%s exited with %d on SIGTERM", p.Name, code)
		}
	}
}

func TestAServiceThatLacksASettingSaysWhich(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		service, says string
		env           map[string]string
	}{
		{"ingest", "NATS_URL", nil},
		{"worker", "DATABASE_URL", map[string]string{"NATS_URL": "nats://127.0.0.1:1"}},
		{"api", "DATABASE_URL", map[string]string{"NATS_URL": "nats://127.0.0.1:1"}},
		{"realtime-gateway", "WS_PING_INTERVAL", map[string]string{"NATS_URL": "nats://127.0.0.1:1", "WS_PING_INTERVAL": "soon"}},
		{"ingest", "TELEGRAM_WEBHOOK_SECRET", map[string]string{"NATS_URL": "nats://127.0.0.1:1", "TELEGRAM_WEBHOOK_SECRET": "my secret"}},
		{"standalone", "NATS_SYNC", map[string]string{"NATS_SYNC": "sometimes"}},
		{"standalone", "PORT", map[string]string{"PORT": "http"}},
	} {
		t.Run(c.service+" "+c.says, func(t *testing.T) {
			t.Parallel()
			p := line.Start(t, c.service, c.env)
			<-p.Ended()
			if p.Cmd.ProcessState.ExitCode() != 1 {
				t.Errorf("exit code %d, want 1", p.Cmd.ProcessState.ExitCode())
			}
			if out := p.Output(); !strings.Contains(out, c.says) || strings.Contains(out, "my secret") || strings.Contains(out, "goroutine ") {
				t.Errorf("it does not say what is wrong with %s:\n%s", c.says, out)
			}
		})
	}
}
