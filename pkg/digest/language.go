package digest

import "strings"

// Languages counts messages by language.
type Languages struct {
	Latin     int `json:"latin"`
	Cyrillic  int `json:"cyrillic"` // either of the two
	Ukrainian int `json:"ukrainian"`
	Russian   int `json:"russian"`
}

// Add counts a message. Letters tell: each of the two Cyrillic alphabets has some that the
// other lacks.
func (l *Languages) Add(text string) {
	text = strings.ToLower(text)
	switch {
	case strings.ContainsAny(text, "іїєґ"):
		l.Ukrainian++
	case strings.ContainsAny(text, "ыэъё"):
		l.Russian++
	case strings.ContainsAny(text, "абвгдежзийклмнопрстуфхцчшщьюя"):
		l.Cyrillic++
	case strings.ContainsAny(text, "abcdefghijklmnopqrstuvwxyz"):
		l.Latin++
	}
}

// Most is the language of most messages: "uk", "ru" or "en". A message in neither of the two
// Cyrillic alphabets for sure counts as the commoner of the two.
func (l Languages) Most() string {
	switch {
	case l.Latin > l.Ukrainian+l.Russian+l.Cyrillic:
		return "en"
	case l.Russian > l.Ukrainian:
		return "ru"
	case l.Ukrainian+l.Cyrillic > 0:
		return "uk"
	default:
		return "en"
	}
}
