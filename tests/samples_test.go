package tests

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/tests/line"
)

// Every sample of what Telegram sends, good and hostile, goes through the whole
// line; none is answered with a 5xx, and what has to be stored is.
func TestEverySampleUpdateGoesThroughTheLine(t *testing.T) {
	t.Parallel()
	base := line.StartStandalone(t, line.DataDir(t), nil).URL()
	samples := filepath.Join(line.Root(), "pkg", "telegram", "testdata")
	for _, dir := range []string{"updates", "invalid"} {
		files, err := filepath.Glob(filepath.Join(samples, dir, "*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no samples in %s: %v", dir, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, ".golden.json") {
				continue
			}
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			status, said := line.PostUpdate(t, base, body)
			if want := dir == "updates"; want && status != 200 || status >= 500 {
				t.Errorf("%s: %d %s", filepath.Base(file), status, said)
			}
		}
	}
	line.Eventually(t, func() bool { return line.Find(line.AllMessages(t, base), "-1002988379206/4817") != nil }, func() string { return "message 4817 is not stored" })
	line.Eventually(t, func() bool { return line.Find(line.AllMessages(t, base), "-1002988379206/4817").EditedAt != nil },
		func() string { return "the edit of message 4817 is not stored" })
	for _, key := range []string{"-1997852516351/2147483647", "-1002641907733/1390"} {
		line.Eventually(t, func() bool { return line.Find(line.AllMessages(t, base), key) != nil }, func() string { return key + " is not stored" })
	}
	var dead []struct{ Reason string }
	line.Eventually(t, func() bool { line.GetJSON(t, base+"/api/dead-letters", &dead); return len(dead) >= 5 },
		func() string { return "what was not understood is not kept" })
	for _, m := range line.AllMessages(t, base) {
		if m.AvatarURL != nil && !strings.HasPrefix(*m.AvatarURL, "/api/avatars/") {
			t.Errorf("avatar_url %q is no path of ours", *m.AvatarURL)
		}
	}
}
