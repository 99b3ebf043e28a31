package entities

// urgency reads words that press without a date, to the index after them.
func (p *parser) urgency(i int) int {
	if p.class(i) == urgencyClass {
		return i + 1
	}
	for _, phrase := range urgentPhrases {
		n := i
		for _, w := range phrase {
			if p.lower(n) != w {
				break
			}
			n++
		}
		if n-i == len(phrase) {
			return n
		}
	}
	return i
}

// urgentPhrases are urgent as a whole only; read word by word, never changed.
var urgentPhrases = [][]string{
	{"as", "soon", "as", "possible"}, {"right", "away"},
	{"як", "найшвидше"}, {"якомога", "швидше"}, {"якомога", "скоріше"},
	{"как", "можно", "скорее"}, {"как", "можно", "быстрее"},
}
