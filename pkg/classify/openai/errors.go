package openai

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// Kind tells faults apart by what has to be done about them.
type Kind string

// The kinds of faults.
const (
	// KindKeyRefused: the server does not accept the key (401, 403).
	KindKeyRefused Kind = "key_refused"
	// KindOverBudget: the token budget of the day is spent, or the account has no credit.
	KindOverBudget Kind = "over_budget"
	// KindRateLimited: the server asks for a pause (429).
	KindRateLimited Kind = "rate_limited"
	// KindUnavailable: no answer, a time-out, a status of 5xx, or the circuit breaker is open.
	KindUnavailable Kind = "unavailable"
	// KindInvalidAnswer: the model's answer is none, or refused, also when asked again.
	KindInvalidAnswer Kind = "invalid_answer"
	// KindRequestRefused: the server takes requests, but not this one: it does not know
	// the model, or the text is too long for it (other 4xx).
	KindRequestRefused Kind = "request_refused"
)

// Error is a fault of the model server. Neither it nor what it wraps carries the key, a
// message's text or what the server said, which may repeat both.
type Error struct {
	Kind Kind
	// Message is a sentence for the operator, and what to do.
	Message string
	// Status is the HTTP status; 0 where there was none.
	Status int
	// RetryAfter is how long the server asked to wait; 0 where it did not.
	RetryAfter time.Duration

	cause  error // context.DeadlineExceeded or nil
	trait  trait
	lesson lesson
}

// trait is what only this package needs to know of a fault.
type trait int

const (
	traitNone     trait = iota
	traitTooLong        // the texts are longer than the model's context
	traitRefused        // the model or its filter will not judge these texts
	traitGarbled        // the answer has no JSON of ours: another format may help
	traitSpent          // tokens may have been spent though no answer came
	traitBreaker        // not asked, as the circuit breaker is open
	traitPaused         // not asked, as the server asked for a long pause
	traitHopeless       // every request will fail until a person changes something
)

func (e *Error) Error() string { return e.Message }

// Unwrap gives context.DeadlineExceeded for a time-out.
func (e *Error) Unwrap() error { return e.cause }

// KindOf is the kind of an error of this package; empty for any other.
func KindOf(err error) Kind {
	if fault, ok := asError(err); ok {
		return fault.Kind
	}
	return ""
}

func asError(err error) (*Error, bool) { return errors.AsType[*Error](err) }

// temporary says whether the same request may succeed in a while.
func (e *Error) temporary() bool {
	return e.trait != traitBreaker && e.trait != traitPaused && e.RetryAfter <= longestPause &&
		(e.Kind == KindUnavailable || e.Kind == KindRateLimited)
}

func hasTrait(err error, t trait) bool {
	fault, ok := asError(err)
	return ok && fault.trait == t
}

var (
	errBreaker   = &Error{Kind: KindUnavailable, trait: traitBreaker, Message: "The model server failed several times in a row and is left alone for half a minute: see whether it runs."}
	errGarbled   = &Error{Kind: KindInvalidAnswer, trait: traitGarbled, Message: "The model's answer is not the JSON that was asked for: choose a model that follows instructions better."}
	errUnusual   = &Error{Kind: KindInvalidAnswer, trait: traitGarbled, Message: "The model server answered something that is no chat completion: see whether the address belongs to an OpenAI-compatible server."}
	errRefusal   = &Error{Kind: KindInvalidAnswer, trait: traitRefused, Message: "The model, or the filter of its server, refused to judge this text: it has to be judged without the model."}
	errMissing   = &Error{Kind: KindInvalidAnswer, Message: "The model gave no valid verdict for this text, also when asked again: choose a model that follows instructions better."}
	errUnfounded = &Error{Kind: KindInvalidAnswer, Message: "The model quoted what no message says, also when asked again: choose a model that follows instructions better."}
	errCut       = &Error{Kind: KindInvalidAnswer, Message: "The model's answer breaks off: choose a model with a larger context, or one that thinks less."}
	errBudget    = &Error{Kind: KindOverBudget, Message: "The token budget of the day is spent: raise LLM_DAILY_TOKENS, or wait until midnight UTC."}
	errTooLong   = &Error{Kind: KindRequestRefused, trait: traitTooLong, Status: http.StatusBadRequest, Message: "The text is too long for the context of the model: lower LLM_MAX_TEXT, or give the model a larger context."}
	errTimeout   = &Error{Kind: KindUnavailable, trait: traitSpent, cause: context.DeadlineExceeded, Message: "The model server took longer than LLM_TIMEOUT: raise it, lower LLM_BATCH_SIZE, or take a quicker model."}
	errNetwork   = &Error{Kind: KindUnavailable, Message: "The model server cannot be reached, or broke the connection off: see whether it runs and LLM_BASE_URL is right."}
	errLedger    = &Error{Kind: KindUnavailable, Message: "The tokens that were spent today could not be counted, so that none are spent: see whether the database runs."}
)
