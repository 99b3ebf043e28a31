package chaos

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// front is the one address of the line, as nginx is in production: round robin over the
// copies of a service, and the next copy where one refuses the connection. What a copy
// has been sent it has been sent: a connection lost after that is 502.
type front struct {
	base    string
	pools   map[string]*pool // by the first part of the path
	handler http.Handler
}

// startFront serves until the test ends.
func startFront(t testing.TB, pools map[string]*pool) *front {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &front{base: "http://" + listener.Addr().String(), pools: pools}
	transport := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		MaxIdleConnsPerHost: 64,
	}
	f.handler = &httputil.ReverseProxy{
		// The pool chooses the host.
		Rewrite:      func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.Host = "http", r.In.Host },
		Transport:    &upstream{front: f, transport: transport},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	server := &http.Server{Handler: f.handler}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // until Close
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
		transport.CloseIdleConnections()
	})
	return f
}

// upstream sends a request to a copy of the service that its path belongs to.
type upstream struct {
	front     *front
	transport *http.Transport
}

var errNoCopy = errors.New("no copy takes the connection")

// RoundTrip implements http.RoundTripper.
func (u *upstream) RoundTrip(r *http.Request) (*http.Response, error) {
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	copies := u.front.pools[first]
	if copies == nil {
		return nil, errNoCopy
	}
	var body []byte
	if r.Body != nil && r.Body != http.NoBody {
		var err error
		body, err = io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body.Close()
	}
	for _, host := range copies.turn() {
		next := r.Clone(r.Context())
		next.URL.Host = host
		if body != nil {
			next.Body = io.NopCloser(bytes.NewReader(body))
		}
		resp, err := u.transport.RoundTrip(next)
		if refused, ok := errors.AsType[*net.OpError](err); ok && refused.Op == "dial" {
			continue
		}
		return resp, err
	}
	return nil, errNoCopy
}

// pool is the copies of a service that run.
type pool struct {
	mu    sync.Mutex
	hosts []string
	next  int
}

// turn lists every copy, beginning with the one whose turn it is.
func (p *pool) turn() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.hosts) == 0 {
		return nil
	}
	p.next = (p.next + 1) % len(p.hosts)
	return slices.Concat(p.hosts[p.next:], p.hosts[:p.next])
}

func (p *pool) add(host string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hosts = append(p.hosts, host)
}

func (p *pool) remove(host string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hosts = slices.DeleteFunc(p.hosts, func(h string) bool { return h == host })
}
