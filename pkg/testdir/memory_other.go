//go:build unix && !linux

package testdir

func memory() (string, bool) { return "", false }
