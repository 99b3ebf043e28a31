package secrets_test

import "testing"

const signPurpose = "telegram.webhook_test"

func TestASignatureHoldsForItsPurposeAndValue(t *testing.T) {
	t.Parallel()
	r := ring(t, keyA)
	signature := r.Sign(signPurpose, "id.time")
	if !r.Verify(signPurpose, "id.time", signature) {
		t.Error("not verified")
	}
	for name, ok := range map[string]bool{
		"another value":    r.Verify(signPurpose, "id.tim", signature),
		"another purpose":  r.Verify("x", "id.time", signature),
		"another key":      ring(t, keyB).Verify(signPurpose, "id.time", signature),
		"no signature":     r.Verify(signPurpose, "id.time", ""),
		"more behind it":   r.Verify(signPurpose, "id.time", signature+"A"),
		"no base64":        r.Verify(signPurpose, "id.time", "!"+signature[1:]),
		"moved separator":  r.Verify(signPurpose+"\x00id", "time", signature),
		"the sealed value": r.Verify(signPurpose, "id.time", r.Seal(signPurpose, "id.time")),
	} {
		if ok {
			t.Errorf("%s is verified", name)
		}
	}
	for i := range len(signature) {
		for _, flip := range []byte{0x01, 0x20, 0x80} {
			changed := []byte(signature)
			changed[i] ^= flip
			if r.Verify(signPurpose, "id.time", string(changed)) {
				t.Errorf("verified with byte %d changed", i)
			}
		}
	}
}

// Known answer: processes of two releases check each other's signatures.
func TestSignatureKnownAnswer(t *testing.T) {
	t.Parallel()
	const want = "SV8IqW7SWR7Xa_YrXNhv3YLkY14GE4pTXsfvfRJiWE4"
	if got := ring(t, keyA).Sign(signPurpose, "id.time"); got != want {
		t.Errorf("signature %s", got)
	}
}

func TestSignaturesOfReplacedKeysHold(t *testing.T) {
	t.Parallel()
	before, during := ring(t, keyA), ring(t, keyB+","+keyA)
	if !during.Verify(signPurpose, "v", before.Sign(signPurpose, "v")) || before.Verify(signPurpose, "v", during.Sign(signPurpose, "v")) {
		t.Error("the second key does not verify, or the first does not sign")
	}
}
