// Package chaos injects faults while messages flow through the real binaries, a real
// NATS server and a real PostgreSQL, and then counts every message that was accepted:
// exactly once in the database, in order per chat, and exactly once on a WebSocket
// client that resumes.
//
//	Load ──▶ front (as nginx: another copy where one refuses) ──▶ ingest ──▶ NATS ──▶ worker ──▶ PostgreSQL
//	                                                                          │                     │
//	Client ◀── front ◀──────────────────────────────────────────── gateway ◀──┘        Verify ◀── api
//
// A test starts a Line (services as processes of their own, two copies of most) or a
// Standalone, lets Load send 150 messages a second as Telegram does (300 at length), injects
// its fault, and ends with Verify.
//
// Nothing is asserted about time. Faults come at random moments; the seed is logged.
// Tests that take long run where CHAOS is set in the environment (./just chaos).
package chaos
