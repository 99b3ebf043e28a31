//go:build unix

package postgrestest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/postgres"
)

// source makes databases on one server.
type source struct {
	url    string // of a database that new ones are made from
	admin  *pgxpool.Pool
	server *server // nil where the server is not ours
	prefix string  // of every name, no other program's
	count  atomic.Int64

	template     sync.Mutex
	templateName string // "" until the first migrated database is wanted
}

// openSource uses the server at url, or starts one where url is empty.
func openSource(ctx context.Context, url string) (*source, error) {
	s := &source{url: url, prefix: "test_" + strings.ToLower(rand.Text()[:10]) + "_"}
	if url == "" {
		var err error
		if s.server, err = startServer(ctx); err != nil {
			return nil, err
		}
		s.url = s.server.postgres.URL()
	}
	var err error
	if s.admin, err = postgres.Connect(ctx, s.url, postgres.Options{ApplicationName: "postgrestest", MaxConns: 4}); err != nil {
		return nil, errors.Join(err, s.server.close(ctx))
	}
	return s, nil
}

// empty makes a database from template0, which is as initdb left it.
func (s *source) empty(ctx context.Context) (string, error) { return s.create(ctx, "template0") }

// migrated makes a copy of a database that is migrated at the first call.
func (s *source) migrated(ctx context.Context) (string, error) {
	template, err := s.ensureTemplate(ctx)
	if err != nil {
		return "", err
	}
	return s.create(ctx, template)
}

func (s *source) ensureTemplate(ctx context.Context) (string, error) {
	s.template.Lock()
	defer s.template.Unlock()
	if s.templateName != "" {
		return s.templateName, nil
	}
	name, err := s.empty(ctx)
	if err != nil {
		return "", err
	}
	address, err := withDatabase(s.url, name)
	if err == nil {
		err = postgres.Migrate(ctx, address, zerolog.Nop())
	}
	if err != nil {
		return "", errors.Join(fmt.Errorf("migrate the template: %w", err), s.drop(ctx, name))
	}
	s.templateName = name
	return name, nil
}

func (s *source) create(ctx context.Context, template string) (string, error) {
	name := fmt.Sprintf("%s%d", s.prefix, s.count.Add(1))
	_, err := s.admin.Exec(ctx, "CREATE DATABASE "+quote(name)+" TEMPLATE "+quote(template))
	return name, err
}

func (s *source) drop(ctx context.Context, name string) error {
	_, err := s.admin.Exec(ctx, "DROP DATABASE IF EXISTS "+quote(name)+" WITH (FORCE)")
	return err
}

func (s *source) close(ctx context.Context) error {
	var err error
	if s.templateName != "" && s.server == nil {
		err = s.drop(ctx, s.templateName)
	}
	s.admin.Close()
	return errors.Join(err, s.server.close(ctx))
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
