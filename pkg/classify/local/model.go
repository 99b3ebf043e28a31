package local

import "math"

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
	// Chatter in a team's chat is noise too, but has words of its own.
	outputChatter = Kinds
	// Places: where people write so. What a word means in one, another cannot teach; so each
	// has outputs of its own, and counts as far as a text is of it. The kinds and chatter are
	// a team's.
	firstPlace = outputChatter + 1
	Places     = 7
	// Of a tracker: bug, feature, question.
	firstTracker = firstPlace + Places
	trackers     = 3
	// Of a log of work: bug, rather than improvement.
	outputLog = firstTracker + trackers
	// Of one message, and of a whole dialogue, of a developers' chat: bug, rather than not.
	outputMessage  = outputLog + 1
	outputDialogue = outputMessage + 1
	// Of reviews of apps: noise, bug, feature, improvement.
	firstApp = outputDialogue + 1
	apps     = 4
	// Of other reviews what their writer wants (complaint, gratitude, neutral, question,
	// suggestion), and whether it is an issue.
	firstIntent  = firstApp + apps
	Intents      = 5
	outputReview = firstIntent + Intents
	// Reviews is how many outputs those of reviews are together.
	Reviews = Intents + 1
	// Columns is how many outputs a row of weights serves.
	Columns = outputReview + 1
	// stride is how far a row is from the next: none lies in two lines of a processor's cache.
	stride = 32
)

// The places.
const (
	PlaceTracker = iota
	PlaceLog
	PlaceMessage
	PlaceDialogue
	PlaceApp
	PlaceReview
	PlaceTeam
)

// Span is a run of outputs: from one to before another.
type Span struct{ From, To int }

// Where outputs are, for training.
var (
	PlaceSpan  = Span{firstPlace, firstPlace + Places}
	ReviewSpan = Span{outputReview, outputReview + 1}
	// OwnSpans are those of each place alone; reviews have ReviewSpan too.
	OwnSpans = [Places]Span{
		PlaceTracker: {firstTracker, firstTracker + trackers}, PlaceLog: {outputLog, outputLog + 1},
		PlaceMessage: {outputMessage, outputMessage + 1}, PlaceDialogue: {outputDialogue, outputDialogue + 1},
		PlaceApp: {firstApp, firstApp + apps}, PlaceReview: {firstIntent, firstIntent + Intents}, PlaceTeam: {KindNoise, outputChatter + 1},
	}
)

// Names of the outputs.
var (
	KindNames   = [Kinds]string{"noise", "bug", "feature", "improvement", "question", "chore"}
	IntentNames = [Intents]string{"complaint", "gratitude", "neutral", "question", "suggestion"}
	// TrackerKinds and AppKinds are what the outputs of these places stand for.
	TrackerKinds = [trackers]int{KindBug, KindFeature, KindQuestion}
	AppKinds     = [apps]int{KindNoise, KindBug, KindFeature, KindImprovement}
)

// Weights are what training found.
type Weights struct {
	// Version names them; Load sets it, from their content.
	Version string `json:"-"`
	// Scales are the greatest weights of the columns.
	Scales [Columns]float32 `json:"scales"`
	Bias   [Columns]float32 `json:"bias"`
	// Slope and Shift make a probability of what the model finds for an issue: that of
	// slope * logit + shift, by place.
	Slope [Places]float32 `json:"slope"`
	Shift [Places]float32 `json:"shift"`
	// Threshold is the least probability at which a text of the place is called an issue.
	Threshold [Places]float32 `json:"threshold"`
	// Intents mixes the outputs of reviews into logits of what they want: for each intent a share of
	// every output, and a bias. Favour is what to add to these to name one.
	Intents [Intents][Reviews + 1]float32 `json:"intents"`
	Favour  [Intents]float32              `json:"favour"`
	Rarity  []byte                        `json:"-"` // by row, in 16ths: how much rarer than any
	Table   []int8                        `json:"-"` // Columns for each row, filled up to stride
	// Ending are weights of endings, by row, for whether a dialogue is of a bug.
	Ending      []int8  `json:"-"`
	EndingScale float32 `json:"ending_scale"`
	// Seen holds what was trained on.
	Seen Seen `json:"-"`
}

// NewWeights are such that judge everything alike.
func NewWeights(rarity []byte) *Weights {
	w := &Weights{Rarity: rarity, Table: make([]int8, Rows*stride), Ending: make([]int8, Rows)}
	for k := range w.Intents {
		w.Intents[k][k] = 1
	}
	return w
}

// Put sets the weights of a column, by row, and keeps one byte of each.
func (w *Weights) Put(column int, weights []float32) {
	w.Scales[column] = inBytes(weights, func(row int, v int8) { w.Table[row*stride+column] = v })
}

// PutEnding sets the weights of endings, by row.
func (w *Weights) PutEnding(weights []float32) {
	w.EndingScale = inBytes(weights, func(row int, v int8) { w.Ending[row] = v })
}

// bend is to which power a byte is taken: weights near zero, of which there are many, are told apart
// better than those far from it.
const bend = 1.5

// unbent are the shares of the greatest weight of a column for which bytes stand.
var unbent = func() (shares [256]float32) {
	for v := -math.MaxInt8; v <= math.MaxInt8; v++ {
		share := float64(v) / math.MaxInt8
		shares[uint8(int8(v))] = float32(math.Copysign(math.Pow(math.Abs(share), bend), share))
	}
	return shares
}()

// inBytes gives bytes for weights, and the greatest of these.
func inBytes(weights []float32, put func(row int, v int8)) (top float32) {
	for _, v := range weights {
		top = max(top, v, -v)
	}
	if top == 0 {
		return 0
	}
	for row, v := range weights {
		if v == 0 { // as most are
			continue
		}
		share := float64(v / top)
		put(row, int8(math.Round(math.Copysign(math.Pow(math.Abs(share), 1/bend), share)*math.MaxInt8)))
	}
	return top
}

// rarityUnit is the scale of Rarity.
const rarityUnit = 1.0 / 16

// Weigh gives features the strength that the model sees: rare ones more, and each group
// its length.
func (w *Weights) Weigh(features []Feature) {
	var length [groups]float64
	for i := range features {
		f := &features[i]
		if f.Group != groupLineEnds { // there are few
			f.Value *= float32(w.Rarity[f.Row]) * rarityUnit
		}
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

// Scores are the outputs for features, and those of the ending, that were weighed.
func (w *Weights) Scores(features, ending []Feature) (s [Columns]float32) {
	for _, f := range features {
		row := (*[Columns]int8)(w.Table[int(f.Row)*stride:])
		for k, v := range row {
			s[k] += f.Value * unbent[uint8(v)]
		}
	}
	for k := range s {
		s[k] = s[k]*w.Scales[k] + w.Bias[k]
	}
	for _, f := range ending {
		s[outputDialogue] += f.Value * unbent[uint8(w.Ending[f.Row])] * w.EndingScale
	}
	return s
}
