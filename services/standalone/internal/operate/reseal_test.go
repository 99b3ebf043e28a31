package operate_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/pkg/secrets"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/services/standalone/internal/operate"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }

const (
	oldKey = "Zk1c3Vjc2Vzcy1pcy1qdXN0LWEtd29yZC1oZXJl"
	newKey = "bm90LWEtcmVhbC1rZXktYnV0LWxvbmctZW5vdWdo"
)

func ringOf(t *testing.T, key string) *secrets.Ring {
	t.Helper()
	ring, err := secrets.NewRing(key)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestResealBringsEverySecretUnderTheFirstKey(t *testing.T) {
	t.Parallel()
	databaseURL := postgrestest.URL(t)
	pool, err := pgxpool.New(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	db := store.New(pool)
	nats := bustest.StartServer(t, func(o *server.Options) { o.DontListen, o.Host, o.Port = false, "127.0.0.1", -1 })
	broker := nats.Connect(t)
	if err := broker.EnsureStreams(t.Context(), bustest.Config()); err != nil {
		t.Fatal(err)
	}
	old := ringOf(t, oldKey)
	_, _, err = db.UpdateTelegramSettings(t.Context(), func(s *store.TelegramSettings) error {
		s.Bot.Token = old.Seal(bus.PurposeBotToken, "123456:token")
		s.Bot.Secrets = []store.BotSecret{{Sealed: old.Seal(bus.PurposeWebhookSecret, "a")}, {Sealed: ringOf(t, newKey).Seal(bus.PurposeWebhookSecret, "b")}}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = db.UpdateAISettings(t.Context(), func(s *bus.AISettings) error {
		key := old.Seal(bus.PurposeAIKey, "sk-model")
		s.APIKey = &key
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg := operate.Config{DataDir: t.TempDir(), DatabaseURL: databaseURL, BusConfig: bustest.Config()}
	cfg.NATSURL = nats.ClientURL()

	// With the new key alone, what the old one sealed stays, and is named.
	cfg.SettingsEncryptionKey = newKey
	done, err := operate.Reseal(t.Context(), cfg, zerolog.Nop())
	if !errors.Is(err, operate.ErrUnreadable) || done.Renewed != 0 || done.Fresh != 1 || len(done.Unreadable) != 3 || !strings.HasPrefix(done.Unreadable[0], "the bot's token: ") {
		t.Errorf("with the new key alone: %+v, %v", done, err)
	}
	cfg.SettingsEncryptionKey = newKey + "," + oldKey
	if done, err = operate.Reseal(t.Context(), cfg, zerolog.Nop()); err != nil || done.Renewed != 3 || done.Fresh != 1 {
		t.Errorf("with both: %+v, %v", done, err)
	}
	cfg.SettingsEncryptionKey = newKey
	if done, err = operate.Reseal(t.Context(), cfg, zerolog.Nop()); err != nil || done.Renewed != 0 || done.Fresh != 4 {
		t.Errorf("afterwards, with the new key alone: %+v, %v", done, err)
	}
	now := ringOf(t, newKey)
	err = broker.UpdateTelegramBot(t.Context(), func(b bus.TelegramBot) (bus.TelegramBot, error) {
		token, errToken := now.Open(bus.PurposeBotToken, b.Token)
		first, errFirst := now.Open(bus.PurposeWebhookSecret, b.Secrets[0].Sealed)
		if err := errors.Join(errToken, errFirst); err != nil || token != "123456:token" || first != "a" || len(b.Secrets) != 2 {
			t.Errorf("the services get %q, %q, %v", token, first, err)
		}
		return b, nil
	})
	if err != nil {
		t.Error(err)
	}
	err = broker.UpdateAISettings(t.Context(), func(s bus.AISettings) (bus.AISettings, error) {
		if key, err := now.Open(bus.PurposeAIKey, *s.APIKey); err != nil || key != "sk-model" {
			t.Errorf("the workers get the key %q, %v", key, err)
		}
		return s, nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestResealNeedsAKeyAndData(t *testing.T) {
	t.Parallel()
	cfg := operate.Config{DataDir: t.TempDir()}
	if _, err := operate.Reseal(t.Context(), cfg, zerolog.Nop()); err == nil || !strings.Contains(err.Error(), "has no data") {
		t.Errorf("an empty DATA_DIR: %v", err)
	}
	if entries, err := os.ReadDir(cfg.DataDir); err != nil || len(entries) != 0 {
		t.Errorf("it made %v, %v", entries, err)
	}
	cfg = operate.Config{DataDir: t.TempDir(), DatabaseURL: "postgres://127.0.0.1:1/x", BusConfig: bus.Config{NATSURL: "nats://127.0.0.1:1"}}
	if _, err := operate.Reseal(t.Context(), cfg, zerolog.Nop()); err == nil || !strings.Contains(err.Error(), "SETTINGS_ENCRYPTION_KEY") {
		t.Errorf("without a key: %v", err)
	}
}

func TestWhereThereAreNoDataThatIsSaid(t *testing.T) {
	t.Parallel()
	cfg := operate.Config{DataDir: t.TempDir()}
	_, resealing := operate.Reseal(t.Context(), cfg, zerolog.Nop())
	_, backingUp := operate.Backup(t.Context(), cfg, filepath.Join(t.TempDir(), "backup"), zerolog.Nop(), func(string, int64) {})
	for _, err := range []error{resealing, backingUp} {
		want := "DATA_DIR " + cfg.DataDir + " has no data: set DATA_DIR, or DATABASE_URL and NATS_URL, to where they are"
		if err == nil || err.Error() != want {
			t.Errorf("said %v, want %s", err, want)
		}
	}
}
