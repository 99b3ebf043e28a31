package contract

import (
	"errors"
	"time"
	_ "time/tzdata" // an image or a machine may have no zones of its own
)

// errTimeZone is a sentence for the caller.
var errTimeZone = errors.New("is not a time zone: use an IANA name such as Europe/Kyiv")

// TimeZone reads an IANA name; "" means UTC.
func TimeZone(name string) (*time.Location, error) {
	// "Local" would be the server's own zone, which is nobody's.
	tz, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, errTimeZone
	}
	return tz, nil
}
