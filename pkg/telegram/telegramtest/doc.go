// Package telegramtest is a Bot API server for tests and demonstrations: it
// answers the calls a bot makes, keeps the state behind them (webhook, queue of
// updates, chats, users, files) and delivers updates as Telegram does, by
// webhook or by getUpdates.
//
// It stands in for https://api.telegram.org: methods are under
// <URL>/bot<token>/<method>, files under <URL>/file/bot<token>/<path>. What it
// imitates is Bot API 10.3 (https://core.telegram.org/bots/api,
// https://core.telegram.org/bots/webhooks) and the behaviour of its published
// server, https://github.com/tdlib/telegram-bot-api.
//
// Two things differ from Telegram on purpose. Plain http and loopback addresses
// are accepted as webhooks unless Options.Strict is set. And an update's life is
// counted from Server.Send instead of from the message's date, so that recorded
// updates with fixed dates can be delivered.
//
// All waiting (retries, long polls, limits, lifetimes, delays of faults) runs on
// the server's own clock, which Options.Speed makes faster and Server.Advance
// moves. The package does not import testing and may be linked into programs.
package telegramtest
