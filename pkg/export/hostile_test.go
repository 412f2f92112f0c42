package export_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"parley/crdt"
	"parley/pkg/export"
)

// hostile are documents of about n bytes or entries that participants can write.
var hostile = map[string]func(t *testing.T, doc *crdt.Doc, n int){
	"an output of backticks": func(t *testing.T, doc *crdt.Doc, n int) { addRun(t, doc, 1, strings.Repeat("`", 20*n)) },
	"growing runs of backticks": func(t *testing.T, doc *crdt.Doc, n int) {
		var b strings.Builder
		for length := 0; b.Len() < 20*n; length++ {
			b.WriteString(strings.Repeat("`", length) + " ")
		}
		addRun(t, doc, 1, b.String())
	},
	"a long name": func(t *testing.T, doc *crdt.Doc, n int) { addFile(t, doc, "f", strings.Repeat("é", 20*n), 1, "") },
	"a long name of an odd kind": func(t *testing.T, doc *crdt.Doc, n int) {
		addFile(t, doc, "f", strings.Repeat(". ", 20*n), 1, "")
	},
	"many files of one name": func(t *testing.T, doc *crdt.Doc, n int) {
		for i := range n {
			addFile(t, doc, "f"+strconv.Itoa(i), "a.py", 1, "")
		}
	},
	"many files whose names are numbered already": func(t *testing.T, doc *crdt.Doc, n int) {
		for i := range n / 2 {
			addFile(t, doc, "f"+strconv.Itoa(i), "A-"+strconv.Itoa(i)+".py", 1, "")
			addFile(t, doc, "g"+strconv.Itoa(i), "a.py", 2, "")
		}
	},
	"many runs": func(t *testing.T, doc *crdt.Doc, n int) {
		for range n {
			addRun(t, doc, 1, "*_[]")
		}
	},
	"an output that JSON makes long": func(t *testing.T, doc *crdt.Doc, n int) {
		addRun(t, doc, 1, strings.Repeat("\x01", 20*n))
	},
}

// A document of twice the size takes about twice the work. Work is counted in pieces of memory and
// their bytes: a text that is built again and again, and a name that is tried again and again, take
// four times as many. Nothing else may run meanwhile, so this test is not parallel.
func TestHostileDocumentsTakeLinearWork(t *testing.T) {
	for name, write := range hostile {
		const n = 2000
		work(t, write, n) // fills the pools of the library
		pieces, bytes := work(t, write, n)
		pieces2, bytes2 := work(t, write, 2*n)
		// Pools lose some of their writers at times, which take a megabyte each.
		if pieces2 > 3*pieces+1000 || bytes2 > 3*bytes+16<<20 {
			t.Errorf("%s: %d pieces of memory with %d bytes; twice the size takes %d with %d", name, pieces, bytes, pieces2, bytes2)
		}
	}
}

// work returns how much memory is taken, all in all, for the archive of a hostile document.
func work(t *testing.T, write func(*testing.T, *crdt.Doc, int), n int) (pieces, bytes uint64) {
	t.Helper()
	doc := crdt.NewDoc()
	write(t, doc, n)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	d, err := export.ReadDocument(doc)
	must(t, err)
	must(t, export.Archive{Document: d}.Write(t.Context(), io.Discard))
	runtime.ReadMemStats(&after)
	return after.Mallocs - before.Mallocs, after.TotalAlloc - before.TotalAlloc
}

// Reading a document adds nothing to it.
func TestReadingAddsNoRoots(t *testing.T) {
	t.Parallel()
	doc := crdt.NewDoc()
	must(t, doc.Map("files").Set("f", crdt.NewMap()), doc.Text("prompt").Insert(0, "x"))
	doc.Array("runs")
	doc.Text("file:main")
	before := len(doc.RootNames())
	_, err := export.ReadDocument(doc)
	must(t, err)
	if after := len(doc.RootNames()); after != before {
		t.Errorf("the document has %d roots, it had %d", after, before)
	}
}

// The names of many files stay unique, and stay numbered in order.
func TestNamesAreUnique(t *testing.T) {
	t.Parallel()
	doc := crdt.NewDoc()
	for i, name := range []string{"a.py", "A.py", "a-2.py", "a.py", "a-2.py", "a"} {
		addFile(t, doc, strconv.Itoa(i), name, i, "x")
	}
	d, err := export.ReadDocument(doc)
	must(t, err)
	var got []string
	for name := range read(t, export.Archive{Document: d}) {
		if rest, ok := strings.CutPrefix(name, "files/"); ok {
			got = append(got, rest)
		}
	}
	slices.Sort(got)
	if want := []string{"a", "a-2-2.py", "a-2-3.py", "a-2.py", "a-3.py", "a.py"}; !slices.Equal(got, want) {
		t.Errorf("names are %q, want %q", got, want)
	}
}

// Outputs that are encoded in pieces give the same JSON as a whole.
func TestLongOutputs(t *testing.T) {
	t.Parallel()
	want := []string{strings.Repeat("é😀\x01\"\\\n<\u2028", 20_000), "", "x" + strings.Repeat("😀", 30_000)}
	doc := crdt.NewDoc()
	for _, output := range want {
		addRun(t, doc, 1, output)
	}
	d, err := export.ReadDocument(doc)
	must(t, err)
	raw := read(t, export.Archive{Document: d})["runs.json"]
	var runs []export.Run
	must(t, json.Unmarshal([]byte(raw), &runs))
	for i, output := range want {
		if runs[i].Output != output {
			t.Errorf("run %d differs: %d bytes, want %d", i, len(runs[i].Output), len(output))
		}
	}
	whole, err := json.MarshalIndent(d.Runs, "", "  ")
	must(t, err)
	if raw != string(whole)+"\n" {
		t.Error("the JSON differs from that of the whole")
	}
}

// An archive ends with its reader or its context, in the middle of a part.
func TestArchiveEndsWithItsReader(t *testing.T) {
	t.Parallel()
	doc := crdt.NewDoc()
	addRun(t, doc, 1, strings.Repeat("0123456789abcdef", 250_000))
	d, err := export.ReadDocument(doc)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	w := &leaver{leave: cancel}
	if err := (export.Archive{Document: d}).Write(ctx, w); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of the context the error is %v", err)
	}
	gone := errors.New("gone")
	if err := (export.Archive{Document: d}).Write(t.Context(), &leaver{err: gone}); !errors.Is(err, gone) {
		t.Errorf("after the reader has left the error is %v", err)
	}
}

// leaver is a reader who leaves at the first bytes.
type leaver struct {
	leave func()
	err   error
}

func (l *leaver) Write(p []byte) (int, error) {
	if l.leave != nil {
		l.leave()
	}
	return len(p), l.err
}
