package telemetry

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/rs/zerolog"
)

// profileStop bounds how long a profile that is being taken holds up a stop.
const profileStop = time.Second

// ServeProfiles serves /debug/pprof on cfg.ProfileAddress, which Validate has found to
// be loopback, until stop is called; where it is empty, it does nothing. The error is of
// a port that is taken.
func ServeProfiles(ctx context.Context, cfg Config, log zerolog.Logger) (stop func(), err error) {
	if cfg.ProfileAddress == "" {
		return func() {}, nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.ProfileAddress)
	if err != nil {
		return nil, fmt.Errorf("listen for profiles (PPROF_ADDR): %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := server.Serve(listener); err != http.ErrServerClosed {
			log.Error().Err(err).Msg("profiles are not served any more")
		}
	}()
	log.Info().Str("profiles", listener.Addr().String()).Msg("profiles are served at /debug/pprof")
	return func() {
		stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), profileStop)
		defer cancel()
		if server.Shutdown(stopCtx) != nil {
			_ = server.Close() // a profile that takes longer than the process lives
		}
		<-ended
	}, nil
}
