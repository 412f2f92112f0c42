package redisstore_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"parley/pkg/relay"
	"parley/pkg/store/redisstore"
	"parley/pkg/store/redistest"
	"parley/pkg/store/storetest"
)

// foldHistory is a bound that some hundred entries exceed.
const foldHistory = 2 << 10

// death is the end of a node, or of its connection, at one command: every later command fails.
type death struct {
	mu     sync.Mutex
	left   int  // commands until then; -1: none
	served bool // Redis executes the last command, whose answer is lost
	dead   bool
	folds  int // calls of the script of a fold
}

var errDead = errors.New("the node is dead")

// command counts a command and reports whether it is sent, and whether its answer arrives.
func (d *death) command(cmds ...redis.Cmder) (sent, answered bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead {
		return false, false
	}
	for _, cmd := range cmds {
		if args := cmd.Args(); len(args) > 1 && args[1] == redisstore.FoldHash {
			d.folds++
		}
	}
	if d.left--; d.left == -1 {
		d.dead = true
		return d.served, false
	}
	return true, true
}

// DialHook implements redis.Hook.
func (d *death) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

// ProcessHook implements redis.Hook.
func (d *death) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		sent, answered := d.command(cmd)
		if sent {
			if err := next(ctx, cmd); err != nil || answered {
				return err
			}
		}
		cmd.SetErr(errDead)
		return errDead
	}
}

// ProcessPipelineHook implements redis.Hook.
func (d *death) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		sent, answered := d.command(cmds...)
		if sent {
			if err := next(ctx, cmds); err != nil || answered {
				return err
			}
		}
		for _, cmd := range cmds {
			cmd.SetErr(errDead)
		}
		return errDead
	}
}

func openFolding(t *testing.T, url string) *redisstore.Store {
	t.Helper()
	s, err := redisstore.Open(t.Context(), url, redisstore.Options{HistoryBytes: foldHistory})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// typeAndCompact appends ten entries and compacts. It returns the error of the compaction.
func typeAndCompact(t *testing.T, writer, compacter *redisstore.Store, id relay.RoomID) error {
	t.Helper()
	st, err := writer.Since(t.Context(), id, relay.Position{})
	if err != nil {
		t.Fatal(err)
	}
	entries := storetest.Typing(int(st.At.Seq) + 10)
	end, done := st.At, make(chan error, 1)
	writer.Append(id, st.At, entries[st.At.Seq:], relay.Prompt, func(at relay.Position, err error) { end = at; done <- err })
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	var updates [][]byte
	for _, e := range entries {
		updates = append(updates, e.Update)
	}
	state, err := relay.Fold(nil, updates)
	if err != nil {
		t.Fatal(err)
	}
	return compacter.Compact(t.Context(), id, state, end)
}

// checkFolded fails the test unless a store holds each entry once, and returns the past.
func checkFolded(t *testing.T, s *redisstore.Store, id relay.RoomID) relay.Past {
	t.Helper()
	past, err := s.Past(t.Context(), id, 0, 1<<30)
	if err == nil {
		err = storetest.CheckPast(past, storetest.Typing(int(past.Next)))
	}
	if err != nil {
		t.Fatal(err)
	}
	return past
}

// A node that dies before or after any command of a compaction and its fold leaves each entry
// folded or in the history. Another node goes on.
func TestDeathAtEachStepOfAFold(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	other := openFolding(t, server.URL())
	for name, served := range map[string]bool{"before it is served": false, "after it is served": true} {
		id := relay.RoomID{Session: string(newSession(t, other).Session.ID), Doc: "x"}
		for held := 0; held < 3*foldHistory/4; {
			if err := typeAndCompact(t, other, other, id); err != nil {
				t.Fatal(err)
			}
			past := checkFolded(t, other, id)
			held = 0
			for _, e := range past.Entries {
				held += len(e.Update)
			}
		}
		folded := false
		for step := 0; !folded; step++ {
			if step > 100 {
				t.Fatalf("%s: no compaction folds", name)
			}
			s := openFolding(t, server.URL())
			d := &death{left: step, served: served}
			s.AddHook(d)
			before := checkFolded(t, other, id)
			err := typeAndCompact(t, other, s, id)
			after := checkFolded(t, other, id)
			if (err == nil) == d.dead {
				t.Errorf("%s, step %d: dead %v, but Compact = %v", name, step, d.dead, err)
			}
			if got := after.Reached > before.Reached; got && d.folds == 0 {
				t.Errorf("%s, step %d: folded without the script", name, step)
			}
			folded = err == nil && d.folds > 0
			if err := typeAndCompact(t, other, other, id); err != nil {
				t.Fatalf("%s, step %d: the next node: %v", name, step, err)
			}
			checkFolded(t, other, id)
			if err := s.Close(); err != nil && !errors.Is(err, errDead) {
				t.Error(err)
			}
		}
	}
}

// Redis is killed while it writes the commands of a fold to its file. After the restart the fold
// has happened or not, and each entry is there once.
func TestRedisIsKilledInTheMidstOfAFold(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{Durable: true})
	s := openFolding(t, server.URL())
	id := relay.RoomID{Session: string(newSession(t, s).Session.ID), Doc: "x"}
	for reached := uint64(0); reached == 0; {
		if err := typeAndCompact(t, s, s, id); err != nil {
			t.Fatal(err)
		}
		reached = checkFolded(t, s, id).Reached
	}
	want := checkFolded(t, s, id)
	files, err := filepath.Glob(filepath.Join(server.Do("CONFIG", "GET", "dir")[1], "appendonlydir", "*.incr.aof"))
	server.Kill()
	if err != nil || len(files) != 1 {
		t.Fatalf("the files of Redis are %v, %v", files, err)
	}
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	begin := bytes.LastIndex(whole, []byte("$5\r\nMULTI\r\n")) - len("*1\r\n")
	if begin < 0 {
		t.Fatal("the fold is no transaction")
	}
	seen := map[bool]int{}
	for part := range 8 { // cut within the commands of the fold; the last part is whole
		cut := begin + (len(whole)-begin)*part/7
		if err := os.WriteFile(files[0], whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		server.Restart()
		past := checkFolded(t, openFolding(t, server.URL()), id)
		if past.Next != want.Next {
			t.Errorf("cut at %d: %d entries, want %d", cut, past.Next, want.Next)
		}
		seen[past.Reached > 0]++
		server.Kill()
	}
	if seen[false] == 0 || seen[true] == 0 {
		t.Errorf("%v: the cuts have not met the fold", seen)
	}
	server.Restart()
}
