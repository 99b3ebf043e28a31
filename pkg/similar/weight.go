package similar

import (
	_ "embed"
	"fmt"
	"math"
	"strings"
)

// common.txt says in how many of our own messages in the style of team chat
// (pkg/classify/seed) a term stands, of terms that stand in several; its first line, how many messages there are.
// TestCommonTermsAreThoseOfOurMessages writes it with -update.
//
//go:embed common.txt
var commonText string

var documents, common = readCommon(commonText)

func readCommon(text string) (n float64, in map[string]float64) {
	in = map[string]float64{}
	for line := range strings.Lines(text) {
		var name string
		var count float64
		if _, err := fmt.Sscanf(line, "%s %g", &name, &count); err != nil {
			continue // the head, or the end
		}
		if name == "all" {
			n = count
			continue
		}
		in[name] = count
	}
	return n, in
}

const (
	// A term weighs the more, the rarer it is; a word that nobody has said weighs no more than one that
	// one message of three hundred has: names and slips would drown everything else.
	rarest = 300.0
	// leastWeight is of a term that one text of twelve has: one that is more common finds too
	// much to be looked for. tellingWeight is of one in twenty.
	leastWeight   = 2.5
	tellingWeight = 3.0
	// What is named exactly says more than a word.
	codeWeight, versionWeight, platformWeight, numberWeight, vagueWeight = 6.5, 3.0, 3.2, 2.2, 2.0
)

// weight says how telling a term is.
func weight(name string, of kind) float64 {
	switch of {
	case code:
		return codeWeight
	case version:
		return versionWeight
	case platform:
		return platformWeight
	}
	if strings.Trim(name, "0123456789.,") == "" {
		return numberWeight
	}
	if vague[name] {
		return vagueWeight
	}
	share := math.Max(common[name]/documents, 1/rarest)
	return -math.Log(math.Min(share, 0.9))
}
