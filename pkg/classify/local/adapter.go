package local

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// An adapter has fewer rows than the weights: several of their rows share one.
const (
	adapterBits = 14
	adapterRows = 1 << adapterBits
)

// Adapter is what the corrections of one installation add to the weights: to the logit of an
// issue (column KindNoise) and to what speaks for each kind of issue (its column). It never
// changes.
type Adapter struct {
	// ID names it in the versions of results.
	ID    int64
	scale [Kinds]float32
	bias  [Kinds]float32
	table []int8 // Kinds for each row
}

// adapterFormat changes with every change of the file or of the features.
const adapterFormat = "task tracker adapter 2\n"

// Marshal gives what ReadAdapter reads.
func (a *Adapter) Marshal() ([]byte, error) {
	var file bytes.Buffer
	z, err := gzip.NewWriterLevel(&file, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("write adapter: %w", err)
	}
	data := []byte(adapterFormat)
	for _, v := range append(a.scale[:], a.bias[:]...) {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	for _, v := range a.table {
		data = append(data, byte(v))
	}
	if _, err := z.Write(data); err != nil {
		return nil, fmt.Errorf("write adapter: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("write adapter: %w", err)
	}
	return file.Bytes(), nil
}

// ReadAdapter reads what Marshal gave, and calls it by an ID.
func ReadAdapter(id int64, file []byte) (*Adapter, error) {
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("read adapter %d: %w", id, err)
	}
	const rest = 2*4*Kinds + adapterRows*Kinds
	data, err := io.ReadAll(io.LimitReader(z, int64(len(adapterFormat)+rest+1)))
	if err != nil {
		return nil, fmt.Errorf("read adapter %d: %w", id, err)
	}
	data, found := bytes.CutPrefix(data, []byte(adapterFormat))
	if !found || len(data) != rest {
		return nil, fmt.Errorf("read adapter %d: %w", id, errors.New("it is of another version"))
	}
	a := &Adapter{ID: id, table: make([]int8, adapterRows*Kinds)}
	for _, to := range []*[Kinds]float32{&a.scale, &a.bias} {
		for k := range to {
			v := math.Float32frombits(binary.LittleEndian.Uint32(data))
			if v != v || math.IsInf(float64(v), 0) {
				return nil, fmt.Errorf("read adapter %d: %w", id, errors.New("it holds what is no number"))
			}
			to[k], data = v, data[4:]
		}
	}
	for i, b := range data {
		a.table[i] = int8(b)
	}
	return a, nil
}

// adapterRow is the row of an adapter for a feature.
func adapterRow(f Feature) int { return int(f.Row>>(hashBits-adapterBits)) * Kinds }

// lengths weighs features for an adapter: rare ones more, all together of length 1. Words
// that the weights do not know count as the rarest: a team has its own.
func (w *Weights) lengths(features []Feature) []Feature {
	const rarest = 9
	sum := 0.0
	for i := range features {
		f := &features[i]
		rarity := float32(w.Rarity[f.Row]) * rarityUnit
		if rarity == 0 {
			rarity = rarest
		}
		f.Value *= rarity
		if f.Group != groupWords { // what a text says, rather than how it looks
			f.Value /= 3
		}
		sum += float64(f.Value) * float64(f.Value)
	}
	if sum > 0 {
		length := float32(1 / math.Sqrt(sum))
		for i := range features {
			features[i].Value *= length
		}
	}
	return features
}

// add is what an adapter adds for features that lengths weighed.
func (a *Adapter) add(features []Feature) (sum [Kinds]float32) {
	for _, f := range features {
		at := adapterRow(f)
		for k, v := range a.table[at : at+Kinds] {
			sum[k] += f.Value * float32(v)
		}
	}
	for k := range sum {
		sum[k] = sum[k]*a.scale[k] + a.bias[k]
	}
	return sum
}

// with is an opinion after what an adapter adds to it.
func (o Opinion) with(sum [Kinds]float32) Opinion {
	o.Issue = Sigmoid(Logit(o.Issue) + float64(sum[KindNoise]))
	total := 0.0
	for k := KindBug; k < Kinds; k++ {
		o.Kinds[k] = max(o.Kinds[k], 1e-9) * math.Exp(float64(sum[k]))
		total += o.Kinds[k]
	}
	for k := KindBug; k < Kinds; k++ {
		o.Kinds[k] *= (1 - o.Kinds[KindNoise]) / total
	}
	return o
}

// Adapt has an adapter added to the weights from the next text on; nil stands for none.
func (c *Classifier) Adapt(a *Adapter) {
	var now *adapted
	if a != nil {
		now = &adapted{Adapter: a, version: c.weights.Version + "+" + strconv.FormatInt(a.ID, 10)}
	}
	c.adapted.Store(now)
}

// Shipped is a classifier with the weights alone, whatever is added to them here.
func (c *Classifier) Shipped() *Classifier { return Use(c.weights) }

// Adapted is the ID of the adapter that is added to the weights; 0 for none.
func (c *Classifier) Adapted() int64 {
	if a := c.adapted.Load(); a != nil {
		return a.ID
	}
	return 0
}

// adapted is an adapter in use, with the version of what it makes of the weights.
type adapted struct {
	*Adapter
	version string
}
