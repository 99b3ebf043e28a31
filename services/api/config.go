package api

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	_ "time/tzdata" // zones of chats, on machines that have none

	"github.com/tasktracker/tasktracker/pkg/aisettings"
	"github.com/tasktracker/tasktracker/pkg/proxies"
	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/services/api/internal/connect"
)

// Config is the api's own settings.
type Config struct {
	PublicBaseURL  string   `envconfig:"PUBLIC_BASE_URL" desc:"where the world reaches the front door, such as https://tracker.example.org"`
	TrustedProxies []string `envconfig:"TRUSTED_PROXIES" desc:"addresses or prefixes of proxies whose X-Forwarded-* are believed, comma separated, such as 10.0.0.0/8; none by default"`

	TelegramMode          string `envconfig:"TELEGRAM_MODE" default:"webhook" desc:"how updates come, unless the settings page says: webhook or polling"`
	TelegramBotToken      string `envconfig:"TELEGRAM_BOT_TOKEN" secret:"true" desc:"the bot's token as @BotFather gives it, 123456:ABC...; one that was entered on the settings page wins"`
	TelegramAPIBaseURL    string `envconfig:"TELEGRAM_API_BASE_URL" default:"https://api.telegram.org" desc:"address of the Bot API"`
	TelegramWebhookSecret string `envconfig:"TELEGRAM_WEBHOOK_SECRET" secret:"true" desc:"secret token that the webhook is registered with; empty: one that the settings page makes and keeps sealed"`

	TimeZone string `envconfig:"CHAT_TIME_ZONE" default:"Local" desc:"time zone in which people name dates in chats, such as Europe/Kyiv; Local is that of the machine, in a container UTC"`

	AIConfig
}

// AIConfig is who judges messages, as the workers have it too; embedded structs need names of
// their own.
type AIConfig = aisettings.Settings

// Validate reports every setting that is wrong, joined.
func (c Config) Validate() error {
	_, err := c.frontDoor()
	faults := []error{err}
	if c.AIConfig != (AIConfig{}) {
		faults = append(faults, c.AIConfig.Validate())
	}
	if c.TelegramMode != "" && c.TelegramMode != connect.ModeWebhook && c.TelegramMode != connect.ModePolling {
		faults = append(faults, fmt.Errorf("TELEGRAM_MODE is %q: use webhook or polling", c.TelegramMode))
	}
	if c.TelegramWebhookSecret != "" && !secretForm.MatchString(c.TelegramWebhookSecret) {
		faults = append(faults, errors.New("TELEGRAM_WEBHOOK_SECRET has other characters or is too long: use 1 to 256 of A-Z a-z 0-9 _ -"))
	}
	if _, err := time.LoadLocation(c.TimeZone); err != nil {
		faults = append(faults, fmt.Errorf("CHAT_TIME_ZONE is %q: use a name such as Europe/Kyiv or UTC", c.TimeZone))
	}
	// A token that cannot be one and an address that is none are told by one who would use them.
	token := cmp.Or(c.TelegramBotToken, "1:none")
	if _, err := botapi.New(botapi.Config{Token: token, BaseURL: c.TelegramAPIBaseURL}); err != nil {
		faults = append(faults, fmt.Errorf("TELEGRAM_BOT_TOKEN or TELEGRAM_API_BASE_URL: %w", err))
	}
	return errors.Join(faults...)
}

// secretForm is the alphabet of setWebhook's secret_token (core.telegram.org/bots/api#setwebhook).
var secretForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

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

// forwarded says whether r comes from a page of the host that a trusted proxy was asked for, by a browser too old, or over
// http, to say itself whether that is the page's own.
func (f *frontDoor) forwarded(r *http.Request) bool {
	host := f.proxies.Host(r)
	page, err := url.Parse(r.Header.Get("Origin"))
	return err == nil && host != "" && r.Header.Get("Sec-Fetch-Site") == "" && strings.EqualFold(page.Host, host)
}
