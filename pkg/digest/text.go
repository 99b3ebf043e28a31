package digest

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Plain makes one line of a text, of at most so many characters.
func Plain(text string, most int) string {
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	runes := []rune(text)
	return strings.TrimSpace(string(runes[:most-1])) + "…"
}

// head is the beginning of a text, letter by letter, of at most so many characters.
func head(text string, most int) string {
	text = strings.TrimSpace(text)
	n := 0
	for at := range text {
		if n == most {
			return strings.TrimSpace(text[:at])
		}
		n++
	}
	return text
}

// sentences cuts a text into its sentences, each as it stands there. Code and what is
// quoted of others are left out.
func sentences(text string) []string {
	var found []string
	code := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "```") {
			code = !code && !strings.Contains(line[3:], "```")
			continue
		}
		if code || strings.HasPrefix(line, ">") {
			continue
		}
		found = appendSentences(found, line)
	}
	return found
}

func appendSentences(found []string, line string) []string {
	start := 0
	for at := 0; at < len(line); {
		r, size := utf8.DecodeRuneInString(line[at:])
		at += size
		if !ends(r) || at < len(line) && !endsHere(line[at:], r) {
			continue
		}
		if sentence := strings.TrimSpace(line[start:at]); sentence != "" {
			found = append(found, sentence)
		}
		start = at
	}
	if rest := strings.TrimSpace(line[start:]); rest != "" {
		found = append(found, rest)
	}
	return found
}

func ends(r rune) bool { return r == '.' || r == '!' || r == '?' || r == '…' || r == ';' }

// endsHere tells the end of a sentence from a dot inside of one ("v1.2", "т. д."): white
// space follows, and behind a dot no small letter.
func endsHere(rest string, mark rune) bool {
	next, _ := utf8.DecodeRuneInString(rest)
	if !unicode.IsSpace(next) {
		return false
	}
	after, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(rest, unicode.IsSpace))
	return mark != '.' || !unicode.IsLower(after)
}

// asks reports whether a sentence is a question: smileys may follow its mark.
func asks(sentence string) bool {
	at := strings.LastIndexByte(sentence, '?')
	return at > 0 && !strings.ContainsFunc(sentence[at:], func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// maxWords bounds what is looked at of a sentence.
const maxWords = 200

var letters = strings.NewReplacer("’", "'", "ʼ", "'", "`", "'", "ё", "е")

// words are those of a sentence in small letters, with one kind of apostrophe, е for ё.
func words(sentence string) []string {
	found := strings.FieldsFunc(letters.Replace(strings.ToLower(sentence)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '\''
	})
	return found[:min(len(found), maxWords)]
}
