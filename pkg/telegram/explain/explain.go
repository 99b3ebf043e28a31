// Package explain says in words why something did not work at Telegram, and what to do about it.
package explain

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

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
	Kind         Kind
}

// Error is what was said.
func (r *Refusal) Error() string { return r.Words }

// Kind is what a Refusal is decided by.
type Kind int

// Kinds of a Refusal.
const (
	Other Kind = iota
	NoToken
	UnreadableToken
	BadToken    // 401, 404
	Unreachable // no answer, 429, 5xx
	Unconfirmed // what was said may stand in the chat
)

// WithoutToken is the Refusal where no bot is connected.
func WithoutToken() *Refusal {
	return &Refusal{Words: "No bot token is set", Fix: fixNoToken, Code: "no_token", Kind: NoToken}
}

// Unreadable is the Refusal where the stored token cannot be opened.
func Unreadable(err error) *Refusal {
	return &Refusal{Words: "The stored bot token cannot be read: " + err.Error(), Fix: FixUnreadable, Code: "token_unreadable", Detail: err.Error(), Kind: UnreadableToken}
}

// Malformed is the Refusal where a token is none, and Telegram need not be asked.
func Malformed(err error) *Refusal {
	return &Refusal{Words: "The bot token cannot be one: " + err.Error(), Fix: fixToken, Code: "token_malformed", Detail: err.Error(), Kind: BadToken}
}

// Service asks Telegram.
type Service string

// Services that ask Telegram.
const (
	API    Service = "api"
	Worker Service = "worker"
)

// Explainer explains what a service got for an answer of the server at BaseURL.
type Explainer struct {
	Service Service
	BaseURL string
}

// Refusal makes a Refusal of an error of botapi.
func (e Explainer) Refusal(err error) *Refusal {
	own, ok := errors.AsType[*botapi.Error](err)
	if !ok {
		return &Refusal{Words: err.Error(), Fix: fixOther, Code: codeRefused, Detail: err.Error()}
	}
	r := &Refusal{Words: own.Description, Fix: fixOther, Code: codeRefused, Detail: own.Description}
	words := strings.ToLower(own.Description)
	switch {
	case own.Code == 0 && errors.Is(err, context.DeadlineExceeded):
		r.Words = "Telegram did not answer in time"
		e.network(r, "timeout")
	case own.Code == 0:
		r.Words = "Telegram cannot be reached: " + own.Description
		e.network(r, "unreachable")
	case botapi.IsUnauthorized(err):
		r.Kind, r.Fix, r.Code = BadToken, fixToken, "token_refused"
	case own.Code == 409 && strings.Contains(words, "getupdates"):
		r.Fix, r.Code = FixBothPoll, "polled_elsewhere"
	case own.Code == 409:
		r.Fix, r.Code = fixBothSet, "set_elsewhere"
	case own.Code == 429:
		r.Kind, r.Fix, r.Code = Unreachable, fmt.Sprintf("Telegram asks for a pause: try again in %d s.", seconds(own.RetryAfter)), "pause"
	case own.Code >= 500:
		r.Words, r.Code = "Telegram has trouble of its own: "+own.Description, "telegram_trouble"
		r.Kind, r.Fix = Unreachable, fixTrouble
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

// network has a Refusal say whose machine does not reach Telegram; so does its code.
func (e Explainer) network(r *Refusal, code string) {
	r.Kind, r.Fix, r.Code = Unreachable, fmt.Sprintf(fixNetwork, e.Service, e.BaseURL), code
	if e.Service != API {
		r.Code = string(e.Service) + "_" + code
	}
}

// seconds is at least one.
func seconds(d time.Duration) int { return max(1, int(math.Ceil(d.Seconds()))) }
