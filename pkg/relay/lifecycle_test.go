package relay_test

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/crdt"
	"parley/pkg/protocol"
	"parley/pkg/relay"
	"parley/pkg/relay/relaytest"
)

func TestUnloadAndJoinRaceWithoutLoss(t *testing.T) {
	t.Parallel()
	const people, rounds, spell = 2, 1000, 4
	store := relaytest.NewStore(room.Session)
	r := relay.New(store, relay.Options{IdleTimeout: time.Nanosecond, Logger: slog.New(slog.DiscardHandler)})
	docs := [people]*crdt.Doc{crdt.NewDoc(), crdt.NewDoc()}
	for n := range rounds / spell {
		var wg sync.WaitGroup
		for p := range people {
			wg.Go(func() {
				for range spell {
					visit(t, r, docs[p], string(rune('a'+p)))
				}
			})
		}
		wg.Wait() // the room may end before the next visits
		for n%2 == 0 && r.Stats().Rooms > 0 {
			runtime.Gosched() // or while they begin
		}
	}
	if err := r.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := bench{t, store, r}
	text := b.stored()
	for p := range people {
		if n := strings.Count(text, string(rune('a'+p))); n != rounds {
			t.Errorf("of participant %d there are %d keys stored, want %d", p, n, rounds)
		}
	}
	stats := r.Stats()
	t.Logf("%d visits, %d loads", people*rounds, stats.Count(relay.Loads))
	if stats.Count(relay.Loads) < 100 {
		t.Errorf("only %d loads: the race was not provoked", stats.Count(relay.Loads))
	}
}

// visit joins, types one key, waits until the key is saved and leaves.
func visit(t *testing.T, r *relay.Relay, doc *crdt.Doc, key string) {
	c := relaytest.Connect(r, room, relay.Grant{Participant: key, Ack: true}, doc)
	c.Type(key)
	sent := uint64(1)
	for len(c.Saved) == 0 || c.Saved[len(c.Saved)-1] < sent {
		c.Await()
		answers := len(c.Frames)
		if _, err := c.Pump(); err != nil {
			t.Errorf("visit: %v", err)
			return
		}
		for _, f := range c.Frames[answers:] {
			if m, err := protocol.Decode(f); err == nil && m.Type == protocol.TypeSync && m.Step == protocol.Step1 {
				sent++ // Pump has answered it with a step 2
			}
		}
		if c.Closed() != 0 {
			t.Errorf("visit: closed with %v", c.Closed())
			return
		}
	}
	if err := c.Leave(); err != nil {
		t.Errorf("visit: %v", err)
	}
}

func TestARoomLeavesMemoryAndComesBack(t *testing.T) {
	inBubble(t, relay.Options{IdleTimeout: 30 * time.Second}, func(b bench) {
		a := b.connect(editor("ada"), nil)
		a.Type("hello")
		b.settle(a)
		if err := a.Leave(); err != nil {
			t.Fatal(err)
		}
		<-time.After(29 * time.Second)
		if n := b.relay.Stats().Rooms; n != 1 {
			t.Errorf("after 29 s there are %d rooms, want 1: a reload is quick", n)
		}
		<-time.After(2 * time.Second)
		if n := b.relay.Stats().Rooms; n != 0 {
			t.Errorf("after 31 s there are %d rooms", n)
		}
		back := b.connect(editor("ada"), nil)
		if back.Text() != "hello" {
			t.Errorf("back with %q", back.Text())
		}
	})
}

func TestARoomStaysUntilAllIsStored(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		a := b.connect(editor("ada"), nil)
		b.store.Hook(func(op relaytest.Op, _ relay.RoomID) error {
			if op == relaytest.Append {
				return errors.New("disk on fire")
			}
			return nil
		})
		a.Type("kept")
		b.settle(a)
		if err := a.Leave(); err != nil {
			t.Fatal(err)
		}
		<-time.After(10 * time.Minute)
		if n := b.relay.Stats().Rooms; n != 1 {
			t.Fatalf("%d rooms, want the one with unsaved updates", n)
		}
		b.store.Hook(nil)
		<-time.After(time.Minute)
		if got := b.stored(); got != "kept" || b.relay.Stats().Rooms != 0 {
			t.Errorf("stored %q, %d rooms", got, b.relay.Stats().Rooms)
		}
	})
}

