package avatar_test

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tasktracker/tasktracker/pkg/avatar"
)

func TestInitials(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Оксана Коваль": "ОК", "olena": "O", "Anna Maria de la Cruz": "AC", "": "?", "🚀 🚀": "?",
		"їжак": "Ї", "@deploy_bot": "DB", "  x  ": "X", "id 42": "I4", "(Петро) [DevOps]": "ПD", "\xff\xfe": "?",
	} {
		if got := avatar.Initials(name); got != want {
			t.Errorf("Initials(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestURL(t *testing.T) {
	t.Parallel()
	if got, want := avatar.URL("telegram", "-100123", 7, "A"), "/api/avatars/telegram/-100123?v=7"; got != want {
		t.Errorf("with a picture: %s, want %s", got, want)
	}
	u, err := url.Parse(avatar.URL("my source", "a/b?c", 0, "Ірина Бойко"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "/api/avatars/my%20source/a%2Fb%3Fc"; u.EscapedPath() != want {
		t.Errorf("path %s, want %s", u.EscapedPath(), want)
	}
	if got := u.Query().Get("initials"); got != "ІБ" {
		t.Errorf("initials %q, want ІБ", got)
	}
}

func TestSVG_IsLegibleWhateverTheSeed(t *testing.T) {
	t.Parallel()
	colours := map[string]bool{}
	for i := range 200 {
		svg := string(avatar.SVG("ОК", strconv.Itoa(i)))
		if svg != string(avatar.SVG("ОК", strconv.Itoa(i))) {
			t.Fatal("the same seed draws two pictures")
		}
		colour := regexp.MustCompile(`circle[^>]*fill="(#[0-9a-f]{6})"`).FindStringSubmatch(svg)[1]
		colours[colour] = true
		if c := contrastToWhite(t, colour); c < 4.5 {
			t.Errorf("%s: contrast %.2f is below 4.5", colour, c)
		}
	}
	if len(colours) < 6 {
		t.Errorf("200 authors share %d colours", len(colours))
	}
}

// contrastToWhite follows WCAG 2.2, "contrast ratio" and "relative luminance".
func contrastToWhite(t *testing.T, colour string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(colour[1:], 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	linear := func(v uint64) float64 {
		c := float64(v&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 1.05 / (0.2126*linear(n>>16) + 0.7152*linear(n>>8) + 0.0722*linear(n) + 0.05)
}

func FuzzSVG(f *testing.F) {
	for _, s := range []string{"ОК", "", "<script>", "\x00\xff", "👩🏽‍💻", "]]>&amp;", "a\u202eb"} {
		f.Add(s, "seed")
	}
	f.Fuzz(func(t *testing.T, name, seed string) {
		svg := avatar.SVG(name, seed)
		if !utf8.Valid(svg) || strings.Contains(string(svg), "script") {
			t.Fatalf("unsafe: %q", svg)
		}
		decoder := xml.NewDecoder(strings.NewReader(string(svg)))
		elements := 0
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%v in %s", err, svg)
			}
			if _, ok := token.(xml.StartElement); ok {
				elements++
			}
		}
		if elements != 3 {
			t.Fatalf("%d elements in %s", elements, svg)
		}
		if n := utf8.RuneCountInString(avatar.Initials(name)); n < 1 || n > 2 {
			t.Fatalf("Initials(%q) has %d characters", name, n)
		}
		if _, err := url.Parse(avatar.URL("telegram", seed, 0, name)); err != nil {
			t.Fatal(err)
		}
	})
}
