package backup_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/backup"
)

// Every cut and every changed byte is refused, and before anything is done: Verify and
// Restore look at the same sum first, and Restore has no place to go to here.
func TestEveryDamageIsRefused(t *testing.T) {
	t.Parallel()
	file := write(t, filledPlace(t, 0))
	refused := func(what string, at int, damaged []byte) {
		_, _, err := backup.Verify(bytes.NewReader(damaged))
		if !errors.Is(err, backup.ErrDamaged) && !errors.Is(err, backup.ErrNotBackup) {
			t.Fatalf("%s at %d of %d: %v", what, at, len(file), err)
		}
		_, err = backup.Restore(t.Context(), bytes.NewReader(damaged), backup.Place{}, backup.Options{Replace: true})
		if !errors.Is(err, backup.ErrDamaged) && !errors.Is(err, backup.ErrNotBackup) {
			t.Fatalf("%s at %d of %d: restore said %v", what, at, len(file), err)
		}
	}
	for n := range len(file) {
		refused("cut", n, file[:n])
		damaged := bytes.Clone(file)
		damaged[n] ^= 1 << (n % 8)
		refused("flipped", n, damaged)
	}
	refused("lengthened", len(file), append(bytes.Clone(file), 0))
	refused("doubled", len(file), append(bytes.Clone(file), file...))
	if _, _, err := backup.Verify(bytes.NewReader(file)); err != nil {
		t.Errorf("the whole one: %v", err)
	}
}

// What has a right sum but was made by nobody we know is an error, never a panic.
func FuzzVerify(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("Task Tracker"))
	for _, entries := range [][][2]string{
		{{"manifest.json", `{"format": 1, "schema_version": 1}`}, {"contents.json", `{}`}},
		{{"manifest.json", `{"format": 2, "schema_version": 1}`}},
		{{"manifest.json", `{"format": 1, "schema_version": 9999}`}},
		{{"manifest.json", `null`}},
		{{"schema.json", `{}`}},
	} {
		f.Add(backup.Archive(entries))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, file := range [][]byte{content, backup.Seal(content)} {
			_, _, err := backup.Verify(bytes.NewReader(file))
			for _, known := range []error{nil, backup.ErrDamaged, backup.ErrNotBackup, backup.ErrNewerBackup} {
				if errors.Is(err, known) {
					return
				}
			}
			t.Errorf("an error of no kind: %v", err)
		}
	})
}

func TestABackupOfANewerReleaseIsRefused(t *testing.T) {
	t.Parallel()
	for _, manifest := range []string{`{"format": 1, "schema_version": 9999}`, `{"format": 2, "schema_version": 1}`} {
		file := backup.Archive([][2]string{{"manifest.json", manifest}})
		_, err := backup.Restore(t.Context(), bytes.NewReader(file), backup.Place{}, backup.Options{})
		if !errors.Is(err, backup.ErrNewerBackup) {
			t.Errorf("%s: %v", manifest, err)
		}
	}
}

func TestWhatIsNoBackupIsSaid(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"", "PGDMP", "Task Tracker backup, format 1\n"} {
		if _, _, err := backup.Verify(bytes.NewReader([]byte(file))); !errors.Is(err, backup.ErrNotBackup) {
			t.Errorf("%q: %v", file, err)
		}
	}
}
