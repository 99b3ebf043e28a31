package operate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/backup"
	"github.com/tasktracker/tasktracker/services/standalone/internal/datadir"
)

// trailerFault tells, after the body, what went wrong while it was written.
const trailerFault = "Backup-Fault"

// Serve writes backups of a place for whoever connects to the socket of its DATA_DIR,
// until ctx ends. It returns when the last one has been given up.
func Serve(ctx context.Context, listener net.Listener, place backup.Place, log zerolog.Logger) error {
	mux := http.NewServeMux()
	mux.Handle("GET /backup", &backups{place: place, log: log})
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve backups: %w", err)
	case <-ctx.Done():
	}
	// The writers end with ctx.
	stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	err := server.Shutdown(stopCtx)
	<-served
	return err
}

type backups struct {
	place backup.Place
	log   zerolog.Logger
	one   sync.Mutex
}

// ServeHTTP writes a backup as the body.
func (b *backups) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !b.one.TryLock() {
		http.Error(w, "another backup is being written: wait for its end", http.StatusConflict)
		return
	}
	defer b.one.Unlock()
	began := time.Now()
	w.Header().Set("Trailer", trailerFault)
	w.Header().Set("Content-Type", "application/zstd")
	contents, err := backup.Write(r.Context(), w, b.place, nil)
	if err != nil {
		w.Header().Set(trailerFault, strings.ReplaceAll(err.Error(), "\n", "; "))
		b.log.Error().Err(err).Msg("a backup failed")
		return
	}
	rows, messages := contents.Total()
	b.log.Info().Int64("rows", rows).Int64("messages", messages).Dur("took", time.Since(began)).Msg("a backup was written")
}

// fetch has the standalone of a DATA_DIR write a backup to out; ErrNobody where none runs.
func fetch(ctx context.Context, dir string, out io.Writer, progress backup.Progress) error {
	conn, err := datadir.Dial(dir)
	if err != nil {
		return err
	}
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return conn, nil }}
	defer transport.CloseIdleConnections()
	defer conn.Close()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://standalone/backup", nil)
	if err != nil {
		return err
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return fmt.Errorf("ask the running standalone for a backup: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		said, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
		return errors.Join(fmt.Errorf("the running standalone wrote no backup: %s", strings.TrimSpace(string(said))), err)
	}
	var received int64
	counting := io.TeeReader(resp.Body, counter(func(n int) {
		received += int64(n)
		progress("bytes", received)
	}))
	if _, err := io.Copy(out, counting); err != nil {
		return fmt.Errorf("receive the backup from the running standalone: %w", err)
	}
	if fault := resp.Trailer.Get(trailerFault); fault != "" {
		return fmt.Errorf("the running standalone wrote no backup: %s", fault)
	}
	return nil
}

type counter func(n int)

// Write implements io.Writer.
func (c counter) Write(b []byte) (int, error) {
	c(len(b))
	return len(b), nil
}
