package train

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/tasktracker/tasktracker/pkg/classify/local"
)

// Confusion counts what was true against what was said.
type Confusion struct {
	labels []string
	counts map[[2]string]int
}

// NewConfusion is empty, with the labels in the order of the report.
func NewConfusion(labels ...string) *Confusion {
	return &Confusion{labels: labels, counts: map[[2]string]int{}}
}

// Add counts one row.
func (c *Confusion) Add(truth, said string) { c.counts[[2]string{truth, said}]++ }

// Of are precision, recall and F1 of a label, 0 to 1; 0 where it never occurs.
func (c *Confusion) Of(label string) (precision, recall, f1 float64) {
	hits, truths, said := c.counts[[2]string{label, label}], 0, 0
	for k, n := range c.counts {
		if k[0] == label {
			truths += n
		}
		if k[1] == label {
			said += n
		}
	}
	if hits == 0 {
		return 0, 0, 0
	}
	precision, recall = float64(hits)/float64(said), float64(hits)/float64(truths)
	return precision, recall, 2 * precision * recall / (precision + recall)
}

// MacroF1 is the mean of the labels' F1.
func (c *Confusion) MacroF1() float64 {
	sum := 0.0
	for _, l := range c.labels {
		_, _, f1 := c.Of(l)
		sum += f1
	}
	return sum / float64(len(c.labels))
}

func (c *Confusion) total() (n int) {
	for _, v := range c.counts {
		n += v
	}
	return n
}

// print writes figures and counts: a row for each truth, a column for each answer.
func (c *Confusion) print(to io.Writer, title string) {
	fmt.Fprintf(to, "  %s, %d rows: macro-F1 %.3f\n", title, c.total(), c.MacroF1())
	for _, l := range c.labels {
		p, r, f1 := c.Of(l)
		fmt.Fprintf(to, "    %-12s precision %.3f recall %.3f F1 %.3f  ", l, p, r, f1)
		for _, said := range c.labels {
			fmt.Fprintf(to, " %s %d", said, c.counts[[2]string{l, said}])
		}
		fmt.Fprintln(to)
	}
}

// Calibration is how far confidence is from truth.
type Calibration struct {
	n, right, said [10]float64
}

// Add counts an answer given with this confidence, 0 to 1.
func (c *Calibration) Add(confidence float64, right bool) {
	bin := min(max(int(confidence*10), 0), 9)
	c.n[bin]++
	c.said[bin] += confidence
	if right {
		c.right[bin]++
	}
}

// Error is the expected calibration error, over ten bins of equal width.
func (c *Calibration) Error() float64 {
	total, sum := 0.0, 0.0
	for i, n := range c.n {
		total += n
		sum += math.Abs(c.right[i] - c.said[i])
	}
	return sum / max(total, 1)
}

// Report is what a classifier is worth on one data set.
type Report struct {
	Set string
	// Issue is "issue" against "noise"; Category and Intent are nil where the set says
	// nothing of them.
	Issue, Category, Intent *Confusion
	Calibration             Calibration
	// Alarms counts what was called an issue among the rows of each kind that is none,
	// of Rows.
	Alarms, Rows map[string]int
	// Seen is how many rows the weights were trained on.
	Seen int
}

// Measure judges rows, and reports on each set, in order of name.
func Measure(c *local.Classifier, rows []*Row) []*Report {
	bySet := map[string]*Report{}
	var reports []*Report
	for _, r := range rows {
		report := bySet[r.Set]
		if report == nil {
			report = newReport(r.Set)
			bySet[r.Set] = report
			reports = append(reports, report)
		}
		report.add(r, c.Opinion(r.Text, r.Context))
		if c.TrainedOn(r.Text) {
			report.Seen++
		}
	}
	slices.SortFunc(reports, func(a, b *Report) int { return strings.Compare(a.Set, b.Set) })
	return reports
}

