package similar

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/classify/seed"
	"github.com/tasktracker/tasktracker/pkg/classify/train"
)

var update = flag.Bool("update", false, "write common.txt anew")

// A term of fewer messages is rare.
const leastMessages = 4

func TestCommonTermsAreThoseOfOurMessages(t *testing.T) {
	t.Parallel()
	rows, err := seed.Rows()
	if err != nil {
		t.Fatal(err)
	}
	// Small talk says nothing of the words that issues have in common.
	rows = slices.DeleteFunc(rows, func(row train.Row) bool {
		return strings.HasPrefix(row.Group, "chatter-") || strings.HasPrefix(row.Group, "talk-")
	})
	in := map[string]int{}
	for _, row := range rows {
		for name, term := range New("", row.Text, "").terms {
			if term.kind == word {
				in[name]++
			}
		}
	}
	names := make([]string, 0, len(in))
	for name, n := range in {
		if n >= leastMessages {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(in[b], in[a]), strings.Compare(a, b)) })
	var b strings.Builder
	fmt.Fprintf(&b, "all %d\n", len(rows))
	for _, name := range names {
		fmt.Fprintf(&b, "%s %d\n", name, in[name])
	}
	if *update {
		if err := os.WriteFile("common.txt", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if b.String() != commonText {
		t.Error("common.txt is not what our messages say: run the test with -update")
	}
}
