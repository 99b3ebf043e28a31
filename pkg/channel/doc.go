// Package channel is what every channel (Telegram, later Slack, email, Discord)
// has to provide: an Adapter that turns what the channel delivers into what the
// bus carries.
//
//	body ──▶ Adapter.Decode ──▶ Update ──▶ Store     Message to inbound.<channel>.<chat>, and to clients
//	                              │        State     Facts to inbound.<channel>.<chat>
//	                              │        Callback  CallbackID to jobs.callback
//	                              │        Ignore    counted
//	                              └──▶ error         ErrInvalid: refused; ErrNotUnderstood: dead letter
//
// How deliveries reach us (webhook, polling), which chats are monitored, and what is
// published where is the ingest service's. A new channel is one new package with an
// Adapter that passes channeltest.Run and channeltest.Fuzz.
package channel
