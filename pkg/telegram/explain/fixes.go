package explain

// What to do about the usual refusals; those with a capital are said of other findings too.
const (
	fixNoToken     = "Enter the bot's token in the settings; @BotFather gives it for /newbot, or shows that of a bot you have for /mybots."
	FixUnreadable  = "Enter the bot's token again, or give the services the SETTINGS_ENCRYPTION_KEY under which it was sealed, behind the present one and a comma."
	fixToken       = "Copy the token again from @BotFather (/mybots, then API Token); if it was revoked, the one shown there is the new one."
	fixHTTPS       = "Choose https: Telegram delivers to https addresses alone, so a reverse proxy or a tunnel has to bring a certificate."
	fixPort        = "Use one of the ports that Telegram delivers to: 443, 80, 88 or 8443, without a port meaning 443."
	fixReserved    = "Use an address that can be reached from the internet: this name leads to a private or reserved one, so give the name of a reverse proxy or a tunnel."
	fixIPv6        = "Give the name an A record: Telegram delivers over IPv4 alone."
	FixResolve     = "Check the name for a slip, and that it has an A record in the public DNS; a record that is new can take minutes to be seen."
	fixURL         = "Check the host for a slip: it has to be a name or an IPv4 address, such as tracker.example.org, with a port if need be."
	fixSecret      = "Set TELEGRAM_WEBHOOK_SECRET to 1 to 256 of A-Z a-z 0-9 _ -, or leave it out, and start again; the server makes one then."
	fixBothSet     = "Somebody else is setting the webhook of this bot at this moment: wait a little and try again, and if it goes on, give this installation a bot of its own."
	FixBothPoll    = "Another program polls for this bot: stop it, or give this installation a bot of its own."
	FixCertificate = "Check the certificate: it has to be complete with its chain and hold this name."
	fixTrouble     = "Try again in a minute: nothing here is wrong."
	fixOther       = "Nothing was changed; correct what Telegram names, and try again."
	fixNetwork     = "Check that the machine of the %s service reaches %s: its DNS, its firewall, its proxy."
	FixAbsent      = "Add the bot to the group again."
	fixUnresolved  = "Check the id, or remove this entry, add the bot to the group, write something there and pick the group from the discovered chats."
	fixMoved       = "Write to the group yourself: it has another number since it became a supergroup, under which this message does not exist."
	fixClosed      = "Let the bot write: give it the right to send messages in this chat, or open the topic again; one that was deleted takes no answers."
	FixPerhaps     = "Look whether it stands in the chat before you send it again."
)

// codeRefused is of a refusal about which there is nothing to say but Telegram's words.
const codeRefused = "refused"

// usual are the 400s that have a sentence of their own, by a part of Telegram's words.
// Descriptions are for people and change: where none fits, fixOther is said.
var usual = []struct{ part, fix, code string }{
	{"https url must be provided", fixHTTPS, "address_https"},
	{"can be set up only on ports", fixPort, "address_port"},
	{"is reserved", fixReserved, "address_reserved"},
	{"ipv6-only", fixIPv6, "address_ipv6"},
	{"failed to resolve host", FixResolve, "address_unresolved"},
	{"invalid webhook url", fixURL, "address_invalid"},
	{"secret token", fixSecret, "secret_malformed"},
	{"certificate", FixCertificate, "address_certificate"},
}

// mute are refusals by which a chat lets the bot say nothing, by a part of Telegram's words.
var mute = []string{"not enough rights", "have no rights", "write_forbidden", "topic_closed", "message thread not found"}
