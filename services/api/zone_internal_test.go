package api

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A browser takes IANA names alone, and "Local" is none.
func TestAZoneHasAName(t *testing.T) {
	t.Parallel()
	kyiv, err := time.LoadLocation("Europe/Kyiv")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	link, file, missing := filepath.Join(dir, "link"), filepath.Join(dir, "file"), filepath.Join(dir, "missing")
	if err := os.Symlink("../usr/share/zoneinfo/Europe/Kyiv", link); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	machine := func(offset int) *time.Location { return time.FixedZone("Local", offset) }
	for _, test := range []struct {
		zone      *time.Location
		localtime string
		want      string
	}{
		{kyiv, missing, "Europe/Kyiv"},
		{time.UTC, link, "UTC"},
		{machine(7200), link, "Europe/Kyiv"},
		{machine(0), file, "UTC"},
		{machine(7200), missing, "Etc/GMT-2"},
		{machine(-18000), missing, "Etc/GMT+5"},
		{machine(19800), missing, ""},
	} {
		if got := zoneName(test.zone, test.localtime); got != test.want {
			t.Errorf("%s with %s: %q, want %q", test.zone, test.localtime, got, test.want)
		}
	}
}
