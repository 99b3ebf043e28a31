package chaos

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/tests/line"
)

// Verify counts every accepted message: exactly once in the database (databaseURL; ""
// where only the API can be asked), exactly once and in order per chat in the API at
// base, exactly once on each client, and none among the dead letters.
func Verify(t testing.TB, accepted Accepted, base, databaseURL string, clients ...*Client) {
	t.Helper()
	VerifyMessages(t, accepted, base, databaseURL, clients...)
	if dead := deadLetters(t, base); len(dead) > 0 {
		t.Errorf("%d dead letters, the newest: %+v", len(dead), dead[0])
	}
}

// deadLetter is what the tests look at of a DeadLetter of the API.
type deadLetter struct {
	Stream   string `json:"stream"`
	Kind     string `json:"kind"`
	Reason   string `json:"reason"`
	Attempts int    `json:"attempts"`
	Payload  string `json:"payload"`
}

func deadLetters(t testing.TB, base string) []deadLetter {
	t.Helper()
	var dead []deadLetter
	line.GetJSON(t, base+"/api/dead-letters?limit=100", &dead)
	return dead
}

// VerifyMessages is Verify where dead letters are expected.
func VerifyMessages(t testing.TB, accepted Accepted, base, databaseURL string, clients ...*Client) {
	t.Helper()
	if databaseURL != "" {
		verifyDatabase(t, accepted, databaseURL)
	}
	verifyAPI(t, accepted, base)
	for i, c := range clients {
		c.verify(t, fmt.Sprintf("client %d", i), accepted)
	}
}

// verifyDatabase waits until as many rows are there as were accepted, and counts them.
func verifyDatabase(t testing.TB, accepted Accepted, url string) {
	t.Helper()
	var counts map[string]int
	var err error
	line.EventuallyProgressing(t, func() bool {
		counts, err = countRows(t.Context(), url)
		return err == nil && len(counts) >= accepted.Total()
	}, func() int { return len(counts) }, func() string {
		return fmt.Sprintf("%d of %d accepted messages are in the database (%v)", len(counts), accepted.Total(), err)
	})
	compare(t, "in the database", accepted, counts)
}

// countRows counts the rows of each message.
func countRows(ctx context.Context, url string) (map[string]int, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	rows, err := conn.Query(ctx, `SELECT chat_id || '/' || external_message_id, count(*)::int FROM messages GROUP BY 1`)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	var name string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&name, &n}, func() error {
		if ours(name) {
			counts[name] = n
		}
		return nil
	})
	return counts, err
}

// verifyAPI pages through the messages, each once, and through those of each chat, which
// stand in its order.
func verifyAPI(t testing.TB, accepted Accepted, base string) {
	t.Helper()
	var all []line.Message
	line.EventuallyProgressing(t, func() bool {
		var err error
		all, err = line.ReadMessages(base, "")
		all = slices.DeleteFunc(all, func(m line.Message) bool { return !ours(m.Key()) })
		return err == nil && len(all) >= accepted.Total()
	}, func() int { return len(all) }, func() string {
		return fmt.Sprintf("the API lists %d of %d accepted messages", len(all), accepted.Total())
	})
	counts := map[string]int{}
	for _, m := range all {
		counts[m.Key()]++
	}
	compare(t, "in the API", accepted, counts)
	disorder := 0
	for chat := range accepted {
		disorder += verifyOrder(t, base, chat)
	}
	if disorder > 0 {
		t.Errorf("%d messages out of order in the API", disorder)
	}
}

// verifyOrder says how many messages of a chat are not listed newest first.
func verifyOrder(t testing.TB, base string, chat int64) (disorder int) {
	t.Helper()
	messages, err := line.ReadMessages(base, fmt.Sprintf("&chat_id=%d", chat))
	if err != nil {
		t.Fatal(err)
	}
	newer := int64(math.MaxInt64)
	for _, m := range messages {
		number, err := strconv.ParseInt(m.ExternalMessageID, 10, 64)
		if err != nil {
			t.Fatalf("message %q: %v", m.Key(), err)
		}
		if number >= newer {
			if disorder++; disorder <= shownFaults {
				t.Errorf("the API lists message %d of chat %d after %d: not newest first", number, chat, newer)
			}
		}
		newer = number
	}
	return disorder
}

// shownFaults bounds how many faults of a kind a failing test shows.
const shownFaults = 5

// compare reports what is missing, more than once, or never sent.
func compare(t testing.TB, where string, accepted Accepted, counts map[string]int) {
	t.Helper()
	var missing, twice, strange []string
	for chat, most := range accepted {
		for n := range most {
			switch count := counts[key(chat, n+1)]; {
			case count == 0:
				missing = append(missing, key(chat, n+1))
			case count > 1:
				twice = append(twice, fmt.Sprintf("%s %d times", key(chat, n+1), count))
			}
		}
	}
	for k := range counts {
		var chat, number int64
		if _, err := fmt.Sscanf(k, "%d/%d", &chat, &number); err != nil || number < 1 || number > accepted[chat] {
			strange = append(strange, k)
		}
	}
	for what, keys := range map[string][]string{"missing": missing, "more than once": twice, "never sent": strange} {
		if len(keys) > 0 {
			t.Errorf("%s: %d of %d %s, such as %v", where, len(keys), accepted.Total(), what, keys[:min(len(keys), shownFaults)])
		}
	}
}

// verify waits until the client knows of everything, and counts. Where it was told to
// reload, it may know a message by other means than message.new; never does one come twice.
func (c *Client) verify(t testing.TB, name string, accepted Accepted) {
	t.Helper()
	line.EventuallyProgressing(t, func() bool {
		return c.known() >= accepted.Total() && (c.Resyncs() > 0 || c.freshCount() >= accepted.Total())
	}, c.known, func() string {
		return fmt.Sprintf("%s knows %d of %d accepted messages, %d of them by message.new, after %d connections and %d reloads",
			name, c.known(), accepted.Total(), c.freshCount(), c.Connects(), c.Resyncs())
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, fault := range c.faults {
		if i == shownFaults {
			t.Errorf("%s: %d faults", name, len(c.faults))
			break
		}
		t.Errorf("%s: %s", name, fault)
	}
	counts := map[string]int{}
	for k, n := range c.fresh {
		counts[k] = n
	}
	for _, other := range []map[string]bool{keysOf(c.updated), c.reloaded} {
		for k := range other {
			if c.resyncs > 0 && counts[k] == 0 {
				counts[k] = 1
			}
		}
	}
	compare(t, "message.new on "+name, accepted, counts)
	disorder := 0
	for chat, numbers := range c.order {
		var last int64
		for _, text := range numbers {
			number, _ := strconv.ParseInt(text, 10, 64)
			if number <= last {
				if disorder++; disorder <= shownFaults {
					t.Errorf("%s: message.new %d of chat %s came after %d", name, number, chat, last)
				}
			}
			last = number
		}
	}
}

func (c *Client) freshCount() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.fresh)
}

func keysOf(counts map[string]int) map[string]bool {
	keys := map[string]bool{}
	for k := range counts {
		keys[k] = true
	}
	return keys
}
