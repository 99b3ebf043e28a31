package mask_test

import (
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/classify/mask"
)

var everything = mask.Kinds{Names: true, Phones: true, Emails: true}

// joined keeps the examples from being taken for real keys by scanners of repositories.
func joined(parts ...string) string { return strings.Join(parts, "") }

func TestMask_HidesSecrets(t *testing.T) {
	t.Parallel()
	jwt := joined("eyJhbGciOiJIUzI1NiJ9", ".eyJzdWIiOiIxMjM0NTY3ODkwIn0", ".dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U")
	for name, c := range map[string]struct{ text, secret string }{
		"openai":             {joined("use sk-", "proj-abcDEF1234567890abcd please"), joined("sk-", "proj-abcDEF1234567890abcd")},
		"anthropic":          {joined("(sk-", "ant-api03-AbCdEf0123456789)"), joined("sk-", "ant-api03-AbCdEf0123456789")},
		"stripe":             {joined("sk_", "live_4eC39HqLyjWDarjtT1zdp7dc"), joined("sk_", "live_4eC39HqLyjWDarjtT1zdp7dc")},
		"aws":                {joined("id AKIA", "IOSFODNN7EXAMPLE!"), joined("AKIA", "IOSFODNN7EXAMPLE")},
		"github":             {joined("ghp_", "abcdefghijklmnopqrstuvwxyz0123456789 leaked"), joined("ghp_", "abcdefghijklmnopqrstuvwxyz0123456789")},
		"gitlab":             {joined("glpat-", "ABCDEFGHIJ1234567890"), joined("glpat-", "ABCDEFGHIJ1234567890")},
		"slack":              {joined("xoxb-", "123456789012-abcdefGHIJ"), joined("xoxb-", "123456789012-abcdefGHIJ")},
		"slack hook":         {joined("https://hooks.slack.com/", "services/T00000000/B00000000/XXXXXXXXXXXX"), "T00000000/B00000000/XXXXXXXXXXXX"},
		"google":             {joined("AIza", "SyA1234567890abcdefghijklmnopqrstuv"), joined("AIza", "SyA1234567890abcdefghijklmnopqrstuv")},
		"hugging face":       {joined("hf_", "abcdefghijklmnopqrstuvwx"), joined("hf_", "abcdefghijklmnopqrstuvwx")},
		"telegram":           {joined("123456789", ":AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"), joined("123456789", ":AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0")},
		"telegram address":   {joined("https://api.telegram.org/bot123456789", ":AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0/getMe"), "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"},
		"jwt":                {"token " + jwt, jwt},
		"bearer":             {"curl -H 'X: Bearer abc123def456ghi'", "abc123def456ghi"},
		"basic":              {"Authorization: Basic dXNlcjpwYXNzd29yZA==", "dXNlcjpwYXNzd29yZA=="},
		"password":           {"password: hunter2!", "hunter2!"},
		"password in quotes": {`{"password": "two words 9"}`, "two words 9"},
		"password is":        {"the password is Qwerty77", "Qwerty77"},
		"environment":        {"DB_PASSWORD=s3cr3tvalue next", "s3cr3tvalue"},
		"ukrainian":          {"пароль: Київ2024", "Київ2024"},
		"ukrainian dash":     {"Пароль - зима2025", "зима2025"},
		"russian":            {"вот пароль от стенда: Qwe123 и пароль = Zima99", "Zima99"},
		"token":              {"токен: abcd-efgh-1234", "abcd-efgh-1234"},
		"query":              {"https://x.example/hook?a=1&token=abcdef99&b=2", "abcdef99"},
		"api key":            {"API key = 0123abcd0123abcd", "0123abcd0123abcd"},
		"code":               {`apiKey := "0123abcd-zz"`, "0123abcd-zz"},
		"pin":                {"PIN: 4821", "4821"},
		"postgres":           {"try postgres://app:p%40ss@db.internal:5432/app?sslmode=off now", "postgres://app:p%40ss@db.internal:5432/app?sslmode=off"},
		"redis":              {"redis://:hunter22@cache:6379", "hunter22"},
		"ado":                {"Server=db;User Id=sa;Password=Qwe123;Encrypt=no", "Qwe123"},
		"private key":        {"-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nAAAA\n-----END RSA PRIVATE KEY-----", "MIIEow"},
		"half a private key": {"see -----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk", "b3BlbnNzaC1rZXk"},
		"card":               {"карта 4111 1111 1111 1111 не проходить", "4111 1111 1111 1111"},
		"card without gaps":  {"5555555555554444", "5555555555554444"},
		"iban":               {"переказ на UA213223130000026007233566001", "UA213223130000026007233566001"},
		"iban in groups":     {"to DE89 3704 0044 0532 0130 00, please", "DE89 3704 0044 0532 0130 00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			masked := mask.New(mask.Kinds{}, nil).Mask(c.text)
			if strings.Contains(masked.Texts[0], c.secret) {
				t.Fatalf("Mask(%q) = %q, which has %q", c.text, masked.Texts[0], c.secret)
			}
			if got := masked.Unmask(masked.Texts[0]); got != c.text {
				t.Errorf("Unmask gave %q for %q", got, c.text)
			}
			if got := masked.UnmaskPersonal(masked.Texts[0]); strings.Contains(got, c.secret) {
				t.Errorf("UnmaskPersonal gave the secret: %q", got)
			}
		})
	}
}

