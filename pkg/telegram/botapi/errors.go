package botapi

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Error is a refusal by the Bot API, or (Code 0) a call that got no answer that
// can be read. Its text never holds the token. Decide on Code and the
// parameters; Description is for people and changes.
type Error struct {
	Method string
	// Code is Telegram's error_code, an HTTP status; 0 where there was no answer.
	Code        int
	Description string
	// RetryAfter is how long to wait before the next call; 0 where nothing was said.
	RetryAfter time.Duration
	// MigrateToChatID is the chat's new id where it became a supergroup; else 0.
	MigrateToChatID int64
	cause           error
}

// Error names the method and what Telegram said.
func (e *Error) Error() string {
	if e.Code == 0 {
		return fmt.Sprintf("telegram %s: %s", e.Method, e.Description)
	}
	return fmt.Sprintf("telegram %s: %d %s", e.Method, e.Code, e.Description)
}

// Unwrap gives the cause only where it is the caller's own context: any other may carry the URL.
func (e *Error) Unwrap() error { return e.cause }

// IsUnauthorized reports a token that is wrong or revoked: 401, and 404, which
// api.telegram.org says to a malformed one. Trying again does not help.
func IsUnauthorized(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Code == http.StatusUnauthorized || e.Code == http.StatusNotFound)
}

// IsConflict reports that a webhook stands in the way of polling, or another poller.
func IsConflict(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == http.StatusConflict
}

// RetryAfter is how long Telegram asked to wait; 0 where it did not.
func RetryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.RetryAfter
	}
	return 0
}

// Permanent reports a refusal that the same call will get again: 4xx except
// conflict and flood control.
func Permanent(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code >= 400 && e.Code < 500 && e.Code != http.StatusConflict && e.Code != http.StatusTooManyRequests
}

// redact takes the token out of a text in every form in which it may appear.
func redact(text, token string) string {
	encoded := []byte(token)
	return strings.NewReplacer(
		token, "<token>",
		url.QueryEscape(token), "<token>",
		url.PathEscape(token), "<token>",
		base64.StdEncoding.EncodeToString(encoded), "<token>",
		base64.URLEncoding.EncodeToString(encoded), "<token>",
	).Replace(text)
}
