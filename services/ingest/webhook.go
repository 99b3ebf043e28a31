package ingest

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v5"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/channel"
	"github.com/tasktracker/tasktracker/pkg/httpserver"
	"github.com/tasktracker/tasktracker/pkg/telemetry"
)

const (
	// secretHeader carries setWebhook's secret_token (core.telegram.org/bots/api#setwebhook).
	secretHeader = "X-Telegram-Bot-Api-Secret-Token"
	// bodyTimeout bounds the wait for a body that stalls.
	bodyTimeout = 10 * time.Second
	// retryFull and retryDown are what a refused sender is asked to wait.
	retryFull = 10 * time.Second
	retryDown = 2 * time.Second
)

// webhook answers POST /webhook/<channel>.
type webhook struct {
	receiver *receiver
	latest   func(context.Context) *account // as the bucket has it; nil where that is not known
	buffers  sync.Pool
	warned   warnings
	unstored warnings
}

func newWebhook(r *receiver, latest func(context.Context) *account) *webhook {
	return &webhook{receiver: r, latest: latest, buffers: sync.Pool{New: func() any { b := make([]byte, 0, 8<<10); return &b }}}
}

func (h *webhook) serve(c *echo.Context) error {
	w, req := c.Response(), c.Request()
	if req.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return h.refuse(w, http.StatusMethodNotAllowed, "Updates are sent with POST")
	}
	account := h.receiver.account.Load()
	if account == nil { // nobody knows yet what a request has to carry
		return h.unavailable(w, retryDown, "Starting; send this again later")
	}
	account = h.admitting(req, account)
	switch {
	case account == nil:
		if n := h.warned.due(time.Now()); n > 0 {
			h.receiver.log.Warn().Int("requests", n).Msg("refused updates without the right secret token: if Telegram sent them, set the webhook again")
		}
		return h.refuse(w, http.StatusUnauthorized, "The secret token is missing or wrong: set the webhook again with the secret token of this installation")
	case req.ContentLength > httpserver.MaxBody:
		w.Header().Set("Connection", "close")
		return h.refuse(w, http.StatusRequestEntityTooLarge, "The body is larger than 1 MiB")
	}
	buffer := h.buffers.Get().(*[]byte)
	defer h.release(buffer)
	// Without support for deadlines (a test's recorder) the server's own time-out remains.
	conn := http.NewResponseController(w)
	_ = conn.SetReadDeadline(time.Now().Add(bodyTimeout))
	body, err := readAll(req.Body, *buffer)
	*buffer = body
	if err != nil {
		w.Header().Set("Connection", "close")
		if errors.Is(err, errTooLarge) {
			return h.refuse(w, http.StatusRequestEntityTooLarge, "The body is larger than 1 MiB")
		}
		return h.refuse(w, http.StatusBadRequest, "The body did not arrive whole")
	}
	// net/http goes on reading, to notice a sender that leaves: a deadline that passed
	// there would cancel the request while the broker is at work.
	_ = conn.SetReadDeadline(time.Time{})
	ctx := req.Context()
	if h.receiver.log.GetLevel() <= zerolog.DebugLevel {
		log := h.receiver.log.With().Str("request_id", requestID(w)).Logger()
		ctx = log.WithContext(ctx)
	}
	span := h.receiver.tracer.Request(ctx, "webhook telegram")
	taken, err := h.receiver.receive(telemetry.NewContext(ctx, span), account.id, body)
	span.End(err, "not stored")
	return h.answer(w, taken, err)
}

// admitting gives the account that admits the request: the one known or, where the watch
// lags behind a secret that was set just now, the bucket's. nil where neither does.
func (h *webhook) admitting(req *http.Request, known *account) *account {
	secret := req.Header.Get(secretHeader)
	if known.admits(secret) {
		return known
	}
	if latest := h.latest(req.Context()); latest != nil && latest.admits(secret) {
		return latest
	}
	return nil
}

var errTooLarge = errors.New("body is larger than the bound")

// readAll appends r to buffer up to httpserver.MaxBody.
func readAll(r io.Reader, buffer []byte) ([]byte, error) {
	for {
		if len(buffer) == cap(buffer) {
			buffer = append(buffer, 0)[:len(buffer)]
		}
		n, err := r.Read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		switch {
		case len(buffer) > httpserver.MaxBody:
			return buffer, errTooLarge
		case errors.Is(err, io.EOF):
			return buffer, nil
		case err != nil:
			return buffer, err
		}
	}
}

// release keeps a buffer for the next request, unless it is of an unusual size.
func (h *webhook) release(buffer *[]byte) {
	if cap(*buffer) <= 64<<10 {
		*buffer = (*buffer)[:0]
		h.buffers.Put(buffer)
	}
}

var (
	answerOK      = []byte(`{"status":"ok"}`)
	answerIgnored = []byte(`{"status":"ignored"}`)
)

func (h *webhook) answer(w http.ResponseWriter, taken bool, err error) error {
	switch {
	case errors.Is(err, channel.ErrInvalid):
		return h.refuse(w, http.StatusBadRequest, "Not an update: "+err.Error())
	case errors.Is(err, bus.ErrFull):
		return h.unavailable(w, retryFull, "The backlog is full; send this again later")
	case err != nil:
		if n := h.unstored.due(time.Now()); n > 0 {
			h.receiver.log.Warn().Err(err).Str("request_id", requestID(w)).Int("updates", n).Msg("updates were not stored and answered 503; the sender repeats them")
		}
		return h.unavailable(w, retryDown, "The broker is not available; send this again later")
	}
	h.receiver.metrics.answered.Inc()
	w.Header().Set("Content-Type", "application/json")
	body := answerOK
	if !taken {
		body = answerIgnored
	}
	_, writeErr := w.Write(body)
	return writeErr
}

func (h *webhook) unavailable(w http.ResponseWriter, after time.Duration, detail string) error {
	h.receiver.metrics.answers.WithLabelValues("503").Inc()
	httpserver.ErrorRetry(w, http.StatusServiceUnavailable, after, detail)
	return nil
}

func (h *webhook) refuse(w http.ResponseWriter, status int, detail string) error {
	h.receiver.metrics.answers.WithLabelValues(strconv.Itoa(status)).Inc()
	h.receiver.log.Debug().Str("request_id", requestID(w)).Int("status", status).Str("reason", detail).Msg("refused a request")
	httpserver.Error(w, status, detail)
	return nil
}

// requestID names a request in the log and in its answer. It is made when it is first
// asked for: an answer of which no line tells has none.
func requestID(w http.ResponseWriter) string {
	if id := w.Header().Get(echo.HeaderXRequestID); id != "" {
		return id
	}
	id := rand.Text()
	w.Header().Set(echo.HeaderXRequestID, id)
	return id
}

// warnEvery keeps whoever tries secrets from filling the log.
const warnEvery = time.Minute

// warnings counts what is worth a warning, and lets one through now and then.
type warnings struct {
	mu    sync.Mutex
	last  time.Time
	count int
}

// due counts one more; it gives how many there were since the last warning where it is
// time for one, else 0.
func (w *warnings) due(now time.Time) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.count++
	if now.Sub(w.last) < warnEvery {
		return 0
	}
	n := w.count
	w.last, w.count = now, 0
	return n
}
