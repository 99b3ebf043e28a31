package tests

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
)

// Two ingests, two gateways, three workers and an api as processes of their own,
// against one NATS and one PostgreSQL: whoever takes a message, everybody sees it once.
func TestCopiesOfServicesShareTheLine(t *testing.T) {
	t.Parallel()
	env := map[string]string{
		"HTTP_ADDR": "127.0.0.1:0", "NATS_URL": startNATS(t), "DATABASE_URL": postgrestest.URL(t),
	}
	var ingests, gateways, workers []*process
	for range 2 {
		ingests = append(ingests, start(t, "ingest", env))
		gateways = append(gateways, start(t, "realtime-gateway", env))
	}
	for range 3 {
		workers = append(workers, start(t, "worker", env))
	}
	api := start(t, "api", env).url()
	for _, w := range workers {
		w.url()
	}
	var browsers []*browser
	for _, g := range gateways {
		browsers = append(browsers, openBrowser(t, g.url(), ""))
	}

	const chats, perChat = 10, 40
	want := map[string]int{}
	var senders sync.WaitGroup
	for chat := range int64(chats) {
		for n := range int64(perChat) {
			want[fmt.Sprintf("%d/%d", -1001000000000-chat, n+1)] = 1
		}
		base := ingests[chat%2].url()
		again := ingests[(chat+1)%2].url()
		senders.Go(func() {
			for n := range int64(perChat) {
				body := telegramText(chat*perChat+n+1, -1001000000000-chat, n+1, "Чек не друкується")
				for _, ingest := range []string{base, again, base}[:1+n%3] { // some are delivered two or three times
					if status, said := postUpdate(t, ingest, body); status != 200 {
						t.Errorf("webhook answered %d %s", status, said)
					}
				}
			}
		})
	}
	senders.Wait()

	for _, kind := range []string{"message.new", "message.updated"} {
		for i, b := range browsers {
			eventually(t, func() bool { return len(b.seen(kind)) == len(want) }, func() string {
				return fmt.Sprintf("client %d saw %d of %d %s", i, len(b.seen(kind)), len(want), kind)
			})
			if got := b.seen(kind); !maps.Equal(got, want) {
				t.Errorf("client %d did not see every %s once: %v", i, kind, got)
			}
		}
	}
	var stored []string
	for _, m := range allMessages(t, api) {
		stored = append(stored, m.key())
	}
	slices.Sort(stored)
	if keys := slices.Sorted(maps.Keys(want)); !slices.Equal(stored, keys) {
		t.Errorf("stored %d messages, want every one of %d once", len(stored), len(keys))
	}
	for _, p := range slices.Concat(ingests, gateways, workers) {
		if code := p.stop(sigterm); code != 0 {
			t.Errorf("%s exited with %d on SIGTERM", p.name, code)
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
			p := start(t, c.service, c.env)
			<-p.ended
			if p.cmd.ProcessState.ExitCode() != 1 {
				t.Errorf("exit code %d, want 1", p.cmd.ProcessState.ExitCode())
			}
			if out := p.output(); !contains(out, c.says) || contains(out, "my secret") || contains(out, "goroutine ") {
				t.Errorf("it does not say what is wrong with %s:\n%s", c.says, out)
			}
		})
	}
}
