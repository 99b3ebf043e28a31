package bench_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/tests/line"
)

// rounds alternate what is compared, so that a noisy minute meets both.
const rounds = 5

// BenchmarkWebhook compares ingest with the bare handler of ./bare: 64 keep-alive
// connections, closed loop, a NATS process of its own, with each way of syncing.
func BenchmarkWebhook(b *testing.B) {
	for _, sync := range []string{"interval", "always"} {
		b.Run("sync="+sync, func(b *testing.B) {
			for b.Loop() {
				compareWebhooks(b, sync)
			}
		})
	}
}

func compareWebhooks(b *testing.B, sync string) {
	rates := map[string][]float64{}
	for round := range rounds {
		for _, name := range []string{"bare", "ingest"} {
			nats := line.StartNATS(b, syncOption(b, sync)...)
			p := line.Start(b, name, map[string]string{"HTTP_ADDR": "127.0.0.1:0", "NATS_URL": nats.URL, "INBOUND_MAX_BYTES": "4294967296", "NATS_SYNC": sync})
			base := p.URL()
			closedLoop(b, base, 64, time.Second) // warm
			service, broker := cpu(b, p), cpu(b, nats.Process())
			rate, took := closedLoop(b, base, 64, 5*time.Second)
			service, broker = cpu(b, p)-service, cpu(b, nats.Process())-broker
			rates[name] = append(rates[name], rate)
			b.Logf("round %d %-6s %6.0f/s  %s  CPU a request: service %s, NATS %s", round, name, rate, took,
				per(service, took.count()), per(broker, took.count()))
			p.Stop(os.Interrupt)
			nats.Stop(9)
		}
	}
	var ofBare []float64
	for i, rate := range rates["ingest"] {
		ofBare = append(ofBare, 100*rate/rates["bare"][i])
	}
	b.ReportMetric(median(rates["ingest"]), "requests/s")
	b.ReportMetric(median(rates["bare"]), "bare-requests/s")
	b.ReportMetric(median(ofBare), "%-of-bare")
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// syncOption makes a NATS server sync as NATS_SYNC says.
func syncOption(b *testing.B, sync string) []string {
	b.Helper()
	if sync == "interval" {
		return nil
	}
	file := filepath.Join(b.TempDir(), "nats.conf")
	if err := os.WriteFile(file, []byte(fmt.Sprintf("jetstream { sync_interval: %s }\n", sync)), 0o600); err != nil {
		b.Fatal(err)
	}
	return []string{"-c", file}
}
