// Package telemetry lets operators look into a process that runs: OpenTelemetry traces
// (exported by OTLP over HTTP), and Go's profiles on a port of their own.
//
// A trace begins at a webhook request and ends at the WebSocket frame. Between processes
// it travels as the header traceparent (W3C Trace Context, level 1) of NATS messages,
// and only where the trace is sampled:
//
//	ingest   webhook ── publish ┬──▶ EVENTS ──▶ gateway  frame (message.new)
//	                            └──▶ INBOUND ─▶ worker   store ── announce ──▶ EVENTS ──▶ gateway  frame (message.updated)
//	                                                       ⇅ linked
//	                                                     store batch (a trace of its own, linked to every message of it) ── group
//	                                                   store ── judge ──▶ outbox ──▶ EVENTS ──▶ gateway  frame (task.created, message.updated, ...)
//	                                                              ⇅ linked
//	                                                            judge batch (a trace of its own)
//
// A conversation is judged when it has been quiet, by any worker: till then its row keeps the
// traces of its new messages. judge is in that of the newest, and linked to the others.
//
// A nil *Tracer and a nil *Span are valid and do nothing. Where nothing is exported the
// Tracer is nil, and where a trace is not sampled its Span is: what is not traced costs
// comparisons with nil, and nothing is allocated.
package telemetry
