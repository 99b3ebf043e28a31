package clauses

import "regexp"

// advice is what to do about a dead letter whose reason matches the pattern.
type advice struct {
	code     string
	pattern  *regexp.Regexp
	sentence string
}

// advices are tried in this order; the last fits all. Reasons are errors as they were when it failed, also those of
// earlier releases, so that they are told apart here and not where they arise.
var advices = []advice{
	{"advice_cut", regexp.MustCompile(`^\(cut from \d+ bytes`),
		"It was too large to be kept whole: read the beginning that was kept, then discard it."},
	{"advice_foreign", regexp.MustCompile(`^not a dead letter: `),
		"No part of the product wrote this here: see who else publishes to the broker, then discard it."},
	{"advice_shape", regexp.MustCompile(`^shape not understood`),
		"Nothing was made of it: read the original, enter by hand what matters, then discard it."},
	{"advice_exhausted", regexp.MustCompile(`^delivered too often`),
		"See in the log of the worker how it ended; try it again once that is mended, else discard it."},
	{"advice_decode", regexp.MustCompile(`^decode: `),
		"This release cannot read it: bring all services to the newest release among them, then try it again."},
	{"advice_panic", regexp.MustCompile(`^handler panicked: `),
		"It brought out a fault of the program: report the technical detail, and try it again after an update."},
	{"advice_too_large", regexp.MustCompile(`message is larger than the broker takes`),
		"It is larger than the broker takes in one piece: raise max_payload of the NATS server, then try again what can be."},
	{"advice_value", regexp.MustCompile(`value breaks a rule of the database|\(SQLSTATE 2[23]`),
		"The database does not take a value that is in it: read the original, enter by hand what matters, then discard it."},
	{"advice_database", regexp.MustCompile(`\(SQLSTATE \w{5}\)|failed to connect to `),
		"The database refused the work: see whether it runs, has room and is migrated, then try it again."},
	{"advice_telegram", regexp.MustCompile(`\btelegram \w+: `),
		"Telegram refused what was asked of it, or did not answer: see whether the bot is still in the chat, then try it again."},
	{"advice_slow", regexp.MustCompile(`(?i)deadline exceeded|time-?out|timed out`),
		"It took longer than it may: see whether the database and the broker are overloaded, then try it again."},
	{"advice_broker", regexp.MustCompile(`stream is full|broker is not available`),
		"The broker did not take what follows from it: see whether it runs and has room, then try it again."},
	{"advice_failed", regexp.MustCompile(``),
		"It could not be processed: try it again; if it fails again, report the technical detail."},
}

// Advice says in a sentence of ours, of which Of knows the clause, what to do about a dead letter.
func Advice(reason string) string {
	for _, a := range advices {
		if a.pattern.MatchString(reason) {
			return a.sentence
		}
	}
	return ""
}

// advising are the sentences of Advice as clauses.
func advising() []form {
	forms := make([]form, 0, len(advices))
	for _, a := range advices {
		forms = append(forms, f(a.code, regexp.QuoteMeta(a.sentence[:len(a.sentence)-1])))
	}
	return forms
}
