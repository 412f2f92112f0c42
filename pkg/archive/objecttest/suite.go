// Package objecttest holds the suite that every place of an archive passes, and runs a real
// S3-compatible server for it.
package objecttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"parley/pkg/archive"
)

// Run runs the suite. open returns an empty place.
func Run(t *testing.T, open func(t *testing.T) archive.Objects) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, archive.Objects){
		"what is put is got": testPut, "a later put replaces": testReplace, "large objects": testLarge, "failing sources change nothing": testFailing,
		"removal": testRemove, "listing": testList, "bad keys": testKeys, "a context that has ended": testDone, "puts at once": testAtOnce,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func put(t *testing.T, o archive.Objects, key, content string) {
	t.Helper()
	if err := o.Put(t.Context(), key, strings.NewReader(content)); err != nil {
		t.Fatalf("put %s: %v", key, err)
	}
}

func get(t *testing.T, o archive.Objects, key string) (string, error) {
	t.Helper()
	r, err := o.Get(t.Context(), key)
	if err != nil {
		return "", err
	}
	defer r.Close()
	raw, err := io.ReadAll(r)
	return string(raw), err
}

func keys(t *testing.T, o archive.Objects, prefix string) []string {
	t.Helper()
	found := map[string]archive.Object{}
	err := o.List(t.Context(), prefix, func(x archive.Object) error {
		found[x.Key] = x
		if x.Tag == "" || x.Modified.IsZero() {
			t.Errorf("%s has tag %q and time %v", x.Key, x.Tag, x.Modified)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("list %q: %v", prefix, err)
	}
	return slices.Sorted(maps.Keys(found))
}

func testPut(t *testing.T, o archive.Objects) {
	for key, content := range map[string]string{"a": "one", "2026/11/x.json": "{}", "2026/11/x.zip": "\x00\xff", "empty": "", "gone/Ab_-9.json": "ü"} {
		put(t, o, key, content)
		if got, err := get(t, o, key); err != nil || got != content {
			t.Errorf("%s: got %q, %v; want %q", key, got, err, content)
		}
	}
	if _, err := get(t, o, "2026/11/y.zip"); !errors.Is(err, archive.ErrNoObject) {
		t.Errorf("get of nothing: %v", err)
	}
	if _, err := get(t, o, "2026/11"); !errors.Is(err, archive.ErrNoObject) {
		t.Errorf("get of a folder: %v", err)
	}
}

func testReplace(t *testing.T, o archive.Objects) {
	tags := map[string]bool{}
	for _, content := range []string{"first", "second and longer", "3"} {
		put(t, o, "a/b", content)
		if got, err := get(t, o, "a/b"); err != nil || got != content {
			t.Errorf("got %q, %v", got, err)
		}
		if err := o.List(t.Context(), "", func(x archive.Object) error {
			tags[x.Tag] = true
			if x.Size != int64(len(content)) {
				t.Errorf("size %d of %q", x.Size, content)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if len(tags) != 3 {
		t.Errorf("three contents have %d tags", len(tags))
	}
}

// testLarge puts an object that goes up in parts, from a source of unknown length.
func testLarge(t *testing.T, o archive.Objects) {
	const size = 17<<20 + 5
	content := bytes.Repeat([]byte("0123456789abcdef!"), size/17+1)[:size]
	if err := o.Put(t.Context(), "large", struct{ io.Reader }{bytes.NewReader(content)}); err != nil {
		t.Fatal(err)
	}
	if got, err := get(t, o, "large"); err != nil || got != string(content) {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
}

// testFailing puts from sources that break off, before and after the first part.
func testFailing(t *testing.T, o archive.Objects) {
	broken := errors.New("broken")
	put(t, o, "there", "old")
	for _, size := range []int{0, 10, 17 << 20} {
		for _, key := range []string{"there", "new"} {
			source := io.MultiReader(bytes.NewReader(make([]byte, size)), failing{broken})
			if err := o.Put(t.Context(), key, source); !errors.Is(err, broken) {
				t.Errorf("put of a source that breaks after %d bytes: %v", size, err)
			}
		}
	}
	if got, err := get(t, o, "there"); err != nil || got != "old" {
		t.Errorf("the old object is %q, %v", got, err)
	}
	if got := keys(t, o, ""); !slices.Equal(got, []string{"there"}) {
		t.Errorf("there are %v", got)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func testRemove(t *testing.T, o archive.Objects) {
	put(t, o, "a/b", "x")
	for range 2 {
		if err := o.Remove(t.Context(), "a/b"); err != nil {
			t.Errorf("remove: %v", err)
		}
	}
	if _, err := get(t, o, "a/b"); !errors.Is(err, archive.ErrNoObject) {
		t.Errorf("get of what was removed: %v", err)
	}
	put(t, o, "a/b", "again")
	if got, err := get(t, o, "a/b"); err != nil || got != "again" {
		t.Errorf("got %q, %v", got, err)
	}
}

// testList lists more than a page of S3.
func testList(t *testing.T, o archive.Objects) {
	if got := keys(t, o, ""); len(got) != 0 {
		t.Errorf("an empty place has %v", got)
	}
	const many, workers = 1104, 8
	want := make([]string, many)
	for n := range want {
		want[n] = fmt.Sprintf("2026/%02d/%04d.json", n%12+1, n)
	}
	var wg sync.WaitGroup
	for mine := range slices.Chunk(want, many/workers) {
		mine = slices.Clone(mine) // want is sorted below
		wg.Go(func() {
			for _, key := range mine {
				if err := o.Put(t.Context(), key, strings.NewReader("{}")); err != nil {
					t.Errorf("put %s: %v", key, err)
				}
			}
		})
	}
	wg.Wait()
	put(t, o, "gone/1.json", "{}")
	slices.Sort(want)
	if got := keys(t, o, "2026/"); !slices.Equal(got, want) {
		t.Errorf("listed %d of %d", len(got), len(want))
	}
	if got := keys(t, o, "gone/"); !slices.Equal(got, []string{"gone/1.json"}) {
		t.Errorf("gone/ has %v", got)
	}
	enough := errors.New("enough")
	if err := o.List(t.Context(), "", func(archive.Object) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("a listing that is ended: %v", err)
	}
}

func testKeys(t *testing.T, o archive.Objects) {
	for _, key := range []string{"", "/", "/a", "a/", "a//b", "..", "../a", "a/../b", ".a", "a/.b", "a b", "a\x00", `a\b`, "ü", strings.Repeat("a", 600)} {
		if err := o.Put(t.Context(), key, strings.NewReader("x")); err == nil {
			t.Errorf("put %q was taken", key)
		}
		if _, err := get(t, o, key); !errors.Is(err, archive.ErrNoObject) {
			t.Errorf("get %q: %v", key, err)
		}
		if err := o.Remove(t.Context(), key); err == nil {
			t.Errorf("remove %q was taken", key)
		}
	}
	if got := keys(t, o, ""); len(got) != 0 {
		t.Errorf("there are %v", got)
	}
}

func testDone(t *testing.T, o archive.Objects) {
	put(t, o, "a", "old")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := o.Put(ctx, "a", strings.NewReader("new")); !errors.Is(err, context.Canceled) {
		t.Errorf("put: %v", err)
	}
	if err := o.List(ctx, "", func(archive.Object) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("list: %v", err)
	}
	if got, err := get(t, o, "a"); err != nil || got != "old" {
		t.Errorf("got %q, %v", got, err)
	}
}

// testAtOnce lets several writers put one key. A reader sees one of their objects, whole.
func testAtOnce(t *testing.T, o archive.Objects) {
	put(t, o, "x/a", strings.Repeat("0", 1<<16))
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Go(func() {
			for range 5 {
				if err := o.Put(t.Context(), "x/a", strings.NewReader(strings.Repeat(string(rune('1'+n)), 1<<16))); err != nil {
					t.Errorf("put: %v", err)
				}
			}
		})
	}
	for range 20 {
		got, err := get(t, o, "x/a")
		if err != nil || len(got) != 1<<16 || strings.Trim(got, got[:1]) != "" {
			t.Fatalf("got %d bytes, %v", len(got), err)
		}
	}
	wg.Wait()
}
