package openai

import "github.com/tasktracker/tasktracker/pkg/classify/injection"

// SystemPrompt is what must not leak.
func SystemPrompt() string { return systemPrompt }

// Unscreened sends what speaks to the model to it, so that a test sees what is left to
// hold.
func Unscreened() Option {
	return func(c *Classifier) { c.find = func(string) []injection.Span { return nil } }
}

// Locate is locate, and ReadAnswer counts what readAnswer finds.
var (
	Locate     = locate
	RetryAfter = retryAfter
)

func ReadAnswer(content string) int {
	items, _ := readAnswer[item](content)
	return len(items)
}
