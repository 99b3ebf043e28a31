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
	unsent          bool // it never left
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

// Undecided reports a call of which nobody knows whether it was carried out: it was sent,
// and no answer that says so came back.
func Undecided(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && !e.unsent && (e.Code == 0 || e.Code >= 500)
}

// shortestSecret is the length in bytes from which a secret part is taken out where it
// stands alone: those of Telegram have 35, shorter ones could be any word.
const shortestSecret = 16

// redact takes the token, and its secret part alone, out of a text in every form in
// which they may appear: plain, URL-encoded, in base64 at any alignment.
func redact(text, token string) string {
	_, secret, _ := strings.Cut(token, ":")
	forms := []string{token, url.QueryEscape(token)}
	if len(secret) < shortestSecret {
		secret = token
	}
	forms = append(forms, secret, url.QueryEscape(secret))
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for shift := range min(3, len(secret)) {
			// Whole groups of three bytes encode alike wherever they stand; what is
			// left of the text around them does not hold four bytes of the secret.
			if whole := secret[shift : len(secret)-(len(secret)-shift)%3]; whole != "" {
				forms = append(forms, encoding.EncodeToString([]byte(whole)))
			}
		}
	}
	for _, form := range forms {
		text = strings.ReplaceAll(text, form, "<token>")
	}
	return text
}
