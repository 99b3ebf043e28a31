package mask

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// rule finds one form. Where the expression has groups, the value is the first that
// matched; otherwise the whole match is.
type rule struct {
	kind kind
	expr *regexp.Regexp
	// hints are words, in lower case, with "|" between, without any of which the rule cannot
	// match; digits is the fewest digits of a text that it can match. They spare the expression, which is what costs time.
	hints  string
	digits int
	// holds says whether the match at text[from:to] is one. nil: always.
	holds func(text string, from, to int) bool
}

// secretRules are tried on every text. The forms of vendors' keys are as their documents
// and the secret scanners of GitHub and GitLab describe them.
var secretRules = []rule{
	{kindSecret, regexp.MustCompile(`(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\z)`), "private key", 0, nil},
	{kindSecret, regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`), "eyj", 0, nil},
	{kindSecret, regexp.MustCompile(`[0-9]{8,10}:[A-Za-z0-9_-]{35}`), ":", 8, nil},  // Telegram's bots
	{kindSecret, regexp.MustCompile(`sk-[A-Za-z0-9_-]{16,}`), "sk-", 0, startsWord}, // OpenAI, Anthropic, OpenRouter, DeepSeek
	{kindSecret, regexp.MustCompile(`(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{16,}`), "sk_|rk_|whsec_", 0, startsWord},
	{kindSecret, regexp.MustCompile(`(?:AKIA|ASIA)[0-9A-Z]{16}`), "akia|asia", 0, startsWord}, // AWS
	{kindSecret, regexp.MustCompile(`gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,}`), "ghp_|gho_|ghu_|ghs_|ghr_|github_", 0, startsWord},
	{kindSecret, regexp.MustCompile(`glpat-[A-Za-z0-9_-]{16,}|gloas-[A-Za-z0-9_-]{16,}|glrt-[A-Za-z0-9_-]{16,}`), "glpat-|gloas-|glrt-", 0, startsWord},
	{kindSecret, regexp.MustCompile(`xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}`), "xox|xapp-", 0, startsWord},
	{kindSecret, regexp.MustCompile(`hooks\.slack\.com/(?:services|workflows)/([A-Za-z0-9/_-]{10,})`), "hooks.slack", 0, nil},
	{kindSecret, regexp.MustCompile(`discord(?:app)?\.com/api/webhooks/([0-9]+/[A-Za-z0-9_-]{20,})`), "discord", 0, nil},
	{kindSecret, regexp.MustCompile(`AIza[0-9A-Za-z_-]{35}|ya29\.[0-9A-Za-z_-]{20,}|GOCSPX-[0-9A-Za-z_-]{20,}`), "aiza|ya29|gocspx", 0, startsWord}, // Google
	{kindSecret, regexp.MustCompile(`SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}`), "sg.", 0, startsWord},                                            // SendGrid
	{kindSecret, regexp.MustCompile(`npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{30,}|hf_[A-Za-z0-9]{20,}|dop_v1_[a-f0-9]{40,}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{30,}`), "npm_|pypi-|hf_|dop_|shp", 0, startsWord},
	{kindSecret, regexp.MustCompile(`glsa_[A-Za-z0-9_]{20,}|lin_api_[A-Za-z0-9]{20,}|ntn_[A-Za-z0-9]{20,}|PMAK-[A-Za-z0-9-]{20,}|sbp_[a-f0-9]{30,}|hv[sb]\.[A-Za-z0-9_-]{20,}|dapi[a-f0-9]{32}|ATATT3[A-Za-z0-9_=-]{20,}|AGE-SECRET-KEY-1[A-Z0-9]{20,}|(?:SK|AC)[0-9a-f]{32}`), "glsa_|lin_api|ntn_|pmak-|sbp_|hvs.|hvb.|dapi|atatt3|age-secret|sk|ac", 0, startsWord},
	{kindSecret, regexp.MustCompile(`[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}`), ".", 0, startsWord}, // Discord
	{kindSecret, regexp.MustCompile(`(?i)bearer\s+([A-Za-z0-9._~+/=-]{8,})`), "bearer", 0, longOrMixed},
	{kindSecret, regexp.MustCompile(`(?i)authorization["']?\s*[:=]\s*["']?(?:[a-z]+\s+)?([^\s"',;]{6,})`), "authorization", 0, nil},
	{kindSecret, regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]{1,30}://[^\s/:@"'<>]*:[^\s@"'<>]+@[^\s"'<>,;]+`), "://", 0, notPort},
	{kindSecret, regexp.MustCompile(assigned(`pass(?:word|wd|phrase|code)?|pwd|парол[а-яіїє]{0,3}|secret|секрет|token|токен|api[ _-]?key|access[ _-]?key|secret[ _-]?(?:access[ _-]?)?key|private[ _-]?key|account[ _-]?key|client[ _-]?secret|signature|sig|credentials?|ключ(?:\s+(?:api|апі|апи|доступу|доступа))?`)), "pass|pwd|парол|secret|секрет|token|токен|key|sig|credential|ключ", 0, named},
	{kindSecret, regexp.MustCompile(assigned(`pin(?:[ -]?code)?|п[иі]н(?:[ -]?код)?|cvv2?|cvc2?|otp`)), "pin|пін|пин|cvv|cvc|otp", 0, named},
	{kindSecret, regexp.MustCompile(`(?i)(?:password|passwd|парол[а-яіїє]{0,3})\s+(?:is|was|це|это|теперь|тепер|-|–|—)\s+([^\s"',;]{4,200})`), "passw|парол", 0, withDigit},
	{kindCard, regexp.MustCompile(`[2-6](?:[ -]?[0-9]){12,18}`), "", 13, card},
	{kindIBAN, regexp.MustCompile(`[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}`), "", 8, iban},
	{kindText, placeholder, "[", 0, nil},
}

