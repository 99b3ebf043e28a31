//go:build unix

package embeddedpostgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	// ownDir is the place inside DATA_DIR, locationFile the record of the place.
	ownDir       = "postgres"
	locationFile = "postgres.location"
	lockFile     = "postgres.lock"
)

// systemDirs are where root keeps what the server's account cannot reach
// elsewhere, in order of preference. Both outlive a reboot.
var systemDirs = [...]string{"/var/lib/task-tracker", "/var/tmp/task-tracker"}

// place is where a server's files lie: data/ and password.
type place struct {
	dir     string
	account account
}

func (p place) dataDir() string      { return filepath.Join(p.dir, "data") }
func (p place) passwordFile() string { return filepath.Join(p.dir, "password") }
func (p place) hasData() bool {
	_, err := os.Stat(filepath.Join(p.dataDir(), "PG_VERSION"))
	return err == nil
}

// check says whether the account can work in the place, by having it go there:
// modes alone do not tell (ACLs, mounts that map owners).
func (p place) check(ctx context.Context, bin binaries) error {
	_, err := p.account.run(ctx, p.dir, bin.program("postgres"), "--version")
	return err
}

// locate returns the place of dataDir: the recorded one, else one that holds
// data already, else the first that the account can use, which it records.
func locate(ctx context.Context, dataDir string, native string) (place, binaries, error) {
	own, err := ownAccount()
	if err != nil {
		return place{}, binaries{}, err
	}
	recorded, err := readLocation(dataDir)
	if err != nil {
		return place{}, binaries{}, err
	}
	if recorded != "" {
		return openPlace(ctx, recorded, own, native)
	}
	candidates := candidatePlaces(dataDir)
	for _, dir := range candidates {
		if (place{dir: dir}).hasData() {
			p, bin, err := openPlace(ctx, dir, own, native)
			if err == nil {
				err = writeLocation(dataDir, dir)
			}
			return p, bin, err
		}
	}
	bin, err := usableBinaries(ctx, native, own, cacheFor(candidates[0]))
	if err != nil {
		return place{}, binaries{}, err
	}
	var faults []error
	for _, dir := range candidates {
		p := place{dir: dir, account: own}
		if err := errors.Join(p.prepare(), p.check(ctx, bin)); err != nil {
			faults = append(faults, err)
			_ = os.Remove(dir) // only ever removes an empty one
			continue
		}
		return p, bin, writeLocation(dataDir, dir)
	}
	return place{}, binaries{}, fmt.Errorf("find a place for PostgreSQL's data: %w", errors.Join(faults...))
}

// candidatePlaces are the places for dataDir, always the same ones.
func candidatePlaces(dataDir string) []string {
	candidates := []string{filepath.Join(dataDir, ownDir)}
	if os.Geteuid() == 0 {
		sum := sha256.Sum256([]byte(dataDir))
		for _, dir := range systemDirs {
			candidates = append(candidates, filepath.Join(dir, hex.EncodeToString(sum[:8])))
		}
	}
	return candidates
}

// openPlace returns a place that was chosen before, or ErrInaccessible.
func openPlace(ctx context.Context, dir string, own account, native string) (place, binaries, error) {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = errors.New("not a directory")
	}
	if err != nil {
		return place{}, binaries{}, fmt.Errorf("%w: they were placed in %s: %w; bring that directory back (or, to begin anew with an empty database, delete %s)", ErrInaccessible, dir, err, locationFile)
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && os.Geteuid() != 0 && int(owner.Uid) != os.Geteuid() {
		return place{}, binaries{}, fmt.Errorf("%w: %s belongs to user %d; start as root or as that user, or choose another DATA_DIR", ErrInaccessible, dir, owner.Uid)
	}
	p := place{dir: dir, account: accountFor(dir, own)}
	bin, err := usableBinaries(ctx, native, p.account, cacheFor(dir))
	if err != nil {
		return place{}, binaries{}, err
	}
	if err := p.check(ctx, bin); err != nil {
		return place{}, binaries{}, fmt.Errorf("%w: user %d cannot use %s any more: %w", ErrInaccessible, p.account.uid, dir, err)
	}
	return p, bin, nil
}

// prepare makes the place's directory, for the account only.
func (p place) prepare() error {
	if parent := filepath.Dir(p.dir); isSystemDir(parent) {
		if err := prepareSystemDir(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(p.dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return p.account.give(p.dir)
}

func isSystemDir(dir string) bool {
	for _, s := range systemDirs {
		if dir == s {
			return true
		}
	}
	return false
}

// prepareSystemDir makes one of systemDirs and makes sure that root alone
// decides what is in it: anyone may make a directory in /var/tmp.
func prepareSystemDir(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || owner.Uid != 0 || info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("%s is not a directory that only root can change", dir)
	}
	if info.Mode().Perm()&0o055 != 0o055 { // made under a strict umask
		return os.Chmod(dir, 0o755)
	}
	return nil
}

// cacheFor is where binaries are copied to: for root a system directory, shared
// by all places; for anyone else the place itself.
func cacheFor(dir string) func() (string, error) {
	return func() (string, error) {
		if os.Geteuid() != 0 {
			return filepath.Join(dir, "binaries"), os.MkdirAll(dir, 0o700)
		}
		var faults []error
		for _, dir := range systemDirs {
			if err := prepareSystemDir(dir); err != nil {
				faults = append(faults, err)
				continue
			}
			return filepath.Join(dir, "binaries"), nil
		}
		return "", errors.Join(faults...)
	}
}

// readLocation returns the recorded place, or "" if none was recorded. A place
// inside dataDir is recorded relative to it, so that DATA_DIR can be moved.
func readLocation(dataDir string) (string, error) {
	path := filepath.Join(dataDir, locationFile)
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the place of PostgreSQL's data: %w", err)
	}
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if !filepath.IsAbs(line) {
			line = filepath.Join(dataDir, line)
		}
		return filepath.Clean(line), nil
	}
	return "", fmt.Errorf("%s names no directory", path)
}

func writeLocation(dataDir, dir string) error {
	shown := dir
	if filepath.Dir(dir) == dataDir {
		shown = filepath.Base(dir)
	}
	content := "# Where the PostgreSQL database that belongs to this directory lies. Written once, at\n" +
		"# the first start; the database is lost to the program without it.\n" + shown + "\n"
	if err := writeFileAtomically(filepath.Join(dataDir, locationFile), []byte(content), 0o644, account{}); err != nil {
		return fmt.Errorf("record the place of PostgreSQL's data: %w", err)
	}
	return nil
}
