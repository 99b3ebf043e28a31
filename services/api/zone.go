package api

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// zoneName is the IANA name of a zone, "" where the machine does not tell that of its own: Go knows
// its rules by a file, and its name only where that file is a link.
func zoneName(zone *time.Location, localtime string) string {
	name := zone.String()
	if named := underZoneinfo(name); named != "" {
		return named
	}
	if name != "Local" {
		return name
	}
	if target, err := os.Readlink(localtime); err == nil {
		if named := underZoneinfo(target); named != "" {
			return named
		}
	}
	if target, err := filepath.EvalSymlinks(localtime); err == nil {
		if named := underZoneinfo(target); named != "" {
			return named
		}
	}
	return fixedName(zone)
}

// underZoneinfo is the name that a path of the zone database stands for.
func underZoneinfo(path string) string {
	_, name, _ := strings.Cut(path, "zoneinfo/")
	if _, err := time.LoadLocation(name); err != nil || name == "" {
		return ""
	}
	return name
}

// fixedName names a zone that is so many whole hours from UTC in winter and in summer.
func fixedName(zone *time.Location) string {
	year := time.Now().Year()
	_, winter := time.Date(year, time.January, 1, 0, 0, 0, 0, zone).Zone()
	_, summer := time.Date(year, time.July, 1, 0, 0, 0, 0, zone).Zone()
	switch hours := winter / 3600; {
	case winter != summer || winter%3600 != 0:
		return ""
	case hours == 0:
		return "UTC"
	default:
		return fmt.Sprintf("Etc/GMT%+d", -hours) // these names count to the west
	}
}
