package chaos

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/tests/line"
)

// perSecond is the rate at which messages flow while faults happen. At length it is twice that of
// the tests that run beside others.
var perSecond = map[bool]int{true: 300, false: 150}[atLength()]

// atLength says whether all tests were asked for (./just chaos), each by itself.
func atLength() bool { return os.Getenv("CHAOS") != "" }

const (
	// chats is over how many chats they are spread.
	chats = 12
	// firstChat is the id of the first chat; the others are below it.
	firstChat = -1001000000000
	// resendAfter is how long the load waits before it sends a refused update again.
	// Telegram waits longer; a shorter pause makes more of the fault.
	resendAfter = 50 * time.Millisecond
	// answerWithin is after how long the load takes a request for lost. Telegram waits
	// about a minute.
	answerWithin = 10 * time.Second
)

// Load sends messages to a webhook as Telegram does: whatever is not answered 200 is
// sent again under the same update id, and the chat's next message waits for it. So
// every message that was made is accepted in the end.
type Load struct {
	t      testing.TB
	bases  []string
	client *http.Client
	at     time.Time
	queues []chan update
	quit   chan struct{} // closed: make no more
	wait   sync.WaitGroup
	once   sync.Once

	made, accepted, repeated atomic.Int64

	mu      sync.Mutex
	reasons map[string]int // of sending again

	giveUp chan struct{} // closed: the test is over
}

type update struct{ id, chat, message int64 }

// StartLoad sends to base + /webhook/telegram, perSecond messages a second, until Stop. Where
// several are given each message is sent to all of them at once, as one that Telegram
// repeats while it is still being answered, and accepted when each has answered 200.
func StartLoad(t testing.TB, bases ...string) *Load {
	t.Helper()
	l := &Load{
		t: t, bases: bases, at: time.Now().Truncate(time.Second),
		client: &http.Client{Timeout: answerWithin, Transport: &http.Transport{MaxIdleConnsPerHost: chats * len(bases)}},
		quit:   make(chan struct{}), giveUp: make(chan struct{}), reasons: map[string]int{},
	}
	for range chats {
		// Bounded by what a test can make in its life: what waits here is what Telegram keeps.
		queue := make(chan update, 1<<16)
		l.queues = append(l.queues, queue)
		l.wait.Go(func() { l.sendAll(queue) })
	}
	l.wait.Go(l.make)
	t.Cleanup(func() {
		l.once.Do(func() { close(l.quit) })
		close(l.giveUp)
		l.wait.Wait()
		l.client.CloseIdleConnections()
	})
	return l
}

// make hands out updates at the rate, each chat's in turn.
func (l *Load) make() {
	const tick = 20 * time.Millisecond
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	defer func() {
		for _, queue := range l.queues {
			close(queue)
		}
	}()
	began := time.Now()
	for id := int64(0); ; {
		select {
		case <-l.quit:
			return
		case now := <-ticker.C:
			// At most a second's worth at once, where this process did not get the CPU.
			due := min(int64(now.Sub(began).Seconds()*float64(perSecond)), id+int64(perSecond))
			for ; id < due; id++ {
				l.made.Add(1)
				l.queues[id%chats] <- update{id: id + 1, chat: firstChat - id%chats, message: id/chats + 1}
			}
		}
	}
}

// sendAll sends the updates of one chat, one after another.
func (l *Load) sendAll(queue <-chan update) {
	for u := range queue {
		for err := l.send(u); err != nil; err = l.send(u) {
			l.repeated.Add(1)
			l.note(err)
			select {
			case <-time.After(resendAfter):
			case <-l.giveUp:
				return
			}
		}
		l.accepted.Add(1)
	}
}

func (l *Load) send(u update) error {
	if len(l.bases) == 1 {
		return l.sendTo(l.bases[0], u)
	}
	faults := make([]error, len(l.bases))
	var all sync.WaitGroup
	for i, base := range l.bases {
		all.Go(func() { faults[i] = l.sendTo(base, u) })
	}
	all.Wait()
	return errors.Join(faults...)
}

func (l *Load) sendTo(base string, u update) error {
	// Ten seconds of the load share one second of Telegram's clock: within it only the
	// message's number says the order.
	at := l.at.Add(time.Duration(u.id/int64(10*perSecond)) * time.Second)
	body := line.TelegramTextAt(at, u.id, u.chat, u.message, fmt.Sprintf("Звіт %d не сходиться", u.message))
	resp, err := l.client.Post(base+"/webhook/telegram", "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err // a connection that breaks in the answer counts as none
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %d", resp.StatusCode)
	}
	return nil
}

// note counts why messages had to be sent again.
func (l *Load) note(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.reasons) < maxReasons {
		l.reasons[err.Error()]++
	}
}

// maxReasons bounds the reasons that are kept.
const maxReasons = 20

// String says how far the load is, for the test's log.
func (l *Load) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Sprintf("%d messages accepted, %d sent again %v", l.Accepted(), l.Repeated(), l.reasons)
}

// Accepted is how many messages were answered 200 so far.
func (l *Load) Accepted() int { return int(l.accepted.Load()) }

// Repeated is how often a message had to be sent again so far.
func (l *Load) Repeated() int { return int(l.repeated.Load()) }

// AwaitAccepted waits until n more messages have been accepted.
func (l *Load) AwaitAccepted(n int) {
	l.t.Helper()
	target := l.Accepted() + n
	line.EventuallyProgressing(l.t, func() bool { return l.Accepted() >= target }, l.Accepted,
		func() string { return fmt.Sprintf("%d accepted, waiting for %d", l.Accepted(), target) })
}

// AwaitRepeated waits until n more messages had to be sent again.
func (l *Load) AwaitRepeated(n int) {
	l.t.Helper()
	target := l.Repeated() + n
	line.Eventually(l.t, func() bool { return l.Repeated() >= target },
		func() string { return fmt.Sprintf("%d sent again, waiting for %d", l.Repeated(), target) })
}

// Stop makes no more messages, waits until every one made is accepted, and gives their
// keys (see line.Message.Key) per chat, in order.
func (l *Load) Stop() Accepted {
	l.t.Helper()
	l.once.Do(func() { close(l.quit) })
	done := make(chan struct{})
	go func() { l.wait.Wait(); close(done) }()
	line.EventuallyProgressing(l.t, func() bool {
		select {
		case <-done:
			return true
		default:
			return false
		}
	}, l.Accepted, func() string { return fmt.Sprintf("%v of %d; the line takes no more", l, l.made.Load()) })
	return newAccepted(l.made.Load())
}

// Accepted is what was answered 200: chat to message numbers from 1 to this.
type Accepted map[int64]int64

func newAccepted(made int64) Accepted {
	a := Accepted{}
	for id := range made {
		a[firstChat-id%chats] = id/chats + 1
	}
	return a
}

// Total is how many messages were accepted.
func (a Accepted) Total() int {
	total := 0
	for _, n := range a {
		total += int(n)
	}
	return total
}

// ours reports whether a message, by its key, is one of a Load: a test may send others
// beside it.
func ours(key string) bool {
	chat, _, _ := strings.Cut(key, "/")
	id, err := strconv.ParseInt(chat, 10, 64)
	return err == nil && id <= firstChat && id > firstChat-chats
}

func key(chat, message int64) string { return fmt.Sprintf("%d/%d", chat, message) }
