package entities

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// link takes http://…, https://…, www.….
func (s *scanner) link(i int, chunk, _ string) int {
	n := 0
	for _, scheme := range []string{"https://", "http://", "ftp://", "ssh://", "www."} {
		if len(chunk) > len(scheme) && strings.EqualFold(chunk[:len(scheme)], scheme) {
			n = len(scheme)
		}
	}
	if n == 0 || s.before(i) {
		return i
	}
	host := chunk[n:]
	if k := strings.IndexAny(host, "/?#"); k >= 0 {
		host = host[:k]
	}
	if k := strings.LastIndexByte(host, '@'); k >= 0 {
		host = host[k+1:]
	}
	if host == "" {
		return i
	}
	start := i + strings.Index(chunk[n:], host) + n
	s.take(KindLink, i, i+len(chunk), chunk)
	name, _, _ := strings.Cut(host, ":")
	s.component(start, start+len(host), strings.ToLower(strings.TrimPrefix(name, "www.")))
	return i + len(chunk)
}

// before tells whether a letter, digit or underscore stands right before i.
func (s *scanner) before(i int) bool {
	r, _ := utf8.DecodeLastRuneInString(s.text[:i])
	return i > 0 && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_')
}

// mention takes @name, and @scope/name as a package.
func (s *scanner) mention(i int, chunk, _ string) int {
	if chunk == "" || chunk[0] != '@' || s.before(i) {
		return i
	}
	n := 1 + span(chunk[1:], isNameByte)
	if rest := chunk[n:]; len(rest) > 1 && rest[0] == '/' && n > 1 {
		if m := span(rest[1:], func(b byte) bool { return isNameByte(b) || b == '-' || b == '.' }); m > 0 {
			end := i + n + 1 + m
			s.take(KindComponent, i, end, s.text[i:end])
			return end
		}
	}
	if n < 3 || n > 33 {
		return i
	}
	if r, _ := utf8.DecodeRuneInString(s.text[i+n:]); unicode.IsLetter(r) {
		return i
	}
	s.take(KindMention, i, i+n, chunk[1:n])
	return i + n
}

func isNameByte(b byte) bool { return isAlphanumeric(b) || b == '_' }

