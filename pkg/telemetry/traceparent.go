package telemetry

import (
	"go.opentelemetry.io/otel/trace"
)

// The header is version-traceid-parentid-flags in lower-case hexadecimal digits
// (https://www.w3.org/TR/trace-context/#traceparent-header).
const (
	traceParentVersion = "00"
	traceParentLength  = len("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
)

func format(sc trace.SpanContext) string {
	return traceParentVersion + "-" + sc.TraceID().String() + "-" + sc.SpanID().String() + "-" + sc.TraceFlags().String()
}

// parse gives the invalid context, which is not sampled, for what is no header. Newer
// versions are read as far as this one knows them, as the standard asks.
func parse(header string) trace.SpanContext {
	var none trace.SpanContext
	if len(header) < traceParentLength || header[2] != '-' || header[35] != '-' || header[52] != '-' {
		return none
	}
	version, rest := header[:2], header[traceParentLength:]
	if !isHex(version) || version == "ff" || version == traceParentVersion && rest != "" || rest != "" && rest[0] != '-' {
		return none
	}
	traceID, err := trace.TraceIDFromHex(header[3:35])
	if err != nil {
		return none
	}
	spanID, err := trace.SpanIDFromHex(header[36:52])
	if err != nil || !isHex(header[53:55]) {
		return none
	}
	var flags trace.TraceFlags
	if digit(header[54])&1 == 1 {
		flags = trace.FlagsSampled // the other flags are not defined in version 00
	}
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: traceID, SpanID: spanID, TraceFlags: flags, Remote: true})
}

func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func digit(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c - 'a' + 10
}
