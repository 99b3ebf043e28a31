package embeddednats_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/tasktracker/tasktracker/pkg/embeddednats"
)

// A server whose disk was full takes messages again once there is room, has all that it
// had confirmed, and the same connection goes on.
func TestAServerGoesOnWhenItsDiskHasRoomAgain(t *testing.T) {
	t.Cleanup(func() { goleak.VerifyNone(t) })
	dir := smallDisk(t)
	server, err := embeddednats.Start(embeddednats.Config{StoreDir: filepath.Join(dir, "nats"), Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	conn, err := nats.Connect("", server.Connection(), nats.MaxReconnects(-1), nats.ReconnectWait(10*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "S", Subjects: []string{"s"}})
	if err != nil {
		t.Fatal(err)
	}
	fill(t, dir)
	payload, confirmed := bytes.Repeat([]byte("x"), 64<<10), uint64(0)
	publish := func() error {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond) // what was under way at the restart is never answered
		defer cancel()
		_, err := js.Publish(ctx, "s", payload)
		if err == nil {
			confirmed++
		}
		return err
	}
	for publish() == nil { // what the server buffers is taken without the disk
	}
	if publish() == nil {
		t.Fatal("a message was confirmed after a write had failed")
	}
	if err := os.Remove(filepath.Join(dir, "ballast")); err != nil {
		t.Fatal(err)
	}
	for publish() != nil {
		if t.Context().Err() != nil {
			t.Fatal("nothing is taken though there is room")
		}
	}
	info, err := stream.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if info.State.Msgs < confirmed {
		t.Errorf("%d messages were confirmed, %d are there", confirmed, info.State.Msgs)
	}
}

// smallDisk is a file system of 24 MiB, in memory. It takes root.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=24m"); err != nil {
		t.Skipf("no file system that can be filled: mount: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return dir
}

func fill(t *testing.T, dir string) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "ballast"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for piece := make([]byte, 64<<10); err == nil; {
		_, err = f.Write(piece)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}