// MeasureLessons judges what people corrected.
func MeasureLessons(c *local.Classifier, lessons []local.Lesson) *Report {
	report := &Report{Set: "corrections", Issue: NewConfusion("issue", "noise"), Category: NewConfusion(local.KindNames[local.KindBug:]...)}
	for _, l := range lessons {
		o := c.Opinion(l.Text, l.Context)
		issue := o.Issue >= o.Threshold
		report.Issue.Add(choose(l.IsIssue, "issue", "noise"), choose(issue, "issue", "noise"))
		report.Calibration.Add(choose(issue, o.Issue, 1-o.Issue), l.IsIssue == issue)
		if l.IsIssue && l.Category != "" {
			report.Category.Add(string(l.Category), local.KindNames[o.Kind()])
		}
	}
	return report
}

func newReport(set string) *Report {
	r := &Report{Set: set, Alarms: map[string]int{}, Rows: map[string]int{}}
	switch set {
	case setGitHub:
		r.Category = NewConfusion("bug", "feature", "question")
	case setJira:
		r.Category = NewConfusion("bug", "improvement")
	case setBugs:
		r.Category = NewConfusion("bug", "other")
	case setUkraine:
		r.Issue, r.Intent = NewConfusion("issue", "noise"), NewConfusion(local.IntentNames[:]...)
	case setMessages:
		r.Issue = NewConfusion("issue", "noise")
	default:
		r.Issue, r.Category = NewConfusion("issue", "noise"), NewConfusion(local.KindNames[local.KindBug:]...)
	}
	return r
}

// add counts one row. Where a set has fewer categories than we, ours count as the nearest of
// its own.
func (r *Report) add(row *Row, o local.Opinion) {
	kind := o.Kind()
	said, issue := local.KindNames[kind], o.Issue >= o.Threshold
	switch r.Set {
	case setGitHub:
		if kind == local.KindImprovement || kind == local.KindChore {
			said = "feature"
		}
		r.Category.Add(row.Label, said)
		return
	case setJira:
		if kind != local.KindBug {
			said = "improvement"
		}
		r.Category.Add(row.Type, said)
		return
	case setBugs:
		r.Category.Add(row.Label, choose(issue && kind == local.KindBug, "bug", "other"))
		return
	case setMessages: // a how-to question is none here
		r.Issue.Add(choose(row.Label == "issue", "issue", "noise"), choose(issue && kind == local.KindBug, "issue", "noise"))
		return
	}
	truth, _ := row.Issue()
	r.Issue.Add(choose(truth, "issue", "noise"), choose(issue, "issue", "noise"))
	r.Calibration.Add(choose(issue, o.Issue, 1-o.Issue), truth == issue)
	switch {
	case r.Intent != nil:
		r.Intent.Add(row.Label, o.Intent())
	case truth:
		r.Category.Add(choose(row.Kind != "", row.Kind, row.Label), said)
	case row.Kind != "":
		r.Rows[row.Kind]++
		if issue {
			r.Alarms[row.Kind]++
		}
	}
}

func choose[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

// Print writes reports for people.
func Print(to io.Writer, reports []*Report) {
	for _, r := range reports {
		fmt.Fprintf(to, "%s\n", r.Set)
		if r.Issue != nil {
			r.Issue.print(to, "is_issue")
		}
		if r.Issue != nil && r.Set != setMessages {
			fmt.Fprintf(to, "    expected calibration error %.3f\n", r.Calibration.Error())
		}
		if r.Category != nil {
			r.Category.print(to, "category")
		}
		if r.Intent != nil {
			r.Intent.print(to, "intent")
		}
		r.printAlarms(to)
		if r.Seen > 0 {
			fmt.Fprintf(to, "  the model was trained on %d of these rows: such figures flatter\n", r.Seen)
		}
	}
}

func (r *Report) printAlarms(to io.Writer) {
	kinds := make([]string, 0, len(r.Rows))
	for k := range r.Rows {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	for _, k := range kinds {
		fmt.Fprintf(to, "    false alarms among %-12s %d of %d\n", k, r.Alarms[k], r.Rows[k])
	}
}
