package summary_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/services/api/internal/summary"
)

// The costliest day: as many messages as quotes are chosen from, all in one chat.
func BenchmarkMake(b *testing.B) {
	const words = "the printer on floor %d of building %d prints no receipts since release %d, customers of bank %d wait"
	messages := make([]summary.Message, 10_000)
	for i := range messages {
		messages[i] = summary.Message{Chat: "c", Author: "A", Text: fmt.Sprintf(words, i%7, i%11, i%100, i%13), SentAt: time.Unix(int64(i), 0)}
	}
	b.ReportAllocs()
	for b.Loop() {
		summary.Make(messages, time.UTC)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(messages)), "µs/message")
}
