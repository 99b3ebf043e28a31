// Package avatar says where the picture of an author is found, and draws one of
// initials for authors who have none.
package avatar

import (
	"fmt"
	"hash/fnv"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Path is where the api service serves pictures: Path + source + "/" + author id.
const Path = "/api/avatars/"

// URL is the path of an author's picture. A version above 0 names the cached picture,
// so that it can be kept by browsers for ever; else the picture is one of initials.
func URL(source, authorID string, version int64, name string) string {
	path := Path + url.PathEscape(source) + "/" + url.PathEscape(authorID)
	if version > 0 {
		return path + "?v=" + strconv.FormatInt(version, 10)
	}
	return path + "?initials=" + url.QueryEscape(Initials(name))
}

// Initials are the first letters of the first and the last word of a name, in upper
// case: one or two characters, "?" where the name has neither letter nor digit.
func Initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool {
		return unicode.IsSpace(r) || r == '_' || r == '.' || r == '-' || r == '@' || r == '/'
	})
	var letters []rune
	for _, word := range words {
		if i := strings.IndexFunc(word, speakable); i >= 0 {
			r, _ := utf8.DecodeRuneInString(word[i:])
			letters = append(letters, unicode.ToUpper(r))
		}
	}
	switch len(letters) {
	case 0:
		return "?"
	case 1:
		return string(letters)
	default:
		return string([]rune{letters[0], letters[len(letters)-1]})
	}
}

func speakable(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// backgrounds hold white text at a contrast of 4.5 and more (WCAG 2.2, 1.4.3); the
// test measures each.
func backgrounds() []string {
	return []string{
		"#b3261e", "#a83279", "#7b3fa0", "#5b4bb7", "#3557b7", "#1f6699",
		"#0b6e78", "#116a4d", "#3e6b1f", "#6b6011", "#8a5209", "#9c4221",
	}
}

// SVG draws initials on a disc whose colour follows from seed, such as the author's
// id. It takes any text: what is not fit for XML is left out, and of the initials the
// first two characters are drawn.
func SVG(initials, seed string) []byte {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(seed))
	colours := backgrounds()
	background := colours[hash.Sum32()%uint32(len(colours))]
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64" role="img">`+
		`<circle cx="32" cy="32" r="32" fill="%s"/>`+
		`<text x="32" y="32" dy=".36em" text-anchor="middle" font-family="system-ui,sans-serif" font-size="26" font-weight="600" fill="#ffffff">%s</text>`+
		`</svg>`, background, drawable(initials))
}

// drawable keeps at most two letters or digits: nothing that XML could misread.
func drawable(initials string) string {
	var kept []rune
	for _, r := range initials {
		if speakable(r) || r == '?' {
			kept = append(kept, r)
		}
		if len(kept) == 2 {
			break
		}
	}
	if len(kept) == 0 {
		return "?"
	}
	return string(kept)
}
