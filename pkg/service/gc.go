package service

import "runtime"

// spareHeap is how much garbage a process may hold, in bytes, beside as much again as
// it has in use. The collector runs when the heap has doubled; the few megabytes that a
// service has in use double sixty times a second under load.
const spareHeap = 32 << 20

// allowGarbage makes room for spareHeap until the returned function is called. The
// memory is never touched: it costs address space and no page.
func allowGarbage() (release func()) {
	ballast := make([]byte, spareHeap)
	return func() { runtime.KeepAlive(ballast) }
}
