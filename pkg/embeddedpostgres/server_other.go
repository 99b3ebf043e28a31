//go:build !unix

package embeddedpostgres

import (
	"context"

	"github.com/rs/zerolog"
)

// Server is a running PostgreSQL; on this platform there is none.
type Server struct{}

// Start fails with ErrUnsupported on this platform.
func Start(context.Context, Config) (*Server, error) { return nil, ErrUnsupported }

// Remove fails with ErrUnsupported on this platform.
func Remove(context.Context, string, zerolog.Logger) error { return ErrUnsupported }

// URL is empty on this platform.
func (*Server) URL() string { return "" }

// Dir is empty on this platform.
func (*Server) Dir() string { return "" }

// Done is nil on this platform.
func (*Server) Done() <-chan struct{} { return nil }

// Err is ErrUnsupported on this platform.
func (*Server) Err() error { return ErrUnsupported }

// Stop does nothing on this platform.
func (*Server) Stop(context.Context) error { return nil }

// Running is ErrUnsupported.
func Running(string) (string, error) { return "", ErrUnsupported }
