package embeddednats

import (
	"context"
	"errors"
	"os"
	"time"
)

const (
	// writeFailed is in the line with which a store says that it takes nothing more
	// (nats-server v2.15, filestore.go, setWriteErr). It keeps to that until it is opened anew.
	writeFailed = "Critical write error"
	// mendEvery is between two looks whether the disk has room again.
	mendEvery = 2 * time.Second
	// room is what must be writable before the server starts again, in bytes: it writes its
	// state while it opens its streams, and shall get further than the next message.
	room = 8 << 20
)

// mend replaces a server whose disk failed, once that can be written to again.
func (s *Server) mend(ctx context.Context) {
	defer close(s.stopped)
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.failed:
		}
		s.cfg.Log.Error().Str("dir", s.cfg.StoreDir).Msg("the broker cannot write to its disk and takes nothing more: make room; it goes on by itself then")
		for !s.restart() {
			select {
			case <-ctx.Done():
				return
			case <-time.After(mendEvery):
			}
		}
	}
}

// restart reports whether another server runs, which takes room on the disk.
func (s *Server) restart() bool {
	if err := s.roomy(); err != nil {
		s.cfg.Log.Debug().Err(err).Msg("the disk of the broker has no room yet")
		return false
	}
	s.mu.Lock() // who connects waits for the next server
	defer s.mu.Unlock()
	s.server.Shutdown()
	s.server.WaitForShutdown()
	select {
	case <-s.failed: // of the server that has ended
	default:
	}
	next, err := s.start()
	if err != nil {
		s.cfg.Log.Error().Err(err).Msg("the broker does not start again, trying on")
		return false
	}
	s.server = next
	s.cfg.Log.Info().Msg("the broker's disk has room again; it goes on")
	return true
}

// roomy writes as much as must fit, and takes it away again.
func (s *Server) roomy() (err error) {
	f, err := os.CreateTemp(s.cfg.StoreDir, "room-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	if _, err := f.Write(make([]byte, room)); err != nil {
		return err
	}
	return f.Sync()
}
