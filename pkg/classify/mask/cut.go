package mask

import (
	"fmt"
	"unicode/utf8"
)

// Cut shortens a masked text of more than limit characters: two thirds of them from its
// head and the rest from its tail, with a note between of how many were left out. It
// never cuts through a placeholder, so that the result is up to a placeholder shorter,
// and longer by the note. A limit below 1 leaves nothing but the note.
func Cut(text string, limit int) string {
	if len(text) <= limit { // bytes are no fewer than characters
		return text
	}
	total := utf8.RuneCountInString(text)
	if total <= limit {
		return text
	}
	limit = max(limit, 0)
	tail := limit / 3
	from, to := byteOf(text, limit-tail), byteOf(text, total-tail)
	for _, at := range placeholder.FindAllStringIndex(text, -1) {
		if at[0] < from && from < at[1] {
			from = at[0]
		}
		if at[0] < to && to < at[1] {
			to = at[1]
		}
	}
	return fmt.Sprintf("%s\n[... %d characters left out ...]\n%s", text[:from], utf8.RuneCountInString(text[from:to]), text[to:])
}

// byteOf is where the nth character begins, or the text's end.
func byteOf(text string, n int) int {
	for at := range text {
		if n == 0 {
			return at
		}
		n--
	}
	return len(text)
}
