package local

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// format changes with every change of the file or of the features.
const format = "task tracker linear 5\n"

// Save writes weights as Load reads them.
func (w *Weights) Save(to io.Writer) error {
	z, err := gzip.NewWriterLevel(to, gzip.BestCompression)
	if err != nil {
		return fmt.Errorf("save weights: %w", err)
	}
	header, err := json.Marshal(w)
	if err != nil {
		return fmt.Errorf("save weights: %w", err)
	}
	for _, part := range [][]byte{[]byte(format), header, {'\n'}, w.Rarity, w.Seen[:], bytesOf(w.Table), bytesOf(w.Ending)} {
		if _, err := z.Write(part); err != nil {
			return fmt.Errorf("save weights: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("save weights: %w", err)
	}
	return nil
}

func bytesOf(weights []int8) []byte {
	b := make([]byte, len(weights))
	for i, v := range weights {
		b[i] = byte(v)
	}
	return b
}

// Load reads weights that Save wrote, each part into memory of its size.
func Load(file []byte) (*Weights, error) {
	w := new(Weights)
	if err := w.read(file); err != nil {
		return nil, fmt.Errorf("load weights: %w", err)
	}
	digest := sha256.Sum256(file)
	w.Version = hex.EncodeToString(digest[:4])
	return w, nil
}

var errFormat = errors.New("not a file of this version; train anew")

func (w *Weights) read(file []byte) error {
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return err
	}
	from := bufio.NewReaderSize(z, stride<<10)
	if first, err := from.ReadSlice('\n'); err != nil || string(first) != format {
		return errFormat
	}
	header, err := from.ReadSlice('\n')
	if err != nil {
		return errFormat
	}
	if err := json.Unmarshal(header, w); err != nil {
		return err
	}
	w.Rarity, w.Table, w.Ending = make([]byte, Rows), make([]int8, Rows*stride), make([]int8, Rows)
	for _, part := range [][]byte{w.Rarity, w.Seen[:]} {
		if _, err := io.ReadFull(from, part); err != nil {
			return err
		}
	}
	for _, part := range [][]int8{w.Table, w.Ending} {
		if err := readWeights(from, part); err != nil {
			return err
		}
	}
	if _, err := from.ReadByte(); err != io.EOF {
		return errFormat
	}
	return nil
}

func readWeights(from io.Reader, weights []int8) error {
	row := make([]byte, stride)
	for at := 0; at < len(weights); at += stride {
		if _, err := io.ReadFull(from, row); err != nil {
			return err
		}
		for i, b := range row {
			weights[at+i] = int8(b)
		}
	}
	return nil
}