func TestMask_LeavesWhatIsNoSecret(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"the build is broken since 2024-01-15 10:30:00, see #4821",
		"password is wrong after reset", "пароль не підходить", "I forgot my password",
		"https://host.example:8080/@olena/posts", "https://example.com/a?page=2",
		"commit 9fceb02d0ae598e95dc970b74767f19372d61af8 broke it",
		"order 1234567890123456 has no invoice", // fails Luhn's check
		"id 1700000000000 from the log", "version 1.2.3.4, build 20240115",
		"bearer token is missing", "mapping: values", "10.0.0.1:8080 does not answer",
		"task-list-of-things-to-do", "😀😀😀", "", "sk-short", "[secret] and [name_x]",
		"550e8400-e29b-41d4-a716-446655440000",
	} {
		masked := mask.New(mask.Kinds{}, nil).Mask(text)
		if masked.Texts[0] != text || masked.Len() != 0 {
			t.Errorf("Mask(%q) = %q", text, masked.Texts[0])
		}
	}
}

func TestMask_HidesPeopleWhereAskedTo(t *testing.T) {
	t.Parallel()
	authors := []string{"Олена Коваль", "Mark Smith", "Сергій"}
	for _, c := range []struct {
		kinds      mask.Kinds
		text, want string
	}{
		{mask.Kinds{}, "Олена, +380501234567, o@x.ua, @olena_k", "Олена, +380501234567, o@x.ua, @olena_k"},
		{everything, "Олена, +380501234567, o@x.ua, @olena_k", "[name_1], [phone_1], [email_1], [name_2]"},
		{everything, "спитай Олену або Сергія Ковалю", "спитай [name_1] або [name_2] [name_3]"},
		{everything, "Mark says: mark it as done", "[name_1] says: mark it as done"},
		{everything, "тел. 050 123 45 67, (495) 123-45-67 or 8 (495) 123-45-67", "тел. [phone_1], [phone_2] or [phone_3]"},
		{everything, "call (212) 555-0123 today", "call [phone_1] today"},
		{everything, "O@X.ua and O@X.ua", "[email_1] and [email_1]"},
		{mask.Kinds{Emails: true}, "+380501234567 a.b+c@mail.example.com", "+380501234567 [email_1]"},
		{everything, "at 2024-01-15 10:30, build 20240115, 10.0.0.1", "at 2024-01-15 10:30, build 20240115, 10.0.0.1"},
	} {
		if got := mask.New(c.kinds, authors).Mask(c.text).Texts[0]; got != c.want {
			t.Errorf("Mask(%q) with %+v = %q, want %q", c.text, c.kinds, got, c.want)
		}
	}
}

func TestMask_HidesAValueInEveryText(t *testing.T) {
	t.Parallel()
	masked := mask.New(mask.Kinds{}, nil).Mask("is hunter22 still good?", "password: hunter22", "xhunter22x and pwd=other99")
	want := []string{"is [secret_1] still good?", "password: [secret_1]", "x[secret_1]x and pwd=[secret_2]"}
	for i := range want {
		if masked.Texts[i] != want[i] {
			t.Errorf("text %d is %q, want %q", i, masked.Texts[i], want[i])
		}
	}
	if masked.Len() != 2 {
		t.Errorf("Len is %d, want 2", masked.Len())
	}
}

func TestUnmask_KnowsOnlyItsOwnPlaceholders(t *testing.T) {
	t.Parallel()
	masked := mask.New(everything, nil).Mask("already [secret_1] and [name_7], password: hunter22, a@b.cc")
	if got := masked.Unmask(masked.Texts[0]); got != "already [secret_1] and [name_7], password: hunter22, a@b.cc" {
		t.Errorf("round trip gave %q", got)
	}
	if got := masked.Unmask("[secret_9] [phone_1]"); got != "[secret_9] [phone_1]" {
		t.Errorf("foreign placeholders became %q", got)
	}
	if got := masked.UnmaskPersonal("[email_1] sent [secret_1]"); got != "a@b.cc sent [secret_1]" {
		t.Errorf("UnmaskPersonal gave %q", got)
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		limit int
		want  string
	}{
		{"short", 5, "short"},
		{"їїїїї", 5, "їїїїї"},
		{"abcdefghi", 6, "abcd\n[... 3 characters left out ...]\nhi"},
		{"їїїїїїїїї", 3, "її\n[... 6 characters left out ...]\nї"},
		{"ab[secret_1]cdefghi", 6, "ab\n[... 15 characters left out ...]\nhi"},
		{"abcdefgh[secret_1]", 6, "abcd\n[... 14 characters left out ...]\n"},
		{"abc", 0, "\n[... 3 characters left out ...]\n"},
	} {
		if got := mask.Cut(c.text, c.limit); got != c.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", c.text, c.limit, got, c.want)
		}
	}
}

func FuzzMask(f *testing.F) {
	for _, seed := range []string{
		"password: hunter22 and hunter22", "[secret_1] password: [secret_1]", "пароль: \xff\xfe1234 @olena",
		"+380501234567 4111 1111 1111 1111 a@b.cc", "token=abcd abcdabcd", "postgres://a:b@c/password=abcd",
		"secret: secret", "pwd=name_ [name_1]", "Олена Олені pwd=Олена",
	} {
		f.Add(seed)
	}
	masker := mask.New(everything, []string{"Олена Коваль", "Ann"})
	f.Fuzz(func(t *testing.T, text string) {
		masked := masker.Mask(text)
		if got := masked.Unmask(masked.Texts[0]); got != text {
			t.Fatalf("Unmask(Mask(%q)) = %q", text, got)
		}
		for _, value := range masked.Secrets() {
			for piece := range masked.Plain(0) {
				if strings.Contains(piece, value) {
					t.Fatalf("Mask(%q) = %q, where %q is left", text, masked.Texts[0], value)
				}
			}
		}
		if cut := mask.Cut(masked.Texts[0], len(text)/2); !strings.Contains(cut, "left out") && cut != masked.Texts[0] {
			t.Fatalf("Cut gave %q", cut)
		}
	})
}
