// Package secrets seals what must not lie in a database in the clear: bot tokens,
// webhook secrets, keys of model servers.
//
// A sealed value is text: "v2.<key id>.<base64url of nonce, ciphertext and tag>", by
// AES-256-GCM under a key that HKDF-SHA256 derives from a key of SETTINGS_ENCRYPTION_KEY.
// Version, key id and purpose are authenticated with it, so that a value opens only as
// what it was sealed as. Values of the earlier system (base64 of IV, ciphertext and tag,
// its key by PBKDF2) open too, for any purpose, since they were bound to none.
package secrets

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// Errors of Open.
var (
	// ErrCorrupt means that the text is no sealed value, or was changed, or was sealed for
	// another purpose.
	ErrCorrupt = errors.New("the sealed value is damaged, or was sealed for something else")
	// ErrKey means that the value was sealed under a key that the ring does not have. (Of
	// the earlier system's values, which name no key, damage looks the same.)
	ErrKey = errors.New("the value was sealed under another key: add that key to SETTINGS_ENCRYPTION_KEY, behind a comma, or enter the secret again")
)

const (
	version = "v2"
	keySize = 32 // AES-256
	// leastSealed is GCM's nonce and tag, in bytes.
	leastSealed = 12 + 16
	// MinKey is the fewest characters of a key.
	MinKey = 32
	// minDistinct is the fewest different characters of a key: "aaaa..." is none.
	minDistinct = 8

	legacySalt   = "task-tracker-settings-salt-v1"
	legacyRounds = 100_000
)

// Ring is the keys of an installation; the first seals, all open. It is safe for
// concurrent use.
type Ring struct{ keys []*key }

type key struct {
	id     string
	aead   cipher.AEAD
	sign   []byte
	legacy func() (cipher.AEAD, error) // made when first needed: it takes some 20 ms
}

// NewRing reads SETTINGS_ENCRYPTION_KEY: one key, or several separated by commas. It
// returns what Check does.
func NewRing(setting string) (*Ring, error) {
	if err := Check(setting); err != nil {
		return nil, err
	}
	r := &Ring{}
	for _, text := range split(setting) {
		k, err := newKey(text)
		if err != nil {
			return nil, err
		}
		r.keys = append(r.keys, k)
	}
	return r, nil
}

// NewKey makes a key for SETTINGS_ENCRYPTION_KEY.
func NewKey() string {
	random := make([]byte, keySize)
	_, _ = rand.Read(random) // never fails (crypto/rand)
	return base64.StdEncoding.EncodeToString(random)
}

// Check reports every key of a setting that is too weak, joined, without quoting it.
func Check(setting string) error {
	var faults []error
	for i, text := range split(setting) {
		if why := weak(text); why != "" {
			faults = append(faults, fmt.Errorf("SETTINGS_ENCRYPTION_KEY: key %d %s: make one with `openssl rand -base64 32`", i+1, why))
		}
	}
	return errors.Join(faults...)
}

func split(setting string) []string {
	keys := strings.Split(setting, ",")
	for i := range keys {
		keys[i] = strings.TrimSpace(keys[i])
	}
	return keys
}

// weak says why a key is none; "" for a good one.
func weak(text string) string {
	distinct := map[rune]struct{}{}
	for _, r := range text {
		distinct[r] = struct{}{}
	}
	lower := strings.ToLower(text)
	switch {
	case text == "":
		return "is empty"
	case len([]rune(text)) < MinKey:
		return fmt.Sprintf("is shorter than %d characters", MinKey)
	case len(distinct) < minDistinct:
		return "repeats a few characters"
	case strings.Contains(lower, "change") || strings.Contains(lower, "default") || strings.Contains(lower, "example") || strings.Contains(lower, "your-"):
		return "is the default of an example"
	}
	return ""
}

