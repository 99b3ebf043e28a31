package telemetry

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
)

// Config says what can be seen of the process from outside. The OpenTelemetry SDK reads
// its other settings (OTEL_EXPORTER_OTLP_HEADERS, OTEL_RESOURCE_ATTRIBUTES, OTEL_BSP_...)
// from the environment by itself:
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
type Config struct {
	OTLPEndpoint   string `envconfig:"OTEL_EXPORTER_OTLP_ENDPOINT" desc:"where traces are sent by OTLP over HTTP, such as http://otel-collector:4318; empty: nothing is traced. The other OTEL_* variables of the OpenTelemetry SDK work too"`
	OTLPProtocol   string `envconfig:"OTEL_EXPORTER_OTLP_PROTOCOL" default:"http/protobuf" desc:"http/protobuf; no other is spoken"`
	TracesSampler  string `envconfig:"OTEL_TRACES_SAMPLER" default:"parentbased_always_on" desc:"which webhook requests are traced: always_on, always_off, traceidratio, and each with parentbased_ before it; what follows a request is traced where it is"`
	SamplerArg     string `envconfig:"OTEL_TRACES_SAMPLER_ARG" desc:"share of requests that traceidratio takes, 0 to 1, such as 0.01; empty: all"`
	ProfileAddress string `envconfig:"PPROF_ADDR" desc:"loopback address on which /debug/pprof is served, such as 127.0.0.1:6060; empty: it is not served"`
}

// Validate reports every setting that is wrong, joined.
func (c Config) Validate() error {
	return errors.Join(c.validateEndpoint(), c.validateSampler(), c.validateProfileAddress())
}

func (c Config) validateEndpoint() error {
	var faults []error
	if u, err := url.Parse(c.OTLPEndpoint); c.OTLPEndpoint != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		// It may have a password: it is not repeated.
		faults = append(faults, errors.New("OTEL_EXPORTER_OTLP_ENDPOINT is not an http(s) address: use one such as http://otel-collector:4318"))
	}
	if c.OTLPProtocol != "" && c.OTLPProtocol != "http/protobuf" {
		faults = append(faults, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL is %q: use http/protobuf (a collector takes it on port 4318)", c.OTLPProtocol))
	}
	return errors.Join(faults...)
}

func (c Config) validateSampler() error {
	var faults []error
	switch c.TracesSampler {
	case "", "always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio":
	default:
		faults = append(faults, fmt.Errorf("OTEL_TRACES_SAMPLER is %q: use always_on, always_off or traceidratio, or one of these with parentbased_ before it", c.TracesSampler))
	}
	if c.SamplerArg != "" {
		if ratio, err := strconv.ParseFloat(c.SamplerArg, 64); err != nil || !(ratio >= 0 && ratio <= 1) {
			faults = append(faults, fmt.Errorf("OTEL_TRACES_SAMPLER_ARG is %q: use a number from 0 to 1", c.SamplerArg))
		}
	}
	return errors.Join(faults...)
}

// validateProfileAddress refuses what others could reach: a profile shows memory.
func (c Config) validateProfileAddress() error {
	if c.ProfileAddress == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(c.ProfileAddress)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("PPROF_ADDR is %q: use host:port, such as 127.0.0.1:6060", c.ProfileAddress)
	}
	// Names are not looked up: what they stand for may change.
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return fmt.Errorf("PPROF_ADDR is %q: profiles are served on a loopback address alone, such as 127.0.0.1:6060", c.ProfileAddress)
	}
	return nil
}
