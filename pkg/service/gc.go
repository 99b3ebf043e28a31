package service

import (
	"os"
	"runtime"
	"runtime/debug"
)

// The collector of Go runs when the heap has doubled: the few megabytes that a service
// has in use would double sixty times a second under load, while the hundred that an
// embedded broker has would leave a hundred of garbage. So the heap may grow by two fifths,
// counted with a ballast: 25 MiB and two fifths of what is in use. GOGC overrides it.
const (
	ballastSize = 64 << 20 // bytes; never touched: it costs address space and no page
	gcPercent   = 40
)

// allowGarbage tunes the collector until the returned function is called.
func allowGarbage() (release func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	before := debug.SetGCPercent(gcPercent)
	ballast := make([]byte, ballastSize)
	return func() {
		runtime.KeepAlive(ballast)
		debug.SetGCPercent(before)
	}
}
