package backup

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/klauspost/compress/zstd"
)

const (
	// partSize is how much of a table or stream becomes one entry of the archive, in
	// bytes: an entry tells its size before its content, so it has to be in memory.
	partSize = 4 << 20

	// Skippable frames (RFC 8878, section 3.1.2): a magic number of our choice out of
	// sixteen, the size of the content, the content.
	headMagic = 0x184D2A5B
	tailMagic = 0x184D2A5C
	frameHead = 8
	tailSize  = frameHead + sha256.Size

	headText = "Task Tracker backup, format 1\n"
)

// Names of entries.
const (
	entryManifest = "manifest.json"
	entrySchema   = "schema.json"
	entryContents = "contents.json"
	dirStreams    = "streams/"
	dirTables     = "tables/"
)

func frame(magic uint32, content []byte) []byte {
	b := binary.LittleEndian.AppendUint32(nil, magic)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(content)))
	return append(b, content...)
}

// archiveWriter writes the entries of a backup.
type archiveWriter struct {
	out  io.Writer // the file
	sum  hash.Hash // of what went to out
	zip  *zstd.Encoder
	tar  *tar.Writer
	made time.Time
}

func newArchiveWriter(out io.Writer, made time.Time) (*archiveWriter, error) {
	a := &archiveWriter{out: out, sum: sha256.New(), made: made}
	both := io.MultiWriter(out, a.sum)
	if _, err := both.Write(frame(headMagic, []byte(headText))); err != nil {
		return nil, fmt.Errorf("write the backup: %w", err)
	}
	var err error
	// One at a time: a backup under load must leave the machine to the load.
	if a.zip, err = zstd.NewWriter(both, zstd.WithEncoderConcurrency(1)); err != nil {
		return nil, fmt.Errorf("begin compression: %w", err)
	}
	a.tar = tar.NewWriter(a.zip)
	return a, nil
}

func (a *archiveWriter) entry(name string, content []byte) error {
	header := tar.Header{Name: name, Mode: 0o600, Size: int64(len(content)), ModTime: a.made, Format: tar.FormatPAX}
	if err := a.tar.WriteHeader(&header); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if _, err := a.tar.Write(content); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

func (a *archiveWriter) json(name string, value any) error {
	content, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	return a.entry(name, append(content, '\n'))
}

// close ends the archive and seals it with its checksum.
func (a *archiveWriter) close() error {
	if err := a.tar.Close(); err != nil {
		return fmt.Errorf("end the archive: %w", err)
	}
	if err := a.zip.Close(); err != nil {
		return fmt.Errorf("end compression: %w", err)
	}
	tail := frame(tailMagic, make([]byte, sha256.Size))[:frameHead]
	a.sum.Write(tail)
	if _, err := a.out.Write(a.sum.Sum(tail)); err != nil {
		return fmt.Errorf("write the checksum: %w", err)
	}
	return nil
}

// parts writes what it gets as entries <dir>/000001.<ext> and so on.
type parts struct {
	archive  *archiveWriter
	dir, ext string
	n        int
	buffer   bytes.Buffer
}

func (a *archiveWriter) parts(dir, ext string) *parts {
	return &parts{archive: a, dir: dir, ext: ext}
}

// Write implements io.Writer.
func (p *parts) Write(b []byte) (int, error) {
	p.buffer.Write(b)
	if p.buffer.Len() < partSize {
		return len(b), nil
	}
	return len(b), p.flush()
}

func (p *parts) flush() error {
	if p.buffer.Len() == 0 {
		return nil
	}
	p.n++
	err := p.archive.entry(fmt.Sprintf("%s/%06d.%s", p.dir, p.n, p.ext), p.buffer.Bytes())
	p.buffer.Reset()
	return err
}
