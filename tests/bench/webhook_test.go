package bench_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/tests/line"
)

// rounds alternate what is compared, so that a noisy minute meets both.
const rounds = 3

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
	b.ReportMetric(best(rates["ingest"]), "requests/s")
	b.ReportMetric(best(rates["bare"]), "bare-requests/s")
	b.ReportMetric(100*best(rates["ingest"])/best(rates["bare"]), "%-of-bare")
}

func best(values []float64) float64 {
	most := 0.0
	for _, v := range values {
		most = max(most, v)
	}
	return most
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
