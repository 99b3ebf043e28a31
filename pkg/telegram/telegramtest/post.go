package telegramtest

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// maxWebhookAnswer bounds how much of a webhook's answer is read, in bytes.
const maxWebhookAnswer = 1 << 20

// posted is what came of one POST to a webhook.
type posted struct {
	status      int
	failure     string // "" for success
	lost        bool
	retryAfter  time.Duration
	contentType string
	body        []byte
}

// LoseOK makes the server lose the next 2xx it gets for an update, so that the
// update comes again, the same bytes.
func (s *Server) LoseOK(updateID int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lostOK[updateID]++
}

// post sends an update to the webhook once.
func (s *Server) post(h *webhook, u *update) posted {
	fault := s.takeFault(WebhookDelivery)
	ctx, cancel := context.WithTimeout(h.ctx, s.options.WebhookTimeout)
	defer cancel()
	if fault.Kind == FaultDelay && s.clock.sleep(ctx, fault.Delay) != nil {
		return failed(ctx.Err())
	}
	client, body := h.client, io.Reader(bytes.NewReader(u.body))
	if fault.Kind == FaultSlowReader {
		half := len(u.body) / 2
		body = io.MultiReader(bytes.NewReader(u.body[:half]),
			&pause{func() error { return s.clock.sleep(ctx, fault.Delay) }}, bytes.NewReader(u.body[half:]))
		client = h.unbuffered()
		defer client.CloseIdleConnections()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, body)
	if err != nil {
		return failed(err)
	}
	request.ContentLength = int64(len(u.body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept-Encoding", "gzip, deflate")
	request.Header["User-Agent"] = []string{""} // net/http then sends none
	if h.secret != "" {
		request.Header.Set("X-Telegram-Bot-Api-Secret-Token", h.secret)
	}
	response, err := client.Do(request)
	if err != nil {
		return failed(err)
	}
	defer response.Body.Close()
	if fault.Kind == FaultSlowReader && s.clock.sleep(ctx, fault.Delay) != nil {
		return failed(ctx.Err())
	}
	result := readPosted(response)
	if result.failure == "" && (fault.Kind == FaultLostOK || s.takeLostOK(u.id)) {
		result.failure, result.lost = "Connection closed by the webhook", true
	}
	return result
}

func (s *Server) takeLostOK(updateID int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lostOK[updateID] == 0 {
		return false
	}
	s.lostOK[updateID]--
	return true
}

func readPosted(response *http.Response) posted {
	p := posted{status: response.StatusCode, contentType: response.Header.Get("Content-Type")}
	var body io.Reader = response.Body
	if strings.EqualFold(response.Header.Get("Content-Encoding"), "gzip") {
		unpacked, err := gzip.NewReader(response.Body)
		if err != nil {
			return failed(fmt.Errorf("unpack answer: %w", err))
		}
		body = unpacked
	}
	var err error
	if p.body, err = io.ReadAll(io.LimitReader(body, maxWebhookAnswer)); err != nil {
		return failed(err)
	}
	if p.status < 200 || p.status > 299 {
		p.failure = fmt.Sprintf("Wrong response from the webhook: %d %s", p.status, http.StatusText(p.status))
		// A number of seconds only; an HTTP date is not read.
		if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
			p.retryAfter = time.Duration(min(seconds, int(maxRetryAfter/time.Second))) * time.Second
		}
	}
	return p
}

// failed says in Telegram's words why there was no answer.
func failed(err error) posted {
	failure := "Connection closed by the webhook"
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		failure = "Read timeout expired"
	case errors.Is(err, syscall.ECONNREFUSED):
		failure = "Connection refused"
	case strings.Contains(err.Error(), "tls: "):
		failure = "SSL error {error:0A000086:SSL routines::certificate verify failed}"
	case strings.Contains(err.Error(), "no such host"):
		failure = "Failed to resolve host: Name or service not known"
	}
	return posted{failure: failure}
}

// pause is a reader of nothing that takes its time.
type pause struct{ wait func() error }

func (p *pause) Read([]byte) (int, error) {
	if err := p.wait(); err != nil {
		return 0, err
	}
	return 0, io.EOF
}

// runAnswer runs the call that a webhook's answer may hold. Its result goes
// nowhere; what only reads, and what would change the webhook, is not run.
func (s *Server) runAnswer(ctx context.Context, b *bot, p posted) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL(), bytes.NewReader(p.body))
	if err != nil {
		return
	}
	request.Header.Set("Content-Type", p.contentType)
	values, uploads, encoding, err := readParams(request)
	name := strings.ToLower(values["method"])
	if err != nil || name == "" || encoding == EncodingQuery {
		return
	}
	switch {
	case strings.HasPrefix(name, "get"), name == "setwebhook", name == "deletewebhook", name == "close", name == "logout":
		return
	}
	delete(values, "method")
	c := &call{server: s, ctx: ctx, bot: b, params: values, files: uploads, started: s.clock.now()}
	c.lookUp(name)
	a := c.execute()
	s.recordCall(Call{
		Method: c.name, Encoding: encoding, Params: values, Status: a.status, At: c.started, InAnswer: true,
	}, b.Token)
}
