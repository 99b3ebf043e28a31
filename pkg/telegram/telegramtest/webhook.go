package telegramtest

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"time"
)

// maxCertificate is the biggest certificate that setWebhook takes, in bytes.
const maxCertificate = 3 << 20

var (
	secretAlphabet = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)
	webhookPorts   = []string{"", "443", "80", "88", "8443"}
	carrierNAT     = netip.MustParsePrefix("100.64.0.0/10")
)

// beginSetWebhook keeps to one call a second, and to one at a time: a call that
// begins ends those that are still being delayed.
func (c *call) beginSetWebhook() *apiError {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.now()
	if now.Sub(c.bot.lastSet) < time.Second {
		return Fault{Kind: FaultFlood, RetryAfter: 1}.apiError()
	}
	c.bot.lastSet = now
	c.bot.setTurn++
	c.turn = c.bot.setTurn
	return nil
}

func (c *call) setWebhook() (any, string, *apiError) {
	target := c.params["url"]
	if target == "" {
		return c.deleteWebhook()
	}
	secret := c.params["secret_token"]
	switch {
	case len(secret) > 256:
		return nil, "", badRequest("secret token is too long")
	case !secretAlphabet.MatchString(secret):
		return nil, "", badRequest("secret token contains unallowed characters")
	case len(c.files["certificate"]) > maxCertificate:
		return nil, "", badRequest("certificate size is too big")
	}
	if err := c.server.checkWebhookURL(c.ctx, target, c.params["ip_address"]); err != nil {
		return nil, "", err
	}
	hook, err := c.newWebhook(target, secret)
	if err != nil {
		return nil, "", err
	}

	s, b := c.server, c.bot
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.turn != b.setTurn {
		return nil, "", &apiError{code: http.StatusConflict, description: "Conflict: terminated by other setWebhook"}
	}
	allowed := b.allowed
	c.takeAllowedUpdates()
	if c.params.bool("drop_pending_updates") {
		b.dropAll()
	}
	if b.hook != nil && b.hook.sameAs(hook) && slices.Equal(allowed, b.allowed) && !c.params.bool("drop_pending_updates") {
		return true, "Webhook is already set", nil
	}
	b.endPoll("Conflict: terminated by setWebhook request")
	b.stopWebhook()
	b.lastError, b.lastErrorAt = "", time.Time{}
	s.startWebhook(b, hook)
	s.notify()
	return true, "Webhook was set", nil
}

// checkWebhookURL refuses what Telegram refuses, most of it in strict mode only.
func (s *Server) checkWebhookURL(ctx context.Context, target, fixedIP string) *apiError {
	u, err := url.Parse(target)
	if err != nil || u.Hostname() == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return badRequest("invalid webhook URL specified")
	}
	if !s.options.Strict {
		return nil
	}
	if u.Scheme != "https" {
		return badRequest("bad webhook: An HTTPS URL must be provided for webhook")
	}
	if !slices.Contains(webhookPorts, u.Port()) {
		return badRequest("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
	}
	host := u.Hostname()
	if fixedIP != "" {
		host = fixedIP
	}
	addrs, err := s.lookUp(ctx, host)
	if err != nil || len(addrs) == 0 {
		return badRequest("bad webhook: Failed to resolve host: Name or service not known")
	}
	i := slices.IndexFunc(addrs, func(a netip.Addr) bool { return a.Unmap().Is4() })
	if i < 0 {
		return badRequest("bad webhook: IPv6-only addresses are not allowed")
	}
	if ip := addrs[i].Unmap(); ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified() || carrierNAT.Contains(ip) {
		return badRequest("bad webhook: IP address " + ip.String() + " is reserved")
	}
	return nil
}

// lookUp is the resolver that strict mode uses.
func (s *Server) lookUp(ctx context.Context, host string) ([]netip.Addr, error) {
	if addrs, known := s.options.Hosts[host]; known {
		return addrs, nil
	}
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}

func (c *call) deleteWebhook() (any, string, *apiError) {
	s, b := c.server, c.bot
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.params.bool("drop_pending_updates") {
		b.dropAll()
	}
	defer s.notify()
	if b.hook == nil {
		return true, "Webhook is already deleted", nil
	}
	b.stopWebhook()
	return true, "Webhook was deleted", nil
}

func (c *call) getWebhookInfo() (any, string, *apiError) {
	s, b := c.server, c.bot
	s.mu.Lock()
	defer s.mu.Unlock()
	info := map[string]any{"url": "", "has_custom_certificate": false, "pending_update_count": b.pending}
	if b.allowed != nil {
		info["allowed_updates"] = b.allowed
	}
	if h := b.hook; h != nil {
		info["url"] = h.url
		info["has_custom_certificate"] = h.certificate != nil
		info["max_connections"] = h.maxConnections
		if h.ip != "" {
			info["ip_address"] = h.ip
		}
		if b.lastError != "" {
			info["last_error_date"] = b.lastErrorAt.Unix()
			info["last_error_message"] = b.lastError
		}
	}
	return info, "", nil
}
