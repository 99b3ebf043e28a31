// Package embeddednats runs a NATS server with JetStream inside this process,
// reached without a port, for the one-machine way to run.
package embeddednats

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
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

// Server is a running server. One whose disk was full it replaces by another on the same
// streams as soon as there is room: connections come back by themselves, as from any restart.
type Server struct {
	cfg     Config
	mu      sync.RWMutex
	server  *server.Server
	failed  chan struct{} // a write has failed; nothing more is stored until a restart
	stop    context.CancelFunc
	stopped chan struct{}
}

// Start starts a server and returns when its streams are recovered.
func Start(cfg Config) (*Server, error) {
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{cfg: cfg, failed: make(chan struct{}, 1), stop: stop, stopped: make(chan struct{})}
	var err error
	if s.server, err = s.start(); err != nil {
		stop()
		return nil, err
	}
	go s.mend(ctx)
	return s, nil
}

func (s *Server) start() (*server.Server, error) {
	one, err := server.NewServer(&server.Options{
		ServerName: "embedded",
		DontListen: true,
		JetStream:  true,
		StoreDir:   s.cfg.StoreDir,
		SyncAlways: s.cfg.SyncAlways,
		MaxPayload: maxPayload,
		NoSigs:     true,

		JetStreamMaxStore: maxStore,
	})
	if err != nil {
		return nil, fmt.Errorf("make embedded NATS server in %s: %w", s.cfg.StoreDir, err)
	}
	one.SetLoggerV2(logger{s.cfg.Log, s.failed}, false, false, false)
	one.Start()
	if !one.ReadyForConnections(startTimeout) {
		one.Shutdown()
		return nil, fmt.Errorf("embedded NATS server in %s is not ready after %s", s.cfg.StoreDir, startTimeout)
	}
	if !one.JetStreamEnabled() {
		one.Shutdown()
		return nil, errors.New("embedded NATS server has no JetStream; the log has the cause")
	}
	return one, nil
}

// Connection is the option by which bus.Connect reaches this server.
func (s *Server) Connection() nats.Option { return nats.InProcessServer(s) }

// InProcessConn connects to the server that runs now (nats.InProcessConnProvider).
func (s *Server) InProcessConn() (net.Conn, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.server.InProcessConn()
}

// Stop closes the server's connections, writes out its streams and returns when it has ended.
func (s *Server) Stop() {
	s.stop()
	<-s.stopped
	s.server.Shutdown()
	s.server.WaitForShutdown()
}

// logger passes the server's lines on; what it calls notice is detail to us.
type logger struct {
	log    zerolog.Logger
	failed chan<- struct{}
}

func (l logger) Noticef(format string, v ...any) { l.log.Debug().Msgf("nats: "+format, v...) }
func (l logger) Warnf(format string, v ...any)   { l.log.Warn().Msgf("nats: "+format, v...) }
func (l logger) Fatalf(format string, v ...any)  { l.log.Error().Msgf("nats: "+format, v...) }

// Errorf hears of a store's first failed write, which the server tells in no other way.
func (l logger) Errorf(format string, v ...any) {
	line := fmt.Sprintf(format, v...)
	l.log.Error().Msg("nats: " + line)
	if strings.Contains(line, writeFailed) {
		select {
		case l.failed <- struct{}{}:
		default: // known
		}
	}
}

func (l logger) Debugf(format string, v ...any) { l.log.Debug().Msgf("nats: "+format, v...) }
func (l logger) Tracef(format string, v ...any) { l.log.Trace().Msgf("nats: "+format, v...) }
