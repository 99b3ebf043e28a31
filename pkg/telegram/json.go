package telegram

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// The readers below take the next value off a decoder, whatever it is. Only a body
// that is no JSON makes them fail: a value of another type is passed over.

// presence tells a member that is not there from one that makes no sense.
type presence uint8

const (
	absent presence = iota
	malformed
	present
)

// integer is a member that has to be a whole number of 64 bits.
type integer struct {
	value int64
	state presence
}

func (n *integer) read(d *jsontext.Decoder) error {
	n.state = malformed
	if d.PeekKind() != jsontext.KindNumber {
		return d.SkipValue()
	}
	literal, err := d.ReadValue()
	if err != nil {
		return err
	}
	if value, err := strconv.ParseInt(string(literal), 10, 64); err == nil {
		n.value, n.state = value, present
	}
	return nil
}

// in tells whether the number is there and within the bounds, which it may equal.
func (n *integer) in(least, most int64) bool {
	return n.state == present && least <= n.value && n.value <= most
}

// decimal is the number in digits, "" where there is none.
func (n *integer) decimal() string {
	if n.state != present {
		return ""
	}
	return strconv.FormatInt(n.value, 10)
}

// readText reads a string without its null characters, which PostgreSQL's text
// refuses; "" for anything else. Lone surrogates come out as U+FFFD.
func readText(d *jsontext.Decoder) (string, error) {
	if d.PeekKind() != jsontext.KindString {
		return "", d.SkipValue()
	}
	token, err := d.ReadToken()
	if err != nil {
		return "", err
	}
	return withoutNull(token.String()), nil
}

// maxWord and maxName bound what PostgreSQL indexes and what is repeated in several
// places. Telegram's own words and usernames have 32 characters at most, its titles
// and names 255.
const (
	maxWord = 64  // bytes
	maxName = 255 // characters
)

// readWord reads a string that is an id or a word of the protocol; "" where it is longer
// than those are.
func readWord(d *jsontext.Decoder) (string, error) {
	s, err := readText(d)
	if len(s) > maxWord {
		s = ""
	}
	return s, err
}

// readName reads what a person or a chat is called, without white space around it.
func readName(d *jsontext.Decoder) (string, error) {
	s, err := readText(d)
	return shortened(strings.TrimSpace(s), maxName), err
}

// shortened cuts a text that has too many characters.
func shortened(s string, most int) string {
	if len(s) <= most {
		return s
	}
	n := 0
	for i := range s {
		if n == most {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

func withoutNull(s string) string {
	if strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(s, "\x00", "")
}

// readTrue reads a flag; anything but true is false.
func readTrue(d *jsontext.Decoder) (bool, error) {
	is := d.PeekKind() == jsontext.KindTrue
	return is, d.SkipValue()
}

// isNothing tells a null or false, by which other software may say "absent".
func isNothing(d *jsontext.Decoder) bool {
	kind := d.PeekKind()
	return kind == jsontext.KindNull || kind == jsontext.KindFalse
}

// readMembers calls member for each member of the next value, if that is an object,
// and tells whether it was. member has to read or skip the value; the name is good
// until it does.
func readMembers(d *jsontext.Decoder, member func(name []byte) error) (bool, error) {
	if d.PeekKind() != jsontext.KindBeginObject {
		return false, d.SkipValue()
	}
	if _, err := d.ReadToken(); err != nil {
		return false, err
	}
	for d.PeekKind() != jsontext.KindEndObject {
		quoted, err := d.ReadValue()
		if err != nil {
			return false, err
		}
		if err := member(unquotedName(quoted)); err != nil {
			return false, err
		}
	}
	_, err := d.ReadToken()
	return true, err
}

// unquotedName is the name of a member, which in practice never has an escape.
func unquotedName(quoted jsontext.Value) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	// The error speaks of lone surrogates, which have been replaced.
	name, _ := jsontext.AppendUnquote(nil, quoted)
	return name
}
