package openai

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// Config says which model server judges, and within what bounds.
type Config struct {
	BaseURL     string        `envconfig:"LLM_BASE_URL" default:"https://api.openai.com/v1" desc:"address of an OpenAI-compatible model server, up to /v1 (Ollama: http://localhost:11434/v1)"`
	Model       string        `envconfig:"LLM_MODEL" desc:"name of the model, as the server calls it"`
	APIKey      string        `envconfig:"LLM_API_KEY" secret:"true" desc:"API key of the model server; empty where it wants none"`
	BatchSize   int           `envconfig:"LLM_BATCH_SIZE" default:"8" desc:"most conversations in one call, 1 to 50; 1 keeps them wholly apart"`
	Concurrency int           `envconfig:"LLM_CONCURRENCY" default:"2" desc:"most calls at a time of one worker, 1 to 64"`
	DailyTokens int64         `envconfig:"LLM_DAILY_TOKENS" default:"2000000" desc:"token budget of a day (UTC), prompts and answers; 0: no bound"`
	Timeout     time.Duration `envconfig:"LLM_TIMEOUT" default:"60s" desc:"longest time for one call, 1s to 10m"`
	Attempts    int           `envconfig:"LLM_ATTEMPTS" default:"3" desc:"most attempts at one call, 1 to 10"`
	MaxText     int           `envconfig:"LLM_MAX_TEXT" default:"6000" desc:"most characters of a text that are sent, 200 to 100000; of a longer one its head and tail"`
	PriceInput  *float64      `envconfig:"LLM_PRICE_INPUT" desc:"price of a million prompt tokens, in any currency; not set: no cost is shown"`
	PriceOutput *float64      `envconfig:"LLM_PRICE_OUTPUT" desc:"price of a million answer tokens, in the same currency"`
	MaskNames   bool          `envconfig:"LLM_MASK_NAMES" default:"true" desc:"names of known authors and @mentions are masked before a text leaves the machine"`
	MaskPhones  bool          `envconfig:"LLM_MASK_PHONES" default:"true" desc:"phone numbers are masked before a text leaves the machine"`
	MaskEmails  bool          `envconfig:"LLM_MASK_EMAILS" default:"true" desc:"e-mail addresses are masked before a text leaves the machine"`
}

// SettingError is what is wrong with one setting.
type SettingError struct {
	// Setting is its name in the environment, such as "LLM_MODEL".
	Setting string
	// Problem goes on after the name: what is wrong, and what it has to be.
	Problem string
}

func (e *SettingError) Error() string { return e.Setting + " " + e.Problem }

// Validate reports every setting that is wrong, joined, each a *SettingError, without
// quoting the key.
func (c Config) Validate() error {
	faults := []error{c.validateURL()}
	if strings.TrimSpace(c.Model) == "" {
		faults = append(faults, &SettingError{"LLM_MODEL", "is empty: name a model of the server"})
	}
	if strings.ContainsFunc(c.APIKey, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) || r == ' ' }) {
		faults = append(faults, &SettingError{"LLM_API_KEY", "has a character that no key has: copy it again, without blanks and line breaks"})
	}
	for _, bound := range []struct {
		name             string
		value, low, high int
	}{
		{"LLM_BATCH_SIZE", c.BatchSize, 1, 50},
		{"LLM_CONCURRENCY", c.Concurrency, 1, 64},
		{"LLM_ATTEMPTS", c.Attempts, 1, 10},
		{"LLM_MAX_TEXT", c.MaxText, 200, 100_000},
	} {
		if bound.value < bound.low || bound.value > bound.high {
			faults = append(faults, &SettingError{bound.name, fmt.Sprintf("is %d: it has to be from %d to %d", bound.value, bound.low, bound.high)})
		}
	}
	if c.Timeout < time.Second || c.Timeout > 10*time.Minute {
		faults = append(faults, &SettingError{"LLM_TIMEOUT", fmt.Sprintf("is %s: it has to be from 1s to 10m", c.Timeout)})
	}
	if c.DailyTokens < 0 {
		faults = append(faults, &SettingError{"LLM_DAILY_TOKENS", fmt.Sprintf("is %d: it has to be 0 or more", c.DailyTokens)})
	}
	if (c.PriceInput == nil) != (c.PriceOutput == nil) {
		faults = append(faults, &SettingError{"LLM_PRICE_INPUT", "and LLM_PRICE_OUTPUT go together: set both or none"})
	}
	for _, price := range []*float64{c.PriceInput, c.PriceOutput} {
		if price != nil && !(*price >= 0 && *price <= 1e6) {
			faults = append(faults, &SettingError{"LLM_PRICE_INPUT", fmt.Sprintf("and LLM_PRICE_OUTPUT are from 0 to 1000000, not %g", *price)})
		}
	}
	return errors.Join(faults...)
}

// maxURL is the longest address, in bytes.
const maxURL = 2000

// validateURL does not quote the address: what is wrong with it may be a password in it.
func (c Config) validateURL() error {
	const example = "it has to be such as https://api.openai.com/v1"
	bad := func(problem string) error { return &SettingError{"LLM_BASE_URL", problem} }
	address, err := url.Parse(c.BaseURL)
	switch {
	case err != nil, len(c.BaseURL) > maxURL:
		return bad("is no address: " + example)
	case address.Scheme != "http" && address.Scheme != "https", address.Hostname() == "":
		return bad("is no address of http or https: " + example)
	case address.User != nil:
		return bad("has a user or password in it: put the key into LLM_API_KEY; " + example)
	case address.RawQuery != "" || address.Fragment != "":
		return bad("has a query or fragment: " + example)
	}
	return nil
}
