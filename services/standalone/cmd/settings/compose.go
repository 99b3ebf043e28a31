package main

import (
	"fmt"
	"io"

	"github.com/tasktracker/tasktracker/pkg/config"
)

// composeOnly are the settings that compose.yml reads itself, beside those of the
// services that it passes on.
func composeOnly() []config.Setting {
	return []config.Setting{
		{Name: "POSTGRES_PASSWORD", Description: "password of the PostgreSQL that compose.yml starts; letters and digits, since it stands in an address. Required", Secret: true},
		{Name: "HTTP_PORT", Default: "80", Description: "port of the host on which nginx serves HTTP"},
		{Name: "HTTPS_PORT", Default: "443", Description: "port of the host on which nginx serves HTTPS, where NGINX_TLS is on"},
		{Name: "NGINX_TLS", Default: "off", Description: "on: nginx speaks HTTPS, and sends HTTP there; off: HTTP alone"},
		{Name: "CERTIFICATES_DIR", Default: "./nginx/certificates", Description: "directory with tls.crt (the whole chain) and tls.key, readable by user 101"},
		{Name: "NGINX_TRUSTED_PROXY", Default: "192.0.2.0/32", Description: "address or prefix of a load balancer before nginx, whose X-Forwarded-For and X-Forwarded-Proto are believed; by default nobody's"},
		{Name: "GRAFANA_PORT", Default: "3000", Description: "port of the host's loopback address on which compose.observability.yml serves Grafana"},
		{Name: "GRAFANA_PASSWORD", Description: "password of Grafana's user admin; compose.observability.yml requires it", Secret: true},
		{Name: "VERSION", Default: "local", Description: "tag of the images that compose.yml builds"},
	}
}

func composeExample(out io.Writer) error {
	_, err := fmt.Fprintln(out, "\n# ---- compose: what compose.yml reads beside these (docs/deployment.md)")
	for _, setting := range composeOnly() {
		if err != nil {
			break
		}
		_, err = fmt.Fprintf(out, "\n# %s\n#%s=%s\n", setting.Description, setting.Name, setting.Default)
	}
	return err
}
