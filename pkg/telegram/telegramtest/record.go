package telegramtest

import (
	"context"
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Call is one call that reached the server, or that an answer to a webhook asked for.
type Call struct {
	// Method is the method's name as the API spells it, or as it was sent
	// where there is no such method; FileDownload for downloads.
	Method string
	// Bot is the called token with its secret part masked.
	Bot string
	// HTTPMethod is GET or POST, "" for calls from an answer to a webhook.
	HTTPMethod string
	// Encoding is one of the Encoding constants.
	Encoding string
	// Params are the parameters; arrays and objects are JSON text. Downloads
	// have the path under "file_path". The token is masked.
	Params map[string]string
	// Uploads are the names of the fields that held a file.
	Uploads []string
	// Status is the HTTP status answered, 0 where a fault cut the connection.
	Status int
	// At is the server's time of the call.
	At time.Time
	// InAnswer is true if the call came in the body of an answer to a webhook.
	InAnswer bool
}

// Delivery is one attempt to deliver an update by webhook.
type Delivery struct {
	UpdateID int64
	// Attempt counts the attempts for this update since the webhook was set, from 1.
	Attempt int
	// Status is what the webhook answered, 0 where there was no answer.
	Status int
	// Error says why the attempt failed, in Telegram's words; "" for success.
	Error string
	// Lost is true if a 2xx came and was dropped by FaultLostOK or LoseOK.
	Lost bool
	// At is the server's time when the attempt began.
	At time.Time
}

// OK says whether the update was taken.
func (d Delivery) OK() bool { return d.Error == "" }

func (s *Server) recordCall(c Call, token string) {
	secret := tokenSecret(token)
	c.Bot = maskToken(token)
	c.Params = maps.Clone(c.Params)
	for name, value := range c.Params {
		if secret != "" {
			c.Params[name] = strings.ReplaceAll(value, secret, "***")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, c)
	s.notify()
}

// Calls returns the calls of a method so far, in the order they were answered;
// all calls if method is "".
func (s *Server) Calls(method string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.callsOf(method)
}

func (s *Server) callsOf(method string) []Call {
	var found []Call
	for _, c := range s.calls {
		if method == "" || strings.EqualFold(c.Method, method) {
			found = append(found, c)
		}
	}
	return found
}

// Deliveries returns the attempts to deliver an update by webhook so far, in
// the order they ended; those of all updates if updateID is 0.
func (s *Server) Deliveries(updateID int64) []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.deliveriesOf(updateID)
}

func (s *Server) deliveriesOf(updateID int64) []Delivery {
	if updateID == 0 {
		return slices.Clone(s.deliveries)
	}
	var found []Delivery
	for _, d := range s.deliveries {
		if d.UpdateID == updateID {
			found = append(found, d)
		}
	}
	return found
}

// WaitCalls waits until a method was called at least n times and returns its calls.
func (s *Server) WaitCalls(ctx context.Context, method string, n int) ([]Call, error) {
	var found []Call
	err := s.wait(ctx, func() bool {
		found = s.callsOf(method)
		return len(found) >= n
	})
	return found, err
}

// WaitDeliveries waits until delivery of an update by webhook was tried at least
// n times and returns the attempts.
func (s *Server) WaitDeliveries(ctx context.Context, updateID int64, n int) ([]Delivery, error) {
	var found []Delivery
	err := s.wait(ctx, func() bool {
		found = s.deliveriesOf(updateID)
		return len(found) >= n
	})
	return found, err
}

// WaitDelivered waits until an update was taken: its webhook answered 2xx (and
// the answer was not lost), or getUpdates confirmed it by a greater offset.
func (s *Server) WaitDelivered(ctx context.Context, updateID int64) error {
	return s.wait(ctx, func() bool { return s.delivered[updateID] })
}

// WaitIdle waits until no bot has an update pending.
func (s *Server) WaitIdle(ctx context.Context) error {
	return s.wait(ctx, func() bool {
		for _, b := range s.bots {
			if b.pending > 0 {
				return false
			}
		}
		return true
	})
}

// maskToken keeps the bot's id and hides the rest.
func maskToken(token string) string {
	id, _, ok := strings.Cut(token, ":")
	if !ok {
		return "***"
	}
	return id + ":***"
}

func tokenSecret(token string) string {
	_, secret, _ := strings.Cut(token, ":")
	return secret
}

// FindToken looks for a bot token, or for its secret part alone, in data: plain,
// URL-encoded, or in base64 at any alignment. It returns the form that was found
// first, "" for none. Tests ask it about answers, log lines, events and rows.
func FindToken(token string, data []byte) string {
	text := string(data)
	secret := token
	if s := tokenSecret(token); s != "" {
		secret = s
	}
	if strings.Contains(text, secret) {
		return "plain"
	}
	if escaped := url.QueryEscape(secret); strings.Contains(strings.ToUpper(text), strings.ToUpper(escaped)) {
		return "url-encoded"
	}
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for shift := range 3 {
			// Whole groups of three bytes encode alike wherever they stand.
			whole := secret[shift : len(secret)-(len(secret)-shift)%3]
			if whole != "" && strings.Contains(text, encoding.EncodeToString([]byte(whole))) {
				return "base64"
			}
		}
	}
	return ""
}
