package proxies_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/proxies"
)

func TestForwarded_CountsFromTrustedProxiesOnly(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		trusted []string
		peer    string
		believe bool
	}{
		{"nobody trusted", nil, "10.1.2.3:99", false},
		{"blank entries", []string{"", " "}, "10.1.2.3:99", false},
		{"address", []string{" 10.1.2.3 "}, "10.1.2.3:99", true},
		{"another address", []string{"10.1.2.4"}, "10.1.2.3:99", false},
		{"prefix", []string{"10.0.0.0/8"}, "10.1.2.3:99", true},
		{"prefix with bits of a host", []string{"10.9.9.9/8"}, "10.1.2.3:99", true},
		{"outside the prefix", []string{"10.0.0.0/8"}, "192.0.2.1:99", false},
		{"second entry", []string{"192.0.2.0/24", "10.0.0.0/8"}, "10.1.2.3:99", true},
		{"IPv6", []string{"fd00::/8"}, "[fd00::1]:99", true},
		{"IPv6 with a zone", []string{"fe80::/10"}, "[fe80::1%eth0]:99", true},
		{"IPv4 on an IPv6 socket", []string{"10.0.0.0/8"}, "[::ffff:10.1.2.3]:99", true},
		{"IPv4 written as IPv6", []string{"::ffff:10.1.2.3"}, "10.1.2.3:99", true},
		{"socket without an address", []string{"0.0.0.0/0", "::/0"}, "@", false},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			trusted, err := proxies.Parse(tc.trusted)
			if err != nil {
				t.Fatal(err)
			}
			r := request(tc.peer, "tracker.example", "https")
			host, proto := "", ""
			if tc.believe {
				host, proto = "tracker.example", "https"
			}
			if trusted.Sent(r) != tc.believe || trusted.Host(r) != host || trusted.Proto(r) != proto {
				t.Errorf("Sent %v, Host %q, Proto %q: want %v, %q, %q", trusted.Sent(r), trusted.Host(r), trusted.Proto(r), tc.believe, host, proto)
			}
		})
	}
}

func TestForwarded_LastEntryCounts(t *testing.T) {
	t.Parallel()
	trusted, err := proxies.Parse([]string{"10.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]string{
		"":                               "",
		"tracker.example:8443":           "tracker.example:8443",
		"evil.example, tracker.example":  "tracker.example",
		"evil.example,tracker.example ":  "tracker.example",
		"evil.example\ntracker.example":  "tracker.example", // two headers
		"a.example, b\nc.example, d.org": "d.org",
		"tracker.example,":               "",
		"tracker.example, evil/path":     "",
		"user@evil.example":              "",
		`"quoted"`:                       "",
	} {
		if got := trusted.Host(request("10.1.2.3:99", header, "")); got != want {
			t.Errorf("X-Forwarded-Host %q: host %q, want %q", header, got, want)
		}
	}
	for header, want := range map[string]string{
		"": "", "http": "http", "HTTPS": "https", "http, https": "https", "https\nhttp": "http", "https, ftp": "",
	} {
		if got := trusted.Proto(request("10.1.2.3:99", "", header)); got != want {
			t.Errorf("X-Forwarded-Proto %q: proto %q, want %q", header, got, want)
		}
	}
}

func TestParse_ReportsEveryFault(t *testing.T) {
	t.Parallel()
	_, err := proxies.Parse([]string{"everyone", "10.0.0.1", "10.0.0.0/99"})
	for _, entry := range []string{`"everyone"`, `"10.0.0.0/99"`} {
		if err == nil || !strings.Contains(err.Error(), entry) || !strings.Contains(err.Error(), "TRUSTED_PROXIES") {
			t.Errorf("error %v does not tell of %s", err, entry)
		}
	}
}

// Whatever is parsed without a fault, and whatever is sent, what comes out is what a
// URL can be made of.
func FuzzForwarded(f *testing.F) {
	f.Add("10.0.0.0/8", "10.1.2.3:99", "a.example, b.example", "http, https")
	f.Add("::/0", "[fe80::1%eth0]:1", "a\nb", "ftp")
	f.Add("::ffff:10.0.0.1", "10.0.0.1:80", "[::1]:8080", "")
	f.Fuzz(func(t *testing.T, entry, peer, host, proto string) {
		trusted, err := proxies.Parse([]string{entry})
		if err != nil {
			return
		}
		r := request(peer, host, proto)
		gotHost, gotProto := trusted.Host(r), trusted.Proto(r)
		if !trusted.Sent(r) && gotHost+gotProto != "" {
			t.Errorf("a stranger is believed: %q %q", gotHost, gotProto)
		}
		if strings.ContainsAny(gotHost, ",/@ ") {
			t.Errorf("host %q of %q", gotHost, host)
		}
		if gotProto != "" && gotProto != "http" && gotProto != "https" {
			t.Errorf("proto %q of %q", gotProto, proto)
		}
	})
}

// request comes from peer. A line break in a header's value begins another header of
// the same name; "" is none.
func request(peer, host, proto string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr = peer
	for name, lines := range map[string]string{"X-Forwarded-Host": host, "X-Forwarded-Proto": proto} {
		if lines == "" {
			continue
		}
		for _, value := range strings.Split(lines, "\n") {
			r.Header.Add(name, value)
		}
	}
	return r
}
