// Package hub brings every event to every WebSocket client that wants it.
//
//	feed ── Publish ──▶ ring ──▶ shard (one per CPU) ── one write per client ──▶ live clients
//	                     │
//	                     └─────▶ goroutine of a client that is behind ──▶ draining clients
//
// There is no queue per client. The ring holds the last events, encoded once; how
// far a client has come is a position in it, so that a client that is behind costs
// no memory of its own, and what waits for it is bounded by how far it may be behind.
//
// A client is in one of these states, guarded by its shard's mutex:
//
//	draining ──caught up──▶ live ──socket full──▶ draining ──▶ closing ──▶ gone
//
// Live clients stand at their shard's position. A shard writes what is new to all
// of them without ever blocking; frames that wait together leave in one write. A
// client whose socket is full gets a goroutine that writes with back-pressure
// until it has caught up. A client that resumes (?since=) starts in that state, so
// that replay and live events join without gap or repeat by construction.
//
// What is promised: every client gets the frames of its types in the order of the
// stream, each once, or a resync frame where that is impossible. What is not: that
// two clients get a frame at the same time.
package hub
