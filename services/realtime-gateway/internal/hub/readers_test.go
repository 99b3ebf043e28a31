package hub_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// readersEnv makes this program the clients of a benchmark: "address clients bytes".
const readersEnv = "GATEWAY_BENCH_READERS"

func TestMain(m *testing.M) {
	if spec := os.Getenv(readersEnv); spec != "" {
		if err := readMany(spec); err != nil {
			fmt.Fprintln(os.Stderr, "readers:", err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// readMany connects clients, says "ready", reads so many bytes with each, and says
// "done". It is a process of its own so that its CPU time is not the hub's.
func readMany(spec string) error {
	var addr string
	var clients, bytes int64
	if _, err := fmt.Sscan(spec, &addr, &clients, &bytes); err != nil {
		return fmt.Errorf("read %q: %w", spec, err)
	}
	var done sync.WaitGroup
	errs := make(chan error, clients)
	for range clients {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return err
		}
		const request = "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
		if _, err := io.WriteString(conn, request); err != nil {
			return err
		}
		reader := bufio.NewReaderSize(conn, 512)
		if err := skipHandshake(reader); err != nil {
			return err
		}
		done.Go(func() {
			if _, err := io.CopyN(io.Discard, reader, bytes); err != nil {
				errs <- err
			}
		})
	}
	fmt.Println("ready")
	done.Wait()
	fmt.Println("done")
	select {
	case err := <-errs:
		return err
	default:
		// Whoever started this ends it by closing its standard input.
		_, err := io.Copy(io.Discard, os.Stdin)
		return err
	}
}

// skipHandshake reads the answer to the handshake and the connection frame.
func skipHandshake(r *bufio.Reader) error {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		if strings.TrimSpace(line) == "" {
			break
		}
	}
	header, err := r.Peek(4)
	if err != nil {
		return err
	}
	size := int(header[1]) + 2
	if header[1] == 126 {
		size = int(header[2])<<8 | int(header[3]) + 4
	}
	_, err = r.Discard(size)
	return err
}

// readers are the clients of a benchmark, in a process of their own.
type readers struct {
	b     *testing.B
	cmd   *exec.Cmd
	stdin io.Closer
	says  *bufio.Scanner
}

// startReaders connects clients to a server, each of which reads so many bytes behind
// the first frame, and returns when all are connected.
func startReaders(b *testing.B, addr net.Addr, clients, bytes int) *readers {
	b.Helper()
	r := &readers{b: b, cmd: exec.Command(os.Args[0])}
	r.cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %d", readersEnv, addr, clients, bytes))
	r.cmd.Stderr = os.Stderr
	stdin, err := r.cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := r.cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	r.stdin, r.says = stdin, bufio.NewScanner(stdout)
	r.hear("ready")
	return r
}

func (r *readers) hear(word string) {
	r.b.Helper()
	if !r.says.Scan() || r.says.Text() != word {
		r.b.Fatalf("readers say %q, want %q", r.says.Text(), word)
	}
}

// end closes their connections.
func (r *readers) end() {
	r.b.Helper()
	_ = r.stdin.Close()
	if err := r.cmd.Wait(); err != nil {
		r.b.Fatal(err)
	}
}
