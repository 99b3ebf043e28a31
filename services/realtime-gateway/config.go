package gateway

import (
	"errors"
	"fmt"
	"time"

	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/origin"
)

// Config is the gateway's own settings.
type Config struct {
	AllowedOrigins []string      `envconfig:"WS_ALLOWED_ORIGINS" desc:"origins of web pages that may open /ws beside those of the same host and of PUBLIC_BASE_URL, comma separated, such as https://app.example.org; * for every page"`
	QueueBytes     int           `envconfig:"WS_QUEUE_BYTES" default:"1048576" desc:"how many bytes of events a WebSocket client may be behind before it is closed as slow (4001), 65536 to 67108864"`
	QueueFrames    int           `envconfig:"WS_QUEUE_FRAMES" default:"4096" desc:"how many events a WebSocket client may be behind before it is closed as slow (4001), 64 to 65536"`
	SlowAfter      time.Duration `envconfig:"WS_SLOW_AFTER" default:"5s" desc:"how long an event may wait for a WebSocket client that is further behind than that, so that a burst throws nobody out, 0 to 1m"`
	WriteTimeout   time.Duration `envconfig:"WS_WRITE_TIMEOUT" default:"10s" desc:"how long a WebSocket client may take to accept what is sent to it, at most 64 KiB at a time, 100ms to 5m"`
	PingInterval   time.Duration `envconfig:"WS_PING_INTERVAL" default:"30s" desc:"between pings to a WebSocket client; one that is silent for two and a half is closed (4003), 100ms to 10m"`
	MaxClients     int           `envconfig:"WS_MAX_CLIENTS" default:"20000" desc:"WebSocket clients of one gateway; more are answered 503, 1 to 1000000"`
	PublicBaseURL  string        `envconfig:"PUBLIC_BASE_URL" desc:"where the world reaches the front door, such as https://tracker.example.org"`
	TrustedProxies []string      `envconfig:"TRUSTED_PROXIES" desc:"addresses or prefixes of proxies whose X-Forwarded-* are believed, comma separated, such as 10.0.0.0/8; none by default"`
}

// Validate reports every setting that is wrong, joined.
func (c Config) Validate() error {
	_, err := c.origins()
	faults := []error{err}
	number := func(name string, value, least, most int) {
		if value < least || value > most {
			faults = append(faults, fmt.Errorf("%s is %d: use %d to %d", name, value, least, most))
		}
	}
	duration := func(name string, value, least, most time.Duration) {
		if value < least || value > most {
			faults = append(faults, fmt.Errorf("%s is %s: use %s to %s", name, value, least, most))
		}
	}
	number("WS_QUEUE_BYTES", c.QueueBytes, 64<<10, 64<<20)
	number("WS_QUEUE_FRAMES", c.QueueFrames, 64, 64<<10)
	number("WS_MAX_CLIENTS", c.MaxClients, 1, 1_000_000)
	duration("WS_SLOW_AFTER", c.SlowAfter, 0, time.Minute)
	duration("WS_WRITE_TIMEOUT", c.WriteTimeout, 100*time.Millisecond, 5*time.Minute)
	duration("WS_PING_INTERVAL", c.PingInterval, 100*time.Millisecond, 10*time.Minute)
	return errors.Join(faults...)
}

func (c Config) origins() (*origin.Policy, error) {
	return origin.New(c.AllowedOrigins, c.PublicBaseURL, c.TrustedProxies)
}
