package secrets_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/secrets"
)

const (
	keyA    = "Zk1c3Vjc2Vzcy1pcy1qdXN0LWEtd29yZC1oZXJl"
	keyB    = "bm90LWEtcmVhbC1rZXktYnV0LWxvbmctZW5vdWdo"
	purpose = "telegram bot token"
	token   = "123456789:AAF-ключ_token"
)

func ring(t testing.TB, setting string) *secrets.Ring {
	t.Helper()
	r, err := secrets.NewRing(setting)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestASealedValueOpensAsWhatItWasSealed(t *testing.T) {
	t.Parallel()
	r := ring(t, keyA)
	for _, value := range []string{token, "", strings.Repeat("x", 100_000), "\x00\xff"} {
		sealed := r.Seal(purpose, value)
		if value != "" && strings.Contains(sealed, value) || sealed == r.Seal(purpose, value) {
			t.Errorf("sealed as %.80s", sealed)
		}
		if got, err := r.Open(purpose, sealed); err != nil || got != value {
			t.Errorf("opens as %.80q, %v", got, err)
		}
		if _, err := r.Open("webhook secret", sealed); !errors.Is(err, secrets.ErrCorrupt) {
			t.Errorf("opens for another purpose: %v", err)
		}
	}
}

// Known answers: what was sealed by releases before must open for ever.
func TestKnownAnswers(t *testing.T) {
	t.Parallel()
	r := ring(t, keyA)
	for name, sealed := range map[string]string{
		"this form":      "v2.66c52be7.CwoJCAcGBQQDAgEA_ZYn-qsybgUYU9nuImqbkSfaMS5VyAd-647xAMezgFwXJYCEZckY3w-P1Bg",
		"earlier system": "AAECAwQFBgcICQoLNatp0+5nKkD7uSdnjNgHUa79kO6PlK6J7idRAAsPBBl0lqqJun9nZhwNkqM=",
	} {
		if got, err := r.Open(purpose, sealed); err != nil || got != token {
			t.Errorf("%s opens as %q, %v", name, got, err)
		}
	}
}

func TestEveryChangedByteIsNoticed(t *testing.T) {
	t.Parallel()
	r := ring(t, keyA)
	for name, sealed := range map[string]string{"this form": r.Seal(purpose, token), "earlier system": legacy(t, keyA, token)} {
		for i := range len(sealed) {
			for _, flip := range []byte{0x01, 0x20, 0x80} {
				changed := []byte(sealed)
				changed[i] ^= flip
				if got, err := r.Open(purpose, string(changed)); err == nil {
					t.Errorf("%s, byte %d changed: opens as %q", name, i, got)
				}
			}
			if got, err := r.Open(purpose, sealed[:i]); err == nil {
				t.Errorf("%s, cut to %d bytes: opens as %q", name, i, got)
			}
		}
		if _, err := r.Open(purpose, sealed+"A"); err == nil {
			t.Errorf("%s opens with more behind it", name)
		}
	}
}

func TestAWrongKeyIsToldFromDamage(t *testing.T) {
	t.Parallel()
	sealed := ring(t, keyB).Seal(purpose, token)
	if _, err := ring(t, keyA).Open(purpose, sealed); !errors.Is(err, secrets.ErrKey) {
		t.Errorf("another key: %v", err)
	}
	if _, err := ring(t, keyA).Open(purpose, legacy(t, keyB, token)); !errors.Is(err, secrets.ErrKey) {
		t.Errorf("another key, earlier system: %v", err)
	}
	for _, foreign := range []string{"", "hello", token, "v2", "v2.", "v2..", "v2.00000000.", "v2.zzzzzzzz.AAAA", "v3.00000000.AAAA", "AAAA", "v2.00000000.****"} {
		if _, err := ring(t, keyA).Open(purpose, foreign); !errors.Is(err, secrets.ErrCorrupt) {
			t.Errorf("%q: %v", foreign, err)
		}
	}
}

func TestKeysRotate(t *testing.T) {
	t.Parallel()
	before, during, after := ring(t, keyA), ring(t, keyB+", "+keyA), ring(t, keyB)
	old, earlier := before.Seal(purpose, token), legacy(t, keyA, token)
	for _, sealed := range []string{old, earlier} {
		got, err := during.Open(purpose, sealed)
		if err != nil || got != token || !during.Stale(sealed) {
			t.Errorf("during: %q, %v, stale %v", got, err, during.Stale(sealed))
		}
	}
	renewed := during.Seal(purpose, token)
	if during.Stale(renewed) || after.Stale(renewed) || !after.Stale(old) {
		t.Error("stale is said of the wrong ones")
	}
	if got, err := after.Open(purpose, renewed); err != nil || got != token {
		t.Errorf("after: %q, %v", got, err)
	}
	if _, err := before.Open(purpose, renewed); !errors.Is(err, secrets.ErrKey) {
		t.Errorf("before: %v", err)
	}
}

func TestWeakKeysAreRefusedByName(t *testing.T) {
	t.Parallel()
	for _, setting := range []string{"", "short", strings.Repeat("a", 64), strings.Repeat("ab", 40), "please-change-this-encryption-key-in-production-1",
		"default-encryption-key-0123456789", keyA + ",", "," + keyA, keyA + ",short"} {
		if _, err := secrets.NewRing(setting); err == nil || !strings.Contains(err.Error(), "SETTINGS_ENCRYPTION_KEY") || strings.Contains(err.Error(), keyA) {
			t.Errorf("%q: %v", setting, err)
		}
	}
	for range 20 {
		if err := secrets.Check(secrets.NewKey()); err != nil {
			t.Error(err)
		}
	}
	if first, second := secrets.NewKey(), secrets.NewKey(); first == second {
		t.Error("two keys are alike")
	}
}

func FuzzOpen(f *testing.F) {
	r := ring(f, keyA)
	f.Add(r.Seal(purpose, token))
	f.Add(legacy(f, keyA, token))
	f.Add("v2.00000000.AAAA")
	f.Fuzz(func(t *testing.T, sealed string) {
		if _, err := r.Open("another purpose", sealed); err != nil && !errors.Is(err, secrets.ErrCorrupt) && !errors.Is(err, secrets.ErrKey) {
			t.Errorf("%q: %v", sealed, err)
		}
	})
}

// legacy seals as the earlier system did.
func legacy(t testing.TB, password, value string) string {
	t.Helper()
	key, err := pbkdf2.Key(sha256.New, password, []byte("task-tracker-settings-salt-v1"), 100_000, 32)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	iv := []byte("twelve bytes")
	return base64.StdEncoding.EncodeToString(aead.Seal(iv, iv, []byte(value), nil))
}
