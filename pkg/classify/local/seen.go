package local

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"
)

// Seen is a Bloom filter of texts: it tells those that a model was trained on, so that no
// figure over them is taken for one over new texts. One in a thousand others is told so too
// with 20,000 texts in it.
type Seen [1 << 15]byte

// Add puts a text into the filter.
func (s *Seen) Add(text string) {
	for _, bit := range seenBits(text) {
		s[bit/8] |= 1 << (bit % 8)
	}
}

// Has tells whether a text was added, but for case and spaces.
func (s *Seen) Has(text string) bool {
	for _, bit := range seenBits(text) {
		if s[bit/8]&(1<<(bit%8)) == 0 {
			return false
		}
	}
	return true
}

func seenBits(text string) (bits [8]uint32) {
	digest := sha256.Sum256([]byte(strings.ToLower(strings.Join(strings.Fields(text), " "))))
	for i := range bits {
		bits[i] = binary.LittleEndian.Uint32(digest[4*i:]) % (uint32(len(Seen{})) * 8)
	}
	return bits
}
