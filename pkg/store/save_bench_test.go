package store_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/store"
)

const benchBatch = 500

var benchWords = strings.Fields("каса не працює після деплою термінал PaymentGatewayTimeout LL-490 the server returns error " +
	"please check оплата зависла знову node_exporter клієнт чекає вже годину рахунок не приходить на пошту")

// benchMessages makes a batch of new messages as a busy group writes them: 12 words by
// one of 300 authors, with a raw update.
func benchMessages(rnd *rand.Rand, next *atomic.Int64) []store.Incoming {
	batch := make([]store.Incoming, benchBatch)
	for i := range batch {
		n := next.Add(1)
		var content strings.Builder
		for range 12 {
			content.WriteString(benchWords[rnd.IntN(len(benchWords))] + " ")
		}
		author := rnd.IntN(300)
		batch[i] = incoming(fmt.Sprint(n), content.String(), sentAt(noon.Add(time.Duration(n)*time.Second)), func(in *store.Incoming) {
			in.Message.Author, in.Message.AuthorId = fmt.Sprintf("Author %d", author), fmt.Sprint(author)
			in.Raw = []byte(`{"update_id":1,"message":{"message_id":1,"date":1700000000,"chat":{"id":-1001,"type":"supergroup",` +
				`"title":"Support"},"from":{"id":42,"is_bot":false,"first_name":"Оксана"},"text":"каса не працює після деплою"}}`)
		})
	}
	return batch
}

// BenchmarkSaveMessages stores batches of 500 new messages, by one caller and, as
// several workers do, by four at once.
func BenchmarkSaveMessages(b *testing.B) {
	for _, callers := range []int{1, 4} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			s, _ := world(b)
			var next atomic.Int64
			rnd := rand.New(rand.NewPCG(1, 2))
			batches := make(chan []store.Incoming, b.N)
			for range b.N {
				batches <- benchMessages(rnd, &next)
			}
			close(batches)
			done := make(chan error, callers)
			b.ResetTimer()
			for range callers {
				go func() {
					var err error
					for batch := range batches {
						if err == nil {
							_, err = s.SaveMessages(b.Context(), batch)
						}
					}
					done <- err
				}()
			}
			for range callers {
				if err := <-done; err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*benchBatch)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
