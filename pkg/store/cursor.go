package store

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// maxPage bounds every page.
const maxPage = 500

// A cursor says where a page ends: the time of its last row in microseconds, and the
// numbers that order rows of one time. It is opaque to callers.
func cursorAt(at time.Time, numbers ...int64) string {
	text := strconv.AppendInt(nil, at.UnixMicro(), 10)
	for _, n := range numbers {
		text = strconv.AppendInt(append(text, '.'), n, 10)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// readCursor takes a cursor apart that was made with as many numbers as wanted, or
// returns ErrBadCursor; so is one of an earlier release that ordered by other numbers.
func readCursor(cursor string, wanted int) (at time.Time, numbers []int64, err error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return at, nil, ErrBadCursor
	}
	for field := range strings.SplitSeq(string(text), ".") {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return at, nil, ErrBadCursor
		}
		numbers = append(numbers, n)
	}
	if len(numbers) != 1+wanted {
		return at, nil, ErrBadCursor
	}
	at = time.UnixMicro(numbers[0]).UTC()
	if at.Year() < 1 || at.Year() > 9999 {
		return at, nil, ErrBadCursor
	}
	return at, numbers[1:], nil
}

// some is a pointer to v, or nil where v is the zero value.
func some[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
