// Package httpserver is what every service's HTTP side shares: health and metrics
// paths, JSON errors, bounds and time-outs, and a stop that finishes requests.
package httpserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/zerolog"
)

// MaxBody bounds every request body, in bytes (contract: 1 MiB, then 413).
const MaxBody = 1 << 20

// stopTimeout bounds how long requests in hand may take to finish at a stop.
const stopTimeout = 5 * time.Second

// Health answers /healthz, /readyz and /metrics of a process.
type Health struct {
	ready    func(context.Context) error
	metrics  http.Handler
	stopping atomic.Bool
	// Notice says what operators have to do before all works that could, though the
	// process is ready; "" for nothing. It is added to the answer of /readyz; nil adds none.
	Notice func() string
}

// NewHealth makes the three paths; ready returns nil when all that the process
// depends on is usable.
func NewHealth(ready func(context.Context) error, metrics prometheus.Gatherer) *Health {
	return &Health{ready: ready, metrics: promhttp.HandlerFor(metrics, promhttp.HandlerOpts{})}
}

// Stopping makes /readyz answer 503 from now on, so that no more is sent here.
func (h *Health) Stopping() { h.stopping.Store(true) }

// Wrap serves the three paths and passes everything else on to next (which may be nil).
func (h *Health) Wrap(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("GET /readyz", h.serveReady)
	mux.Handle("GET /metrics", h.metrics)
	if next != nil {
		mux.Handle("/", next)
	} else {
		mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
			Error(w, http.StatusNotFound, "Nothing is served at "+r.URL.Path+"; see /healthz, /readyz and /metrics")
		})
	}
	return mux
}

func (h *Health) serveReady(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	if h.stopping.Load() {
		ErrorRetry(w, http.StatusServiceUnavailable, 5*time.Second, "Stopping")
		return
	}
	if err := h.ready(ctx); err != nil {
		ErrorRetry(w, http.StatusServiceUnavailable, 2*time.Second, "Not ready: "+err.Error())
		return
	}
	answer := map[string]string{"status": "ready"}
	if h.Notice != nil {
		if notice := h.Notice(); notice != "" {
			answer["notice"] = notice
		}
	}
	writeJSON(w, http.StatusOK, answer)
}

// Error answers {"detail": detail}, the form of every error of the contract.
func Error(w http.ResponseWriter, status int, detail string) {
	writeJSON(w, status, map[string]string{"detail": detail})
}

// ErrorRetry is Error with a Retry-After header, in whole seconds, at least one.
func ErrorRetry(w http.ResponseWriter, status int, after time.Duration, detail string) {
	w.Header().Set("Retry-After", strconv.Itoa(max(1, int(after.Round(time.Second)/time.Second))))
	Error(w, status, detail)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The client has gone if this fails; there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(body)
}

// Recover turns a panic of a handler into a 500 without internals, and a log line with the stack.
func Recover(log zerolog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			fault := recover()
			if fault == nil {
				return
			}
			if fault == http.ErrAbortHandler {
				panic(fault) // net/http's own way to drop a connection
			}
			log.Error().Str("method", r.Method).Str("path", r.URL.Path).Any("panic", fault).Stack().Msg("request handler panicked")
			Error(w, http.StatusInternalServerError, "Internal error; the log of the service has the cause")
		}()
		next.ServeHTTP(w, r)
	})
}

// Listen opens addr, so that a taken port is an error before anything is served.
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	return listener, nil
}

// Serve answers requests until ctx ends, then lets those in hand finish for up to
// five seconds. Connections taken over by a handler (WebSockets) are the handler's own.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler, log zerolog.Logger) error {
	server := &http.Server{
		Handler:           Recover(log, handler),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       60 * time.Second,
		WriteTimeout:      90 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    64 << 10,
		BaseContext:       func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := server.Shutdown(stopCtx); err != nil {
		log.Warn().Err(err).Msg("closing connections that did not finish in time")
		_ = server.Close() // the listener is closed already; what it says adds nothing
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve on %s: %w", listener.Addr(), err)
	}
	return nil
}
