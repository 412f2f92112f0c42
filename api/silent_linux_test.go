package api_test

import (
	"fmt"
	"net"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/api"
	"parley/pkg/protocol"
)

// silentOnes returns the number of silent clients. Each client takes two file descriptors of this
// process.
func silentOnes(t *testing.T) int {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	n := 10_000
	if testing.Short() {
		n = 1000
	}
	return min(n, int(limit.Cur)/2-500)
}

// TestTenThousandWhoSayNothing connects silent clients, two to a room. They must cost no goroutine
// and little memory, must not slow active clients, and must release everything at the end. The test
// is not parallel, because it counts goroutines and memory of the process.
func TestTenThousandWhoSayNothing(t *testing.T) {
	e := newEdge(t, func(o *api.SocketOptions) { o.Quiet = 20 * time.Millisecond })
	n := silentOnes(t)
	memory := heap()
	silent := make([]*net.TCPConn, n)
	for i := range silent {
		silent[i] = e.mute(fmt.Sprintf("/ws/sessions/one?as=silent&doc=%d", i/2))
		if i%500 == 0 || i == n-1 {
			eventually(t, "all of them", func() bool { return e.relay.Stats().Conns == i+1 })
		}
	}
	eventually(t, "all to be parked", func() bool { return readers(t) < 20 })
	if each := (heap() - memory) / int64(n); each > 12<<10 {
		t.Errorf("each connection takes %d bytes, with the client's end", each)
	}

	bob := e.mustDial("/ws/sessions/two?as=bob")
	read(t, bob)
	say(t, silent[n/2], protocol.AppendStep1(nil, []byte{0}))
	say(t, bob.NetConn(), protocol.AppendStep1(nil, []byte{0}))
	if m, err := protocol.Decode(read(t, bob)); err != nil || m.Step != protocol.Step2 {
		t.Errorf("another client got %+v, %v", m, err)
	}
	silent[n/2].SetReadDeadline(time.Now().Add(20 * time.Second))
	step2 := string([]byte{0x82, 5, 0, 1, 2, 0, 0}) // step 2 of an empty document
	for got := ""; !strings.HasSuffix(got, step2); {
		b := make([]byte, 1000)
		k, err := silent[n/2].Read(b)
		if got += string(b[:k]); err != nil {
			t.Fatalf("the silent client got %q, %v", got, err)
		}
	}

	bob.Close()
	for i, c := range silent {
		c.Close()
		if i%500 == 0 {
			eventually(t, "the end of some", func() bool { return e.relay.Stats().Conns < n-i })
		}
	}
	eventually(t, "the end of all", func() bool { return e.relay.Stats().Conns == 0 && readers(t) < 20 })
}

// readers counts the goroutines that wait for input of a connection.
func readers(t *testing.T) (n int) {
	t.Helper()
	var all strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&all, 1); err != nil {
		t.Fatal(err)
	}
	// "3 @ addresses", then one line for each call.
	for stack := range strings.SplitSeq(all.String(), "\n\n") {
		if count, _, ok := strings.Cut(stack, " @ "); ok && strings.Contains(stack, "wsconn.(*Conn)") {
			k, err := strconv.Atoi(strings.TrimSpace(count[strings.LastIndexByte(count, '\n')+1:]))
			if err != nil {
				t.Fatal(err)
			}
			n += k
		}
	}
	return n
}

func say(t *testing.T, c net.Conn, message []byte) {
	t.Helper()
	if _, err := c.Write(masked(message)); err != nil {
		t.Fatal(err)
	}
}
