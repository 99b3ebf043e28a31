package injection

import (
	"cmp"
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Span is a part of a text, in bytes: text[From:To].
type Span struct{ From, To int }

// near joins the words of one instruction, which stand in the same sentence.
const near = `[^.!?\n]*?`

const (
	rulesWord  = `(?:instructions?|rules?|prompts?|guidelines?|directions?|polic(?:y|ies)|інструкці\pL*|правил\pL*|вказівк\pL*|промпт\pL*|инструкци\pL*|указани\pL*)`
	promptWord = `(?:system prompt|system message|(?:your|the|initial|hidden|secret) (?:prompt|instructions?|rules)|(?:everything|text|words|all|lines?) above|системн\pL* (?:промпт|повідомлен|сообщен|інструкц|инструкц)\pL*|промпт\pL*|(?:свої|свои|твої|твои|всі|усі|все) (?:інструкці|инструкци)\pL*)`
	modelWord  = `(?:ai|llm|gpt|chatgpt|assistant|classifier|(?:ai |language )model|ші|асистент\pL*|модел\pL*|класифікатор\pL*|ии|ассистент\pL*|классификатор\pL*)`
	judgeVerb  = `(?:mark|classify|label|treat|rate|set|report|consider|categori[sz]e|judge|answer(?:ed)?|познач\pL*|класифіку\pL*|постав\pL*|вважай\pL*|повідом|відпові\pL*|отмет\pL*|классифицир\pL*|считай\pL*|сообщи|ответ\pL*)`
	verdict    = `(?:is_issue|not an? (?:issue|bug)|no issue|critical|category|priority|bug|не проблем\pL*|критич\pL*|категорі\pL*|категори\pL*|пріоритет\pL*|приоритет\pL*|баг\pL*)`
)

// sign is an expression over folded text. The hints are words, with "|" between, without any of
// which it cannot match; they spare the expression, which is what costs time.
type sign struct {
	hints string
	expr  *regexp.Regexp
}

func (s sign) hinted(text string) bool {
	for hint := range strings.SplitSeq(s.hints, "|") {
		if strings.Contains(text, hint) {
			return true
		}
	}
	return false
}

// signs are in no order. Whatever matches one speaks to a model.
var signs = []sign{
	// To set instructions aside.
	{"ignor|disregard|forget|overrid|bypass|ігнор|забудь|зважай|відкинь|игнор|обращай|отбрось", regexp.MustCompile(`(?:ignore|disregard|forget|override|bypass|ігнору\pL*|проігнору\pL*|забудь\pL*|не зважай\pL*|відкинь\pL*|игнориру\pL*|проигнориру\pL*|не обращай\pL*|отбрось\pL*)` + near + rulesWord)},
	// To tell the prompt.
	{"prompt|system message|instruction|rules|above|промпт|інструкц|инструкц|систем", regexp.MustCompile(`(?:reveal|show|print|repeat|output|leak|tell|write|quote|copy|translate|summari[sz]e|encode|dump|read|повтори\pL*|виведи\pL*|покажи\pL*|перекла\pL*|напиши\pL*|процитуй\pL*|чита\pL*|выведи\pL*|перевед\pL*|процитируй\pL*)` + near + promptWord)},
	// To the model, about a verdict.
	{"issue|bug|critical|category|priority|проблем|критич|категор|пріоритет|приоритет|баг", regexp.MustCompile(`(?:^|\P{L})` + modelWord + `\P{L}` + near + judgeVerb + near + verdict)},
	{"issue|bug|critical|category|priority|проблем|критич|категор|пріоритет|приоритет|баг", regexp.MustCompile(`(?:^|\P{L})` + modelWord + `\P{L}` + near + verdict)},
	{"issue|bug|critical|category|priority|проблем|критич|категор|пріоритет|приоритет|баг", regexp.MustCompile(judgeVerb + near + `(?:all|every|any|other|усі|всі|інші|все|остальные)` + near + `(?:messages?|conversations?|items?|повідомлен\pL*|розмов\pL*|сообщени\pL*|разговор\pL*)` + near + verdict)},
	// Another speaker.
	{"<", regexp.MustCompile(`<\|?/?(?:im_start|im_end|endoftext|eot_id|start_header_id|system|assistant|developer)\b[^>\n]*>`)},
	{"[|<<", regexp.MustCompile(`\[/?(?:inst|sys|system)\]|<</?sys>>`)},
	{"<", regexp.MustCompile(`</?(?:system|instructions?|conversations?|prompt|tool_calls?|function_calls?)\b[^>\n]*>`)},
	{"system|assistant|developer|систем|асистент|ассистент", regexp.MustCompile(`(?:^|\n)[\s>#*]*(?:system|assistant|developer|система|асистент|ассистент)\s*:\s*(?:you|ignore|new|override|all|mark|every|ти|ты|нов|всі|усі|все|ігнор|игнор)`)},
	{"#", regexp.MustCompile(`(?:^|\n)\s*#+\s*(?:new |system |нов\pL* |системн\pL* )*(?:instructions?|prompt|інструкці\pL*|инструкци\pL*)`)},
	{"end |begin |start |кінець|початок|конец|начало", regexp.MustCompile(`(?:end|begin|start|кінець|початок|конец|начало) (?:of )?(?:the )?(?:data|conversations?|system|input|prompt|даних|розмов\pL*|данных|разговор\pL*)`)},
	// Another role.
	{"you|act as| mode|jailbreak", regexp.MustCompile(`you are (?:now|no longer)|pretend (?:that )?(?:to be|you)|act as (?:a|an|if)|from now on,? you|(?:developer|dan|god) mode|jailbreak`)},
	{"ти тепер|відтепер ти|уяви, що ти|прикинься|вдавай|ты теперь|отныне ты|представь, что ты|притворись|режим р", regexp.MustCompile(`ти тепер|відтепер ти|уяви, що ти|прикинься|вдавай|ты теперь|отныне ты|представь, что ты|притворись|режим (?:розробника|разработчика)`)},
	// Another answer.
	{"is_issue|\"results\"|\"category|\"priority|\"confidence|\"arguments", regexp.MustCompile(`["']?is_issue["']?\s*(?:[:=]|to|false|true)|"results"\s*:|"(?:category|priority|confidence|arguments)"\s*:`)},
	{"output|respond|reply|answer|return|виведи|відповідай|поверни|выведи|отвечай|верни", regexp.MustCompile(`(?:output|respond|reply|answer|return) (?:only|exactly|with nothing)|(?:виведи|відповідай|поверни) (?:лише|тільки|рівно)|(?:выведи|отвечай|верни) (?:только|лишь|ровно)`)},
	{"tool_call|function_call", regexp.MustCompile(`tool_calls?\b|function_calls?\b`)},
	// What people do not see.
	{"<!--", regexp.MustCompile(`(?s)<!--.*?-->`)},
	{"decode|розкодуй|раскодируй|декод", regexp.MustCompile(`(?:decode|розкодуй\pL*|раскодируй\pL*|декодуй\pL*|декодируй\pL*)` + near + `(?:follow|execute|obey|run|викона\pL*|выполн\pL*)`)},
}

// weakSigns count only beside a sign: colleagues too say "mark it as critical".
var weakSigns = []sign{
	{"", regexp.MustCompile(judgeVerb + near + verdict)},
	{"", regexp.MustCompile(promptWord)},
	{"", regexp.MustCompile(verdict + near + `(?:confidence|впевнен\pL*|уверен\pL*)`)},
}

var (
	encoded = regexp.MustCompile(`[A-Za-z0-9+/_-]{24,}={0,2}`)
	// sentenceEnd is where a sentence ends; a dot inside of a word does not.
	sentenceEnd = regexp.MustCompile(`[.!?]+(?:\s|$)|\n`)
)

// Find gives the sentences and lines of a text that speak to a model, in order and
// apart from each other; none for what has no sign of it. It sees through zero-width characters and
// one layer of base64. Time is linear in the length of the text.
func Find(text string) []Span {
	folded := fold(text)
	found := folded.matches(signs)
	found = append(found, findEncoded(text)...)
	if len(found) == 0 {
		return nil
	}
	found = append(found, folded.matches(weakSigns)...)
	return sentences(text, found)
}

// folded is a text in lower case without characters that nobody sees, and where each of its bytes
// came from.
type folded struct {
	text string
	from []int
}

func fold(text string) folded {
	var b strings.Builder
	from := make([]int, 0, len(text)+1)
	for at, r := range text {
		if r >= utf8.RuneSelf && (unicode.Is(unicode.Cf, r) || r == utf8.RuneError) {
			continue
		}
		if r != '\n' && unicode.IsSpace(r) {
			r = ' '
		}
		size, _ := b.WriteRune(unicode.ToLower(r))
		for range size {
			from = append(from, at)
		}
	}
	return folded{b.String(), append(from, len(text))}
}

func (f folded) matches(signs []sign) []Span {
	var spans []Span
	for _, s := range signs {
		if !s.hinted(f.text) {
			continue
		}
		for _, at := range s.expr.FindAllStringIndex(f.text, -1) {
			// What an expression looks at before the words may be the end of the sentence before.
			match := f.text[at[0]:at[1]]
			from := at[1] - len(strings.TrimLeft(match, " \n.!?"))
			spans = append(spans, Span{f.from[from], f.from[at[1]]})
		}
	}
	return spans
}

// findEncoded finds base64 that hides an injection.
func findEncoded(text string) []Span {
	if !mayHide(text) {
		return nil
	}
	var spans []Span
	for _, at := range encoded.FindAllStringIndex(text, -1) {
		raw := strings.TrimRight(text[at[0]:at[1]], "=")
		plain, err := base64.RawStdEncoding.DecodeString(raw)
		if err != nil {
			plain, err = base64.RawURLEncoding.DecodeString(raw)
		}
		if err == nil && utf8.Valid(plain) && len(fold(string(plain)).matches(signs)) > 0 {
			spans = append(spans, Span{at[0], at[1]})
		}
	}
	return spans
}

// leastEncoded is how many characters of base64 hide a sentence.
const leastEncoded = 24

// mayHide tells whether a text has so many characters in a row as encoded wants, spaces and
// letters beyond ASCII set aside; it spares the expression.
func mayHide(text string) bool {
	run := 0
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c >= utf8.RuneSelf {
			run = 0
		} else if run++; run == leastEncoded {
			return true
		}
	}
	return false
}

// sentences widens spans to the sentences that they are in, and joins those that meet.
func sentences(text string, spans []Span) []Span {
	ends := sentenceEnd.FindAllStringIndex(text, -1)
	for i, s := range spans {
		next, _ := slices.BinarySearchFunc(ends, s.From, func(end []int, at int) int { return cmp.Compare(end[1], at+1) })
		spans[i].From = 0
		if next > 0 {
			spans[i].From = ends[next-1][1]
		}
		spans[i].To = len(text)
		last, _ := slices.BinarySearchFunc(ends, s.To, func(end []int, at int) int { return cmp.Compare(end[1], at) })
		if last < len(ends) {
			spans[i].To = ends[last][1]
		}
	}
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	joined := spans[:1]
	for _, s := range spans[1:] {
		if last := &joined[len(joined)-1]; s.From <= last.To {
			last.To = max(last.To, s.To)
		} else {
			joined = append(joined, s)
		}
	}
	return joined
}
