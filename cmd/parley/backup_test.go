package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// cli runs a subcommand within this process.
func cli(args ...string) (code int, out string) {
	var both bytes.Buffer
	code = run(args, environment(nil), &both, &both, nil)
	return code, both.String()
}

// shortDir is a temporary directory with a path that is short enough for a socket.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "parley")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// Several backups are made while people type into several sessions. A backup holds everything that
// was acknowledged before it began, and every backup can be restored and served.
func TestBackupUnderLoad(t *testing.T) {
	t.Parallel()
	dir, backups := shortDir(t), t.TempDir()
	p := launch(t, "--data-dir", dir, "--access", "open")
	const rooms = 4
	var typed [rooms]atomic.Int64 // acknowledged words
	stop := make(chan struct{})
	var typing sync.WaitGroup
	for i := range rooms {
		e := p.connect(t, fmt.Sprintf("room-%d", i), "")
		typing.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				e.typeSaved(t, fmt.Sprintf("w%d ", n))
				typed[i].Store(int64(n + 1))
			}
		})
	}
	type snapshot struct {
		file   string
		before [rooms]int64
	}
	var taken []snapshot
	for i := range 3 {
		s := snapshot{file: filepath.Join(backups, fmt.Sprintf("%d.db", i))}
		want := int64(5 * (i + 1))
		eventually(t, "some words in every room", func() bool {
			for r := range rooms {
				if s.before[r] = typed[r].Load(); s.before[r] < want {
					return false
				}
			}
			return true
		})
		if code, out := cli("backup", s.file, "--data-dir", dir); code != exitOK || !strings.Contains(out, "4 sessions") {
			t.Errorf("backup: exit %d, %s", code, out)
		}
		taken = append(taken, s)
	}
	close(stop)
	typing.Wait()
	if code, out := cli("backup", taken[0].file, "--data-dir", dir); code != exitFailure || !strings.Contains(out, "already exists") {
		t.Errorf("over another backup: exit %d, %s", code, out)
	}
	if code, out := cli("restore", taken[0].file, "--data-dir", dir, "--replace"); code != exitFailure || !strings.Contains(out, "in use") {
		t.Errorf("under a server that runs: exit %d, %s", code, out)
	}
	p.signal(t, syscall.SIGTERM)
	if code := p.wait(t); code != exitOK || !strings.Contains(p.stderr.String(), "backup made") {
		t.Errorf("exit %d:\n%s", code, p.stderr.String())
	}
	if _, err := os.Stat(filepath.Join(dir, socketName)); err == nil {
		t.Error("the socket still exists")
	}
	for _, s := range taken {
		fresh := filepath.Join(shortDir(t), "new")
		if code, out := cli("restore", "--data-dir", fresh, s.file); code != exitOK || !strings.Contains(out, "restored 4 sessions") {
			t.Fatalf("restore: exit %d, %s", code, out)
		}
		q := launch(t, "--data-dir", fresh, "--access", "open")
		for r := range rooms {
			text := q.connect(t, fmt.Sprintf("room-%d", r), "").doc.Text("file:main").String()
			words := strings.Fields(text)
			for n := range s.before[r] {
				if int(n) >= len(words) || words[n] != fmt.Sprintf("w%d", n) {
					t.Fatalf("%s, room %d: %d words were acknowledged, it has %q", s.file, r, s.before[r], text)
				}
			}
		}
	}
	// Existing data is replaced only with --replace, and moved aside.
	if code, out := cli("restore", taken[2].file, "--data-dir", dir); code != exitFailure || !strings.Contains(out, "--replace") {
		t.Errorf("over another: exit %d, %s", code, out)
	}
	code, out := cli("restore", "--replace", taken[2].file, "--data-dir", dir)
	_, rest, found := strings.Cut(out, "the previous data is in ")
	if code != exitOK || !found {
		t.Fatalf("over another: exit %d, %s", code, out)
	}
	if _, err := os.Stat(strings.TrimSpace(rest)); err != nil {
		t.Error(err)
	}
	// Without a running server, the file is read directly.
	if code, out := cli("backup", filepath.Join(backups, "cold.db"), "--data-dir", dir); code != exitOK || !strings.Contains(out, "4 sessions") {
		t.Errorf("of a store at rest: exit %d, %s", code, out)
	}
}

