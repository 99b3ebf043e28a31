package secrets

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// Sign makes a signature that only holders of a key of the ring can make: HMAC-SHA256
// under a key that HKDF-SHA256 derives from the first one. It holds for one purpose, and
// hides nothing of the value.
func (r *Ring) Sign(purpose, value string) string {
	return base64.RawURLEncoding.EncodeToString(r.keys[0].signature(purpose, value))
}

// Verify reports whether a signature was made by Sign, under any key of the ring, for
// the same purpose and value. It takes as long for a wrong one as for a right one.
func (r *Ring) Verify(purpose, value, signature string) bool {
	given, err := encoding.DecodeString(signature)
	if err != nil {
		return false
	}
	found := false
	for _, k := range r.keys {
		if hmac.Equal(given, k.signature(purpose, value)) {
			found = true
		}
	}
	return found
}

// signature separates purpose and value, so that no two pairs are signed alike.
func (k *key) signature(purpose, value string) []byte {
	mac := hmac.New(sha256.New, k.sign)
	mac.Write([]byte(purpose + "\x00" + value))
	return mac.Sum(nil)
}
