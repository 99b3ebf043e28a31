package connect

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
)

// Refusal is why something did not work at Telegram, for the operator. It holds no secret.
type Refusal struct {
	// Words are Telegram's own, where it said something.
	Words string
	// Fix says in a sentence what to do.
	Fix string
	// Code names the two sentences, and Detail is what the words quote: for who says it in
	// another language. Code is "" where nobody needs to.
	Code, Detail string
	kind         refusedKind
}

// Error is what was said.
func (r *Refusal) Error() string { return r.Words }

// Unreachable reports that Telegram gave no answer, or none of its own will.
func (r *Refusal) Unreachable() bool { return r.kind == refusedUnreachable }

type refusedKind int

const (
	refusedOther refusedKind = iota
	refusedNoToken
	refusedUnreadable
	refusedToken       // 401, 404
	refusedUnreachable // no answer, 429, 5xx
)

// What to do about the usual refusals.
const (
	fixNoToken    = "Enter the bot's token in the settings; @BotFather gives it for /newbot, or shows that of a bot you have for /mybots."
	fixUnreadable = "Enter the bot's token again, or give the services the SETTINGS_ENCRYPTION_KEY under which it was sealed, behind the present one and a comma."
	fixToken      = "Copy the token again from @BotFather (/mybots, then API Token); if it was revoked, the one shown there is the new one."
	fixHTTPS      = "Choose https: Telegram delivers to https addresses alone, so a reverse proxy or a tunnel has to bring a certificate."
	fixPort       = "Use one of the ports that Telegram delivers to: 443, 80, 88 or 8443, without a port meaning 443."
	fixReserved   = "Use an address that can be reached from the internet: this name leads to a private or reserved one, so give the name of a reverse proxy or a tunnel."
	fixIPv6       = "Give the name an A record: Telegram delivers over IPv4 alone."
	fixResolve    = "Check the name for a slip, and that it has an A record in the public DNS; a record that is new can take minutes to be seen."
	fixURL        = "Check the host for a slip: it has to be a name or an IPv4 address, such as tracker.example.org, with a port if need be."
	fixSecret     = "Set TELEGRAM_WEBHOOK_SECRET to 1 to 256 of A-Z a-z 0-9 _ -, or leave it out, and start again; the server makes one then."
	fixBothSet    = "Somebody else is setting the webhook of this bot at this moment: wait a little and try again, and if it goes on, give this installation a bot of its own."
	fixBothPoll   = "Another program polls for this bot: stop it, or give this installation a bot of its own."
	fixCert       = "Check the certificate: it has to be complete with its chain and hold this name."
	fixTrouble    = "Try again in a minute: nothing here is wrong."
	fixOther      = "Nothing was changed; correct what Telegram names, and try again."
	fixNetwork    = "Check that the machine of the api service reaches %s: its DNS, its firewall, its proxy."
)

// codeRefused is of a refusal about which there is nothing to say but Telegram's words.
const codeRefused = "refused"

// usual are the 400s that have a sentence of their own, by a part of Telegram's words.
// Descriptions are for people and change: where none fits, fixOther is said.
var usual = []struct{ part, fix, code string }{
	{"https url must be provided", fixHTTPS, "address_https"},
	{"can be set up only on ports", fixPort, "address_port"},
	{"is reserved", fixReserved, "address_reserved"},
	{"ipv6-only", fixIPv6, "address_ipv6"},
	{"failed to resolve host", fixResolve, "address_unresolved"},
	{"invalid webhook url", fixURL, "address_invalid"},
	{"secret token", fixSecret, "secret_malformed"},
	{"certificate", fixCert, "address_certificate"},
}

// explain makes a Refusal of an error of botapi.
func (c *Connection) explain(err error) *Refusal {
	own, ok := errors.AsType[*botapi.Error](err)
	if !ok {
		return &Refusal{Words: err.Error(), Fix: fixOther, Code: codeRefused, Detail: err.Error()}
	}
	r := &Refusal{Words: own.Description, Fix: fixOther, Code: codeRefused, Detail: own.Description}
	words := strings.ToLower(own.Description)
	switch {
	case own.Code == 0 && errors.Is(err, context.DeadlineExceeded):
		r.Words, r.Code = "Telegram did not answer in time", "timeout"
		r.kind, r.Fix = refusedUnreachable, fmt.Sprintf(fixNetwork, c.cfg.APIBaseURL)
	case own.Code == 0:
		r.Words, r.Code = "Telegram cannot be reached: "+own.Description, "unreachable"
		r.kind, r.Fix = refusedUnreachable, fmt.Sprintf(fixNetwork, c.cfg.APIBaseURL)
	case botapi.IsUnauthorized(err):
		r.kind, r.Fix, r.Code = refusedToken, fixToken, "token_refused"
	case own.Code == 409 && strings.Contains(words, "getupdates"):
		r.Fix, r.Code = fixBothPoll, "polled_elsewhere"
	case own.Code == 409:
		r.Fix, r.Code = fixBothSet, "set_elsewhere"
	case own.Code == 429:
		r.kind, r.Fix, r.Code = refusedUnreachable, fmt.Sprintf("Telegram asks for a pause: try again in %d s.", seconds(own.RetryAfter)), "pause"
	case own.Code >= 500:
		r.Words, r.Code = "Telegram has trouble of its own: "+own.Description, "telegram_trouble"
		r.kind, r.Fix = refusedUnreachable, fixTrouble
	default:
		for _, u := range usual {
			if strings.Contains(words, u.part) {
				r.Fix, r.Code = u.fix, u.code
				break
			}
		}
	}
	return r
}

// seconds is at least one.
func seconds(d time.Duration) int { return max(1, int(math.Ceil(d.Seconds()))) }

// refused makes a Refusal of what a change ended with, or passes the error on: what
// Telegram or another operator is the cause of is no failure of ours.
func (c *Connection) refused(err error) (*Refusal, error) {
	if err == nil {
		return nil, nil
	}
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r, nil
	}
	if errors.Is(err, bus.ErrHeld) {
		return &Refusal{Words: "Another change of the bot's connection is under way", Fix: "Wait until it is done, then look at the settings and try again.", Code: "change_under_way"}, nil
	}
	if _, ok := errors.AsType[*botapi.Error](err); ok {
		return c.explain(err), nil
	}
	return nil, err
}
