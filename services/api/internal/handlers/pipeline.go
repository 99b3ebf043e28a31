package handlers

import (
	"context"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/proto/gen/api"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
)

// GetPipeline measures what is on its way and what waits. A half that cannot be asked is
// left out rather than the whole refused: it is for when something is wrong.
func (h *Handlers) GetPipeline(ctx context.Context, _ apiserver.GetPipelineRequestObject) (apiserver.GetPipelineResponseObject, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	body := apiserver.GetPipeline200JSONResponse{MeasuredAt: time.Now().UTC(), Streams: []api.PipelineStream{}}
	for _, stream := range h.Bus.Pipeline(ctx) {
		body.Streams = append(body.Streams, pipelineStream(stream))
	}
	if waiting, oldest, err := h.Store.OutboxWaiting(ctx); err != nil {
		h.Log.Warn().Err(err).Msg("the outbox cannot be measured")
	} else {
		body.Outbox = &api.PipelineOutbox{Waiting: waiting, OldestAt: instant(oldest)}
	}
	return body, nil
}

func pipelineStream(s bus.StreamFigures) api.PipelineStream {
	stream := api.PipelineStream{
		Name: s.Name, Passed: s.Passed, Held: s.Held, Bytes: s.Bytes,
		OldestAt: instant(s.Oldest), NewestAt: instant(s.Newest), Consumers: []api.PipelineConsumer{},
	}
	for _, c := range s.Consumers {
		stream.Consumers = append(stream.Consumers, api.PipelineConsumer{Name: c.Name, Waiting: c.Waiting, InHand: c.InHand, Redelivered: c.Redelivered})
	}
	return stream
}
