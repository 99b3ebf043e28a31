package backup

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"
)

const (
	// maxWindow bounds what decompression keeps, in bytes; our writer needs 8 MiB.
	maxWindow = 64 << 20
	// maxEntry bounds an entry that is read whole, in bytes.
	maxEntry = 64 << 20
)

// checkSum reads the whole file and compares it with the checksum at its end.
func checkSum(file io.ReadSeeker) error {
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("find the end of the backup: %w", err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read the backup: %w", err)
	}
	sum := sha256.New()
	both := io.TeeReader(file, sum)
	want := frame(headMagic, []byte(headText))
	head := make([]byte, len(want))
	if _, err := io.ReadFull(both, head); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("read the backup: %w", err)
	}
	if !bytes.Equal(head, want) {
		return fmt.Errorf("%w, or of a release that writes another format", ErrNotBackup)
	}
	if size < int64(len(want)+tailSize) {
		return fmt.Errorf("%w: it is cut off after %d bytes", ErrDamaged, size)
	}
	if _, err := io.CopyN(io.Discard, both, size-int64(len(want)+sha256.Size)); err != nil {
		return fmt.Errorf("read the backup: %w", err)
	}
	stored := make([]byte, sha256.Size)
	if _, err := io.ReadFull(file, stored); err != nil {
		return fmt.Errorf("read the backup: %w", err)
	}
	if !bytes.Equal(stored, sum.Sum(nil)) {
		return fmt.Errorf("%w: its checksum does not match, so it was cut off or changed", ErrDamaged)
	}
	return nil
}

// archiveReader reads the entries of a backup in order.
type archiveReader struct {
	zip *zstd.Decoder
	tar *tar.Reader
	// name is the entry that comes next or is being read; "" at the end.
	name string
}

// openArchive positions at the first entry. Errors of a reader of content are its own;
// close releases what decompression holds.
func openArchive(file io.Reader) (*archiveReader, error) {
	zip, err := zstd.NewReader(file, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, fmt.Errorf("begin decompression: %w", err)
	}
	a := &archiveReader{zip: zip, tar: tar.NewReader(zip)}
	if err := a.next(); err != nil {
		zip.Close()
		return nil, err
	}
	return a, nil
}

func (a *archiveReader) close() { a.zip.Close() }

func (a *archiveReader) next() error {
	header, err := a.tar.Next()
	switch {
	case errors.Is(err, io.EOF):
		a.name = ""
	case err != nil:
		return damaged(err)
	default:
		a.name = header.Name
	}
	return nil
}

// json reads the entry that comes next, which has to have this name.
func (a *archiveReader) json(name string, value any) error {
	if a.name != name {
		return damaged(fmt.Errorf("%q stands where %s should", a.name, name))
	}
	content, err := io.ReadAll(io.LimitReader(a.tar, maxEntry))
	if err != nil {
		return damaged(err)
	}
	if err := json.Unmarshal(content, value); err != nil {
		return damaged(fmt.Errorf("read %s: %w", name, err))
	}
	return a.next()
}

// group is the directory of the entry that comes next below dir, "" where it is
// somewhere else.
func (a *archiveReader) group(dir string) string {
	rest, ok := strings.CutPrefix(a.name, dir)
	name, _, deeper := strings.Cut(rest, "/")
	if !ok || !deeper {
		return ""
	}
	return name
}

// parts reads all entries of a group as one, and stops at the first of another.
func (a *archiveReader) parts(dir, group string) io.Reader {
	return &partsReader{archive: a, prefix: dir + group + "/"}
}

type partsReader struct {
	archive *archiveReader
	prefix  string
}

// Read implements io.Reader.
func (p *partsReader) Read(b []byte) (int, error) {
	for strings.HasPrefix(p.archive.name, p.prefix) {
		n, err := p.archive.tar.Read(b)
		if err != nil && !errors.Is(err, io.EOF) {
			return n, damaged(err)
		}
		if n > 0 || len(b) == 0 {
			return n, nil
		}
		if err != nil { // the end of this part
			if err := p.archive.next(); err != nil {
				return 0, err
			}
		}
	}
	return 0, io.EOF
}

func damaged(err error) error { return fmt.Errorf("%w: %w", ErrDamaged, err) }