func newKey(text string) (*key, error) {
	secret, err := hkdf.Key(sha256.New, []byte(text), nil, "task-tracker settings "+version, keySize)
	if err != nil {
		return nil, fmt.Errorf("derive a key: %w", err)
	}
	id, err := hkdf.Key(sha256.New, []byte(text), nil, "task-tracker settings key id", 4)
	if err != nil {
		return nil, fmt.Errorf("derive the id of a key: %w", err)
	}
	sign, err := hkdf.Key(sha256.New, []byte(text), nil, "task-tracker settings signature", keySize)
	if err != nil {
		return nil, fmt.Errorf("derive the key of signatures: %w", err)
	}
	aead, err := newAEAD(secret)
	if err != nil {
		return nil, err
	}
	return &key{id: hex.EncodeToString(id), aead: aead, sign: sign, legacy: sync.OnceValues(func() (cipher.AEAD, error) {
		secret, err := pbkdf2.Key(sha256.New, text, []byte(legacySalt), legacyRounds, keySize)
		if err != nil {
			return nil, fmt.Errorf("derive the earlier system's key: %w", err)
		}
		return newAEAD(secret)
	})}, nil
}

func newAEAD(secret []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	return cipher.NewGCM(block)
}

// encoding is strict, so that no two texts stand for one value.
var encoding = base64.RawURLEncoding.Strict()

// Seal encrypts a value for a purpose, such as "telegram bot token".
func (r *Ring) Seal(purpose, value string) string {
	k := r.keys[0]
	nonce := make([]byte, k.aead.NonceSize(), k.aead.NonceSize()+len(value)+k.aead.Overhead())
	_, _ = rand.Read(nonce) // never fails (crypto/rand)
	sealed := k.aead.Seal(nonce, nonce, []byte(value), bound(k.id, purpose))
	return version + "." + k.id + "." + encoding.EncodeToString(sealed)
}

// bound is what is authenticated beside the value.
func bound(keyID, purpose string) []byte { return []byte(version + "\x00" + keyID + "\x00" + purpose) }

// Open decrypts what Seal made for the same purpose, or what the earlier system sealed.
// It returns ErrCorrupt or ErrKey; neither quotes the value.
func (r *Ring) Open(purpose, sealed string) (string, error) {
	head, rest, found := strings.Cut(sealed, ".")
	if !found {
		return r.openLegacy(sealed)
	}
	id, text, found := strings.Cut(rest, ".")
	if head != version || !found || len(id) != 8 {
		return "", ErrCorrupt
	}
	data, err := encoding.DecodeString(text)
	if err != nil || len(data) < leastSealed {
		return "", ErrCorrupt
	}
	if _, err := hex.DecodeString(id); err != nil {
		return "", ErrCorrupt
	}
	for _, k := range r.keys {
		if k.id == id {
			return open(k.aead, data, bound(id, purpose))
		}
	}
	return "", ErrKey
}

// open takes data of leastSealed bytes and more.
func open(aead cipher.AEAD, data, additional []byte) (string, error) {
	value, err := aead.Open(nil, data[:aead.NonceSize()], data[aead.NonceSize():], additional)
	if err != nil {
		return "", ErrCorrupt
	}
	return string(value), nil
}

// openLegacy tries every key: the earlier system's values name none.
func (r *Ring) openLegacy(sealed string) (string, error) {
	data, err := base64.StdEncoding.Strict().DecodeString(sealed)
	if err != nil || len(data) < leastSealed {
		return "", ErrCorrupt
	}
	for _, k := range r.keys {
		aead, err := k.legacy()
		if err != nil {
			return "", err
		}
		if value, err := open(aead, data, nil); err == nil {
			return value, nil
		}
	}
	return "", ErrKey
}

// Stale reports whether a sealed value should be sealed anew: it is of the earlier
// system, or under a key that is not the first.
func (r *Ring) Stale(sealed string) bool {
	return !strings.HasPrefix(sealed, version+"."+r.keys[0].id+".")
}
