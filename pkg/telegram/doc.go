// Package telegram is the Telegram channel: it turns Bot API updates into what the
// bus carries, and what people paste as a chat into ids that can be asked about.
//
// Everything is decoded in one pass by a small struct of our own, tolerant as
// Telegram asks of its callers: new kinds and fields appear several times a year, so
// that of a message only message_id, chat.id and date are required (and update_id of
// the update). A member of the wrong type that nobody needs is as if it were absent;
// a required one makes the update a dead letter. The update itself is kept as
// Telegram sent it (see clean for the exceptions).
//
// Facts of the protocol are those of Bot API 10.3,
// https://core.telegram.org/bots/api, and of its server, tdlib/telegram-bot-api.
// Calls to the Bot API are package botapi's.
package telegram