func TestBackupAndRestoreComplain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	junk := filepath.Join(dir, "junk.db")
	if err := os.WriteFile(junk, []byte("my notes"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(dir, "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	target := filepath.Join(dir, "data")
	for _, tc := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"backup"}, exitUsage, "the file to write"},
		{[]string{"backup", "--data-dir", dir}, exitUsage, "the file to write"},
		{[]string{"backup", "a", "b"}, exitUsage, `"b"`},
		{[]string{"backup", "a", "--bogus"}, exitUsage, "--bogus"},
		{[]string{"backup", "a", "--store", "redis", "--redis-url", "redis://x"}, exitUsage, "needs --store local"},
		{[]string{"restore", "a", "--store", "redis", "--redis-url", "redis://x"}, exitUsage, "needs --store local"},
		{[]string{"restore"}, exitUsage, "the backup to restore"},
		{[]string{"backup", filepath.Join(dir, "out.db"), "--data-dir", target}, exitFailure, "no such file"},
		{[]string{"backup", filepath.Join(dir, "no/where/out.db"), "--data-dir", dir}, exitFailure, "no such file"},
		{[]string{"restore", filepath.Join(dir, "none.db"), "--data-dir", target}, exitFailure, "no such file"},
		{[]string{"restore", junk, "--data-dir", target}, exitFailure, "not a Parley database"},
		{[]string{"restore", empty, "--data-dir", target}, exitFailure, "it is empty"},
	} {
		code, out := cli(tc.args...)
		if code != tc.code || strings.Count(out, "\n") != 1 || !strings.Contains(out, tc.want) {
			t.Errorf("%q: exit %d, %q; want %d and one line with %s", tc.args, code, out, tc.code, tc.want)
		}
	}
	for _, name := range []string{"out.db", "out.db.part", "data"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s was left", name)
		}
	}
}

// A damaged backup is refused in one line and soon, or is good enough to be restored. Each case
// damages one page of a good backup, as a bad disk or a broken copy does.
func TestDamagedBackups(t *testing.T) {
	t.Parallel()
	dir, files := shortDir(t), t.TempDir()
	p := launch(t, "--data-dir", dir, "--access", "open")
	for i := range 8 {
		e := p.connect(t, fmt.Sprintf("room-%d", i), "")
		e.typeSaved(t, "something to keep")
	}
	good := filepath.Join(files, "good")
	if code, out := cli("backup", "--data-dir", dir, good); code != exitOK {
		t.Fatal(out)
	}
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(5, 5))
	refused := 0
	for n := range 40 {
		bad := bytes.Clone(whole)
		page := 4096 * random.IntN(len(bad)/4096)
		for range 1 + random.IntN(4) {
			bad[page+random.IntN(64)] = []byte{0, 255, byte(random.Uint32())}[random.IntN(3)]
		}
		file := filepath.Join(files, "bad")
		if err := os.WriteFile(file, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		started := time.Now()
		code, out := cli("restore", "--data-dir", filepath.Join(files, fmt.Sprint("to", n)), file)
		if took := time.Since(started); took > 2*checkTime {
			t.Errorf("case %d: took %v", n, took)
		}
		if code == exitOK {
			continue
		}
		if refused++; strings.Count(out, "\n") != 1 || strings.Contains(out, "goroutine") {
			t.Errorf("case %d: the answer is %q", n, out)
		}
	}
	if refused == 0 {
		t.Error("no case was damaged, so this test proves nothing")
	}
}
