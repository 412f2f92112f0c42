//go:build unix

package rawio_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"parley/pkg/internal/rawio"
)

// pair returns both ends of a TCP connection. The first end is wrapped.
func pair(t *testing.T) (wrapped, far net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	near, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	far, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close(); far.Close() })
	return rawio.Wrap(near), far
}

// TestBytesGoThroughWhole sends more than a socket buffer holds, in pieces of all sizes, in both
// directions at the same time.
func TestBytesGoThroughWhole(t *testing.T) {
	t.Parallel()
	wrapped, far := pair(t)
	want := make([]byte, 4<<20)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range want {
		want[i] = byte(random.Uint32())
	}
	sent := make(chan error, 1)
	go func() { // ends when all data is sent
		for rest := want; len(rest) > 0; {
			piece := rest[:min(len(rest), 1+random.IntN(200<<10))]
			n, err := wrapped.Write(piece)
			if err != nil || n != len(piece) {
				sent <- errors.Join(err, errors.New("short write"))
				return
			}
			rest = rest[n:]
		}
		sent <- nil
	}()
	go func() {
		_, _ = io.Copy(far, far) // an echo; ends with far
	}()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(wrapped, got); err != nil {
		t.Fatal(err)
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("the echoed data differs")
	}
}

func TestErrorsAreThoseOfNet(t *testing.T) {
	t.Parallel()
	wrapped, far := pair(t)
	buf := make([]byte, 10)
	if n, err := wrapped.Read(nil); n != 0 || err != nil {
		t.Errorf("an empty read gave %d, %v", n, err)
	}
	_ = wrapped.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	_, err := wrapped.Read(buf)
	if timeout := net.Error(nil); !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("a read past its deadline gave %v", err)
	}
	_ = wrapped.SetDeadline(time.Time{})
	far.Close()
	if _, err := wrapped.Read(buf); err != io.EOF {
		t.Errorf("a read after the end gave %v", err)
	}
	for end := time.Now().Add(10 * time.Second); err == nil || err == io.EOF || errors.Is(err, os.ErrDeadlineExceeded); {
		if _, err = wrapped.Write(buf); time.Now().After(end) {
			t.Fatal("writes to a closed peer keep succeeding")
		}
	}
	if !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("a write to a closed peer gave %v", err)
	}
	wrapped.Close()
	if _, err := wrapped.Read(buf); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a read of a closed connection gave %v", err)
	}
	if _, err := wrapped.Write(buf); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a write to a closed connection gave %v", err)
	}
}

// TestOnlyOldConnectionsAreExamined uses SyscallConn as go-redis does before each use.
func TestOnlyOldConnectionsAreExamined(t *testing.T) {
	t.Parallel()
	wrapped, _ := pair(t)
	raw, err := wrapped.(syscall.Conn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	look := func() {
		if err := raw.Read(func(uintptr) bool { looked++; return true }); err != nil {
			t.Fatal(err)
		}
	}
	look()
	if looked != 1 {
		t.Error("an unused connection is not examined")
	}
	if _, err := wrapped.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if look(); looked != 1 {
		t.Error("a connection that was just used is examined")
	}
}

func TestOtherConnectionsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	if rawio.Wrap(a) != a {
		t.Error("a pipe was wrapped")
	}
}
