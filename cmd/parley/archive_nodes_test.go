package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/pkg/export"
	"parley/pkg/store/redistest"
)

// interviewsOfNodes are the interviews of one place: its files by name, sidecars and bundles apart.
type interviewsOfNodes struct {
	bundles, sidecars map[string][]string // paths by id
	partial           []string            // what a write has not finished
}

// readPlace lists the files of an archive's directory.
func readPlace(t *testing.T, dir string) interviewsOfNodes {
	t.Helper()
	place := interviewsOfNodes{bundles: map[string][]string{}, sidecars: map[string][]string{}}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch name := filepath.Base(path); {
		case err != nil && !os.IsNotExist(err):
			return err
		case err != nil || d.IsDir():
		case strings.HasPrefix(name, "."):
			place.partial = append(place.partial, path)
		default:
			id, ext, _ := strings.Cut(name, ".")
			by := map[string]map[string][]string{"zip": place.bundles, "json": place.sidecars}[ext]
			by[id] = append(by[id], path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return place
}

// killWhileItWrites kills a program with SIGKILL at a moment when a bundle is half written that was
// not before, and some interviews are archived.
func (p *program) killWhileItWrites(t *testing.T, dir string, archived int) {
	t.Helper()
	before := readPlace(t, dir).partial
	for deadline := time.Now().Add(3 * patience); ; <-time.After(time.Millisecond) {
		place := readPlace(t, dir)
		fresh := slices.ContainsFunc(place.partial, func(path string) bool { return !slices.Contains(before, path) })
		if fresh && len(place.sidecars) >= archived {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("nothing is written:\n%s", p.stderr.String())
		}
	}
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.wait(t)
}

// Two nodes with one Redis and one archive are killed while they write bundles, and their
// interviews expire before anybody is back. Two others then archive each interview once, whole.
func TestNodesKilledWhileTheyArchive(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{Args: []string{"--appendonly", "yes", "--appendfsync", "always"}})
	dir := t.TempDir()
	node := func() *program {
		return launch(t, "--store", "redis", "--redis-url", redis.URL(), "--archive", "dir:"+dir, "--session-ttl", "15s", "--api-key", testKey)
	}
	texts := map[string]string{}
	random := rand.New(rand.NewPCG(1, 2))
	first, second := node(), node()
	var ids []string
	for i := range 16 {
		text := make([]byte, 400_000) // a write that takes a while
		for j := range text {
			text[j] = "0123456789abcdef"[random.IntN(16)]
		}
		n := first
		if i%2 == 1 {
			n = second
		}
		var sess shown
		body := fmt.Sprintf(`{"title":"Interview %d","code":"// %s","creator":{"name":"Ada"}}`, i, text)
		n.call(t, "POST", "/api/v1/sessions", testKey, body, 201, &sess)
		n.call(t, "PATCH", "/api/v1/sessions/"+sess.ID, sess.Token, `{"status":"ended"}`, 200, nil)
		texts[sess.ID], ids = string(text), append(ids, sess.ID)
	}
	first.killWhileItWrites(t, dir, 2)
	second.killWhileItWrites(t, dir, 4)
	before := readPlace(t, dir)
	if len(before.partial) == 0 || len(before.sidecars) == len(ids) {
		t.Fatalf("the nodes were not killed while they wrote: %d of %d are there, %v half", len(before.sidecars), len(ids), before.partial)
	}
	t.Logf("killed with %d of %d interviews archived and %d bundles half written", len(before.sidecars), len(ids), len(before.partial))

	third, fourth := node(), node()
	for i, id := range ids {
		[]*program{third, fourth}[i%2].comes(t, "/api/v1/archive/"+id, testKey, 200)
	}
	for _, id := range ids {
		third.comes(t, "/api/v1/sessions/"+id, "", 410) // the store lets go of what is archived
	}
	after := readPlace(t, dir)
	if len(after.bundles) != len(ids) || len(after.sidecars) != len(ids) {
		t.Errorf("%d bundles and %d sidecars of %d interviews", len(after.bundles), len(after.sidecars), len(ids))
	}
	for _, id := range ids {
		checkOnce(t, after, id, texts[id])
		fourth.bundle(t, id, testKey)
	}
}

// checkOnce checks that an interview is archived exactly once, whole, with its text.
func checkOnce(t *testing.T, place interviewsOfNodes, id, text string) {
	t.Helper()
	if len(place.bundles[id]) != 1 || len(place.sidecars[id]) != 1 {
		t.Fatalf("%s has the bundles %v and the sidecars %v", id, place.bundles[id], place.sidecars[id])
	}
	raw, err := os.ReadFile(place.bundles[id][0])
	if err != nil {
		t.Fatal(err)
	}
	note, err := os.ReadFile(place.sidecars[id][0])
	if err != nil {
		t.Fatal(err)
	}
	var side kept
	if err := json.Unmarshal(note, &side); err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(raw); side.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("%s: the bundle is not that of its sidecar", id)
	}
	if err := export.Check(bytes.NewReader(raw), int64(len(raw))); err != nil {
		t.Errorf("%s: %v", id, err)
	}
	for name, content := range unzipped(t, raw) {
		if strings.HasPrefix(name, "files/") && strings.Contains(content, text) {
			return
		}
	}
	t.Errorf("%s: its text is not in the bundle", id)
}