// assigned matches "name: value" and "name=value", also in quotes as in JSON and code. A
// value has 4 characters at least: what is shorter would be masked inside of every other word.
func assigned(name string) string {
	return `(?i)(?:` + name + `)["'` + "`" + `]?\s*(?::=|=>|:|=)\s*(?:"([^"\n]{4,200})"|'([^'\n]{4,200})'|` +
		"`([^`\n]{4,200})`" + `|([^\s"'` + "`" + `,;&]{4,200}))`
}

var (
	phoneRule = rule{kindPhone, regexp.MustCompile(`\+[0-9](?:[ ().-]{0,2}[0-9]){7,14}|(?:(?:380|7|8)[ -]?)?\(?0?[0-9]{2,3}\)?[ .-]?[0-9]{3}[ .-]?[0-9]{2}[ .-]?[0-9]{2}|\(?[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}`), "", 8, phone}
	emailRule = rule{kindEmail, regexp.MustCompile(`[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){0,8}\.\p{L}{2,24}`), "@", 0, nil}
	// mentionRule: Telegram's user names have 4 to 32 characters.
	mentionRule = rule{kindName, regexp.MustCompile(`@[A-Za-z][A-Za-z0-9_]{3,31}`), "@", 0, startsWord}
)

// find gives the spans that a text has to be masked at, in no order, overlapping.
func (m *Masker) find(text string) []span {
	in := subject{text: text, lower: strings.ToLower(text), digits: len(digits(text))}
	var spans []span
	for _, r := range secretRules {
		spans = r.find(spans, in)
	}
	if m.kinds.Emails {
		spans = emailRule.find(spans, in)
	}
	if m.kinds.Phones {
		spans = phoneRule.find(spans, in)
	}
	if m.kinds.Names {
		spans = mentionRule.find(spans, in)
		spans = m.names.find(spans, text)
	}
	return spans
}

// subject is a text and what the hints of rules are compared with.
type subject struct {
	text, lower string
	digits      int
}

// hinted says whether a rule may match.
func (r rule) hinted(in subject) bool {
	if in.digits < r.digits {
		return false
	}
	for hint := range strings.SplitSeq(r.hints, "|") {
		if strings.Contains(in.lower, hint) {
			return true
		}
	}
	return false
}

func (r rule) find(spans []span, in subject) []span {
	if !r.hinted(in) {
		return spans
	}
	text := in.text
	for _, at := range r.expr.FindAllStringSubmatchIndex(text, -1) {
		from, to := at[0], at[1]
		for group := 2; group+1 < len(at); group += 2 {
			if at[group] >= 0 {
				from, to = at[group], at[group+1]
				break
			}
		}
		if r.holds == nil {
			spans = append(spans, span{from, to, r.kind})
			continue
		}
		start := at[0]
		if len(at) == 2 {
			start = from
		}
		if r.holds(text, start, to) {
			spans = append(spans, span{from, to, r.kind})
		}
	}
	return spans
}

// startsWord says whether no letter or digit stands before: "risk-..." is no key.
func startsWord(text string, from, _ int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	return !unicode.IsLetter(before) && !unicode.IsDigit(before)
}

// named says whether the name of a secret stands by itself or behind "_" or "-", as in
// DB_PASSWORD, and not at the end of a word such as "mapping".
func named(text string, from, to int) bool {
	return startsWord(text, from, to) || strings.HasPrefix(strings.ToLower(text[from:to]), "password")
}

// withDigit asks for a digit in "password is ...": "the password is wrong" names none.
func withDigit(text string, from, to int) bool {
	return startsWord(text, from, to) && strings.ContainsAny(text[from:to], "0123456789")
}

// longOrMixed tells the token behind "bearer" from a word.
func longOrMixed(text string, from, to int) bool {
	return startsWord(text, from, to) && (to-from >= 24 || strings.ContainsAny(text[from:to], "0123456789"))
}

// notPort tells https://host:8080/@user from an address with a password.
func notPort(text string, from, to int) bool {
	_, rest, _ := strings.Cut(text[from:to], "://")
	_, rest, _ = strings.Cut(rest, ":")
	digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
	return digits == 0 || digits > 5 || !strings.HasPrefix(rest[digits:], "/")
}

// card checks the digits by Luhn's rule (ISO/IEC 7812-1), and that no longer number goes on.
func card(text string, from, to int) bool {
	return aloneNumber(text, from, to) && luhn(digits(text[from:to]))
}

func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// iban checks by ISO 13616: the number, its first four characters moved to the end and
// letters as two digits, leaves 1 when divided by 97. A number that is followed by words
// in capitals is matched with them and not found; that is rare, and nothing else is lost.
func iban(text string, from, to int) bool {
	if !startsWord(text, from, to) {
		return false
	}
	compact := strings.ReplaceAll(text[from:to], " ", "")
	if len(compact) < 15 || len(compact) > 34 {
		return false
	}
	rest := 0
	for _, c := range []byte(compact[4:] + compact[:4]) {
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return rest == 1
}

// phone counts digits: 8 to 15 behind "+" (E.164), otherwise 10 to 12.
func phone(text string, from, to int) bool {
	if !aloneNumber(text, from, to) {
		return false
	}
	n := len(digits(text[from:to]))
	if text[from] == '+' {
		return n >= 8 && n <= 15
	}
	return n >= 10 && n <= 12
}

// aloneNumber says whether neither digits nor letters stand next to a number.
func aloneNumber(text string, from, to int) bool {
	after, _ := utf8.DecodeRuneInString(text[to:])
	return startsWord(text, from, to) && !unicode.IsLetter(after) && !unicode.IsDigit(after)
}

func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
}
