//go:build unix

package embeddedpostgres

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// Running is the address of the database of a server that another program runs on dataDir,
// with its password: not for logs; "" where none does.
func Running(dataDir string) (string, error) {
	dataDir, err := filepath.Abs(dataDir)
	if err != nil {
		return "", fmt.Errorf("resolve data directory: %w", err)
	}
	dir, err := readLocation(dataDir)
	if err != nil || dir == "" {
		return "", err
	}
	p := place{dir: dir}
	content, err := os.ReadFile(filepath.Join(p.dataDir(), "postmaster.pid"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look for a server in %s: %w", dir, err)
	}
	pid, err := parsePostmasterPID(content)
	if err != nil {
		return "", err
	}
	resolved, err := filepath.EvalSymlinks(p.dataDir()) // as the kernel names it
	if err != nil || !isServerOf(pid, resolved) {
		return "", err
	}
	lines := bytes.Split(content, []byte("\n"))
	const portLine = 3 // PostgreSQL's src/include/utils/pidfile.h
	if len(lines) <= portLine {
		return "", nil // it is starting
	}
	port, err := strconv.Atoi(string(bytes.TrimSpace(lines[portLine])))
	if err != nil {
		return "", fmt.Errorf("port of postmaster.pid: %w", err)
	}
	password, err := os.ReadFile(p.passwordFile())
	if err != nil {
		return "", fmt.Errorf("read the password of the database in %s: %w", dir, err)
	}
	s := &Server{password: string(bytes.TrimSpace(password)), port: port}
	return s.URL(), nil
}
