package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/pkg/telemetry"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

const (
	// recentMessages is how many messages of an author are announced again with the new
	// picture: about what a client has on its screen.
	recentMessages = 50
)

// avatarStore is what fetching pictures asks of the store.
type avatarStore interface {
	AvatarState(ctx context.Context, source, authorID string) (store.AvatarState, error)
	GetAvatar(ctx context.Context, source, authorID string) (store.Avatar, error)
	SaveAvatar(ctx context.Context, source, authorID, fileID, contentType string, image []byte) (int64, error)
	MarkNoAvatar(ctx context.Context, source, authorID string, retry time.Duration) error
	RecentMessagesOfAuthor(ctx context.Context, source, authorID string, limit int) ([]*eventsv1.Message, error)
}

// avatarHandler does jobs.avatar.
type avatarHandler struct {
	bots    *bots
	store   avatarStore
	bus     publisher
	metrics *metrics
	tracer  *telemetry.Tracer
}

func (h *avatarHandler) handle(ctx context.Context, d *bus.Delivery) (err error) {
	span := h.tracer.Receive(d.TraceParent(), "resolve avatar")
	defer func() { span.End(err, "not resolved") }()
	ctx = telemetry.NewContext(ctx, span)
	job := new(eventsv1.ResolveAvatar)
	if err := proto.Unmarshal(d.Payload, job); err != nil {
		return bus.Permanent(fmt.Errorf("decode: %w", err))
	}
	if job.GetSourceName() != sourceTelegram {
		return bus.Permanent(fmt.Errorf("source %q has no pictures", job.GetSourceName()))
	}
	before, err := h.store.AvatarState(ctx, job.GetSourceName(), job.GetAuthorId())
	if errors.Is(err, store.ErrNotFound) {
		return nil // the author is gone, and with them who would show the picture
	}
	if err != nil {
		return storeFault(err)
	}
	again := d.Attempt > 1 // an earlier attempt may have stored the picture and not announced it
	if !again && time.Now().Before(before.NextCheckAt) {
		return nil // another job has looked meanwhile
	}
	after, err := h.resolve(ctx, job, before)
	if err != nil {
		return err
	}
	if after == before.Version && !again {
		return nil
	}
	return h.announce(ctx, job, after)
}

// resolve asks Telegram, stores the answer and returns the picture's version, 0 for none.
func (h *avatarHandler) resolve(ctx context.Context, job *eventsv1.ResolveAvatar, before store.AvatarState) (int64, error) {
	source, author := job.GetSourceName(), job.GetAuthorId()
	known := ""
	if before.Version > 0 {
		known = before.FileID
	}
	c, err := h.bots.use()
	if err != nil {
		return 0, err
	}
	if c == nil { // the author's next message asks again
		h.metrics.dropped.WithLabelValues("avatar_without_bot").Inc()
		return before.Version, nil
	}
	picture, err := c.bot.AuthorPhoto(ctx, author, known)
	outcome := "found"
	if err != nil {
		if fault := c.fault(err); fault != nil {
			return 0, fault
		}
		picture, outcome = nil, "refused" // no such user, or one who must not be seen
	}
	if picture == nil {
		if outcome == "found" {
			outcome = "none"
		}
		h.metrics.avatars.WithLabelValues(outcome).Inc()
		return 0, storeFault(h.store.MarkNoAvatar(ctx, source, author, 0))
	}
	image, contentType := picture.Bytes, picture.ContentType
	if len(image) == 0 {
		cached, err := h.store.GetAvatar(ctx, source, author)
		if err != nil {
			return 0, storeFault(err)
		}
		image, contentType, outcome = cached.Image, cached.ContentType, "unchanged"
	}
	version, err := h.store.SaveAvatar(ctx, source, author, picture.FileUniqueID, contentType, image)
	if err != nil {
		return 0, storeFault(err)
	}
	h.metrics.avatars.WithLabelValues(outcome).Inc()
	return version, nil
}

// announce tells clients of the author's newest messages, which now show another picture.
func (h *avatarHandler) announce(ctx context.Context, job *eventsv1.ResolveAvatar, version int64) error {
	messages, err := h.store.RecentMessagesOfAuthor(ctx, job.GetSourceName(), job.GetAuthorId(), recentMessages)
	if err != nil {
		return storeFault(err)
	}
	events := make([]bus.Message, len(messages))
	for i, m := range messages {
		id := fmt.Sprintf("avatar:%s:%s:%d:%d", job.GetSourceName(), job.GetAuthorId(), version, m.GetId())
		if events[i], err = messageUpdated(id, m); err != nil {
			return bus.Permanent(err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	span := telemetry.FromContext(ctx).Publish("announce")
	for i := range events {
		events[i].TraceParent = span.TraceParent()
	}
	err = h.bus.Publish(ctx, events...)
	span.End(err, "not announced")
	if err != nil {
		return fmt.Errorf("announce the picture of %s: %w", job.GetAuthorId(), err)
	}
	h.metrics.announced.Add(float64(len(events)))
	return nil
}

// fault turns an error of the Bot API into what the consumers understand; nil
// for a refusal that concerns only what was asked for.
func (c *connection) fault(err error) error {
	switch {
	case botapi.IsUnauthorized(err):
		return c.refused(err)
	case botapi.RetryAfter(err) > 0:
		return bus.Hold(err, botapi.RetryAfter(err))
	case botapi.Permanent(err):
		return nil
	default:
		return err
	}
}
