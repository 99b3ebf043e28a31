package api

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/tasktracker/tasktracker/pkg/proxies"
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
	var err error
	if f.proxies, err = proxies.Parse(c.TrustedProxies); err != nil {
		faults = append(faults, err)
	}
	return f, errors.Join(faults...)
}

// frontDoor knows under which address the world reaches the product.
type frontDoor struct {
	base    string // PUBLIC_BASE_URL; "" to go by the request
	proxies proxies.Trusted
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
	if p := f.proxies.Proto(r); p != "" {
		scheme = p
	}
	if h := f.proxies.Host(r); h != "" {
		host = h
	}
	return scheme + "://" + host
}
