package telegram_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tasktracker/tasktracker/pkg/telegram"
)

func TestParseChatRef(t *testing.T) {
	t.Parallel()
	for ref, want := range map[string]string{
		// Ids.
		"-1002988379206":            "-1002988379206",
		" \t-1002988379206\n":       "-1002988379206",
		"-1000000000001":            "-1000000000001",
		"-2001234567890":            "-2001234567890",
		"-2988379206":               "-2988379206 -1002988379206",
		"-1":                        "-1 -1000000000001",
		"-999999999999":             "-999999999999 -1999999999999",
		"1002988379206":             "-1002988379206",
		"1000000000000":             "-1000000000000",
		"2988379206":                "-1002988379206 -2988379206",
		"999999999999":              "-1999999999999 -999999999999",
		"12345678901":               "-1012345678901 -12345678901",
		"t.me/c/2988379206/15":      "-1002988379206",
		"https://t.me/c/2988379206": "-1002988379206",
		"https://t.me/c/12345678901/7/15?thread=7":        "-1012345678901",
		"https://t.me/c/1000000000001/7":                  "-2000000000001",
		"tg://privatepost?channel=2988379206&post=15":     "-1002988379206",
		"tg:privatepost?post=15&channel=2988379206":       "-1002988379206",
		"https://web.telegram.org/a/#-1002988379206":      "-1002988379206",
		"https://web.telegram.org/k/#-2988379206":         "-2988379206 -1002988379206",
		"web.telegram.org/a/#-1002641907733_1204":         "-1002641907733",
		"https://web.telegram.org/k/#@ledgerline_core":    "@ledgerline_core",
		"https://web.telegram.org/k/#@ledgerline_core_12": "@ledgerline_core_12 @ledgerline_core",
		// Names.
		"@ledgerline_core":                        "@ledgerline_core",
		"ledgerline_core":                         "@ledgerline_core",
		"Ledgerline2":                             "@Ledgerline2",
		"a":                                       "@a",
		strings.Repeat("a", 32):                   "@" + strings.Repeat("a", 32),
		"t.me/ledgerline_core":                    "@ledgerline_core",
		"http://t.me/ledgerline_core/1204/1390":   "@ledgerline_core",
		"https://www.t.me/s/ledgerline_core?q=a":  "@ledgerline_core",
		"HTTPS://T.ME/Ledgerline_Core#x":          "@Ledgerline_Core",
		"telegram.me/ledgerline_core":             "@ledgerline_core",
		"ftp://telegram.dog:443/ledgerline_core/": "@ledgerline_core",
		"https://ledgerline_core.t.me/12":         "@ledgerline_core",
		"tg://resolve?domain=ledgerline_core":     "@ledgerline_core",
		"tg://resolve/?post=3&domain=ledgerline":  "@ledgerline",
	} {
		got, err := telegram.ParseChatRef(ref)
		if err != nil {
			t.Errorf("%q: %v", ref, err)
			continue
		}
		var words []string
		for _, c := range got {
			words = append(words, c.String())
		}
		if diff := cmp.Diff(want, strings.Join(words, " ")); diff != "" {
			t.Errorf("%q (-want +got): %s", ref, diff)
		}
	}
}

