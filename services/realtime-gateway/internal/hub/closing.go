package hub

import "fmt"

// Closing is how a connection ends: code and reason of the close frame.
type Closing struct {
	Code   uint16
	Reason string
}

// The ways in which the gateway ends a connection. After each of them a client
// should come back with ?since=, at once after CloseSlow and CloseNoPong, after a
// random pause after CloseGoingAway, and after mending itself after CloseFlood.
var (
	CloseGoingAway = Closing{1001, "server is stopping: reconnect after a random pause of 0 to 5 seconds"}
	CloseSlow      = Closing{4001, "too slow: reconnect with ?since= to get what was missed"}
	CloseFlood     = Closing{4002, "too many frames: send less, then reconnect with ?since="}
	CloseNoPong    = Closing{4003, "no answer to ping: reconnect with ?since="}
)

// Codes under which connections that the client ended are counted.
const (
	codeByClient = "client" // with a close frame
	codeLost     = "lost"   // without
)

func (c Closing) label() string { return fmt.Sprint(c.Code) }
