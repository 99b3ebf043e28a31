// Package observe looks at the product as an operator does: at traces, metrics, logs and
// profiles of the real binaries, each service a process of its own.
package observe

import (
	"os"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/tests/line"
)

func TestMain(m *testing.M) { os.Exit(line.Main(m)) }

// Secrets that every run has, and that must be seen nowhere.
const (
	botToken      = "7312004599:AAHvQ0bservedT0kenOfTheRealB0tXyz12"
	webhookSecret = "observed-webhook-secret-0123456789"
	spoken        = "Скарбничка-закритий-рахунок"
)

// services is the whole line, started.
type services struct {
	ingest, worker, api, gateway *line.Process
}

func (s services) all() map[string]*line.Process {
	return map[string]*line.Process{"ingest": s.ingest, "worker": s.worker, "api": s.api, "realtime-gateway": s.gateway}
}

func startServices(t *testing.T, telegram string, more map[string]string) services {
	t.Helper()
	env := map[string]string{
		"HTTP_ADDR": "127.0.0.1:0", "NATS_URL": line.StartNATS(t).URL, "DATABASE_URL": postgrestest.URL(t), "NATS_SYNC": "interval",
		"TELEGRAM_BOT_TOKEN": botToken, "TELEGRAM_WEBHOOK_SECRET": webhookSecret, "TELEGRAM_API_BASE_URL": telegram,
		"SETTINGS_ENCRYPTION_KEY": "observed-encryption-key-of-40-characters",
	}
	for key, value := range more {
		env[key] = value
	}
	s := services{
		worker: line.Start(t, "worker", env), ingest: line.Start(t, "ingest", env),
		gateway: line.Start(t, "realtime-gateway", env), api: line.Start(t, "api", env),
	}
	for _, p := range s.all() {
		p.URL()
	}
	return s
}
