// Package secrecy looks for a bot's token, and for the secrets of its webhook, wherever
// the product leaves anything: answers, output, metrics, traces, frames, rows and
// messages. The real standalone is driven through everything that it serves, and through
// every way in which Telegram, the network or a key can fail.
package secrecy

import (
	"os"
	"testing"

	"github.com/tasktracker/tasktracker/tests/line"
)

func TestMain(m *testing.M) { os.Exit(line.Main(m)) }
