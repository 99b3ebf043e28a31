package operate

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// file is a file that has its name only once it is whole.
type file struct {
	*os.File
	path string
}

func errExists(path string) error {
	return fmt.Errorf("%s exists already: name another file, nothing is overwritten", path)
}

func createFile(path string) (*file, error) {
	if _, err := os.Lstat(path); err == nil {
		return nil, errExists(path)
	}
	// Mode 0600: it has the text of every message.
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".part-*")
	if err != nil {
		return nil, fmt.Errorf("create the backup: %w", err)
	}
	return &file{File: temp, path: path}, nil
}

// publish gives the file its name once it is on disk, and returns its size.
func (f *file) publish() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, fmt.Errorf("look at the backup: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return 0, fmt.Errorf("write the backup to disk: %w", err)
	}
	// A link, unlike a rename, replaces nothing; not every file system has links.
	err = os.Link(f.Name(), f.path)
	if errors.Is(err, fs.ErrExist) {
		return 0, errExists(f.path)
	}
	if err != nil {
		if _, err := os.Lstat(f.path); err == nil {
			return 0, errExists(f.path)
		}
		err = os.Rename(f.Name(), f.path)
	}
	if err != nil {
		return 0, fmt.Errorf("name the backup: %w", err)
	}
	dir, err := os.Open(filepath.Dir(f.path))
	if err == nil {
		err = errors.Join(dir.Sync(), dir.Close())
	}
	if err != nil {
		return 0, fmt.Errorf("write the name of the backup to disk: %w", err)
	}
	return info.Size(), nil
}

// discard removes what has no name yet.
func (f *file) discard() {
	_ = f.Close()           // closed already where it was published
	_ = os.Remove(f.Name()) // gone already where it was renamed
}
