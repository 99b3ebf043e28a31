// Package origin decides which web pages may open a WebSocket. Browsers send their
// page's origin and apply no same-origin rule of their own to WebSockets, so that
// without this check any page could read a user's events.
package origin

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/tasktracker/tasktracker/pkg/proxies"
)

// Policy says which origins are allowed. The zero value allows pages of the host
// that was asked, and programs that send no origin.
type Policy struct {
	any     bool
	allowed map[string]bool // normalised origins
	proxies proxies.Trusted
}

// New makes a policy. allowed are origins such as https://app.example.org, or "*"
// for all; publicBaseURL ("" for none) adds its own; trusted proxies, addresses or
// prefixes, are believed in what X-Forwarded-Host says. Every entry that is wrong
// is reported.
func New(allowed []string, publicBaseURL string, trustedProxies []string) (*Policy, error) {
	p := &Policy{allowed: make(map[string]bool)}
	var faults []error
	for _, entry := range allowed {
		entry = strings.TrimSpace(entry)
		o, ok := normalise(entry)
		switch {
		case entry == "":
		case entry == "*":
			p.any = true
		case !ok:
			faults = append(faults, fmt.Errorf("WS_ALLOWED_ORIGINS has %q: use origins such as https://app.example.org, separated by commas, or *", entry))
		default:
			p.allowed[o] = true
		}
	}
	if publicBaseURL != "" {
		o, ok := normalise(publicBaseURL)
		if !ok {
			faults = append(faults, fmt.Errorf("PUBLIC_BASE_URL is %q: use http(s)://host", publicBaseURL))
		}
		p.allowed[o] = ok
	}
	var err error
	if p.proxies, err = proxies.Parse(trustedProxies); err != nil {
		faults = append(faults, err)
	}
	return p, errors.Join(faults...)
}

// Allow says whether the page that r comes from may connect.
func (p *Policy) Allow(r *http.Request) bool {
	values := r.Header.Values("Origin")
	if len(values) == 0 || p.any {
		return true // no browser, or everybody
	}
	o, ok := normalise(values[0])
	if !ok || len(values) > 1 {
		return false // "null" of a sandboxed page, or nonsense
	}
	if p.allowed[o] {
		return true
	}
	_, host, _ := strings.Cut(o, "://")
	return sameHost(host, r.Host) || sameHost(host, p.proxies.Host(r))
}

// normalise gives scheme://host[:port] in lower case without the scheme's own port.
func normalise(origin string) (string, bool) {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		return "", false
	}
	return u.Scheme + "://" + withoutDefaultPort(u.Host), true
}

// sameHost compares the host of an origin with one that may name its default port.
func sameHost(host, other string) bool {
	return other != "" && host == withoutDefaultPort(other)
}

func withoutDefaultPort(hostport string) string {
	hostport = strings.ToLower(hostport)
	if host, port, err := net.SplitHostPort(hostport); err == nil && (port == "80" || port == "443") {
		if strings.Contains(host, ":") {
			return "[" + host + "]"
		}
		return host
	}
	return hostport
}
