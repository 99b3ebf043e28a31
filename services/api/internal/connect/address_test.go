package connect_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/services/api/internal/connect"
)

func at(api string) *connect.Connection {
	return connect.New(connect.Config{APIBaseURL: api}, connect.Deps{})
}

func TestHostsAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	telegram := at("")
	for typed, want := range map[string]string{
		"tracker.example.org":      "tracker.example.org",
		"  Tracker.Example.ORG \n": "tracker.example.org",
		"tracker.example.org.":     "tracker.example.org",
		"tracker.example.org:8443": "tracker.example.org:8443",
		"tracker.example.org:443":  "tracker.example.org:443",
		"8.8.4.4":                  "8.8.4.4",
		"трекер.укр":               "xn--e1aaowdh.xn--j1amh",
		"Bücher.example":           "xn--bcher-kva.example",
	} {
		got, err := telegram.Address("https", typed)
		if err != nil || got.Host != want || got.URL() != "https://"+want+"/webhook/telegram" {
			t.Errorf("%q: %+v, %v", typed, got, err)
		}
	}
}

// Each says what is accepted instead.
func TestHostsThatAreNone(t *testing.T) {
	t.Parallel()
	telegram := at("https://api.telegram.org")
	for typed, part := range map[string]string{
		"":                                   "Host must not be empty",
		" \t ":                               "Host must not be empty",
		"https://tracker.example.org":        "Host must not have a protocol: use a host or host:port alone",
		"tracker.example.org/path":           "must not have a path",
		"tracker.example.org?x=1":            "must not have a path",
		`tracker.example.org\path`:           "must not have a path",
		"tracker.example.org#x":              "must not have a path",
		"tracker example.org":                "must not have spaces",
		"tracker\u00a0example.org":           "must not have spaces",
		"tracker\x01.example.org":            "must not have spaces",
		"user:password@tracker.example.org":  "must not have a user",
		"[2001:db8::1]":                      "IPv4 address",
		"[2001:db8::1]:443":                  "IPv4 address",
		"2001:db8::1":                        "IPv4 address",
		"tracker.example.org:8080":           "443, 80, 88 or 8443",
		"tracker.example.org:0":              "1 to 65535",
		"tracker.example.org:65536":          "1 to 65535",
		"tracker.example.org:":               "1 to 65535",
		"tracker.example.org:+443":           "1 to 65535",
		"tracker.example.org:https":          "1 to 65535",
		"10.0.0.5":                           "private or reserved",
		"192.168.1.1:443":                    "private or reserved",
		"172.31.0.1":                         "private or reserved",
		"127.0.0.1":                          "private or reserved",
		"169.254.1.1":                        "private or reserved",
		"100.64.0.1":                         "private or reserved",
		"0.0.0.0":                            "private or reserved",
		"224.0.0.1":                          "private or reserved",
		"255.255.255.255":                    "private or reserved",
		"localhost":                          "this machine alone",
		"LOCALHOST:443":                      "this machine alone",
		"x.localhost":                        "this machine alone",
		"127.1":                              "neither a name nor an IPv4 address",
		"0x7f.1":                             "neither a name nor an IPv4 address",
		"2130706433":                         "neither a name nor an IPv4 address",
		"1.2.3.4.5":                          "neither a name nor an IPv4 address",
		"-x.example.org":                     "neither a name nor an IPv4 address",
		"x..example.org":                     "neither a name nor an IPv4 address",
		".example.org":                       "neither a name nor an IPv4 address",
		"a_b.example.org":                    "neither a name nor an IPv4 address",
		"tracker.example.org,x":              "neither a name nor an IPv4 address",
		"xn--a.example":                      "neither a name nor an IPv4 address",
		strings.Repeat("a", 64) + ".org":     "neither a name nor an IPv4 address",
		strings.Repeat("a.", 130) + "org":    "neither a name nor an IPv4 address",
		strings.Repeat("a", 10_000):          "too long",
		strings.Repeat("б", 10_000) + ".укр": "too long",
	} {
		got, err := telegram.Address("https", typed)
		if _, ok := errors.AsType[*connect.AddressError](err); !ok || !strings.Contains(err.Error(), part) || got != (connect.Address{}) {
			t.Errorf("%.40q: %+v, %v", typed, got, err)
		}
	}
}

// A Bot API server of one's own delivers anywhere.
func TestHostsOfOnesOwnServer(t *testing.T) {
	t.Parallel()
	own := at("http://127.0.0.1:8081")
	for typed, want := range map[string]string{"localhost:8080": "localhost:8080", "10.0.0.5:9000": "10.0.0.5:9000", "nginx": "nginx"} {
		if got, err := own.Address("http", typed); err != nil || got.URL() != "http://"+want+"/webhook/telegram" {
			t.Errorf("%q: %+v, %v", typed, got, err)
		}
	}
}

func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	telegram := at("")
	for typed, want := range map[string]connect.Address{
		"https://tracker.example.org":   {Protocol: "https", Host: "tracker.example.org"},
		" HTTP://Tracker.example.org/ ": {Protocol: "http", Host: "tracker.example.org"},
	} {
		if got, err := telegram.BaseURL(typed); err != nil || got != want {
			t.Errorf("%q: %+v, %v", typed, got, err)
		}
	}
	for _, typed := range []string{"tracker.example.org", "ftp://tracker.example.org", "https://", "https://tracker.example.org/path", "://", "https://10.0.0.5", "https://u:p@x.example.org"} {
		if got, err := telegram.BaseURL(typed); err == nil || !strings.Contains(err.Error(), "such as https://tracker.example.org") {
			t.Errorf("%q: %+v, %v", typed, got, err)
		}
	}
}

func FuzzAddress(f *testing.F) {
	telegram := at("")
	for _, typed := range []string{"tracker.example.org:8443", "трекер.укр", "[::1]:443", "a@b", "10.0.0.1", "\x00"} {
		f.Add(typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		first, err := telegram.Address("https", typed)
		if err != nil {
			if err.Error() == "" || first != (connect.Address{}) {
				t.Errorf("%q: %+v, %q", typed, first, err)
			}
			return
		}
		// What is accepted is plain, and read again it is the same.
		again, err := telegram.Address("https", first.Host)
		if err != nil || again != first || strings.Trim(first.Host, "abcdefghijklmnopqrstuvwxyz0123456789-.:") != "" {
			t.Errorf("%q is %+v, which is %+v, %v", typed, first, again, err)
		}
	})
}
