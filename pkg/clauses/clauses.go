// Package clauses takes the sentences apart in which the product says why something is so, and why it refuses: what each
// clause says, by a name that does not change, and of which task or with which figures. A client
// says them in its reader's language, also those that were stored long ago.
package clauses

import (
	"regexp"
	"slices"
	"strings"
)

// Clause is one part of a sentence.
type Clause struct {
	// Code names what is said; see the table below.
	Code string
	// Values are what is said of this case, by name; texts and figures as the sentence has them.
	Values map[string]string
}

// form is how a clause is said: with its values as named groups.
type form struct {
	code    string
	pattern *regexp.Regexp
}

func f(code, pattern string) form { return form{code, regexp.MustCompile("^(?:" + pattern + ")")} }

// forms are tried in this order.
var forms = slices.Concat(reasons, refusals, troubles, advising())

// reasons are why something was judged as it was, and what followed.
var reasons = []form{
	// Why the built-in classifier, or a person, takes a message for an issue or not.
	f("reads_like", `It reads like an? (?P<category>[a-z]+) \((?P<percent>\d+) %\)`),
	f("may_be", `It may be an? (?P<category>[a-z]+) \((?P<percent>\d+) %\)`),
	f("asks_for_nothing", `Its words are those of messages that ask for nothing \((?P<percent>\d+) %\)`),
	f("no_words", `[Ii]t holds no words`),
	f("person_issue", `A person said that this is an issue`),
	f("person_no_issue", `A person said that this is no issue`),
	f("signal_outage", `something is down`),
	f("signal_data_loss", `data is lost`),
	f("signal_security", `it is about security`),
	f("signal_money", `money is at stake`),
	f("signal_many_people", `many people are concerned`),
	f("signal_blocked", `somebody cannot work`),
	f("signal_production", `it happens in production`),
	f("signal_urgent", `it is called urgent`),
	f("signal_deadline", `it is due today`),
	f("signal_no_hurry", `there is no hurry`),
	f("signal_prompt_injection", `it tells a model what to do`),

	// What followed from that.
	f("by_person", `a person said so`),
	f("task", `(?P<probability>\d\.\d\d) is at least (?P<least>\d\.\d\d): a task`),
	f("shadow", `in shadow nothing is made`),
	f("proposal", `(?P<probability>\d\.\d\d) is at least (?P<least>\d\.\d\d) and below (?P<below>\d\.\d\d): a proposal`),
	f("noise", `(?P<probability>\d\.\d\d) is below (?P<below>\d\.\d\d): noise`),
	f("rejected_before", `a person has rejected it, so nothing follows`),
	f("belongs", `its messages belong to task (?P<task>\d+) already`),
	f("same_attached", `(?P<score>\d\.\d\d) the same as task (?P<task>\d+), to which its messages are attached(?:: Both say: (?P<shared>.*))?`),
	f("same_asked", `(?P<score>\d\.\d\d) the same as task (?P<task>\d+): a person is asked`),

	// Why a message led to a task or not.
	f("answer_attached", `It was attached to task (?P<task>\d+) as a duplicate`),
	f("answer_made", `It led to task (?P<task>\d+), which was made of its conversation`),
	f("answer_by_person", `It led to task (?P<task>\d+), which a person made`),
	f("answer_no_conversation", `It has not been put into a conversation yet; a worker does that within seconds`),
	f("answer_held", `No classifier could judge it; it is tried again until one can\. See the last judgement for the reason`),
	f("answer_not_quiet", `Its conversation is not quiet yet; it is judged then`),
	f("answer_rejected", `Proposal (?P<proposal>\d+) was made of its conversation, and a person rejected it \((?P<reject_reason>[a-z_]*)\)`),
	f("answer_waiting", `Proposal (?P<proposal>\d+) was made of its conversation and waits for a person`),
	f("answer_nothing", `Nothing followed from its conversation`),
	f("answer_unknown", `nothing more is known`),
}

// between stands behind a clause.
var between = regexp.MustCompile(`^(?:[;:,.] |\.?$)`)

// Of takes a sentence apart. It is empty where a part is not known, as in a model's own words.
func Of(sentence string) []Clause {
	found := []Clause{}
	for rest := sentence; rest != ""; {
		clause, length := first(rest)
		if length == 0 {
			return []Clause{}
		}
		found = append(found, clause)
		rest = rest[length:]
	}
	return found
}

// first is the clause that a text begins with, and how long it is with what stands behind it; 0 for none.
func first(text string) (Clause, int) {
	for _, form := range forms {
		at := form.pattern.FindStringSubmatchIndex(text)
		if at == nil {
			continue
		}
		behind := between.FindString(text[at[1]:])
		if behind == "" && at[1] != len(text) {
			continue
		}
		values := map[string]string{}
		for i, name := range form.pattern.SubexpNames() {
			if name != "" && at[2*i] >= 0 {
				values[name] = strings.TrimSuffix(text[at[2*i]:at[2*i+1]], ".")
			}
		}
		return Clause{form.code, values}, at[1] + len(behind)
	}
	return Clause{}, 0
}

// Codes are the names of all clauses.
func Codes() []string {
	codes := make([]string, 0, len(forms))
	for _, form := range forms {
		codes = append(codes, form.code)
	}
	slices.Sort(codes)
	return codes
}
