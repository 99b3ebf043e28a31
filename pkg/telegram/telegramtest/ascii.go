package telegramtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// wireJSON gives a JSON document the shape it has on the wire: one line of
// ASCII, every other character a \uXXXX escape, those beyond U+FFFF a surrogate
// pair (td/utils/JsonBuilder.cpp). Escapes that are in the document stay.
func wireJSON(doc []byte) ([]byte, error) {
	if !utf8.Valid(doc) {
		return nil, errors.New("document is not UTF-8")
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, doc); err != nil {
		return nil, fmt.Errorf("compact document: %w", err)
	}
	out := make([]byte, 0, compact.Len())
	for _, r := range compact.String() {
		switch {
		case r < utf8.RuneSelf:
			out = append(out, byte(r))
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			out = appendEscape(appendEscape(out, high), low)
		default:
			out = appendEscape(out, r)
		}
	}
	return out, nil
}

func appendEscape(out []byte, unit rune) []byte {
	return append(out, '\\', 'u', hexDigits[unit>>12&0xF], hexDigits[unit>>8&0xF], hexDigits[unit>>4&0xF], hexDigits[unit&0xF])
}

// utf16Len is the length Telegram counts texts in.
func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}
