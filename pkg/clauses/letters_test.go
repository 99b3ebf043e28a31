package clauses_test

import (
	"testing"

	"github.com/tasktracker/tasktracker/pkg/clauses"
)

// Reasons as dead letters have them.
func TestADeadLetterComesWithAdvice(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]string{
		"(cut from 2097152 bytes, cannot be replayed) decode: proto: cannot parse": "advice_cut",
		"not a dead letter: proto: cannot parse invalid wire-format data":          "advice_foreign",
		"shape not understood: the message has no message_id":                      "advice_shape",
		"delivered too often without an outcome: its handling ends the process":    "advice_exhausted",
		"decode: the payload is of no kind that this release knows":                "advice_decode",
		"handler panicked: runtime error: index out of range [3]":                  "advice_panic",
		"publish to events.message.new: message is larger than the broker takes":   "advice_too_large",
		"save messages: value breaks a rule of the database: chat_id":              "advice_value",
		"save messages: ERROR: value too long (SQLSTATE 22001)":                    "advice_value",
		"save messages: ERROR: internal error (SQLSTATE XX000)":                    "advice_database",
		"get the picture: telegram getFile: 400 Bad Request: wrong file_id":        "advice_telegram",
		"telegram getFile: context deadline exceeded":                              "advice_telegram",
		"group messages: context deadline exceeded":                                "advice_slow",
		"publish to jobs.avatar: stream is full":                                   "advice_broker",
		`source "mail" has no pictures`:                                            "advice_failed",
		"":                                                                         "advice_failed",
	} {
		got := clauses.Of(clauses.Advice(reason))
		if len(got) != 1 || got[0].Code != want {
			t.Errorf("%q: %v, want %s", reason, got, want)
		}
	}
}
