package ingest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
)

// account is the bot that this process works for, and what its updates have to carry: the
// record that operators change by the dashboard, with the environment where it says
// nothing. It is never changed, only replaced.
type account struct {
	// id is the bot's own id, which tells bots apart in ids for de-duplication; "0"
	// without a token.
	id    string
	mode  string
	token string
	// checked is false where nothing was ever set that a request would have to carry.
	checked bool
	secrets []acceptedSecret
	// troubles say what of the record cannot be used, and what to do.
	tokenTrouble, secretTrouble string
}

// acceptedSecret is the digest of a secret token that requests may carry.
type acceptedSecret struct {
	digest [sha256.Size]byte
	// notAfter is zero for one that does not end.
	notAfter time.Time
}

// opener opens what is sealed in the record: *secrets.Ring.
type opener interface {
	Open(purpose, sealed string) (string, error)
}

// sealedElsewhere is what to do about a secret that does not open.
const sealedElsewhere = "give this service the SETTINGS_ENCRYPTION_KEY under which it was sealed, or connect the bot again in the settings"

// newAccount makes the account of a record. Secrets that do not open leave the door shut.
func newAccount(cfg Config, record bus.TelegramBot, ring opener, now time.Time) *account {
	a := &account{mode: cmp.Or(record.Mode, cfg.TelegramMode), token: cfg.TelegramBotToken}
	if record.Token != "" {
		var err error
		if a.token, err = ring.Open(bus.PurposeBotToken, record.Token); err != nil {
			a.tokenTrouble = fmt.Sprintf("the bot's token cannot be read (%v): %s", err, sealedElsewhere)
		}
	}
	a.id = botID(a.token)
	a.checked = cfg.TelegramWebhookSecret != "" || len(record.Secrets) > 0
	if cfg.TelegramWebhookSecret != "" {
		a.secrets = append(a.secrets, acceptedSecret{digest: sha256.Sum256([]byte(cfg.TelegramWebhookSecret))})
	}
	for _, s := range record.Secrets {
		if !s.NotAfter.IsZero() && now.After(s.NotAfter) {
			continue
		}
		secret, err := ring.Open(bus.PurposeWebhookSecret, s.Sealed)
		if err != nil {
			a.secretTrouble = fmt.Sprintf("a secret token of the webhook cannot be read (%v), and what carries it is answered 401: %s", err, sealedElsewhere)
			continue
		}
		if secret == "" { // it would admit requests that carry none
			continue
		}
		a.secrets = append(a.secrets, acceptedSecret{digest: sha256.Sum256([]byte(secret)), notAfter: s.NotAfter})
	}
	return a
}

// admits reports whether a request that carries the secret is Telegram's. It compares
// digests, and all of them, so that neither content nor length of a secret shows in the
// time taken.
func (a *account) admits(secret string) bool {
	if !a.checked {
		return true
	}
	var given [maxSecret]byte // on the stack, for this is done with every update
	sum := sha256.Sum256(given[:copy(given[:], secret)])
	fits := 0
	for i := range a.secrets {
		s := &a.secrets[i]
		same := subtle.ConstantTimeCompare(sum[:], s.digest[:])
		if !s.notAfter.IsZero() && time.Now().After(s.notAfter) {
			same = 0
		}
		fits |= same
	}
	return fits == 1 && len(secret) <= maxSecret
}

// maxSecret is the longest secret_token of setWebhook, in bytes.
const maxSecret = 256

// botID is the number before the token's colon; "0" without one.
func botID(token string) string {
	if id, _, found := strings.Cut(token, ":"); found {
		return id
	}
	return "0"
}

// accounts makes accounts of the record, and follows it.
type accounts struct {
	cfg      Config
	ring     opener
	receiver *receiver
	polling  *polling
	log      zerolog.Logger

	mu     sync.Mutex
	looked time.Time
	latest *account
}

// A bucket without a record is a first start's, or one that was lost with the secrets in
// it: then no update may be taken without them. The first worker writes the record from
// the database as soon as it runs; it is waited for, but not for ever, since updates are
// taken in while there is no worker.
const (
	recordWait = 5 * time.Second
	recordLook = 100 * time.Millisecond
)

// run follows the record until ctx ends.
func (a *accounts) run(ctx context.Context) error {
	wait, cancel := context.WithTimeout(ctx, recordWait)
	defer cancel()
	for {
		// Where the bucket cannot be read, neither can it be watched.
		if written, err := a.receiver.bus.HasTelegramBot(wait); err == nil && written || !pause(wait, recordLook) {
			break
		}
	}
	return a.receiver.bus.WatchTelegramBot(ctx, a.set)
}

// set is called by one goroutine, the watch.
func (a *accounts) set(record bus.TelegramBot) {
	next := newAccount(a.cfg, record, a.ring, time.Now())
	before := a.receiver.setAccount(next)
	if before == nil {
		before = &account{id: next.id}
	}
	if next.tokenTrouble != "" && next.tokenTrouble != before.tokenTrouble {
		a.log.Error().Msg(next.tokenTrouble)
	}
	if next.secretTrouble != "" && next.secretTrouble != before.secretTrouble {
		a.log.Error().Msg(next.secretTrouble)
	}
	if next.id != before.id {
		a.log.Info().Str("bot", next.id).Str("before", before.id).Msg("another bot is connected")
	}
	a.polling.follow(next)
}

// lookEvery keeps whoever tries secrets from reading the bucket more often than that.
const lookEvery = time.Second

// look reads the record anew, or gives what it found within lookEvery; nil where the
// bucket cannot be read. What it finds is for one request alone: the watch, which has the
// order of changes, says what holds.
func (a *accounts) look(ctx context.Context) *account {
	a.mu.Lock()
	defer a.mu.Unlock()
	if time.Since(a.looked) < lookEvery {
		return a.latest
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookEvery)
	defer cancel()
	a.latest = nil
	err := a.receiver.bus.UpdateTelegramBot(ctx, func(now bus.TelegramBot) (bus.TelegramBot, error) {
		a.latest = newAccount(a.cfg, now, a.ring, time.Now())
		return now, errReadOnly
	})
	if !errors.Is(err, errReadOnly) {
		a.latest = nil
	}
	a.looked = time.Now()
	return a.latest
}

// notice says what operators have to mend of the record; "" where nothing.
func (a *account) notice() string {
	var notices []string
	for _, n := range []string{a.tokenTrouble, a.secretTrouble} {
		if n != "" {
			notices = append(notices, n)
		}
	}
	return strings.Join(notices, "; ")
}
