package local

import "math"

// Opinion is what the model makes of a text.
type Opinion struct {
	// Issue is the probability of an issue, calibrated, and Threshold the least at which the
	// text is called one.
	Issue, Threshold float64
	// Kinds, Intents and Places are probabilities; the first is that of no issue before
	// calibration.
	Kinds   [Kinds]float64
	Intents [Intents]float64
	Places  [Places]float64
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

// Judge makes an opinion of scores: that of each place, as far as the text is of it.
func (w *Weights) Judge(s [Columns]float32) (o Opinion) {
	Softmax(o.Places[:], s[firstPlace:firstPlace+Places])
	found := w.kindsByPlace(&s, &o)
	slope, shift := 0.0, 0.0
	for place, share := range o.Places {
		for k, p := range found[place] {
			o.Kinds[k] += share * p
		}
		slope += share * float64(w.Slope[place])
		shift += share * float64(w.Shift[place])
		o.Threshold += share * float64(w.Threshold[place])
	}
	o.Issue = Sigmoid(slope*Logit(1-o.Kinds[KindNoise]) + shift)
	return o
}

// everIssue is how sure an issue is where there is nothing else.
const everIssue = 0.99

// kindsByPlace are the kinds as the outputs of each place have them; it sets the intents of o.
func (w *Weights) kindsByPlace(s *[Columns]float32, o *Opinion) (found [Places][Kinds]float64) {
	var tracker, app [Kinds]float64
	Softmax(tracker[:trackers], s[firstTracker:firstTracker+trackers])
	for i, k := range TrackerKinds {
		found[PlaceTracker][k] = everIssue * tracker[i]
	}
	bug := Sigmoid(float64(s[outputLog]))
	found[PlaceLog][KindBug], found[PlaceLog][KindImprovement] = everIssue*bug, everIssue*(1-bug)
	found[PlaceTracker][KindNoise], found[PlaceLog][KindNoise] = 1-everIssue, 1-everIssue

	var team [Kinds + 1]float64
	Softmax(team[:], s[:Kinds+1])
	copy(found[PlaceTeam][:], team[:])
	found[PlaceTeam][KindNoise] += team[outputChatter]

	// What is no bug in a developers' chat may be anything else that is said in a team.
	bug = Sigmoid(float64(s[outputMessage]))
	for k, p := range found[PlaceTeam] {
		found[PlaceMessage][k] = (1 - bug) * p / max(1-found[PlaceTeam][KindBug], 1e-9)
	}
	found[PlaceMessage][KindBug] = bug
	bug = Sigmoid(float64(s[outputDialogue]))
	found[PlaceDialogue][KindBug], found[PlaceDialogue][KindNoise] = bug, 1-bug

	Softmax(app[:apps], s[firstApp:firstApp+apps])
	for i, k := range AppKinds {
		found[PlaceApp][k] = app[i]
	}

	wants := w.wants(s)
	var intents [Intents]float64
	Softmax(intents[:], wants[:])
	review := &found[PlaceReview]
	issue := Sigmoid(float64(s[outputReview]))
	share := issue / max(intents[0]+intents[3]+intents[4], 1e-9)
	review[KindNoise] = 1 - issue
	review[KindBug], review[KindQuestion] = share*intents[0], share*intents[3]
	wish := team[KindFeature] / max(team[KindFeature]+team[KindImprovement], 1e-9)
	review[KindFeature], review[KindImprovement] = share*intents[4]*wish, share*intents[4]*(1-wish)

	for k, v := range w.Favour { // to name one; how likely it is, is another matter
		wants[k] += v
	}
	Softmax(o.Intents[:], wants[:])
	return found
}

// wants are the logits of what a review wants.
func (w *Weights) wants(s *[Columns]float32) (logits [Intents]float32) {
	outputs := s[firstIntent : firstIntent+Reviews]
	for k, shares := range w.Intents {
		logits[k] = shares[Reviews]
		for i, v := range outputs {
			logits[k] += shares[i] * v
		}
	}
	return logits
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
