package telegram_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"unicode/utf16"

	"github.com/tasktracker/tasktracker/pkg/channel/channeltest"
	"github.com/tasktracker/tasktracker/pkg/telegram"
)

// BenchmarkDecode decodes the updates of testdata as they are on the wire: one line
// of ASCII with \uXXXX escapes.
func BenchmarkDecode(b *testing.B) {
	var bodies [][]byte
	size := 0
	for _, c := range channeltest.Cases(b, "testdata/updates") {
		body := onTheWire(b, c.Body)
		bodies = append(bodies, body)
		size += len(body)
	}
	b.SetBytes(int64(size / len(bodies)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := (telegram.Adapter{}).Decode(bodies[i%len(bodies)], channeltest.ReceivedAt); err != nil {
			b.Fatal(err)
		}
	}
}

func onTheWire(b *testing.B, body []byte) []byte {
	b.Helper()
	var compact bytes.Buffer
	if err := json.Compact(&compact, body); err != nil {
		b.Fatal(err)
	}
	var ascii []byte
	for _, r := range compact.String() {
		if r < 0x80 {
			ascii = append(ascii, byte(r))
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			ascii = fmt.Appendf(ascii, `\u%04x`, unit)
		}
	}
	return ascii
}
