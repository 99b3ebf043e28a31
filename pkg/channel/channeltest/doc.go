// Package channeltest is the suite that every channel.Adapter has to pass.
//
//	func TestAdapter(t *testing.T) { channeltest.Run(t, telegram.Adapter{}, "testdata") }
//	func FuzzDecode(f *testing.F)  { channeltest.Fuzz(f, telegram.Adapter{}, "testdata") }
//
// A case is a file: <case>.json is a body as the channel delivers it, and beside it
// <case>.golden.json is what the adapter makes of it, written by
//
//	go test ./telegram -run TestAdapter -update
//
// and reviewed by a person. Properties are what holds for every adapter and every
// body: see Check.
package channeltest
