package bus

import (
	"errors"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

var (
	// ErrFull is returned by Publish when the stream has reached its limit and
	// discards new messages. Nothing was stored; try again when it has drained.
	ErrFull = errors.New("stream is full")
	// ErrUnavailable is returned by Publish when the broker did not confirm in
	// time. The message may or may not be stored: publish it again under the same id.
	ErrUnavailable = errors.New("broker is not available")
	// ErrTooLarge is returned by Publish for a message larger than the broker's
	// maximum payload. Trying again does not help.
	ErrTooLarge = errors.New("message is larger than the broker takes")
)

// JetStream's error codes for a store that refuses, from nats-server's errors.json.
const (
	codeStreamStoreFailed      jetstream.ErrorCode = 10077 // "maximum bytes exceeded", "maximum messages exceeded"
	codeInsufficientResources  jetstream.ErrorCode = 10023
	codeStorageResourcesExceed jetstream.ErrorCode = 10047
)

// codeInvalidJSON is the code for a request that the server does not understand.
const codeInvalidJSON jetstream.ErrorCode = 10025

// classify turns an error of nats.go into one of this package's, keeping the cause.
func classify(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, nats.ErrMaxPayload) {
		return errors.Join(ErrTooLarge, err)
	}
	if api, ok := errors.AsType[*jetstream.APIError](err); ok {
		switch api.ErrorCode {
		case codeStreamStoreFailed, codeInsufficientResources, codeStorageResourcesExceed:
			return errors.Join(ErrFull, err)
		case jetstream.JSErrCodeStreamMessageExceedsMaximum:
			return errors.Join(ErrTooLarge, err)
		}
	}
	return errors.Join(ErrUnavailable, err)
}
