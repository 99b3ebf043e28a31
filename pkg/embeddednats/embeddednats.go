// Package embeddednats runs a NATS server with JetStream inside this process,
// reached without a port, for the one-machine way to run.
package embeddednats

import (
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/rs/zerolog"
)

// maxPayload admits an update of the largest size that ingest takes (1 MiB) with
// its decoded form beside it.
const maxPayload = 4 << 20

// startTimeout bounds recovery of the streams at a start.
const startTimeout = 60 * time.Second

// Config says where the streams lie and how they are kept.
type Config struct {
	// StoreDir is made where it is missing; one server at a time may use it.
	StoreDir string
	// SyncAlways makes every write reach the disk before its ack, so that a power cut
	// costs nothing that was acknowledged; else it does every two minutes.
	SyncAlways bool
	Log        zerolog.Logger
}

// maxStore is above what the streams may take together, in bytes. The server would else
// go by three quarters of what the disk has free when it starts, and refuse streams, also
// those that it has, as soon as that is less than they may ever take.
const maxStore = 1 << 40

// Server is a running server.
type Server struct{ server *server.Server }

// Start starts a server and returns when its streams are recovered.
func Start(cfg Config) (*Server, error) {
	s, err := server.NewServer(&server.Options{
		ServerName: "embedded",
		DontListen: true,
		JetStream:  true,
		StoreDir:   cfg.StoreDir,
		SyncAlways: cfg.SyncAlways,
		MaxPayload: maxPayload,
		NoSigs:     true,

		JetStreamMaxStore: maxStore,
	})
	if err != nil {
		return nil, fmt.Errorf("make embedded NATS server in %s: %w", cfg.StoreDir, err)
	}
	s.SetLoggerV2(logger{cfg.Log}, false, false, false)
	s.Start()
	if !s.ReadyForConnections(startTimeout) {
		s.Shutdown()
		return nil, fmt.Errorf("embedded NATS server in %s is not ready after %s", cfg.StoreDir, startTimeout)
	}
	if !s.JetStreamEnabled() {
		s.Shutdown()
		return nil, errors.New("embedded NATS server has no JetStream; the log has the cause")
	}
	return &Server{s}, nil
}

// Connection is the option by which bus.Connect reaches this server.
func (s *Server) Connection() nats.Option { return nats.InProcessServer(s.server) }

// Stop closes the server's connections, writes out its streams and returns when it has ended.
func (s *Server) Stop() {
	s.server.Shutdown()
	s.server.WaitForShutdown()
}

// logger passes the server's lines on; what it calls notice is detail to us.
type logger struct{ log zerolog.Logger }

func (l logger) Noticef(format string, v ...any) { l.log.Debug().Msgf("nats: "+format, v...) }
func (l logger) Warnf(format string, v ...any)   { l.log.Warn().Msgf("nats: "+format, v...) }
func (l logger) Fatalf(format string, v ...any)  { l.log.Error().Msgf("nats: "+format, v...) }
func (l logger) Errorf(format string, v ...any)  { l.log.Error().Msgf("nats: "+format, v...) }
func (l logger) Debugf(format string, v ...any)  { l.log.Debug().Msgf("nats: "+format, v...) }
func (l logger) Tracef(format string, v ...any)  { l.log.Trace().Msgf("nats: "+format, v...) }
