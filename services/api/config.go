package api

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Config is the api's own settings.
type Config struct {
	PublicBaseURL  string   `envconfig:"PUBLIC_BASE_URL" desc:"where the world reaches the front door, such as https://tracker.example.org"`
	TrustedProxies []string `envconfig:"TRUSTED_PROXIES" desc:"addresses or prefixes of proxies whose X-Forwarded-* are believed, comma separated, such as 10.0.0.0/8; none by default"`
}

// Validate reports every setting that is wrong, joined.
func (c Config) Validate() error {
	_, err := c.frontDoor()
	return err
}

func (c Config) frontDoor() (*frontDoor, error) {
	var faults []error
	f := &frontDoor{}
	if c.PublicBaseURL != "" {
		u, err := url.Parse(c.PublicBaseURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			faults = append(faults, fmt.Errorf("PUBLIC_BASE_URL is %q: use scheme and host alone, such as https://tracker.example.org", c.PublicBaseURL))
		} else {
			f.base = u.Scheme + "://" + u.Host
		}
	}
	for _, entry := range c.TrustedProxies {
		prefix, err := parsePrefix(strings.TrimSpace(entry))
		if err != nil {
			faults = append(faults, fmt.Errorf("TRUSTED_PROXIES has %q: use addresses or prefixes such as 10.0.0.0/8", entry))
			continue
		}
		f.trusted = append(f.trusted, prefix)
	}
	return f, errors.Join(faults...)
}

func parsePrefix(s string) (netip.Prefix, error) {
	if prefix, err := netip.ParsePrefix(s); err == nil {
		return prefix.Masked(), nil
	}
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	return addr.Prefix(addr.BitLen())
}

// frontDoor knows under which address the world reaches the product.
type frontDoor struct {
	base    string // PUBLIC_BASE_URL; "" to go by the request
	trusted []netip.Prefix
}

// BaseURL is the configured address, else what a trusted proxy says, else the request's own.
func (f *frontDoor) BaseURL(r *http.Request) string {
	if f.base != "" {
		return f.base
	}
	scheme, host := "http", r.Host
	if r.TLS != nil {
		scheme = "https"
	}
	if f.trusts(r.RemoteAddr) {
		if p := first(r.Header.Get("X-Forwarded-Proto")); p == "http" || p == "https" {
			scheme = p
		}
		if h := first(r.Header.Get("X-Forwarded-Host")); h != "" && !strings.ContainsAny(h, "/@ \\\"<>?#") {
			host = h
		}
	}
	return scheme + "://" + host
}

func (f *frontDoor) trusts(remote string) bool {
	addr, err := netip.ParseAddrPort(remote)
	if err != nil {
		return false
	}
	for _, prefix := range f.trusted {
		if prefix.Contains(addr.Addr().Unmap()) {
			return true
		}
	}
	return false
}

// first is the entry nearest to the client of a list that proxies append to.
func first(list string) string {
	entry, _, _ := strings.Cut(list, ",")
	return strings.TrimSpace(entry)
}
