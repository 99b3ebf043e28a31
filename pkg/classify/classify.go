// Package classify judges what a chat message asks for: whether it is an issue that a
// team must act on, of which category and priority, how sure that is, and why.
//
// Implementations are in the packages below: local (built in, no network) and openai
// (any server that speaks OpenAI's chat completions).
package classify

import (
	"context"
	"time"
)

// Category is what an issue asks for; the empty one belongs to what is no issue.
type Category string

// The categories of the contract.
const (
	CategoryNone        Category = ""
	CategoryBug         Category = "bug"
	CategoryFeature     Category = "feature"
	CategoryImprovement Category = "improvement"
	CategoryQuestion    Category = "question"
	CategoryChore       Category = "chore"
)

// Priority says how soon an issue needs a person; the empty one belongs to what is no issue.
type Priority string

// The priorities of the contract.
const (
	PriorityNone     Priority = ""
	PriorityLow      Priority = "low"
	PriorityMedium   Priority = "medium"
	PriorityHigh     Priority = "high"
	PriorityCritical Priority = "critical"
)

// Input is what is judged: a message, or the messages of one author's burst joined by
// line breaks, with what stands around it.
type Input struct {
	// Text is what is judged; any length, any script.
	Text string
	// Context is what helps to understand Text, oldest first: what it replies to, and
	// what was said before it in its conversation. May be empty.
	Context []string
}

// Result is a verdict with its reasons.
type Result struct {
	IsIssue  bool
	Category Category
	Priority Priority
	// Likely is what it would most likely ask for if it were an issue after all, for those who ask
	// a person from a lower probability on; empty where the provider does not say.
	Likely Category
	// Confidence is the calibrated probability, 0 to 1, that IsIssue is right.
	Confidence float64
	// Quote is the part of Text that decided; it occurs in Text letter by letter. Empty
	// where nothing in particular did.
	Quote string
	// Reason is one sentence for the operator, in English.
	Reason string
	// Title is a task title in the language of the message, up to 120 characters; empty
	// where the provider makes none.
	Title string
	// Signals are the rules that fired, by their stable names, such as "outage" or
	// "deadline"; empty where only the model decided.
	Signals []string
	// Provider is "local" or "openai"; Model and Version tell which weights, or which
	// model and prompt, decided.
	Provider, Model, Version string
	// Tokens are those that a model server counted, prompt and answer; 0 for local.
	PromptTokens, CompletionTokens int
	// Duration is what this judgement took; of a batch, its share.
	Duration time.Duration
}

// Classifier judges inputs. Implementations are safe for concurrent use.
type Classifier interface {
	// Classify returns one result for each input, in order, or an error and no results.
	Classify(ctx context.Context, inputs []Input) ([]Result, error)
}
