// Package line is what end-to-end tests share: it builds the binaries, starts them as
// processes, and talks to them as their users do, over HTTP and WebSocket.
//
//	func TestMain(m *testing.M) { os.Exit(line.Main(m)) }
//
// Tests know each other through nothing but their process, so where the binaries are is
// a variable of the package, set by Main.
package line
