// Command healthcheck asks the service beside it whether it is ready: for container
// images that hold no shell and no curl. It exits 0 when /readyz answers 200.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

// timeout is more than /readyz takes to find that a dependency hangs.
const timeout = 4 * time.Second

func main() {
	if err := check(os.Getenv("HTTP_ADDR")); err != nil {
		fmt.Fprintln(os.Stderr, "healthcheck:", err)
		os.Exit(1)
	}
}

// check asks the service that listens on address, as HTTP_ADDR has it.
func check(address string) error {
	_, port, err := net.SplitHostPort(address)
	if address == "" {
		port, err = "8080", nil // the services' own default
	}
	if err != nil {
		return fmt.Errorf("HTTP_ADDR is %q: use host:port, or :port for every address", address)
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort("127.0.0.1", port)+"/readyz", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(io.LimitReader(answer.Body, 1<<10))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", answer.Status, said)
	}
	return nil
}
