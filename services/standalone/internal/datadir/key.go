package datadir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"

	"github.com/tasktracker/tasktracker/pkg/secrets"
)

const keyName = "settings.key"

// Key reads the key of this directory's secrets, which it makes where there is none. Only
// our own user may read the file.
func Key(dir string) (string, error) {
	path := filepath.Join(dir, keyName)
	text, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(text)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the key of the secrets: %w", err)
	}
	key := secrets.NewKey()
	// Whole or not at all: half a key would open nothing that was sealed before the next start.
	if err := renameio.WriteFile(path, []byte(key+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep a new key of the secrets: %w", err)
	}
	return key, nil
}
