//go:build unix

package embeddedpostgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// initdbTimeout bounds the making of a database, which takes a second or two.
const initdbTimeout = 3 * time.Minute

// leftoverTimeout bounds the wait for the children of an initdb that was killed.
const leftoverTimeout = 10 * time.Second

// ensureCluster makes the database files unless they are there, and returns the
// password.
func (p place) ensureCluster(ctx context.Context, bin binaries, sync bool) (string, error) {
	if !p.hasData() {
		if err := p.initialise(ctx, bin, sync); err != nil {
			return "", fmt.Errorf("make a PostgreSQL database in %s: %w", p.dir, err)
		}
	}
	if err := p.checkVersion(ctx, bin); err != nil {
		return "", err
	}
	password, err := os.ReadFile(p.passwordFile())
	if err != nil {
		return "", fmt.Errorf("read the password of the database in %s: %w", p.dir, err)
	}
	return strings.TrimSpace(string(password)), nil
}

// initialise runs initdb in a temporary directory and renames that when all is
// on disk. What an interrupted attempt left is removed first.
func (p place) initialise(ctx context.Context, bin binaries, sync bool) error {
	if err := p.clean(ctx); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(p.dir, "data.init-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	if err := p.account.give(temp); err != nil {
		return err
	}
	// Before the rename, so that data are never without their password. The
	// account owns it because initdb, too, reads it.
	if err := writeFileAtomically(p.passwordFile(), []byte(rand.Text()+"\n"), 0o600, p.account); err != nil {
		return fmt.Errorf("write password: %w", err)
	}
	args := []string{
		"--pgdata=" + temp, "--username=" + roleName, "--pwfile=" + p.passwordFile(), "--auth=scram-sha-256",
		"--encoding=UTF8", "--locale=C",
		// PostgreSQL's own provider: upper and lower case of every script, the same
		// on every machine, and no re-indexing when the system's library changes.
		"--locale-provider=builtin", "--builtin-locale=C.UTF-8",
		"--data-checksums", "--no-instructions",
	}
	if !sync {
		args = append(args, "--no-sync")
	}
	ctx, cancel := context.WithTimeout(ctx, initdbTimeout)
	defer cancel()
	if _, err := p.account.run(ctx, p.dir, bin.program("initdb"), args...); err != nil {
		return err
	}
	if err := os.Rename(temp, p.dataDir()); err != nil {
		return err
	}
	return syncDir(p.dir)
}

// clean removes what interrupted attempts left. A data directory without
// PG_VERSION is no database of ours: it is reported rather than removed.
func (p place) clean(ctx context.Context) error {
	if entries, err := os.ReadDir(p.dataDir()); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s holds files but no database (no PG_VERSION); move them away, or restore what is missing", p.dataDir())
	}
	left, err := filepath.Glob(filepath.Join(p.dir, "data.init-*"))
	if err != nil {
		return err
	}
	for _, dir := range left {
		err = errors.Join(err, removeStubborn(ctx, dir))
	}
	return err
}

// removeStubborn removes a directory into which the dying children of a killed initdb
// may still write, for as long as they take.
func removeStubborn(ctx context.Context, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, leftoverTimeout)
	defer cancel()
	for {
		err := os.RemoveAll(dir)
		if err == nil || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// checkVersion compares the major version of the data with the binaries'.
func (p place) checkVersion(ctx context.Context, bin binaries) error {
	content, err := os.ReadFile(filepath.Join(p.dataDir(), "PG_VERSION"))
	if err != nil {
		return fmt.Errorf("read the version of the database: %w", err)
	}
	out, err := p.account.run(ctx, p.dir, bin.program("postgres"), "--version")
	if err != nil {
		return err
	}
	data := strings.TrimSpace(string(content))
	_, version, _ := strings.Cut(strings.TrimSpace(out), ") ") // postgres (PostgreSQL) 18.4
	if major, _, _ := strings.Cut(version, "."); major != data {
		return fmt.Errorf("%w: %s was written by PostgreSQL %s, the binaries are %s; dump it with the old version and load it with the new", ErrVersion, p.dataDir(), data, version)
	}
	return nil
}
