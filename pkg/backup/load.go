package backup

import (
	"context"
	"fmt"
	"io"
	"maps"
	"strings"

	"github.com/jackc/pgx/v5"
)

// clearSQL removes every table, view, sequence, function and type of the current
// schema that no extension brought.
const clearSQL = `
DO $$
DECLARE
    command text;
BEGIN
    FOR command IN
        SELECT format('DROP %s IF EXISTS %I CASCADE',
                      CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, relname)
        FROM pg_class c
        WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('v', 'm', 'r', 'p', 'S')
          AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = c.oid AND e.deptype = 'e')
        ORDER BY relkind = 'S'
    LOOP
        EXECUTE command;
    END LOOP;
    FOR command IN
        SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure)
        FROM pg_proc p
        WHERE pronamespace = current_schema()::regnamespace
          AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = p.oid AND e.deptype = 'e')
    LOOP
        EXECUTE command;
    END LOOP;
    FOR command IN
        SELECT format('DROP TYPE IF EXISTS %I CASCADE', typname)
        FROM pg_type t
        WHERE typnamespace = current_schema()::regnamespace AND typtype IN ('e', 'd')
          AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = t.oid AND e.deptype = 'e')
    LOOP
        EXECUTE command;
    END LOOP;
END
$$`

// asideSQL lists what is taken away while rows are loaded, each with the statement that
// brings it back, in the order of taking away. Foreign keys, so that tables may come in any order;
// triggers, since what they did is in the rows already; indexes, because making one over
// all rows is quicker than adding each. All of it is the owner's right.
const asideSQL = `
SELECT undo, redo FROM (
    SELECT 1 AS rank, format('ALTER TABLE %I DROP CONSTRAINT %I', c.relname, k.conname) AS undo,
           format('ALTER TABLE %I ADD CONSTRAINT %I %s', c.relname, k.conname, pg_get_constraintdef(k.oid)) AS redo
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE k.contype = 'f' AND c.relname = ANY ($1) AND c.relnamespace = current_schema()::regnamespace
    UNION ALL
    SELECT 2, format('ALTER TABLE %I DISABLE TRIGGER %I', c.relname, t.tgname), format('ALTER TABLE %I ENABLE TRIGGER %I', c.relname, t.tgname)
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND t.tgenabled = 'O' AND c.relname = ANY ($1) AND c.relnamespace = current_schema()::regnamespace
    UNION ALL
    SELECT 3, format('DROP INDEX %I', x.relname), pg_get_indexdef(i.indexrelid)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
    WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
      AND c.relname = ANY ($1) AND c.relnamespace = current_schema()::regnamespace
) AS aside
ORDER BY rank, undo`

// loader loads rows into tables within one transaction.
type loader struct {
	conn   *pgx.Conn
	schema schema
	redo   []string // brings back what was taken away, in reverse
}

func exec(ctx context.Context, conn *pgx.Conn, statements ...string) error {
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			return fmt.Errorf("%.80s: %w", sql, err)
		}
	}
	return nil
}

// prepare makes what no migration makes, empties the tables and takes away what
// loading would be slowed or changed by.
func (l *loader) prepare(ctx context.Context) error {
	if err := l.createMissing(ctx); err != nil {
		return err
	}
	var names, quoted []string
	for _, t := range l.schema.Tables {
		names = append(names, t.Name)
		quoted = append(quoted, quote(t.Name))
	}
	if len(names) == 0 {
		return nil
	}
	rows, err := l.conn.Query(ctx, asideSQL, names)
	if err != nil {
		return fmt.Errorf("list keys, triggers and indexes: %w", err)
	}
	var undo, redo string
	var undos []string
	if _, err := pgx.ForEachRow(rows, []any{&undo, &redo}, func() error {
		undos, l.redo = append(undos, undo), append(l.redo, redo)
		return nil
	}); err != nil {
		return fmt.Errorf("list keys, triggers and indexes: %w", err)
	}
	if err := exec(ctx, l.conn, undos...); err != nil {
		return err
	}
	return exec(ctx, l.conn, "TRUNCATE "+strings.Join(quoted, ", "))
}

// createMissing makes tables and sequences that the backup has and migrating did not
// make: those of the earlier system, which migrating had set aside.
func (l *loader) createMissing(ctx context.Context) error {
	rows, err := l.conn.Query(ctx, `SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace`)
	if err != nil {
		return fmt.Errorf("list tables: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("list tables: %w", err)
	}
	there := map[string]bool{}
	for _, name := range names {
		there[name] = true
	}
	var first, last []string
	for _, q := range l.schema.Sequences {
		if !there[q.Name] && q.Create != "" {
			first = append(first, q.Create)
		}
	}
	for _, t := range l.schema.Tables {
		if !there[t.Name] {
			first = append(first, t.Create...)
			last = append(last, t.Keys...)
		}
	}
	return exec(ctx, l.conn, append(first, last...)...)
}

// load copies rows into a table of the schema and returns how many.
func (l *loader) load(ctx context.Context, name string, in io.Reader) (int64, error) {
	for _, t := range l.schema.Tables {
		if t.Name != name {
			continue
		}
		tag, err := l.conn.PgConn().CopyFrom(ctx, in, fmt.Sprintf("COPY %s (%s) FROM STDIN", quote(t.Name), t.columns()))
		if err != nil {
			return 0, fmt.Errorf("load table %s: %w", name, err)
		}
		return tag.RowsAffected(), nil
	}
	return 0, damaged(fmt.Errorf("table %s is not among its tables", name))
}

// finish sets the sequences and brings back what prepare took away.
func (l *loader) finish(ctx context.Context, progress Progress) error {
	for _, q := range l.schema.Sequences {
		if _, err := l.conn.Exec(ctx, `SELECT setval($1::text::regclass, $2, $3)`, quote(q.Name), q.Last, q.Called); err != nil {
			return fmt.Errorf("set sequence %s: %w", q.Name, err)
		}
	}
	for i := len(l.redo) - 1; i >= 0; i-- {
		progress.tell("indexes and keys", int64(len(l.redo)-i))
		if err := exec(ctx, l.conn, l.redo[i]); err != nil {
			return err
		}
	}
	return nil
}

// check compares what was loaded with what the backup says it has.
func (c Contents) check(loaded Contents) error {
	if !maps.Equal(c.Rows, loaded.Rows) || !maps.Equal(c.Messages, loaded.Messages) {
		return damaged(fmt.Errorf("it says to have %v and has %v", c, loaded))
	}
	return nil
}
