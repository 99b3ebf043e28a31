package modeltest

import "strings"

// keywords are what Keywords knows, the most telling first.
var keywords = []struct {
	category, priority string
	words              []string
}{
	{"bug", "critical", []string{"production is down", "data loss", "прод лежить", "прод лежит", "втратили дані", "потеряли данные"}},
	{"bug", "high", []string{"crash", "does nothing", "broken", "error 500", "падає", "не працює", "зламал", "падает", "не работает", "сломал"}},
	{"feature", "medium", []string{"would be great", "please add", "було б чудово", "додайте", "было бы здорово", "добавьте"}},
	{"question", "low", []string{"how do i", "how can i", "як додати", "як зробити", "как добавить", "как сделать"}},
}

// Keywords is a mind for demonstrations: it finds issues by a few words in English,
// Ukrainian and Russian, and quotes the line that has them.
func Keywords(c Conversation) Verdict {
	for line := range strings.Lines(c.Text) {
		line = strings.TrimSpace(line)
		lower := strings.ToLower(line)
		for _, k := range keywords {
			for _, word := range k.words {
				if strings.Contains(lower, word) {
					return Verdict{
						IsIssue: true, Category: k.category, Priority: k.priority, Confidence: 0.9,
						Quote: line, Reason: "The message says: " + word + ".", Title: line,
					}
				}
			}
		}
	}
	return Verdict{Confidence: 0.9, Reason: "Nothing in the message asks for action."}
}
