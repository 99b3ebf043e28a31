package telegram

import (
	"bytes"
	"errors"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	// maxDepth is how deep arrays and objects may be nested. Telegram's own nest less
	// than 100 levels (rich messages 16 of their own); Go's and PostgreSQL's parsers
	// stop at some thousands.
	maxDepth = 512
	// A number is kept as such up to this length and exponent; PostgreSQL's numeric
	// ends at 131072 digits, a reader's float64 at 1e308, and 1e131071 is 131072
	// digits when it is printed. Telegram's have 20 at most.
	maxNumberLength   = 64
	maxNumberExponent = 64
	// replyDepth is how deep the members of a replied-to message are: in the update,
	// in its message, in its reply_to_message.
	replyDepth = 3
)

// survey is what a first look at the bytes of a body tells.
type survey struct {
	tooDeep bool
	// unclean says that a value cannot be stored as it is: an escaped null or lone
	// surrogate, or a number out of proportion.
	unclean bool
}

// look goes over a body once, without caring whether it is JSON.
func look(body []byte) survey {
	var s survey
	depth := 0
	for i := 0; i < len(body); {
		switch c := body[i]; {
		case c == '"':
			end, unclean := stringEnd(body, i+1)
			s.unclean = s.unclean || unclean
			i = end
		case c == '{' || c == '[':
			depth++
			s.tooDeep = s.tooDeep || depth > maxDepth
			i++
		case c == '}' || c == ']':
			depth--
			i++
		case c == '-' || '0' <= c && c <= '9':
			end := numberEnd(body, i)
			s.unclean = s.unclean || oversized(body[i:end])
			i = end
		default:
			i++
		}
	}
	return s
}

// stringEnd finds the byte after a string whose content begins at i, and tells
// whether it has escapes that PostgreSQL's jsonb refuses.
func stringEnd(body []byte, i int) (end int, unclean bool) {
	for i < len(body) {
		switch body[i] {
		case '"':
			return i + 1, unclean
		case '\\':
			unit, ok := escapedUnit(body, i)
			switch {
			case !ok:
				i += 2
				continue
			case unit == 0 || 0xDC00 <= unit && unit <= 0xDFFF:
				unclean = true
			case 0xD800 <= unit && unit <= 0xDBFF:
				low, ok := escapedUnit(body, i+6)
				if ok && 0xDC00 <= low && low <= 0xDFFF {
					i += 6
				} else {
					unclean = true
				}
			}
			i += 6
		default:
			i++
		}
	}
	return len(body), unclean
}

// escapedUnit reads \uXXXX at i.
func escapedUnit(body []byte, i int) (unit uint16, ok bool) {
	if i+6 > len(body) || body[i] != '\\' || body[i+1] != 'u' {
		return 0, false
	}
	for _, c := range body[i+2 : i+6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		unit = unit<<4 | uint16(c)
	}
	return unit, true
}

func numberEnd(body []byte, i int) int {
	for i < len(body) {
		switch c := body[i]; {
		case '0' <= c && c <= '9', c == '-', c == '+', c == '.', c == 'e', c == 'E':
			i++
		default:
			return i
		}
	}
	return i
}

// oversized tells a number that is not worth being kept as a number.
func oversized(literal []byte) bool {
	if len(literal) > maxNumberLength {
		return true
	}
	e := bytes.IndexAny(literal, "eE")
	if e < 0 {
		return false
	}
	exponent, err := strconv.Atoi(string(literal[e+1:]))
	return err != nil || exponent > maxNumberExponent || exponent < -maxNumberExponent
}

// validUTF8 puts one U+FFFD in the place of each run of bytes that are no UTF-8.
func validUTF8(body []byte) []byte {
	if utf8.Valid(body) {
		return body
	}
	return bytes.ToValidUTF8(body, []byte("\uFFFD"))
}

// clean rewrites an update, which is valid JSON, to what PostgreSQL's jsonb accepts:
// without null characters (U+FFFD in names, so that no name becomes another), lone
// surrogates as U+FFFD, numbers out of proportion as strings. What the replied-to
// message replies to is left out: Telegram never sends it, and a chain would be kept
// once with each of its messages. The only error is ErrInvalid, where two names of an
// object have become the same.
func clean(update []byte) ([]byte, error) {
	out := bytes.NewBuffer(make([]byte, 0, len(update)))
	dec := jsontext.NewDecoder(bytes.NewBuffer(update), jsontext.AllowInvalidUTF8(true))
	enc := jsontext.NewEncoder(out)
	for {
		var err error
		switch kind := dec.PeekKind(); kind {
		case jsontext.KindString:
			err = copyString(enc, dec)
		case jsontext.KindNumber:
			err = copyNumber(enc, dec)
		default:
			var token jsontext.Token
			if token, err = dec.ReadToken(); err == nil {
				err = enc.WriteToken(token)
			}
		}
		if err != nil {
			return nil, invalidJSON(err)
		}
		if dec.StackDepth() == 0 {
			return bytes.TrimSpace(out.Bytes()), nil
		}
	}
}

// copyString copies a value or a name; the name of a reply to a reply is left out,
// with its value.
func copyString(enc *jsontext.Encoder, dec *jsontext.Decoder) error {
	quoted, err := dec.ReadValue()
	if err != nil {
		return err
	}
	// The error speaks of lone surrogates, which have been replaced.
	text, _ := jsontext.AppendUnquote(nil, quoted)
	kind, length := dec.StackIndex(dec.StackDepth())
	isName := kind == jsontext.KindBeginObject && length%2 == 1
	if isName && string(text) == replyMember && dec.StackDepth() == replyDepth && dec.StackPointer().Parent().LastToken() == replyMember {
		return dec.SkipValue()
	}
	if bytes.IndexByte(text, 0) >= 0 {
		replacement := ""
		if isName {
			replacement = "\uFFFD"
		}
		text = bytes.ReplaceAll(text, []byte{0}, []byte(replacement))
	}
	quoted, err = jsontext.AppendQuote(nil, text)
	return errors.Join(err, enc.WriteValue(quoted))
}

func copyNumber(enc *jsontext.Encoder, dec *jsontext.Decoder) error {
	literal, err := dec.ReadValue()
	if err != nil {
		return err
	}
	if oversized(literal) {
		literal, err = jsontext.AppendQuote(nil, []byte(literal))
		if err != nil {
			return err
		}
	}
	return enc.WriteValue(literal)
}
