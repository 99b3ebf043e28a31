package backup_test

import (
	"bytes"
	"testing"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/backup"
	"github.com/tasktracker/tasktracker/pkg/postgres"
)

// many fills a place with this many messages whose text does not compress to nothing.
func many(b *testing.B) backup.Place {
	b.Helper()
	from := emptyPlace(b)
	if err := postgres.Migrate(b.Context(), from.DatabaseURL, zerolog.Nop()); err != nil {
		b.Fatal(err)
	}
	execute(b, from, `
		INSERT INTO sources (name) VALUES ('telegram');
		INSERT INTO author_names (source_id, name) SELECT 1, 'Автор ' || n FROM generate_series(1, 100) n;
		INSERT INTO messages (source_id, author_name_id, sent_at, version_at, version, changed_by_version, chat_id, external_message_id, content, author_id, raw, search)
		SELECT 1, 1 + n % 100, now() - n * interval '7 seconds', now(), n, n, (-1001000000000 - n % 20)::text, n::text, t, (n % 100)::text,
		       jsonb_build_object('message_id', n, 'date', 1700000000 + n, 'text', t), to_tsvector('simple', t)
		FROM (SELECT n, 'Чек № ' || n || ' не друкується, каса ' || md5(n::text) || ' магазин ' || md5((n / 10)::text) AS t FROM generate_series(1, 100000) n) x`)
	return from
}

func BenchmarkWrite100000Messages(b *testing.B) {
	from := many(b)
	var file bytes.Buffer
	for b.Loop() {
		file.Reset()
		if _, err := backup.Write(b.Context(), &file, from, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(file.Len())/100_000, "file-B/message")
}

func BenchmarkRestore100000Messages(b *testing.B) {
	file := write(b, many(b))
	to := emptyPlace(b)
	for b.Loop() {
		if _, err := backup.Restore(b.Context(), bytes.NewReader(file), to, backup.Options{Replace: true}); err != nil {
			b.Fatal(err)
		}
	}
}