func TestParseChatRefRefuses(t *testing.T) {
	t.Parallel()
	for ref, want := range map[string]error{
		"https://t.me/+AbCdEf123":      telegram.ErrInviteLink,
		"t.me/%2BAbCdEf123":            telegram.ErrInviteLink,
		"https://t.me/joinchat/AbCdEf": telegram.ErrInviteLink,
		"telegram.me/joinchat/AbCdEf":  telegram.ErrInviteLink,
		"tg://join?invite=AbCdEf":      telegram.ErrInviteLink,
		"":                             telegram.ErrChatRef,
		"  ":                           telegram.ErrChatRef,
		"0":                            telegram.ErrChatRef,
		"-0":                           telegram.ErrChatRef,
		"-":                            telegram.ErrChatRef,
		"--5":                          telegram.ErrChatRef,
		"-1000000000000":               telegram.ErrChatRef,
		"12345678901234":               telegram.ErrChatRef,
		"-10029883792061":              telegram.ErrChatRef,
		"99999999999999999999999":      telegram.ErrChatRef,
		"+380501234567":                telegram.ErrChatRef,
		"29883.79206":                  telegram.ErrChatRef,
		"1e9":                          telegram.ErrChatRef,
		"٣٤٥":                          telegram.ErrChatRef,
		"@":                            telegram.ErrChatRef,
		"@1name":                       telegram.ErrChatRef,
		"_name":                        telegram.ErrChatRef,
		"name_":                        telegram.ErrChatRef,
		"na__me":                       telegram.ErrChatRef,
		"нейм":                         telegram.ErrChatRef,
		"two words":                    telegram.ErrChatRef,
		"@na-me":                       telegram.ErrChatRef,
		strings.Repeat("a", 33):        telegram.ErrChatRef,
		strings.Repeat(" ", 9) + strings.Repeat("1", 5000): telegram.ErrChatRef,
		"https://t.me":                        telegram.ErrChatRef,
		"https://t.me/":                       telegram.ErrChatRef,
		"https://t.me/c/":                     telegram.ErrChatRef,
		"https://t.me/c/name/1":               telegram.ErrChatRef,
		"https://t.me/c/-2988379206/1":        telegram.ErrChatRef,
		"https://t.me/addstickers/Animals":    telegram.ErrChatRef,
		"https://t.me/share/url?url=x":        telegram.ErrChatRef,
		"https://example.com/ledgerline_core": telegram.ErrChatRef,
		"https://t.me.example.com/ledgerline": telegram.ErrChatRef,
		"https://nott.me/ledgerline":          telegram.ErrChatRef,
		"https://web.telegram.org/k/":         telegram.ErrChatRef,
		"https://web.telegram.org/k/#@name_":  telegram.ErrChatRef,
		"https://web.telegram.org/k/#folder":  telegram.ErrChatRef,
		"tg://privatepost?channel=0":          telegram.ErrChatRef,
		"tg://resolve?phone=380501234567":     telegram.ErrChatRef,
		"tg://settings":                       telegram.ErrChatRef,
	} {
		if got, err := telegram.ParseChatRef(ref); !errors.Is(err, want) {
			t.Errorf("%q: got %v, %v; want %v", ref, got, err, want)
		}
	}
}

func FuzzParseChatRef(f *testing.F) {
	for _, ref := range []string{"-1002988379206", "2988379206", "@name", "https://t.me/c/2988379206/1", "t.me/+x",
		"https://name.t.me/1", "tg://resolve?domain=name", "https://web.telegram.org/k/#@name_12", "web.telegram.org/#-5_6"} {
		f.Add(ref)
	}
	f.Fuzz(func(t *testing.T, ref string) {
		candidates, err := telegram.ParseChatRef(ref)
		if (err == nil) != (len(candidates) > 0) || len(candidates) > 4 {
			t.Fatalf("%d candidates, error %v", len(candidates), err)
		}
		if err != nil && !errors.Is(err, telegram.ErrChatRef) && !errors.Is(err, telegram.ErrInviteLink) {
			t.Errorf("unexpected error %v", err)
		}
		for _, c := range candidates {
			if (c.ID != 0) == (c.Username != "") || c.ID > 0 || c.ID < -11_000_000_000_000 {
				t.Errorf("candidate %+v", c)
			}
			// What is said about a chat can be pasted again, and still means it.
			again, err := telegram.ParseChatRef(c.String())
			if c.ID != -1_000_000_000_000 && c.ID > -10_000_000_000_000 && (err != nil || again[0] != c) {
				t.Errorf("%s is read as %v, %v", c, again, err)
			}
		}
	})
}
