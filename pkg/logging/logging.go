// Package logging makes the one logger of a process.
package logging

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/rs/zerolog"
)

// Config says what is logged, and how.
type Config struct {
	LogLevel  string `envconfig:"LOG_LEVEL" default:"info" desc:"trace, debug, info, warn or error"`
	LogFormat string `envconfig:"LOG_FORMAT" default:"json" desc:"json, or console for people"`
}

// Validate reports every setting that is wrong, joined.
func (c Config) Validate() error {
	var faults []error
	switch strings.ToLower(c.LogLevel) {
	case "trace", "debug", "info", "warn", "error":
	default:
		faults = append(faults, fmt.Errorf("LOG_LEVEL is %q: use trace, debug, info, warn or error", c.LogLevel))
	}
	if c.LogFormat != "json" && c.LogFormat != "console" {
		faults = append(faults, fmt.Errorf("LOG_FORMAT is %q: use json or console", c.LogFormat))
	}
	return errors.Join(faults...)
}

// New makes the logger of a validated Config. Times are UTC with milliseconds.
func New(cfg Config, out io.Writer, service string) zerolog.Logger {
	zerolog.TimestampFunc = func() time.Time { return time.Now().UTC() }
	zerolog.TimeFieldFormat = "2006-01-02T15:04:05.000Z07:00"
	if cfg.LogFormat == "console" {
		out = zerolog.ConsoleWriter{Out: out, TimeFormat: time.TimeOnly}
	}
	level, err := zerolog.ParseLevel(strings.ToLower(cfg.LogLevel))
	if err != nil {
		level = zerolog.InfoLevel
	}
	return zerolog.New(out).Level(level).With().Timestamp().Str("service", service).Logger()
}