func isAlphanumeric(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

// span counts the bytes at the start of which is holds.
func span(text string, is func(byte) bool) int {
	n := 0
	for n < len(text) && is(text[n]) {
		n++
	}
	return n
}

func digits(text string) int { return span(text, func(b byte) bool { return isDigit(rune(b)) }) }

// standards look like the key of an issue and are none.
var standards = map[string]bool{
	"UTF": true, "SHA": true, "ISO": true, "RFC": true, "COVID": true, "HTTP": true, "TLS": true, "SSL": true, "MD": true, "AES": true,
	"UTC": true, "GMT": true, "CVE": true, "CWE": true, "RSA": true, "USB": true, "IPV": true, "ES": true, "CP": true, "WIN": true, "GPT": true,
	"MP": true, "H": true, "BASE": true, "WPA": true, "IEEE": true, "PCI": true, "DDR": true, "PS": true, "RTX": true, "ECMA": true, "KOI": true,
}

// issue takes #123, owner/name#123 and PROJ-123.
func (s *scanner) issue(i int, chunk, _ string) int {
	if s.before(i) || i > 0 && s.text[i-1] == '&' { // &#39;
		return i
	}
	n := span(chunk, func(b byte) bool { return isNameByte(b) || b == '-' || b == '.' || b == '/' })
	if n < len(chunk) && chunk[n] == '#' {
		number := digits(chunk[n+1:])
		repository := chunk[:n]
		if number == 0 || number > 9 || repository != "" && strings.Count(repository, "/") != 1 || !s.ends(i+n+1+number) {
			return i
		}
		s.take(KindIssue, i, i+n+1+number, chunk[:n+1+number])
		return i + n + 1 + number
	}
	k := span(chunk, func(b byte) bool { return b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' })
	if k < 2 || k > 10 || isDigit(rune(chunk[0])) || k >= len(chunk) || chunk[k] != '-' || i > 0 && s.text[i-1] == '-' {
		return i
	}
	number := digits(chunk[k+1:])
	end := k + 1 + number
	if number == 0 || number > 7 || standards[strings.TrimRight(chunk[:k], "0123456789")] || !s.ends(i+end) ||
		end+1 < len(chunk) && (chunk[end] == '-' || chunk[end] == '.') && isAlphanumeric(chunk[end+1]) {
		return i
	}
	s.take(KindIssue, i, i+end, chunk[:end])
	return i + end
}

// ends tells that no letter, digit or underscore stands at i.
func (s *scanner) ends(i int) bool {
	r, _ := utf8.DecodeRuneInString(s.text[i:])
	return i >= len(s.text) || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_'
}

// version takes v1.2.3, 2.0-rc1, 1.2.3, and 3.4 behind a word such as "version".
func (s *scanner) version(i int, chunk, word string) int {
	if s.before(i) || i > 0 && strings.IndexByte("-.,:/$", s.text[i-1]) >= 0 {
		return i
	}
	n := 0
	if len(chunk) > 1 && (chunk[0] == 'v' || chunk[0] == 'V') {
		n = 1
	}
	var parts []string
	for {
		d := digits(chunk[n:])
		if d == 0 || d > 8 {
			return i
		}
		parts = append(parts, chunk[n:n+d])
		n += d
		if n+1 >= len(chunk) || chunk[n] != '.' || !isDigit(rune(chunk[n+1])) || len(parts) == 5 {
			break
		}
		n++
	}
	prerelease := suffix(chunk[n:])
	named := lexicon[word].class == versionClass
	switch {
	case chunk[0] == 'v' || chunk[0] == 'V':
		if len(parts) == 1 && len(parts[0]) > 3 {
			return i
		}
	case named:
	case len(parts) >= 2 && prerelease > 0:
	case len(parts) == 3 && !looksLikeDate(parts):
	default:
		return i
	}
	n += prerelease
	if !s.ends(i+n) || i+n < len(s.text) && strings.IndexByte("%$:/", s.text[i+n]) >= 0 && !s.ends(i+n+1) {
		return i
	}
	value := chunk[:n]
	s.take(KindVersion, i, i+n, strings.TrimLeft(value, "vV"))
	return i + n
}

// prereleases are what may follow a version.
var prereleases = []string{"rc", "alpha", "beta", "pre", "preview", "dev", "snapshot", "hotfix", "canary", "nightly", "lts", "m", "b", "a"}

// suffix is the length of "-rc.1", "rc1", "+build5" at the start of a text.
func suffix(text string) int {
	n := 0
	if strings.HasPrefix(text, "-") || strings.HasPrefix(text, "+") {
		n = 1
	}
	letters := span(text[n:], func(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' })
	if n == 0 && letters == 0 || text[0] == '+' && letters == 0 {
		return 0
	}
	known := text[0] == '+'
	for _, p := range prereleases {
		known = known || strings.EqualFold(text[n:n+letters], p)
	}
	if !known {
		return 0
	}
	n += letters
	if n < len(text) && (text[n] == '.' || text[n] == '-') && digits(text[n+1:]) > 0 {
		n++
	}
	return n + digits(text[n:])
}

// looksLikeDate tells 15.12.26 and 2026.12.15 from 1.2.3.
func looksLikeDate(parts []string) bool {
	number := func(s string) int {
		n := 0
		for _, r := range s {
			n = n*10 + int(r-'0')
		}
		return n
	}
	d, m, y := parts[0], parts[1], parts[2]
	if len(d) == 4 {
		d, y = y, d
		if len(m) != 2 || len(d) != 2 {
			return false
		}
	}
	if len(y) != 4 && (len(y) != 2 || len(m) != 2) {
		return false
	}
	if len(y) == 2 {
		y = "20" + y
	}
	_, ok := dayOf(number(y), number(m), number(d))
	return ok && len(d) <= 2
}

// path takes names of files and packages: pkg/bus/bus.go, ./run, C:\logs, main.go,
// github.com/nats-io/nats.go.
func (s *scanner) path(i int, chunk, _ string) int {
	n := span(chunk, func(b byte) bool { return isNameByte(b) || strings.IndexByte("-./~\\+@:", b) >= 0 })
	name := strings.TrimRight(chunk[:n], ".:/-+@")
	if len(name) < 3 || s.before(i) || i > 0 && isJoiner(s.text[i-1]) || !s.ends(i+len(name)) || !isPath(name) {
		return i
	}
	s.take(KindComponent, i, i+len(name), name)
	return i + len(name)
}

func isJoiner(b byte) bool { return b == '-' || b == '.' || b == '/' || b == '@' }

func isPath(name string) bool {
	if strings.Contains(name, "@") {
		return false
	}
	slashes := strings.Count(name, "/")
	extension := strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))
	if line, _, ok := strings.Cut(extension, ":"); ok { // main.go:12
		extension = line
	}
	letters := strings.ContainsFunc(name, unicode.IsLetter)
	switch {
	case len(name) > 2 && name[1] == ':' && name[2] == '\\':
		return true
	case !letters || strings.Contains(name, "\\") || strings.HasPrefix(name, "//"):
		return false
	case slashes == 0:
		return fileExtensions[extension] && len(name) > len(extension)+1
	case strings.HasPrefix(name, "/") || strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../") || strings.HasPrefix(name, "~/"):
		return slashes >= 2 || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~") || extension != ""
	}
	first, _, _ := strings.Cut(name, "/")
	return fileExtensions[extension] || slashes >= 2 && !strings.Contains(name, "//") || strings.Contains(first, ".") && !isDigit(rune(first[0]))
}

// fileExtensions end the names of files that people speak of.
var fileExtensions = set(`bat c cc cfg conf cpp cs css csv cxx dart dockerfile env ex exs gif go gradle h hpp html ini ipynb jar java jpeg jpg
	js json jsonl jsx kt kts less lock log lua m md mdx mjs mod mp4 pdf php png proto ps1 py rb rs rst sass scala scss sh sql sum svg swift
	tar tf toml ts tsx txt vue webp xls xlsx xml yaml yml zig zip`)

func set(words string) map[string]bool {
	s := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		s[w] = true
	}
	return s
}
