package localstore_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/store/localstore"
	"parley/pkg/store/storetest"
)

// foldHistory is a bound that some hundred entries exceed.
const foldHistory = 2 << 10

// childStep names the step of a fold at which the child kills itself, and how often it comes
// before.
const childStep = "PARLEY_LOCALSTORE_STEP"

// foldForever is the child that types into one document and compacts, until it kills itself at a
// step of a fold. It continues where the last child died.
func foldForever() int {
	var want string
	var left int
	if _, err := fmt.Sscan(os.Getenv(childStep), &want, &left); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	opts := localstore.WithStep(localstore.Options{HistoryBytes: foldHistory}, func(step string) {
		if step != want {
			return
		}
		if left--; left < 0 {
			if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
				panic(err)
			}
			select {}
		}
	})
	s, err := localstore.Open(os.Getenv(childDir), opts)
	if err == nil {
		err = typeAndCompact(s, 100_000)
	}
	fmt.Fprintln(os.Stderr, "not killed:", err)
	return 1
}

// typeAndCompact appends entries to the document, ten at a time, and compacts after each ten.
func typeAndCompact(s *localstore.Store, most int) error {
	ctx := context.Background()
	expires := time.Now().Add(time.Hour)
	if _, err := s.Get(ctx, session.ID(room.Session)); err != nil {
		if err := s.Create(ctx, session.Session{ID: session.ID(room.Session), ExpiresAt: expires}, nil); err != nil {
			return err
		}
	}
	st, err := s.Since(ctx, room, relay.Position{})
	if err != nil {
		return err
	}
	entries := storetest.Typing(int(st.At.Seq) + 1000)
	for at := int(st.At.Seq); at+10 <= min(most, len(entries)); at += 10 {
		if _, err := appendTo(s, room, entries[at:at+10]); err != nil {
			return err
		}
		if err := s.Compact(ctx, room, stateOf(entries[:at+10]), relay.Position{Seq: uint64(at + 10)}); err != nil {
			return err
		}
	}
	return nil
}

func stateOf(entries []relay.Entry) []byte {
	var updates [][]byte
	for _, e := range entries {
		updates = append(updates, e.Update)
	}
	state, err := relay.Fold(nil, updates)
	if err != nil {
		panic(err)
	}
	return state
}

// checkFolded fails the test unless the database holds each entry once.
func checkFolded(t *testing.T, dir string) (past relay.Past) {
	t.Helper()
	s, err := localstore.Open(dir, localstore.Options{HistoryBytes: foldHistory})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	past = pastOf(t, s)
	if err := storetest.CheckPast(past, storetest.Typing(int(past.Next))); err != nil {
		t.Error(err)
	}
	return past
}

// A process that is killed at any step of a fold leaves each entry folded or in the history. The
// next process folds again.
func TestKillAtEachStepOfAFold(t *testing.T) {
	t.Parallel()
	for _, step := range localstore.FoldSteps {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			reached := uint64(0)
			for round := range 3 {
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), childMode+"=fold", childDir+"="+dir, fmt.Sprint(childStep+"=", step, " ", round))
				out, err := cmd.CombinedOutput()
				if status, _ := cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signal() != syscall.SIGKILL {
					t.Fatalf("round %d: the child was not killed: %v: %s", round, err, out)
				}
				past := checkFolded(t, dir)
				if past.Reached < reached {
					t.Errorf("round %d: the base reaches %d, before it reached %d", round, past.Reached, reached)
				}
				reached = past.Reached
			}
			if reached == 0 {
				t.Error("nothing was ever folded")
			}
		})
	}
}

// A power cut in the midst of the transaction of a fold: some of its pages are written, in any
// order, and the page that makes them valid is missing or torn. The transaction has not happened.
func TestATornFoldHasNotHappened(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, localstore.FileName)
	var before, after []byte
	read := func(file *[]byte) {
		var err error
		if *file, err = os.ReadFile(path); err != nil {
			t.Error(err)
		}
	}
	opts := localstore.WithStep(localstore.Options{HistoryBytes: foldHistory}, func(step string) {
		switch {
		case after != nil:
		case step == "dropped":
			read(&before)
		case step == "done":
			read(&after)
		}
	})
	s := mustOpen(t, dir, opts)
	if err := typeAndCompact(s, 1000); err != nil {
		t.Fatal(err)
	}
	if before == nil || after == nil {
		t.Fatal("nothing was folded")
	}
	old, done := checkFile(t, before), checkFile(t, after)
	if old.Reached >= done.Reached || old.Next != done.Next {
		t.Fatalf("the fold went from %d to %d", old.Reached, done.Reached)
	}
	for n, file := range torn(before, after) {
		if past := checkFile(t, file); past.Reached != old.Reached || past.Next != old.Next {
			t.Errorf("file %d: the base reaches %d, want %d", n, past.Reached, old.Reached)
		}
	}
}

// checkFile is checkFolded for the bytes of a database.
func checkFile(t *testing.T, file []byte) relay.Past {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, localstore.FileName), file, 0o600); err != nil {
		t.Fatal(err)
	}
	return checkFolded(t, dir)
}

// torn returns files between before and after: with some of the pages that were written, and with
// half of the page that makes them valid. Pages 0 and 1 are such pages.
func torn(before, after []byte) (files [][]byte) {
	size := os.Getpagesize()
	var data, valid []int
	for at := 0; at < len(after); at += size {
		if at < len(before) && bytes.Equal(before[at:at+size], after[at:at+size]) {
			continue
		}
		if at < 2*size {
			valid = append(valid, at)
		} else {
			data = append(data, at)
		}
	}
	write := func(parts [][]int, cut int) {
		file := append(bytes.Clone(before), make([]byte, max(0, len(after)-len(before)))...)
		for _, pages := range parts {
			for _, at := range pages {
				copy(file[at:at+cut], after[at:at+cut])
			}
		}
		files = append(files, file)
	}
	for n := range data {
		write([][]int{data[:n+1]}, size) // in the order of the file
		write([][]int{data[n:]}, size)
	}
	write([][]int{data}, size/2)
	for _, cut := range []int{20, 40, 60} { // within the 64 bytes of the page's content
		write([][]int{data}, size)
		for _, at := range valid {
			copy(files[len(files)-1][at:at+cut], after[at:at+cut])
		}
	}
	return files
}
