//go:build unix

package embeddedpostgres

import (
	"errors"
	"os"
	"path/filepath"
)

// writeFileAtomically replaces path by a file of the account with that content,
// durable when it returns.
func writeFileAtomically(path string, content []byte, mode os.FileMode, acct account) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // fails when renamed, as it should
	_, err = file.Write(content)
	err = errors.Join(err, file.Chmod(mode), acct.give(file.Name()), file.Sync(), file.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes renames in dir durable.
func syncDir(dir string) error {
	file, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
