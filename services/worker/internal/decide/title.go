package decide

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tasktracker/tasktracker/pkg/digest"
	"github.com/tasktracker/tasktracker/pkg/store"
)

const (
	maxTitle = 120
	// maxRead bounds how much of a text is read for its title, in characters.
	maxRead = 2000
)

// openings are how people begin before they say something, in lower case.
var openings = []string{
	// English
	"good morning", "good afternoon", "good evening", "hello", "hey", "hi", "hi all", "hi everyone", "hi team", "hey all", "hey team", "hello everyone",
	"just a heads up", "heads up", "fyi", "by the way", "btw", "quick question", "sorry to bother you", "sorry", "excuse me", "ok", "okay",
	"could someone please", "can someone please", "could you please", "can you please", "could someone", "can someone", "could you", "can you", "please", "pls", "plz",
	// Ukrainian
	"добрий день", "доброго дня", "доброго ранку", "добрий ранок", "добрий вечір", "доброго вечора", "добридень", "вітаю", "привіт", "привіт усім", "привіт всім", "всім привіт", "усім привіт",
	"до речі", "маю питання", "є питання", "перепрошую", "вибачте", "вибачайте",
	"чи може хтось", "може хтось", "чи можете ви", "чи можете", "чи можеш", "будь ласка", "прошу",
	// Russian
	"добрый день", "доброе утро", "добрый вечер", "здравствуйте", "приветствую", "привет", "всем привет", "привет всем",
	"кстати", "есть вопрос", "извините", "простите",
	"может ли кто-нибудь", "может кто-нибудь", "кто-нибудь может", "можете ли вы", "пожалуйста",
}

// addresses are openings only where a mark follows: "team, ..." and not "team lead is ill".
var addresses = []string{
	"all", "guys", "folks", "team", "everyone", "everybody", "colleagues", "there", "question", "so", "well", "also",
	"шановні", "шановні колеги", "колеги", "друзі", "народ", "команда", "команде", "панове", "усім", "всім", "хлопці", "дівчата", "гайс", "ребята", "питання", "отже", "ну", "так",
	"уважаемые", "уважаемые коллеги", "коллеги", "друзья", "ребята", "ребят", "всем", "парни", "вопрос", "итак",
}

// untitled is what a task is called that is made of what holds no words, by the language of the chat.
var untitled = map[string]string{"en": "Message without words", "uk": "Повідомлення без слів", "ru": "Сообщение без слов"}

// title is what a task of a turn is called: the provider's own words, else the first
// sentence that says something, else that there is none.
func title(t turn, c store.Conversation) string {
	own := strings.Join(strings.Fields(t.verdict.Title), " ")
	if own != "" {
		return capitalised(cut(own, maxTitle))
	}
	var lines []string
	for _, m := range t.messages {
		lines = append(lines, m.Text)
	}
	if said := titleOf(strings.Join(lines, "\n")); said != "" {
		return said
	}
	var spoken digest.Languages
	for _, m := range c.Messages {
		spoken.Add(m.Text)
	}
	for _, text := range c.Around {
		spoken.Add(text)
	}
	return untitled[spoken.Most()]
}

// titleOf finds the first sentence that says something, without greetings, mentions and what
// else people begin with; where there is none, the first words there are; "" for no words.
func titleOf(text string) string {
	text = head(text, maxRead)
	for rest := text; rest != ""; {
		var sentence string
		sentence, rest = nextSentence(rest)
		if said := strip(sentence); says(said) {
			return finish(said)
		}
	}
	if all := strings.Join(strings.Fields(text), " "); all != "" {
		return finish(all)
	}
	return ""
}

// nextSentence splits a sentence off: at a line break, or where a full stop, a question or
// an exclamation mark is followed by white space.
func nextSentence(text string) (sentence, rest string) {
	for i, r := range text {
		if r == '\n' {
			return text[:i], text[i+1:]
		}
		if !strings.ContainsRune(".!?…", r) {
			continue
		}
		end := i + utf8.RuneLen(r)
		next, _ := utf8.DecodeRuneInString(text[end:])
		if end < len(text) && unicode.IsSpace(next) {
			return text[:end], text[end:]
		}
	}
	return text, ""
}

// strip takes off what people begin with.
func strip(s string) string {
	for {
		before := s
		s = strings.TrimLeftFunc(s, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("@#`\"'«“(/[<", r)
		})
		if strings.HasPrefix(s, "@") {
			s = strings.TrimLeftFunc(s[1:], func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' })
		}
		s = withoutOpening(s)
		if s == before {
			return strings.TrimSpace(s)
		}
	}
}

// withoutOpening takes the longest opening off that is followed by the end of a word, or
// the longest address that is followed by a mark.
func withoutOpening(s string) string {
	longest := 0
	try := func(phrases []string, ends func(next rune) bool) {
		for _, phrase := range phrases {
			end := prefixFold(s, phrase)
			next, _ := utf8.DecodeRuneInString(s[end:])
			if end > longest && (end == len(s) || ends(next)) {
				longest = end
			}
		}
	}
	try(openings, func(next rune) bool {
		return !unicode.IsLetter(next) && !unicode.IsDigit(next) && !strings.ContainsRune("'’-_/", next)
	})
	try(addresses, func(next rune) bool { return strings.ContainsRune(",!:.;", next) })
	return s[longest:]
}

// prefixFold is the length in bytes of the beginning of s that is prefix in any case; 0
// where it does not begin so.
func prefixFold(s, prefix string) int {
	end := 0
	for _, want := range prefix {
		r, size := utf8.DecodeRuneInString(s[end:])
		if size == 0 || unicode.ToLower(r) != want {
			return 0
		}
		end += size
	}
	return end
}

// says reports whether a sentence has at least two words, or one long one, and is no bare
// link.
func says(s string) bool {
	words := 0
	for _, w := range strings.Fields(s) {
		if strings.Contains(w, "://") {
			continue
		}
		if strings.ContainsFunc(w, unicode.IsLetter) {
			words++
			if utf8.RuneCountInString(w) >= 9 {
				words++
			}
		}
	}
	return words >= 2
}

// finish makes one line of it, without the full stop.
func finish(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if !strings.HasSuffix(s, "...") {
		s = strings.TrimRight(s, ".,;: ")
	}
	return capitalised(cut(s, maxTitle))
}

// capitalised begins with a capital letter, unless it begins with something like a name of
// code.
func capitalised(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	word, _, _ := strings.Cut(s, " ")
	if strings.ContainsAny(word, "._/\\(){}=<>") || strings.ContainsFunc(word[min(size, len(word)):], unicode.IsUpper) {
		return s // api.go, fooBar, /login
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// cut shortens a text to n characters, at the end of a word where there is one in its last
// third.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	kept := head(s, n-1)
	if space := strings.LastIndexFunc(kept, unicode.IsSpace); space > len(kept)*2/3 {
		kept = kept[:space]
	}
	return strings.TrimRight(kept, " ,;:.-–—\n") + "…"
}

// head is the first n characters.
func head(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
