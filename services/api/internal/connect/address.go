package connect

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// Address is where Telegram shall deliver.
type Address struct {
	Protocol string // http or https
	Host     string // host or host:port, in lower case, names of other alphabets in ASCII
}

// webhookPath is where ingest takes updates.
const webhookPath = "/webhook/telegram"

// URL is the webhook's.
func (a Address) URL() string {
	if a.Host == "" {
		return ""
	}
	return a.Protocol + "://" + a.Host + webhookPath
}

// AddressError is what is wrong with an address, a sentence that says what is accepted.
type AddressError struct{ detail string }

// Error is the sentence.
func (e *AddressError) Error() string { return e.detail }

func bad(format string, args ...any) error { return &AddressError{fmt.Sprintf(format, args...)} }

// maxHost is the longest name of the DNS in characters (RFC 1035), with a port behind it.
const maxHost = 253 + len(":65535")

// telegramPorts are those that Telegram delivers to (core.telegram.org/bots/webhooks).
var telegramPorts = []uint16{443, 80, 88, 8443}

// notPublic are addresses that Telegram refuses beside those that netip has a word for.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
}

const wanted = "use a host or host:port alone, such as tracker.example.org or tracker.example.org:8443"

// Address reads a host as people type it. It returns an *AddressError for what cannot be
// one, or what Telegram would never deliver to; a Bot API server of one's own may deliver
// to any port and to private addresses.
func (c *Connection) Address(protocol, host string) (Address, error) {
	host = strings.TrimSpace(host)
	switch {
	case host == "":
		return Address{}, bad("Host must not be empty")
	case strings.Contains(host, "://"):
		return Address{}, bad("Host must not have a protocol: %s; the protocol is chosen beside it", wanted)
	case len(host) > 4*maxHost: // a name of another alphabet is shorter in ASCII than in UTF-8, or about as long
		return Address{}, bad("Host is too long: %s, of at most 253 characters", wanted)
	case strings.ContainsFunc(host, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return Address{}, bad("Host must not have spaces or control characters in it: %s", wanted)
	case strings.Contains(host, "@"):
		return Address{}, bad("Host must not have a user or password: %s", wanted)
	case strings.ContainsAny(host, `/\?#`):
		return Address{}, bad("Host must not have a path: %s; %s is put behind it", wanted, webhookPath)
	case strings.HasPrefix(host, "[") || strings.Count(host, ":") > 1:
		return Address{}, bad("Host must not be an IPv6 address, for Telegram delivers over IPv4 alone: use a name such as tracker.example.org, or an IPv4 address")
	}
	name, portText, hasPort := strings.Cut(host, ":")
	name, err := c.hostName(name)
	if err != nil {
		return Address{}, err
	}
	if !hasPort {
		return Address{Protocol: protocol, Host: name}, nil
	}
	port, err := c.port(portText)
	if err != nil {
		return Address{}, err
	}
	return Address{Protocol: protocol, Host: name + ":" + port}, nil
}

func (c *Connection) port(text string) (string, error) {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 || strings.HasPrefix(text, "+") {
		return "", bad("The port must be a number from 1 to 65535: %s", wanted)
	}
	if c.atTelegram && !slices.Contains(telegramPorts, uint16(port)) {
		return "", bad("Telegram does not deliver to port %d: use 443, 80, 88 or 8443; without a port it is that of the protocol", port)
	}
	return strconv.FormatUint(port, 10), nil
}

// hostName reads a name or an IPv4 address.
func (c *Connection) hostName(name string) (string, error) {
	name = strings.TrimSuffix(name, ".")
	if addr, err := netip.ParseAddr(name); err == nil {
		if c.atTelegram && !public(addr) {
			return "", bad("%s is a private or reserved address, to which Telegram does not deliver: use one that can be reached from the internet, such as the name of a reverse proxy or a tunnel", addr)
		}
		return addr.String(), nil
	}
	ascii, err := idna.Lookup.ToASCII(name)
	if err == nil { // what it makes of some characters it would not take itself
		_, err = idna.Lookup.ToUnicode(ascii)
	}
	last := ascii[strings.LastIndexByte(ascii, '.')+1:]
	if err != nil || ascii == "" || len(ascii) > 253 || isNumber(last) || checkLabels(ascii) != nil {
		return "", bad("Host is neither a name nor an IPv4 address: %s", wanted)
	}
	if c.atTelegram && (ascii == "localhost" || strings.HasSuffix(ascii, ".localhost")) {
		return "", bad("%s is this machine alone, to which Telegram does not deliver: use an address that can be reached from the internet, such as the name of a reverse proxy or a tunnel", ascii)
	}
	return ascii, nil
}

// public reports whether the address is one of the internet.
func public(a netip.Addr) bool {
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	return !slices.ContainsFunc(notPublic, func(p netip.Prefix) bool { return p.Contains(a) })
}

// isNumber finds what resolvers would take for part of an IPv4 address, such as 127.1 or 0x7f.1.
func isNumber(label string) bool {
	_, err := strconv.ParseUint(label, 0, 64)
	return err == nil || strings.Trim(label, "0123456789") == ""
}

var errLabel = errors.New("a label is empty or too long")

// checkLabels holds a name to the lengths of RFC 1035, which idna leaves open.
func checkLabels(name string) error {
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 {
			return errLabel
		}
	}
	return nil
}

// BaseURL reads scheme and host of a public address, such as https://tracker.example.org.
func (c *Connection) BaseURL(text string) (Address, error) {
	const form = "The public address must be scheme and host alone, such as https://tracker.example.org"
	text = strings.TrimSpace(text)
	scheme, rest, found := strings.Cut(text, "://")
	scheme = strings.ToLower(scheme)
	if !found || scheme != "http" && scheme != "https" {
		return Address{}, bad(form)
	}
	address, err := c.Address(scheme, strings.TrimSuffix(rest, "/"))
	if err != nil {
		return Address{}, bad("%s. %s", form, err)
	}
	return address, nil
}
