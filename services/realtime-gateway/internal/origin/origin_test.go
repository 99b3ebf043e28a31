package origin_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/origin"
)

func TestPolicy_Allow(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name           string
		allowed        []string
		public         string
		proxies        []string
		host, peer     string
		origin, fwHost string
		want           bool
	}{
		{name: "no origin: no browser", host: "a.example", want: true},
		{name: "same host", host: "a.example:8080", origin: "http://a.example:8080", want: true},
		{name: "same host in other case", host: "A.example", origin: "https://a.Example", want: true},
		{name: "default port named on one side", host: "a.example:443", origin: "https://a.example", want: true},
		{name: "IPv6 with default port", host: "[::1]:80", origin: "http://[::1]", want: true},
		{name: "other host", host: "a.example", origin: "http://b.example"},
		{name: "other port", host: "a.example:8080", origin: "http://a.example:8081"},
		{name: "longer host", host: "a.example", origin: "http://a.example.evil"},
		{name: "user info", host: "a.example", origin: "http://a.example@evil"},
		{name: "sandboxed page", host: "a.example", origin: "null"},
		{name: "no web scheme", host: "a.example", origin: "ftp://a.example"},
		{name: "listed", allowed: []string{"https://app.example"}, host: "a.example", origin: "https://app.example", want: true},
		{name: "listed with another scheme", allowed: []string{"https://app.example"}, host: "a.example", origin: "http://app.example"},
		{name: "everybody", allowed: []string{"*"}, host: "a.example", origin: "http://b.example", want: true},
		{name: "public base", public: "https://tracker.example/", host: "gateway:8080", origin: "https://tracker.example", want: true},
		{name: "forwarded by a trusted proxy", proxies: []string{"10.0.0.0/8"}, peer: "10.1.2.3:99", host: "gateway:8080", fwHost: "tracker.example", origin: "https://tracker.example", want: true},
		{name: "forwarded by two, the last counts", proxies: []string{"10.1.2.3"}, peer: "10.1.2.3:99", host: "gateway:8080", fwHost: "evil.example, tracker.example", origin: "https://evil.example"},
		{name: "forwarded by a stranger", proxies: []string{"10.0.0.0/8"}, peer: "192.0.2.1:99", host: "gateway:8080", fwHost: "tracker.example", origin: "https://tracker.example"},
		{name: "forwarded, nobody trusted", peer: "10.1.2.3:99", host: "gateway:8080", fwHost: "tracker.example", origin: "https://tracker.example"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			policy, err := origin.New(tc.allowed, tc.public, tc.proxies)
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest("GET", "/ws", nil)
			r.Host = tc.host
			if tc.peer != "" {
				r.RemoteAddr = tc.peer
			}
			if tc.origin != "" {
				r.Header.Set("Origin", tc.origin)
			}
			if tc.fwHost != "" {
				r.Header.Set("X-Forwarded-Host", tc.fwHost)
			}
			if got := policy.Allow(r); got != tc.want {
				t.Errorf("Allow = %v, want %v", got, tc.want)
			}
		})
	}
}

func TestNew_ReportsEveryFault(t *testing.T) {
	t.Parallel()
	_, err := origin.New([]string{"app.example"}, "tracker", []string{"ten"})
	for _, name := range []string{"WS_ALLOWED_ORIGINS", "PUBLIC_BASE_URL", "TRUSTED_PROXIES"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v does not name %s", err, name)
		}
	}
}
