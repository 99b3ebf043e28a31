package chaos

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/tests/line"
)

// Disk is a file system of its own that can be made full.
type Disk struct {
	// Dir is where it is mounted; every account may enter.
	Dir string
	t   testing.TB
}

// MountDisk mounts a file system of so many MiB, in memory, until the test ends. It takes
// root, or a machine that lets the test be root over mounts; the test is skipped otherwise.
func MountDisk(t testing.TB, mib int) *Disk {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "tasktracker-disk-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(dir) })
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=0755,size="+strconv.Itoa(mib)+"m"); err != nil {
		t.Skipf("no file system that can be filled: mount: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	return &Disk{Dir: dir, t: t}
}

func (d *Disk) ballast() string { return filepath.Join(d.Dir, "ballast") }

// Fill writes until nothing more fits.
func (d *Disk) Fill() {
	d.t.Helper()
	f, err := os.OpenFile(d.ballast(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	for piece := make([]byte, 1<<20); err == nil; {
		_, err = f.Write(piece)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		d.t.Fatal(err)
	}
}

// Free takes away what Fill wrote.
func (d *Disk) Free() {
	d.t.Helper()
	if err := os.Remove(d.ballast()); err != nil {
		d.t.Fatal(err)
	}
}

// The disk under NATS is full: updates are refused, and ingest says that it is not ready.
// nats-server keeps a stream's first write error until it ends: with room again, it is
// restarted, as docs/operating.md says, and nothing is lost.
func TestTheDiskUnderNATSIsFull(t *testing.T) {
	long(t)
	disk := MountDisk(t, 64)
	database := postgrestest.URL(t)
	server := line.StartNATS(t, "-c", syncAlways(t), "-sd", filepath.Join(disk.Dir, "js"))
	l := StartLine(t, Config{NATSURL: server.URL, DatabaseURL: database})
	client := StartClient(t, l.Base)
	load := StartLoad(t, l.Base)
	load.AwaitAccepted(perSecond)
	fault(t, l, func() {
		disk.Fill()
		load.AwaitRepeated(2 * chats)
		refusedWith503(t, l)
		awaitUnready(t, l.All(Ingest)...)
		disk.Free()
		server.Stop(syscall.SIGTERM)
		server.Restart()
		l.AwaitReady()
		load.AwaitAccepted(perSecond)
	})
	Verify(t, load.Stop(), l.Base, database, client)
	t.Log(load, client)
}

// The disk under PostgreSQL is full: the backlog is kept by the broker, and stored when
// there is room.
func TestTheDiskUnderPostgresIsFull(t *testing.T) {
	long(t)
	disk := MountDisk(t, 320)
	postgres := StartPostgres(t, filepath.Join(disk.Dir, "data"))
	l := StartLine(t, Config{NATSURL: line.StartNATS(t).URL, DatabaseURL: postgres.URL})
	client := StartClient(t, l.Base)
	load := StartLoad(t, l.Base)
	load.AwaitAccepted(perSecond)
	fault(t, l, func() {
		began := time.Now()
		disk.Fill()
		lasts(t, began, outage)
		stillReady(t, l.All(Ingest, Gateway)...)
		load.AwaitAccepted(perSecond)
		disk.Free()
		if postgres.ping() != nil { // no room for its log is a reason to end
			postgres.Kill()
			postgres.Start()
		}
		l.AwaitReady()
		load.AwaitAccepted(perSecond)
	})
	Verify(t, load.Stop(), l.Base, postgres.URL, client)
	t.Log(load, client)
}

// The one disk of standalone, under its PostgreSQL and its NATS, is full. With room again
// it goes on by itself, and has lost nothing.
func TestTheDiskOfStandaloneIsFull(t *testing.T) {
	long(t)
	disk := MountDisk(t, 512)
	dir := filepath.Join(disk.Dir, "data")
	line.RemoveData(t, dir)
	base, one := StartStandalone(t, dir, nil)
	client := StartClient(t, base)
	load := StartLoad(t, base)
	load.AwaitAccepted(perSecond)
	before, began := len(one.Process().Output()), time.Now()
	disk.Fill()
	load.AwaitRepeated(2 * chats)
	awaitUnready(t, one)
	refused(t, one.Process().Base(), 900_000_000)
	lasts(t, began, outage)
	said := one.Process().Output()[before:]
	if n := strings.Count(said, "\n"); n > (int(time.Since(began)/quietSpan)+1)*quietLines {
		t.Errorf("standalone logged %d lines in %s, beginning with:\n%s", n, time.Since(began), said[:min(len(said), 2000)])
	}
	disk.Free()
	one.AwaitReady()
	load.AwaitAccepted(perSecond)
	Verify(t, load.Stop(), base, "", client)
	t.Log(load, client)
}
