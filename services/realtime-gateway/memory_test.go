package gateway_test

import (
	"runtime"
	"testing"
)

// An idle client costs at most 30 kB, this test's own side of it included.
func TestIdleClient_CostsLittleMemory(t *testing.T) {
	const clients, bound = 400, 30 << 10
	r := start(t, config())
	r.dial("") // what is made once
	measure := func() int64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc + m.StackInuse)
	}
	before := measure()
	for range clients {
		r.dial("")
	}
	after := measure()
	each := (after - before) / clients
	t.Logf("%d bytes for each client, both ends", each)
	if each > bound {
		t.Errorf("an idle client costs %d bytes with both ends, want at most %d", each, bound)
	}
}
