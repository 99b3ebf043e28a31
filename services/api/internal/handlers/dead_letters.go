package handlers

import (
	"context"
	"encoding/base64"
	"errors"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/clauses"
	"github.com/tasktracker/tasktracker/pkg/wire"
	"github.com/tasktracker/tasktracker/proto/gen/api"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
)

const (
	defaultDeadLetters = 50
	// maxPreview bounds how much of an original is shown, in bytes.
	maxPreview = 16 << 10
)

// ListDeadLetters pages through what failed for good, newest first.
func (h *Handlers) ListDeadLetters(ctx context.Context, r apiserver.ListDeadLettersRequestObject) (apiserver.ListDeadLettersResponseObject, error) {
	limit := defaultDeadLetters
	if r.Params.Limit != nil {
		limit = *r.Params.Limit
	}
	before, err := numberCursor(r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	filter := bus.DeadLetterFilter{Stream: value(r.Params.Stream), Kind: value(r.Params.Kind), Text: value(r.Params.Q), Clauses: value(r.Params.Clause)}
	ctx, cancel := context.WithTimeout(ctx, brokerTimeout)
	defer cancel()
	letters, err := h.Bus.ListDeadLetters(ctx, filter, uint64(before), limit)
	if err != nil {
		return nil, err
	}
	body := make([]api.DeadLetter, 0, len(letters))
	for _, letter := range letters {
		body = append(body, deadLetter(letter))
	}
	cursor := ""
	if len(letters) == limit {
		cursor = strconv.FormatUint(letters[len(letters)-1].Seq, 10)
	}
	link, next := nextPage(ctx, cursor)
	return apiserver.ListDeadLetters200JSONResponse{
		Body: body, Headers: apiserver.ListDeadLetters200ResponseHeaders{Link: link, XNextCursor: next},
	}, nil
}

func deadLetter(d bus.DeadLetter) api.DeadLetter {
	shown := d.GetPayload()[:min(len(d.GetPayload()), maxPreview)]
	advice := clauses.Advice(d.GetReason())
	letter := api.DeadLetter{
		ID: int64(d.Seq), Stream: d.GetStream(), Kind: d.GetKind(), Subject: d.GetSubject(), Reason: d.GetReason(), ReasonClauses: wire.Clauses(d.GetReason()),
		Advice: advice, AdviceClauses: wire.Clauses(advice), Attempts: int(d.GetAttempts()), FailedAt: d.GetFailedAt().AsTime(),
		PayloadSize: int64(len(d.GetPayload())), PayloadTruncated: len(shown) < len(d.GetPayload()),
	}
	if utf8.Valid(d.GetPayload()) {
		letter.PayloadEncoding = api.PayloadEncodingText
		for !utf8.Valid(shown) { // cut inside a character
			shown = shown[:len(shown)-1]
		}
		letter.Payload = string(shown)
	} else {
		letter.PayloadEncoding = api.PayloadEncodingBase64
		letter.Payload = base64.StdEncoding.EncodeToString(shown)
	}
	return letter
}

// ReplayDeadLetter publishes the original again.
func (h *Handlers) ReplayDeadLetter(ctx context.Context, r apiserver.ReplayDeadLetterRequestObject) (apiserver.ReplayDeadLetterResponseObject, error) {
	ctx, cancel := context.WithTimeout(ctx, brokerTimeout)
	defer cancel()
	subject, err := h.Bus.ReplayDeadLetter(ctx, uint64(r.ID))
	if err != nil {
		return nil, deadLetterError(err)
	}
	return apiserver.ReplayDeadLetter200JSONResponse{ID: r.ID, Status: "replayed", Subject: subject}, nil
}

// CountDeadLetters counts them by stream and kind.
func (h *Handlers) CountDeadLetters(ctx context.Context, _ apiserver.CountDeadLettersRequestObject) (apiserver.CountDeadLettersResponseObject, error) {
	ctx, cancel := context.WithTimeout(ctx, brokerTimeout)
	defer cancel()
	counts, err := h.Bus.CountDeadLetters(ctx)
	if err != nil {
		return nil, err
	}
	body := make(apiserver.CountDeadLetters200JSONResponse, 0, len(counts))
	for _, c := range counts {
		body = append(body, api.DeadLetterCount{Stream: c.Stream, Kind: c.Kind, Count: c.Count})
	}
	return body, nil
}

// replayTimeout bounds one call that replays many; where it ends the answer says how far it came.
const replayTimeout = 20 * time.Second

// ReplayDeadLetters publishes all originals that match again, in order.
func (h *Handlers) ReplayDeadLetters(ctx context.Context, r apiserver.ReplayDeadLettersRequestObject) (apiserver.ReplayDeadLettersResponseObject, error) {
	ctx, cancel := context.WithTimeout(ctx, replayTimeout)
	defer cancel()
	done, err := h.Bus.ReplayDeadLetters(ctx, bus.DeadLettersReplay{
		Filter: bus.DeadLetterFilter{Stream: value(r.Body.Stream), Kind: value(r.Body.Kind), Text: value(r.Body.Q), Clauses: value(r.Body.Clause)},
		After:  uint64(value(r.Body.After)), UpTo: uint64(value(r.Body.UpTo)), DryRun: value(r.Body.DryRun),
	})
	if err != nil {
		return nil, err
	}
	body := apiserver.ReplayDeadLetters200JSONResponse{
		DryRun: value(r.Body.DryRun), Matched: done.Matched, Replayable: done.Replayable, Replayed: done.Replayed,
		UpTo: int64(done.UpTo), NextAfter: optional(int64(done.NextAfter)),
	}
	if done.Refused != nil {
		body.StoppedBy = optional(bus.Redact(done.Refused.Error()))
	}
	return body, nil
}

// DeleteDeadLetter discards one for good.
func (h *Handlers) DeleteDeadLetter(ctx context.Context, r apiserver.DeleteDeadLetterRequestObject) (apiserver.DeleteDeadLetterResponseObject, error) {
	ctx, cancel := context.WithTimeout(ctx, brokerTimeout)
	defer cancel()
	if err := h.Bus.DeleteDeadLetter(ctx, uint64(r.ID)); err != nil {
		return nil, deadLetterError(err)
	}
	return apiserver.DeleteDeadLetter204Response{}, nil
}

func deadLetterError(err error) error {
	switch {
	case errors.Is(err, bus.ErrNotFound):
		return notFound("Dead letter not found")
	case errors.Is(err, bus.ErrNotReplayable):
		return conflict("This dead letter cannot be replayed: it never had a place in a stream; read it, then delete it")
	default:
		return err
	}
}
