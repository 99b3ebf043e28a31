package local

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// Outputs of the model, in the order of its columns.
const (
	// Kinds: what a text is. The first is no issue.
	KindNoise = iota
	KindBug
	KindFeature
	KindImprovement
	KindQuestion
	KindChore
	Kinds
)

const (
	// Intents: what a reviewer wants (complaint, gratitude, neutral, question, suggestion).
	firstIntent = Kinds
	Intents     = 5
	// Registers: where people write so (tracker, one message of a developers' chat, a whole
	// dialogue of one, reviews, team chat). Among reviews an issue is likelier than in a chat.
	firstRegister = firstIntent + Intents
	Registers     = 5
	// The kinds once more: what is added to them as far as a text is of a team's chat. What
	// a word means there, reviews and trackers cannot teach.
	firstTeam = firstRegister + Registers
	// Columns is how many outputs a row of weights serves.
	Columns = firstTeam + Kinds
)

// The last register is the team's chat.
const TeamRegister = Registers - 1

// Where outputs begin.
const (
	FirstIntent   = firstIntent
	FirstRegister = firstRegister
	FirstTeam     = firstTeam
)

// Names of the outputs.
var (
	KindNames     = [Kinds]string{"noise", "bug", "feature", "improvement", "question", "chore"}
	IntentNames   = [Intents]string{"complaint", "gratitude", "neutral", "question", "suggestion"}
	RegisterNames = [Registers]string{"tracker", "developer_chat", "developer_dialogue", "review", "team_chat"}
)

// Weights are what training found.
type Weights struct {
	// Version names them; Load sets it, from their content.
	Version string `json:"-"`
	// Scales turn the whole numbers of a column into weights.
	Scales [Columns]float32 `json:"scales"`
	Bias   [Columns]float32 `json:"bias"`
	// RegisterBias is added to the kinds, as far as a text is of the register.
	RegisterBias [Registers][Kinds]float32 `json:"register_bias"`
	// Slope and Shift make a probability of what the model finds for an issue: that of
	// slope * logit + shift, by register.
	Slope  [Registers]float32 `json:"slope"`
	Shift  [Registers]float32 `json:"shift"`
	Rarity []byte             `json:"-"` // by row, in 16ths: how much rarer than any
	Table  []int8             `json:"-"` // Columns for each row
	// Seen holds what was trained on.
	Seen Seen `json:"-"`
}

// format changes with every change of the file or of the features.
const format = "task tracker linear 1\n"

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
	table := make([]byte, len(w.Table))
	for i, v := range w.Table {
		table[i] = byte(v)
	}
	for _, part := range [][]byte{[]byte(format), header, {'\n'}, w.Rarity, w.Seen[:], table} {
		if _, err := z.Write(part); err != nil {
			return fmt.Errorf("save weights: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("save weights: %w", err)
	}
	return nil
}

// Load reads weights that Save wrote.
func Load(file []byte) (*Weights, error) {
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("load weights: %w", err)
	}
	const rest = Rows + len(Seen{}) + Rows*Columns
	data, err := io.ReadAll(io.LimitReader(z, int64(rest)+1<<16))
	if err != nil {
		return nil, fmt.Errorf("load weights: %w", err)
	}
	data, found := bytes.CutPrefix(data, []byte(format))
	header, data, whole := bytes.Cut(data, []byte{'\n'})
	if !found || !whole || len(data) != rest {
		return nil, errors.New("load weights: not a file of this version; train anew")
	}
	w := new(Weights)
	if err := json.Unmarshal(header, w); err != nil {
		return nil, fmt.Errorf("load weights: %w", err)
	}
	digest := sha256.Sum256(file)
	w.Version = hex.EncodeToString(digest[:4])
	w.Rarity, data = data[:Rows], data[Rows:]
	data = data[copy(w.Seen[:], data):]
	w.Table = make([]int8, len(data))
	for i, b := range data {
		w.Table[i] = int8(b)
	}
	return w, nil
}

// rarest is the scale of Rarity.
const rarityUnit = 1.0 / 16

// Weigh gives features the strength that the model sees: rare ones more, and each group
// its length.
func (w *Weights) Weigh(features []Feature) {
	var length [groups]float64
	for i := range features {
		f := &features[i]
		f.Value *= float32(w.Rarity[f.Row]) * rarityUnit
		length[f.Group] += float64(f.Value) * float64(f.Value)
	}
	var scale [groups]float32
	for g, l := range length {
		if l > 0 {
			scale[g] = float32(strength[g] / math.Sqrt(l))
		}
	}
	for i := range features {
		features[i].Value *= scale[features[i].Group]
	}
}

// Scores are the outputs for features that were weighed.
func (w *Weights) Scores(features []Feature) (s [Columns]float32) {
	for _, f := range features {
		row := w.Table[int(f.Row)*Columns : int(f.Row)*Columns+Columns]
		for k, v := range row {
			s[k] += f.Value * float32(v)
		}
	}
	for k := range s {
		s[k] = s[k]*w.Scales[k] + w.Bias[k]
	}
	return s
}

// Opinion is what the model makes of a text.
type Opinion struct {
	// Issue is the probability of an issue, calibrated, and Threshold the least at which the
	// text is called one.
	Issue, Threshold float64
	// Kinds, Intents and Registers are probabilities; the first is that of no issue before
	// calibration.
	Kinds     [Kinds]float64
	Intents   [Intents]float64
	Registers [Registers]float64
}

// Intent names the likeliest intent.
func (o Opinion) Intent() string {
	best := 0
	for k, p := range o.Intents {
		if p > o.Intents[best] {
			best = k
		}
	}
	return IntentNames[best]
}

// Kind is the likeliest kind of issue, whether it is one or not.
func (o Opinion) Kind() int {
	best := KindBug
	for k := KindBug; k < Kinds; k++ {
		if o.Kinds[k] > o.Kinds[best] {
			best = k
		}
	}
	return best
}

// Judge makes an opinion of scores.
func (w *Weights) Judge(s [Columns]float32) Opinion {
	var o Opinion
	Softmax(o.Registers[:], s[firstRegister:firstTeam])
	Softmax(o.Intents[:], s[firstIntent:firstRegister])
	for k := range Kinds {
		s[k] += float32(o.Registers[TeamRegister]) * s[firstTeam+k]
	}
	slope, shift := 0.0, 0.0
	for r, p := range o.Registers {
		for k := range Kinds {
			s[k] += float32(p) * w.RegisterBias[r][k]
		}
		slope += p * float64(w.Slope[r])
		shift += p * float64(w.Shift[r])
	}
	Softmax(o.Kinds[:], s[:Kinds])
	o.Threshold = IssueThreshold
	o.Issue = Sigmoid(slope*Logit(1-o.Kinds[KindNoise]) + shift)
	return o
}

// Softmax makes probabilities of scores.
func Softmax(p []float64, scores []float32) {
	top := scores[0]
	for _, s := range scores {
		top = max(top, s)
	}
	sum := 0.0
	for k, s := range scores {
		p[k] = math.Exp(float64(s - top))
		sum += p[k]
	}
	for k := range p {
		p[k] /= sum
	}
}

// Logit is the inverse of Sigmoid, within 14 of zero.
func Logit(p float64) float64 {
	const edge = 1e-6
	p = min(max(p, edge), 1-edge)
	return math.Log(p / (1 - p))
}

// Sigmoid makes a probability of a logit.
func Sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
