package telegram

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/tasktracker/tasktracker/pkg/channel"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		`{"a":"x\u0000y"}`:                       `{"a":"xy"}`,
		`{"a\u0000":"x\\u0000"}`:                 `{"a` + "\uFFFD" + `":"x\\u0000"}`,
		`{"a":"\ud83d","b":"\ude80\ud83d"}`:      `{"a":"` + "\uFFFD" + `","b":"` + "\uFFFD\uFFFD" + `"}`,
		`{"a":"\ud83d\ude80"}`:                   `{"a":"🚀"}`,
		`{"a":1e400,"b":-1.50,"c":1E-9}`:         `{"a":"1e400","b":-1.50,"c":1E-9}`,
		`{"a":1` + strings.Repeat("0", 64) + `}`: `{"a":"1` + strings.Repeat("0", 64) + `"}`,
		`{"message":{"reply_to_message":{"b":1,"reply_to_message":{"c":1},"d":[2]},"e":1}}`:        `{"message":{"reply_to_message":{"b":1,"d":[2]},"e":1}}`,
		`{"channel_post":{"reply_to_message":{"reply_to_message":7}}}`:                             `{"channel_post":{"reply_to_message":{}}}`,
		`{"reply_to_message":{"reply_to_message":{"x":1}}}`:                                        `{"reply_to_message":{"reply_to_message":{"x":1}}}`,
		`{"m":{"x":{"reply_to_message":{"b":1}},"reply_to_message":{"x":{"reply_to_message":1}}}}`: `{"m":{"x":{"reply_to_message":{"b":1}},"reply_to_message":{"x":{"reply_to_message":1}}}}`,
		" { \"a\" : [ true , null ] } ":                                                            `{"a":[true,null]}`,
	} {
		got, err := clean([]byte(given))
		if err != nil || string(got) != want {
			t.Errorf("%s: got %s, %v; want %s", given, got, err, want)
		}
	}
	if got, err := clean([]byte(`{"a\ud800":1,"a\u0000":2}`)); !errors.Is(err, channel.ErrInvalid) {
		t.Errorf("two names that become one: got %s, %v", got, err)
	}
}

func TestLook(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]survey{
		`{"a":"\ud83d\ude80 \\u0000 \\ud83d \u0001"}`: {},
		`{"a":"\uD83D\uDE80","b":-12.5e+10}`:          {},
		`{"a":"\u0000"}`:                              {unclean: true},
		`{"a":"\\\u0000"}`:                            {unclean: true},
		`{"a":"\ud83d\u0041"}`:                        {unclean: true},
		`{"a":"\ud83d\ud83d\ude80"}`:                  {unclean: true},
		`{"a":"\ude80"}`:                              {unclean: true},
		`{"a":"\ud83d`:                                {unclean: true},
		`{"a":1e65}`:                                  {unclean: true},
		`{"a":1e99999999999999999999}`:                {unclean: true},
		`{"a":` + strings.Repeat("1", 65) + `}`:       {unclean: true},
		`{"a":"[[[[ 1e400"}`:                          {},
		strings.Repeat("[", 512):                      {},
		strings.Repeat("[", 513):                      {tooDeep: true},
		strings.Repeat("[]", 1000):                    {},
	} {
		if got := look([]byte(body)); got != want {
			t.Errorf("%.60s: got %+v, want %+v", body, got, want)
		}
	}
}

// FuzzRawSanitise: what clean lets through needs no cleaning, means the same to a
// strict reader and to a lax one, and stays as it is.
func FuzzRawSanitise(f *testing.F) {
	for _, seed := range []string{`{"a":"\u0000\ud83d","b\u0000":1e400}`, `{"message":{"reply_to_message":{"reply_to_message":{}}}}`,
		`{"a":[1,{"b":"\\u0000 \ud83d\ude80"}],"c":-0.0}`, "{\"a\":\"\xff\xed\xa0\x80\"}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, given []byte) {
		given = validUTF8(given)
		lax := jsontext.Value(given)
		if len(given) == 0 || look(given).tooDeep || !lax.IsValid(jsontext.AllowInvalidUTF8(true)) {
			return
		}
		once, err := clean(given)
		if err != nil {
			if !errors.Is(err, channel.ErrInvalid) {
				t.Fatalf("clean: %v", err)
			}
			return
		}
		if !json.Valid(once) || !jsontext.Value(once).IsValid() {
			t.Fatalf("not valid: %q", once)
		}
		if s := look(once); s.unclean || s.tooDeep {
			t.Errorf("not clean: %q", once)
		}
		twice, err := clean(once)
		if err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%q is cleaned to %q, %v", once, twice, err)
		}
	})
}