func TestDrainClosesInWavesAndStoresAll(t *testing.T) {
	inBubble(t, relay.Options{DrainTime: time.Second}, func(b bench) {
		var all []*relaytest.Client
		for range 100 {
			all = append(all, b.connect(editor("ada"), nil))
		}
		held := b.hold(relaytest.Append)
		all[0].Type("last words")
		b.settle(all...)
		start := time.Now()
		drained := make(chan error)
		go func() { drained <- b.relay.Drain(b.Context()) }() // received below
		synctest.Wait()
		closed := 0
		for _, c := range all {
			if c.Closed() != 0 {
				closed++
			}
		}
		if closed == 0 || closed == len(all) {
			t.Errorf("the first wave closed %d of %d", closed, len(all))
		}
		late := relaytest.Connect(b.relay, room, editor("bob"), nil)
		b.wantCode(late, relay.CloseRestart)
		for _, c := range all {
			b.wantCode(c, relay.CloseRestart)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("the waves took %v", took)
		}
		close(held.open)
		if err := <-drained; err != nil {
			t.Fatal(err)
		}
		if got := b.stored(); got != "last words" {
			t.Errorf("stored %q", got)
		}
		if err := b.relay.View(b.Context(), room, relay.Sight{}, func(*crdt.Doc) {}); !errors.Is(err, relay.ErrDraining) {
			t.Errorf("after the drain View gave %v", err)
		}
	})
}

func TestDrainEndsInTimeAndSaysWhatIsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := relaytest.NewStore(room.Session)
		b := bench{t, store, relay.New(store, relay.Options{Logger: slog.New(slog.DiscardHandler)})}
		a := b.connect(editor("ada"), nil)
		store.Hook(func(relaytest.Op, relay.RoomID) error { return errors.New("disk on fire") })
		a.Type("lost")
		b.settle(a)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		err := b.relay.Drain(ctx)
		if took := time.Since(start); err == nil || !strings.Contains(err.Error(), "could not be stored") || took > 6*time.Second {
			t.Errorf("after %v Drain gave %v", took, err)
		}
		b.wantCode(a, relay.CloseRestart)
	})
}

func TestCloseOvertakesAWaitingLoad(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		held := b.hold(relaytest.Read)
		a := relaytest.Connect(b.relay, room, editor("ada"), nil)
		synctest.Wait()
		b.relay.CloseParticipant(room.Session, "ada", relay.CloseForbidden)
		synctest.Wait()
		if a.Closed() != relay.CloseForbidden {
			t.Errorf("closed with %v while the document loads, want 4403", a.Closed())
		}
		close(held.open)
		b.wantCode(a, relay.CloseForbidden)
	})
}

// stuckSocket is a socket that takes nothing until it is released, even after Close.
type stuckSocket struct {
	*relaytest.Pipe
	writing, letGo chan struct{}
}

func (s stuckSocket) TryWrite(...[]byte) (bool, error) { return false, nil }

func (s stuckSocket) Flush() error {
	close(s.writing)
	<-s.letGo
	return relaytest.ErrPipeClosed
}

func TestServeWaitsForItsWriter(t *testing.T) {
	inBubble(t, relay.Options{}, func(b bench) {
		s := stuckSocket{relaytest.NewPipe(), make(chan struct{}), make(chan struct{})}
		served := make(chan error, 1)
		go func() { served <- b.relay.Serve(context.Background(), room, editor("ada"), s) }()
		<-s.writing
		s.Hangup()
		synctest.Wait()
		select {
		case err := <-served:
			t.Fatalf("Serve returned (%v) while its writer was writing", err)
		default:
		}
		close(s.letGo)
		if err := <-served; err != nil {
			t.Errorf("the peer left, and Serve gave %v", err)
		}
	})
}
