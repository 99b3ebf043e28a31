//go:build unix

package embeddedpostgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// binaries are the server's programs where an account can run them.
type binaries struct {
	dir string // holds bin, lib and share
}

func (b binaries) program(name string) string { return filepath.Join(b.dir, "bin", name) }

// check runs the programs, which also proves that their libraries are there.
func (b binaries) check(ctx context.Context, acct account) error {
	for _, name := range []string{"postgres", "initdb"} {
		if _, err := acct.run(ctx, "/", b.program(name), "--version"); err != nil {
			return err
		}
	}
	return nil
}

// usableBinaries returns the package's binaries in place where the account can
// run them, else a copy under cacheDir, made at the first need.
func usableBinaries(ctx context.Context, native string, acct account, cacheDir func() (string, error)) (binaries, error) {
	inPlace := binaries{dir: native}
	if inPlace.check(ctx, acct) == nil {
		return inPlace, nil
	}
	name, err := packageName(native)
	if err != nil {
		return binaries{}, err
	}
	cache, err := cacheDir()
	if err != nil {
		return binaries{}, fmt.Errorf("copy binaries that the server's account cannot use: %w", err)
	}
	copied := binaries{dir: filepath.Join(cache, name)}
	if copied.check(ctx, acct) == nil {
		return copied, nil
	}
	if err := copyBinaries(native, copied.dir); err != nil {
		return binaries{}, fmt.Errorf("copy binaries to %s: %w", copied.dir, err)
	}
	if err := copied.check(ctx, acct); err != nil {
		return binaries{}, fmt.Errorf("use copied binaries: %w", err)
	}
	return copied, nil
}

// packageName is like postgresql-linux-x64-18.4.0-beta.17: platform and version
// of the npm package that native belongs to.
func packageName(native string) (string, error) {
	path := filepath.Join(filepath.Dir(native), "package.json")
	content, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the version of PostgreSQL's npm package: %w", err)
	}
	var manifest struct{ Name, Version string }
	if err := json.Unmarshal(content, &manifest); err != nil {
		return "", fmt.Errorf("parse %s: %w", path, err)
	}
	name := fmt.Sprintf("postgresql-%s-%s", filepath.Base(manifest.Name), manifest.Version)
	if manifest.Name == "" || manifest.Version == "" || name != filepath.Base(name) {
		return "", fmt.Errorf("%s names no package and version", path)
	}
	return name, nil
}

// copyBinaries replaces target by a copy of native that everyone can read. The
// copy is made beside it and renamed, so that target is always whole, whoever
// else copies at the same time.
func copyBinaries(native, target string) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(filepath.Dir(target), ".copy-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	if err := os.Chmod(temp, 0o755); err != nil {
		return err
	}
	if err := filepath.WalkDir(native, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(native, path)
		if err != nil {
			return err
		}
		return copyEntry(path, filepath.Join(temp, rel), entry)
	}); err != nil {
		return err
	}
	if err := hydrateLinks(native, temp); err != nil {
		return err
	}
	return replaceDir(temp, target)
}

// replaceDir renames temp to target. A target that is in the way is broken (its
// programs did not run) unless another has just put it there; either way ours
// is as good.
func replaceDir(temp, target string) error {
	old := temp + ".old"
	if err := os.Rename(target, old); err == nil {
		defer os.RemoveAll(old)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	err := os.Rename(temp, target)
	if errors.Is(err, fs.ErrExist) {
		return nil // another came first between the two renames
	}
	return err
}

func copyEntry(from, to string, entry fs.DirEntry) error {
	switch {
	case entry.IsDir():
		if entry.Name() == "pkgconfig" {
			return filepath.SkipDir
		}
		if err := os.MkdirAll(to, 0o755); err != nil {
			return err
		}
		return os.Chmod(to, 0o755) // whatever the umask
	case entry.Type()&fs.ModeSymlink != 0:
		link, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(link, to)
	case strings.HasSuffix(entry.Name(), ".a"): // for compilers
		return nil
	}
	info, err := entry.Info()
	if err != nil {
		return err
	}
	return copyFile(from, to, 0o644|info.Mode().Perm()&0o100|(info.Mode().Perm()&0o100)>>3|(info.Mode().Perm()&0o100)>>6)
}

func copyFile(from, to string, mode fs.FileMode) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Chmod(mode), target.Close())
}

// hydrateLinks makes the symbolic links that npm packages cannot contain and
// that the package's install script makes, where that script was allowed to run.
func hydrateLinks(native, dir string) error {
	content, err := os.ReadFile(filepath.Join(native, "pg-symlinks.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	links, err := parseLinks(content)
	if err != nil {
		return fmt.Errorf("parse pg-symlinks.json: %w", err)
	}
	for _, l := range links {
		target := filepath.Join(dir, l.target)
		if _, err := os.Lstat(target); err == nil {
			continue
		}
		source, err := filepath.Rel(filepath.Dir(l.target), l.source)
		if err != nil {
			return err
		}
		if err := os.Symlink(source, target); err != nil {
			return err
		}
	}
	return nil
}

// link is a symbolic link at target to source, both relative to the directory
// of binaries and inside it.
type link struct{ source, target string }

func parseLinks(content []byte) ([]link, error) {
	var entries []struct{ Source, Target string }
	if err := json.Unmarshal(content, &entries); err != nil {
		return nil, err
	}
	links := make([]link, 0, len(entries))
	for _, e := range entries {
		l := link{source: strings.TrimPrefix(e.Source, "native/"), target: strings.TrimPrefix(e.Target, "native/")}
		if !filepath.IsLocal(l.source) || !filepath.IsLocal(l.target) {
			return nil, fmt.Errorf("link %q to %q leaves the package", e.Target, e.Source)
		}
		links = append(links, l)
	}
	return links, nil
}
