package store

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// maxPage bounds every page.
const maxPage = 500

// position is where a page ends: the time and id of its last row.
type position struct {
	at time.Time
	id int64
}

// String is opaque to callers: microseconds and id.
func (p position) String() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d", p.at.UnixMicro(), p.id))
}

// before gives the parameters that continue after a cursor; nil for "".
func before(cursor string) (at *time.Time, id *int64, err error) {
	if cursor == "" {
		return nil, nil, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, nil, ErrBadCursor
	}
	micros, rest, ok := strings.Cut(string(text), ".")
	us, err1 := strconv.ParseInt(micros, 10, 64)
	n, err2 := strconv.ParseInt(rest, 10, 64)
	if !ok || err1 != nil || err2 != nil {
		return nil, nil, ErrBadCursor
	}
	t := time.UnixMicro(us).UTC()
	if t.Year() < 1 || t.Year() > 9999 {
		return nil, nil, ErrBadCursor
	}
	return &t, &n, nil
}

// some is a pointer to v, or nil where v is the zero value.
func some[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
