package localstore_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/store/localstore"
)

const (
	childMode = "PARLEY_LOCALSTORE_CHILD"
	childDir  = "PARLEY_LOCALSTORE_DIR"
	writers   = 4 // rooms that the child writes to at once
)

func crashRoom(n int) relay.RoomID { return relay.RoomID{Session: fmt.Sprintf("%08x", n)} }

// updateOf returns the update of entry seq of a room. Sizes vary, so that pages split in many ways.
func updateOf(roomN int, seq uint64) []byte {
	return fmt.Appendf(nil, "room %d entry %d %s", roomN, seq, strings.Repeat("x", int(seq*37%700)))
}

// appendForever is the child. It opens the store, continues where the last child was killed, and
// prints "room seq" for every acknowledged entry. Its clock runs fast, so that a kill finds some
// entries in the journal and some settled.
func appendForever() int {
	s, err := localstore.Open(os.Getenv(childDir), localstore.WithClock(localstore.Options{}, fastClock()))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var wg sync.WaitGroup
	var out sync.Mutex
	for n := range writers {
		wg.Go(func() {
			if err := writeTo(s, n, &out); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		})
	}
	wg.Wait()
	return 0
}

func writeTo(s *localstore.Store, n int, out *sync.Mutex) error {
	ctx := context.Background()
	now := time.UnixMilli(1_800_000_000_000).UTC()
	err := s.Create(ctx, session.Session{ID: session.ID(crashRoom(n).Session), ExpiresAt: now}, nil)
	if err != nil && !errors.Is(err, session.ErrExists) {
		return err
	}
	st, err := s.Since(ctx, crashRoom(n), relay.Position{})
	if err != nil {
		return err
	}
	for next := st.At.Seq + 1; ; next++ {
		seq, err := appendTo(s, crashRoom(n), []relay.Entry{{Update: updateOf(n, next), At: now}})
		if err != nil || seq != next {
			return fmt.Errorf("append gave %d, want %d: %w", seq, next, err)
		}
		out.Lock()
		fmt.Printf("%d %d\n", n, seq)
		out.Unlock()
		if seq%50 == 0 {
			if err := s.Compact(ctx, crashRoom(n), fmt.Appendf(nil, "state %d", seq-10), relay.Position{Seq: seq - 10}); err != nil {
				return err
			}
		}
	}
}

// A process that is killed at any moment has stored every entry that it acknowledged, and the next
// process continues after it.
func TestKillLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	acked := make([]uint64, writers)
	keys := map[string]int{}
	for round := range 8 {
		killAfter := 1 + rand.N(400)
		runAndKill(t, dir, killAfter, acked)
		writeDB(t, filepath.Join(dir, localstore.FileName), func(tx *bolt.Tx) error {
			for _, name := range []string{"journal", "log", "history"} {
				if b := tx.Bucket([]byte(name)); b != nil {
					keys[name] += b.Stats().KeyN
				}
			}
			return nil
		})
		s, err := localstore.Open(dir, localstore.Options{})
		if err != nil {
			t.Fatalf("round %d: open after kill: %v", round, err)
		}
		for n := range writers {
			checkRoom(t, s, n, acked[n])
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if t.Failed() {
			t.Fatalf("round %d, killed after %d lines", round, killAfter)
		}
	}
	for _, name := range []string{"journal", "log", "history"} {
		if keys[name] == 0 {
			t.Errorf("no process was killed with anything in %s", name)
		}
	}
}

// runAndKill starts the child, records what it acknowledges, and kills it with SIGKILL after some
// lines.
func runAndKill(t *testing.T, dir string, lines int, acked []uint64) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childMode+"=append", childDir+"="+dir)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewScanner(stdout)
	// lines that the child printed before it died count too
	for seen := 0; in.Scan(); seen++ {
		var n int
		var seq uint64
		if _, err := fmt.Sscanf(in.Text(), "%d %d", &n, &seq); err != nil {
			break // the last line may be cut
		}
		acked[n] = seq
		if seen == lines {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := io.Copy(io.Discard, stdout); err != nil {
		t.Log(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("the child ended without being killed: %v", err)
	}
}

// checkRoom expects every entry from 1 to at least acked, each once and in order, in history, state
// and log.
func checkRoom(t *testing.T, s *localstore.Store, n int, acked uint64) {
	t.Helper()
	st, err := s.Since(t.Context(), crashRoom(n), relay.Position{})
	if errors.Is(err, relay.ErrNoSession) && acked == 0 {
		return
	}
	if err != nil {
		t.Errorf("room %d: %v", n, err)
		return
	}
	history, err := s.History(t.Context(), crashRoom(n))
	if err != nil {
		t.Errorf("room %d: %v", n, err)
		return
	}
	if len(history) > 0 && string(st.State) != fmt.Sprintf("state %d", len(history)) {
		t.Errorf("room %d: state is %q, but %d entries were moved to history", n, st.State, len(history))
	}
	all := append(history, st.Entries...)
	if st.At.Seq < acked || uint64(len(all)) != st.At.Seq {
		t.Errorf("room %d: %d entries through %d, but %d was acknowledged", n, len(all), st.At.Seq, acked)
	}
	for i, e := range all {
		if string(e.Update) != string(updateOf(n, uint64(i+1))) {
			t.Errorf("room %d: entry %d is %.40q", n, i+1, e.Update)
			return
		}
	}
}

// fillDisk is the other child. Its files may not grow past a limit. It writes until a write fails,
// checks that reads still work, raises the limit, and writes again.
func fillDisk() int {
	signal.Ignore(syscall.SIGXFSZ)
	if err := writeThroughFullDisk(os.Getenv(childDir)); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

func writeThroughFullDisk(dir string) error {
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		return err
	}
	limited := before
	limited.Cur = 1 << 20
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limited); err != nil {
		return err
	}
	s, err := localstore.Open(dir, localstore.Options{})
	if err != nil {
		return err
	}
	ctx := context.Background()
	if err := s.Create(ctx, session.Session{ID: "aaaa0001"}, nil); err != nil {
		return err
	}
	acked := uint64(0)
	for ; err == nil && acked < 1000; acked++ {
		_, err = appendTo(s, room, []relay.Entry{{Update: make([]byte, 10_000)}})
	}
	acked--
	if err == nil {
		return errors.New("the limit was never met")
	}
	limited.Cur = 1 // no room for the smallest write either
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limited); err != nil {
		return err
	}
	if err := s.Ping(ctx); err == nil {
		return errors.New("Ping succeeds on a full disk")
	}
	if st, err := s.Since(ctx, room, relay.Position{}); err != nil || st.At.Seq != acked {
		return fmt.Errorf("reading on a full disk: through %d, %w; want %d", st.At.Seq, err, acked)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		return err
	}
	if err := s.Ping(ctx); err != nil {
		return fmt.Errorf("Ping after there was room again: %w", err)
	}
	if seq, err := appendTo(s, room, []relay.Entry{{Update: []byte("x")}}); err != nil || seq != acked+1 {
		return fmt.Errorf("append after there was room again: %d, %w; want %d", seq, err, acked+1)
	}
	return s.Close()
}

func TestFullDiskIsAnErrorAndNoMore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childMode+"=full", childDir+"="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s := mustOpen(t, dir, localstore.Options{})
	st, err := s.Since(t.Context(), room, relay.Position{})
	if err != nil || uint64(len(st.Entries)) != st.At.Seq || st.At.Seq < 10 {
		t.Errorf("after reopening: %d entries through %d, %v", len(st.Entries), st.At.Seq, err)
	}
}
