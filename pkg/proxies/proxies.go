// Package proxies knows which proxies before a service are trusted (TRUSTED_PROXIES),
// and reads what they say of the client's request in X-Forwarded-Host and
// X-Forwarded-Proto. Anybody can send these headers, so they count only where the
// connection comes from a trusted proxy; and as proxies append to them, only their
// last entry counts, which is the one that this proxy has written.
package proxies

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
)

// Trusted is a set of proxies. The zero value trusts nobody.
type Trusted struct {
	prefixes []netip.Prefix
}

// Parse reads the entries of TRUSTED_PROXIES: addresses, or prefixes such as 10.0.0.0/8.
// Blank entries are passed over. Every entry that is wrong is reported, joined.
func Parse(entries []string) (Trusted, error) {
	var t Trusted
	var faults []error
	for _, entry := range entries {
		entry = strings.TrimSpace(entry)
		if entry == "" {
			continue
		}
		prefix, err := parsePrefix(entry)
		if err != nil {
			faults = append(faults, fmt.Errorf("TRUSTED_PROXIES has %q: use addresses or prefixes such as 10.0.0.0/8, separated by commas", entry))
			continue
		}
		t.prefixes = append(t.prefixes, prefix)
	}
	return t, errors.Join(faults...)
}

// parsePrefix reads an address or a prefix. An IPv4 address that is written as an
// IPv6 one is the IPv4 address, as which Sent sees its connections.
func parsePrefix(entry string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(entry); err == nil {
		addr = addr.Unmap().WithZone("")
		return addr.Prefix(addr.BitLen())
	}
	prefix, err := netip.ParsePrefix(entry)
	return prefix.Masked(), err
}

// Sent says whether r comes straight from a trusted proxy.
func (t Trusted) Sent(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	addr := peer.Addr().Unmap().WithZone("")
	for _, prefix := range t.prefixes {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// Host is the host, with its port if it has one, that the client asked for; "" where
// no trusted proxy names one.
func (t Trusted) Host(r *http.Request) string {
	host := t.last(r, "X-Forwarded-Host")
	if strings.ContainsAny(host, "/@ \t\\\"<>?#") {
		return "" // not what a host looks like
	}
	return host
}

// Proto is "http" or "https", by which the client asked; "" where no trusted proxy
// says so.
func (t Trusted) Proto(r *http.Request) string {
	proto := strings.ToLower(t.last(r, "X-Forwarded-Proto"))
	if proto != "http" && proto != "https" {
		return ""
	}
	return proto
}

// last is the last entry of a header that a trusted proxy has sent.
func (t Trusted) last(r *http.Request, header string) string {
	values := r.Header.Values(header)
	if len(values) == 0 || !t.Sent(r) {
		return ""
	}
	list := values[len(values)-1]
	return strings.TrimSpace(list[strings.LastIndexByte(list, ',')+1:])
}
