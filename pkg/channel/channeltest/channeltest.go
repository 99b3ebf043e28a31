package channeltest

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tasktracker/tasktracker/pkg/channel"
)

var update = flag.Bool("update", false, "write the .golden.json files of channel adapters anew")

// ReceivedAt is when every body of the suite was received.
var ReceivedAt = time.Date(2026, 11, 16, 8, 0, 0, 0, time.UTC)

// Case is one body.
type Case struct {
	// Name is its path below the directory, without .json.
	Name string
	Body []byte
	// Golden is the path of the file with what is expected.
	Golden string
}

// Cases reads the cases below dir.
func Cases(tb testing.TB, dir string) []Case {
	tb.Helper()
	var cases []Case
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".json") || strings.HasSuffix(path, ".golden.json") {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		base := strings.TrimSuffix(path, ".json")
		name, err := filepath.Rel(dir, base)
		cases = append(cases, Case{Name: filepath.ToSlash(name), Body: body, Golden: base + ".golden.json"})
		return err
	})
	if err != nil {
		tb.Fatalf("read cases of %s: %v", dir, err)
	}
	if len(cases) == 0 {
		tb.Fatalf("no cases in %s", dir)
	}
	return cases
}

// Run holds the adapter to the cases below dir and to the properties that every
// adapter has. It measures memory: the test that calls it must not be parallel.
func Run(t *testing.T, adapter channel.Adapter, dir string) {
	cases := Cases(t, dir)
	t.Run("memory", func(t *testing.T) { checkMemory(t, adapter, cases) })
	t.Run("name", func(t *testing.T) { checkWord(t, "Name", adapter.Name()) })
	for _, c := range cases {
		t.Run("case/"+c.Name, func(t *testing.T) {
			t.Parallel()
			Check(t, adapter, c.Body)
			checkGolden(t, adapter, c)
		})
	}
	t.Run("spliced", func(t *testing.T) {
		t.Parallel()
		checkSpliced(t, adapter, cases)
	})
}

// Fuzz checks the properties of Check for bodies that grow from the cases below dir.
func Fuzz(f *testing.F, adapter channel.Adapter, dir string) {
	for _, c := range Cases(f, dir) {
		f.Add(c.Body)
	}
	f.Fuzz(func(t *testing.T, body []byte) { Check(t, adapter, body) })
}

func checkGolden(t *testing.T, adapter channel.Adapter, c Case) {
	t.Helper()
	u, err := adapter.Decode(c.Body, ReceivedAt)
	got := Golden(t, u, err)
	if *update {
		if err := os.WriteFile(c.Golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(c.Golden)
	if err != nil {
		t.Fatalf("%v; write it with -update, then review it", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", c.Golden, diff)
	}
}

// checkSpliced puts the members of two bodies into one object, so that names repeat:
// that is refused, or is one of the two. A mixture would be stored under a chat that
// nobody checked.
func checkSpliced(t *testing.T, adapter channel.Adapter, cases []Case) {
	t.Helper()
	for i, a := range cases {
		b := cases[(i+1)%len(cases)]
		spliced, ok := splice(a.Body, b.Body)
		if !ok {
			continue
		}
		u, err := adapter.Decode(spliced, ReceivedAt)
		if err != nil {
			continue
		}
		got := string(Golden(t, u, nil))
		for _, whole := range [][]byte{a.Body, b.Body} {
			if u, err := adapter.Decode(whole, ReceivedAt); err == nil && got == string(Golden(t, u, nil)) {
				got = ""
			}
		}
		if got != "" {
			t.Errorf("%s and %s in one object are decoded to a mixture:\n%s", a.Name, b.Name, got)
		}
	}
}

// splice makes one object of two: {A} and {B} are {A,B}.
func splice(a, b []byte) ([]byte, bool) {
	a, b = bytes.TrimSpace(a), bytes.TrimSpace(b)
	if len(a) < 3 || len(b) < 3 || a[0] != '{' || b[0] != '{' || a[len(a)-1] != '}' {
		return nil, false
	}
	return bytes.Join([][]byte{a[:len(a)-1], b[1:]}, []byte{','}), true
}

// maxBody is the largest body that is ever decoded: the ingest service takes no more.
const maxBody = 1 << 20

// maxMemory is what decoding the largest body may allocate, kept or not.
const maxMemory = 64 * maxBody

// checkMemory measures hostile bodies of the greatest size, alone and as a member
// that nobody knows of in the first case that is decoded.
func checkMemory(t *testing.T, adapter channel.Adapter, cases []Case) {
	bodies := hostile(maxBody)
	for _, c := range cases {
		if _, err := adapter.Decode(c.Body, ReceivedAt); err != nil {
			continue
		}
		for name, value := range hostile(maxBody - len(c.Body) - 32) {
			if spliced, ok := splice(c.Body, []byte(`{"hostile":`+string(value)+`}`)); ok {
				bodies[name+" in "+c.Name] = spliced
			}
		}
		break
	}
	for name, body := range bodies {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _ = adapter.Decode(body, ReceivedAt) // What it says is Check's.
		runtime.ReadMemStats(&after)
		if spent := after.TotalAlloc - before.TotalAlloc; spent > maxMemory {
			t.Errorf("%s: %d bytes allocated for a body of %d", name, spent, len(body))
		}
		Check(t, adapter, body)
	}
}

// hostile are values of about size bytes.
func hostile(size int) map[string][]byte {
	fill := func(open, unit, shut string) []byte {
		n := max(0, size-len(open)-len(shut)) / len(unit)
		return []byte(open + strings.Repeat(unit, n) + shut)
	}
	return map[string][]byte{
		"white space":       fill("", " ", "{}"),
		"long string":       fill(`"`, "a", `"`),
		"null characters":   fill(`"`, `\u0000`, `"`),
		"lone surrogates":   fill(`"`, `\ud83d`, `"`),
		"invalid UTF-8":     fill(`"`, "\xffa", `"`),
		"long number":       fill("1", "0", ""),
		"many numbers":      fill("[1e131071", ",1e131071", "]"),
		"open arrays":       fill("", "[", ""),
		"deep arrays":       []byte(strings.Repeat("[", size/2) + strings.Repeat("]", size/2)),
		"open objects":      fill("", `{"a":`, ""),
		"empty arrays":      fill("[[]", ",[]", "]"),
		"the same name":     fill(`{"a":1`, `,"a":1`, "}"),
		"a name after half": fill(`{"a`, "a", `"`),
	}
}
