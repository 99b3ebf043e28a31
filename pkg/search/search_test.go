package search_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/pkg/search"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }

// found asks PostgreSQL whether a message is found.
func found(t testing.TB, pool *pgxpool.Pool, content, query string) bool {
	t.Helper()
	var ok bool
	err := pool.QueryRow(t.Context(), "SELECT $1::text::tsvector @@ $2::text::tsquery",
		search.Vector(search.Document(content, "Оксана Коваль")), search.Query(query)).Scan(&ok)
	if err != nil {
		t.Fatalf("%q in %q: %v", query, content, err)
	}
	return ok
}

func TestQuery_FindsWordFormsAndFragments(t *testing.T) {
	t.Parallel()
	pool := postgrestest.NewEmpty(t)
	for _, c := range []struct {
		content string
		finds   []string
		misses  []string
	}{
		{"Після деплою каси не працюють", []string{"деплой", "каса", "касу", "деплой каса", "працює", "ДЕПЛОЇ", "деп"},
			[]string{"термінал", "каса термінал", "працівник"}},
		{"Користувач загубився у терміналах", []string{"термінал", "загубилась", "загублений"}, []string{"загуба втрат"}},
		{"п'ять помилок, обʼєкт", []string{"п’ять", "пʼять", "помилка", "об'єкт"}, nil},
		{"ґанок", []string{"ганок", "ґанок"}, nil},
		{"После обновления сервер упал, ошибки в отчётах", []string{"обновление", "ошибка", "отчет", "отчёт", "серверы"}, []string{"ошибочка2"}},
		{"Deployments were failing", []string{"deployment", "fail", "failed", "deploy"}, []string{"success"}},
		{"see LL-490 now", []string{"LL-490", "ll-490", "490", "LL", "l-490", "LL 490"}, []string{"LL-491", "LL-4900"}},
		{"java PaymentGatewayTimeoutException thrown", []string{"PaymentGatewayTimeoutException", "gateway", "Timeout",
			"GatewayTimeout", "paymentgat", "ymentGatew", "TimeoutExc"}, []string{"GatewayPayment"}},
		{"attached panic.log.gz", []string{"panic.log.gz", "panic", "log.gz", "gz", "nic.lo", ".log"}, []string{"panic.txt"}},
		{"node_exporter down on 203.0.113.7:9100", []string{"node_exporter", "exporter", "203.0.113.7", "113.7", "0.113", "9100", "203.0.113.7:9100"},
			[]string{"203.0.113.8"}},
		{"https://api.example.com/v2/pay?id=E1042&x=1", []string{"example.com", "api.example", "E1042", "1042", "v2/pay", "https://api.example.com/v2/pay"},
			[]string{"example.org"}},
		{"支払いが失敗しました", []string{"失敗", "支払い"}, []string{"成功"}},
		{"anything", []string{"Коваль", "оксана", "коваля"}, nil},
	} {
		for _, q := range c.finds {
			if !found(t, pool, c.content, q) {
				t.Errorf("%q does not find %q (%s; %v)", q, c.content, search.Query(q), search.Document(c.content, ""))
			}
		}
		for _, q := range c.misses {
			if found(t, pool, c.content, q) {
				t.Errorf("%q finds %q", q, c.content)
			}
		}
	}
}

func TestQuery_OfNothingIsEmpty(t *testing.T) {
	t.Parallel()
	for _, q := range []string{"", "  ", "!!! &|()", "'", "🚀"} {
		if got := search.Query(q); got != "" {
			t.Errorf("Query(%q) = %q", q, got)
		}
	}
}

func TestDocument_IsBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 40_000 {
		b.WriteString(strings.Repeat("x", i%7) + "Ab9_" + string(rune('a'+i%26)) + "-")
		if i%3 == 0 {
			b.WriteByte(' ')
		}
	}
	lexemes := search.Document(b.String(), "Author")
	if len(lexemes) == 0 || len(lexemes) > 1000 {
		t.Errorf("%d lexemes", len(lexemes))
	}
	if !slices.Contains(lexemes, "author") {
		t.Error("a long text crowds the author out")
	}
	if n := len(search.Query(strings.Repeat("слово-Word9 ", 1000))); n > 10_000 {
		t.Errorf("query of %d bytes", n)
	}
}

func TestIndexer_GivesWhatDocumentGives(t *testing.T) {
	t.Parallel()
	x := search.NewIndexer()
	for range 2 {
		for _, text := range []string{"каса не працює LL-490", "ошибка в PaymentGateway", "the servers failed", "п'ять -x- 'y' a\u00adb ﷺ Ⅷ",
			strings.Repeat("слово Word9 ", 6000), strings.Repeat("unique-", 1500), "\x00\xff"} {
			if got, want := x.Document(text, "A"), search.Document(text, "A"); !slices.Equal(got, want) {
				t.Errorf("%q: %v, want %v", text, got, want)
			}
		}
	}
}

// FuzzQuery holds that PostgreSQL takes every document and every query, and that a
// text is found by itself.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{"LL-490", "a'b\\c", "' | !x <-> y:*", "п'ять", "\x00\xff", "a:*&b", "İstanbul ŉ", "x̧́́", "a\u00adb",
		"node_exporter", "支払い", "ßẞ", strings.Repeat("Ab9.", 40), "ﷺ", "Ⅷ ² ½", "᠎᠎"} {
		f.Add(s)
	}
	pool, indexer := postgrestest.NewEmpty(f), search.NewIndexer()
	f.Fuzz(func(t *testing.T, s string) {
		lexemes := search.Document(s, "")
		if got := indexer.Document(s, ""); !slices.Equal(got, lexemes) {
			t.Fatalf("%q: the indexer gives %v, want %v", s, got, lexemes)
		}
		for _, l := range lexemes {
			if l == "" || !utf8.ValidString(l) || strings.ContainsRune(l, 0) {
				t.Fatalf("lexeme %q of %q", l, s)
			}
		}
		query := search.Query(s)
		if query == "" {
			return
		}
		var parsed bool
		err := pool.QueryRow(t.Context(), "SELECT $1::text::tsvector @@ $2::text::tsquery", search.Vector(lexemes), query).Scan(&parsed)
		if err != nil {
			t.Fatalf("%q: %v (%s)", s, err, query)
		}
		if !parsed && len(lexemes) < 900 {
			t.Fatalf("%q is not found by itself: %s in %v", s, query, lexemes)
		}
	})
}

func BenchmarkDocument(b *testing.B) {
	text := func(i int) string {
		return fmt.Sprintf("Після вчорашнього деплою звіт за день не сходиться, подивіться LL-%d, будь ласка", i)
	}
	indexer := search.NewIndexer()
	for name, document := range map[string]func(string, string) []string{"Document": search.Document, "Indexer": indexer.Document} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				document(text(i), "Олена Коваль")
			}
		})
	}
}
