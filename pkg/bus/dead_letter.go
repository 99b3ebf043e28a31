package bus

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

const (
	// maxReasonBytes bounds the reason of a dead letter; it is a sentence, not a trace.
	maxReasonBytes = 2000
	// deadLetterOverhead is what a dead letter has beside its payload, at most: reason,
	// subject, headers (of which at most maxHeaderBytes are kept).
	deadLetterOverhead = 16 << 10
	maxHeaderBytes     = 8 << 10
)

func newDeadLetter(d *Delivery, cfg ConsumerConfig, attempts int, err error) *eventsv1.DeadLetter {
	letter := &eventsv1.DeadLetter{
		Stream: cfg.Stream, Kind: cfg.Kind, Subject: d.Subject, Reason: err.Error(),
		Attempts: int32(attempts), FailedAt: timestamppb.Now(), Headers: map[string]string{}, Payload: d.Payload,
	}
	size := 0
	for name, values := range d.msg.Headers() {
		value := strings.ToValidUTF8(strings.Join(values, ", "), "")
		if size += len(name) + len(value); size <= maxHeaderBytes {
			letter.Headers[name] = value
		}
	}
	return letter
}

// PublishDeadLetter stores a dead letter under its own subject (DeadSubject), redacted
// by Redact, and returns once the stream has it. The same id within DuplicateWindow is
// stored once. A payload that does not fit into one message beside the rest is cut,
// and the letter is marked as not replayable.
func (b *Bus) PublishDeadLetter(ctx context.Context, id string, letter *eventsv1.DeadLetter) error {
	letter.Reason = Redact(letter.GetReason())
	if most := int(b.conn.MaxPayload()) - deadLetterOverhead; most > 0 && len(letter.GetPayload()) > most {
		letter.Reason = Redact(fmt.Sprintf("(cut from %d bytes, cannot be replayed) %s", len(letter.GetPayload()), letter.GetReason()))
		letter.Payload, letter.Subject = letter.GetPayload()[:most], ""
	}
	m, err := NewMessage(DeadSubject(letter.GetStream(), letter.GetKind()), id, letter)
	if err != nil {
		return err
	}
	if err := b.Publish(ctx, m); err != nil {
		return fmt.Errorf("store dead letter: %w", err)
	}
	return nil
}

// Secrets that errors quote: a bot token, in an address or alone
// (https://core.telegram.org/bots/api#authorizing-your-bot), and the password in an
// address.
var (
	botToken    = regexp.MustCompile(`\d{5,}:[A-Za-z0-9_-]{20,}`)
	urlPassword = regexp.MustCompile(`(://[^\s/:@]*):[^\s/@]+@`)
)

// Redact makes text of an error fit to be stored and shown: without bot tokens and
// passwords in addresses, valid UTF-8 without U+0000, at most 2000 bytes.
func Redact(text string) string {
	// Cleaned first: what is left out must not have hidden a secret.
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
	text = botToken.ReplaceAllString(text, "[redacted]")
	text = urlPassword.ReplaceAllString(text, "$1:[redacted]@")
	if len(text) > maxReasonBytes {
		text = strings.ToValidUTF8(text[:maxReasonBytes], "")
	}
	return text
}

var (
	// ErrNotFound is returned by ReplayDeadLetter and DeleteDeadLetter where there is no
	// such dead letter (any more).
	ErrNotFound = errors.New("dead letter not found")
	// ErrNotReplayable is returned by ReplayDeadLetter for one that says what it was but
	// not where it belongs.
	ErrNotReplayable = errors.New("dead letter cannot be replayed")
)
