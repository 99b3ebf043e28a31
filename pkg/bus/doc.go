// Package bus is the broker as the services see it: one connection to NATS, the
// JetStream streams of docs/broker.md, and how to publish to them and consume
// from them.
//
//	INBOUND     inbound.<channel>.<chat>   work queue; not yet in the database
//	EVENTS      events.<entity>.<what>     what happened, for clients
//	JOBS        jobs.<kind>                work queue of slow work
//	DEADLETTER  dead.<stream>.<kind>       what failed for good
//	KV settings                            what services without a database must know
//	KV suspects                            messages that may have ended a process
//
// What Publish acknowledged is stored by the stream, on as many replicas as it
// has. The same id published again within the stream's de-duplication window
// (DuplicateWindow) is acknowledged and stored once. Past the window consumers
// must cope: every handler of this product changes nothing the second time.
package bus
