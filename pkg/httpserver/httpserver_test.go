package httpserver_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/tasktracker/tasktracker/pkg/httpserver"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

func get(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
	return rec
}

func TestReadyzFollowsTheServiceAndItsStop(t *testing.T) {
	t.Parallel()
	var broken error
	health := httpserver.NewHealth(func(context.Context) error { return broken }, prometheus.NewRegistry())
	h := health.Wrap(nil)
	if rec := get(t, h, "/readyz"); rec.Code != http.StatusOK {
		t.Errorf("ready: %d", rec.Code)
	}
	broken = errors.New("broker: connection is reconnecting")
	rec := get(t, h, "/readyz")
	if rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") == "" || !strings.Contains(rec.Body.String(), "reconnecting") {
		t.Errorf("broken: %d %v %s", rec.Code, rec.Header(), rec.Body)
	}
	broken = nil
	health.Stopping()
	if rec := get(t, h, "/readyz"); rec.Code != http.StatusServiceUnavailable {
		t.Errorf("stopping: %d", rec.Code)
	}
	if rec := get(t, h, "/healthz"); rec.Code != http.StatusOK {
		t.Errorf("healthz while stopping: %d", rec.Code)
	}
	if rec := get(t, h, "/nothing"); rec.Code != http.StatusNotFound || !strings.Contains(rec.Body.String(), `"detail"`) {
		t.Errorf("unknown path: %d %s", rec.Code, rec.Body)
	}
}

// What only operators can mend must leave the way to the settings page open.
func TestReadyzSaysWhatOperatorsHaveToDo(t *testing.T) {
	t.Parallel()
	notice := "no bot token yet"
	health := httpserver.NewHealth(func(context.Context) error { return nil }, prometheus.NewRegistry())
	health.Notice = func() string { return notice }
	h := health.Wrap(nil)
	if rec := get(t, h, "/readyz"); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), `"notice":"no bot token yet"`) {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	notice = ""
	if rec := get(t, h, "/readyz"); rec.Code != http.StatusOK || strings.Contains(rec.Body.String(), "notice") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}

func TestAPanicIsA500WithoutInternals(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	h := httpserver.Recover(zerolog.New(&log), http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret state") }))
	rec := get(t, h, "/")
	if rec.Code != http.StatusInternalServerError || strings.Contains(rec.Body.String(), "secret") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	if !strings.Contains(log.String(), "secret state") {
		t.Errorf("the log does not say why: %s", log.String())
	}
}

func TestServeFinishesRequestsInHand(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	listener, err := httpserver.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	entered := make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		stop()
		select {
		case <-r.Context().Done():
			t.Error("the request was cancelled by the stop")
		case <-time.After(50 * time.Millisecond):
		}
		_, _ = io.WriteString(w, "finished")
	})
	served := make(chan error, 1)
	go func() { served <- httpserver.Serve(ctx, listener, handler, zerolog.Nop()) }()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Get("http://" + listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	<-entered
	if body, _ := io.ReadAll(resp.Body); string(body) != "finished" {
		t.Errorf("answer %q", body)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	again, err := httpserver.Listen(t.Context(), listener.Addr().String())
	if err != nil {
		t.Fatalf("the port is not free again: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}
