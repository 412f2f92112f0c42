package crdt_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"parley/crdt"
)

// trace is a recorded stream of updates with the hashes of what yjs makes of it.
// testdata/traces/README.md explains the fields. A hash is empty where a set has no such content.
type trace struct {
	name, folder                     string
	File, GzSha256                   string
	Updates                          int
	StateSha256, StateV2Sha256       string
	SvSha256, ReloadSha256           string
	MergedOf                         int
	MergedSha256, LoadMergedSha256   string
	TextLen                          int
	TextSha256                       string
	ArraySha256, MapSha256           string
	ArrayPlainSha256, MapPlainSha256 string
	read                             func() ([][]byte, error)
}

// traceFolder is PARLEY_TRACES, a folder with a manifest and its sets, or else the small sets in
// testdata.
func traceFolder() string {
	if folder := os.Getenv("PARLEY_TRACES"); folder != "" {
		return folder
	}
	return "testdata/traces"
}

func readTraces(t testing.TB) []*trace {
	t.Helper()
	folder := traceFolder()
	raw, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var sets map[string]*trace
	if err := json.Unmarshal(raw, &sets); err != nil {
		t.Fatalf("%s: %v", folder, err)
	}
	if len(sets) == 0 {
		t.Fatalf("no traces in %s", folder)
	}
	list := make([]*trace, 0, len(sets))
	for name, s := range sets {
		s.name, s.folder = name, folder
		s.read = sync.OnceValues(s.load)
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b *trace) int { return strings.Compare(a.name, b.name) })
	return list
}

func (s *trace) updates(t testing.TB) [][]byte {
	t.Helper()
	list, err := s.read()
	if err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	return list
}

func (s *trace) load() ([][]byte, error) {
	packed, err := os.ReadFile(filepath.Join(s.folder, s.File))
	if err != nil {
		return nil, err
	}
	if got := sha(packed); got != s.GzSha256 {
		return nil, fmt.Errorf("%s has sha256 %s, the manifest says %s", s.File, got, s.GzSha256)
	}
	unzip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(unzip)
	if err != nil {
		return nil, err
	}
	list := make([][]byte, 0, s.Updates)
	for len(raw) > 0 {
		n := binary.LittleEndian.Uint32(raw)
		list = append(list, raw[4:4+n:4+n])
		raw = raw[4+n:]
	}
	if len(list) != s.Updates {
		return nil, fmt.Errorf("%d updates, the manifest says %d", len(list), s.Updates)
	}
	return list, nil
}

func sha(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// TestTraces applies recorded sessions one by one, shuffled, in merged groups and as one merged
// update. Each way must end at the bytes at which yjs ends.
func TestTraces(t *testing.T) {
	t.Parallel()
	for _, s := range readTraces(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			list := s.updates(t)
			random := rand.New(rand.NewPCG(1, uint64(s.Updates)))
			t.Run("one_by_one", func(t *testing.T) { s.testEnd(t, list) })
			t.Run("shuffled_windows", func(t *testing.T) { s.testEnd(t, shuffleWindows(random, list, 12)) })
			t.Run("merged_groups", func(t *testing.T) { s.testEnd(t, mergedGroups(t, random, list)) })
			t.Run("shuffled_merged_groups", func(t *testing.T) {
				s.testEnd(t, shuffleWindows(random, mergedGroups(t, random, list), 4))
			})
			t.Run("merged", func(t *testing.T) { s.testMerged(t, list) })
			t.Run("reloaded_often", func(t *testing.T) { s.testReloads(t, list) })
		})
	}
}

func applyAll(t testing.TB, list [][]byte) *crdt.Doc {
	t.Helper()
	doc := crdt.NewDoc()
	for i, u := range list {
		if err := doc.ApplyUpdate(u); err != nil {
			t.Fatalf("update %d of %d (%x): %v", i, len(list), u, err)
		}
		if i%(len(list)/4+1) == 0 {
			if err := doc.Check(); err != nil {
				t.Fatalf("after update %d: %v", i, err)
			}
		}
	}
	return doc
}

// testEnd compares everything that the manifest knows about the end.
func (s *trace) testEnd(t *testing.T, list [][]byte) {
	t.Helper()
	doc := applyAll(t, list)
	if err := doc.Check(); err != nil {
		t.Fatal(err)
	}
	if doc.HasPending() {
		t.Error("something is still pending")
	}
	wantSha(t, "state", encode(t, doc), s.ReloadSha256)
	wantSha(t, "state vector", doc.EncodeStateVector(), s.SvSha256)
	s.testText(t, doc)
	s.testJSON(t, doc, "array", s.ArrayPlainSha256, s.ArraySha256)
	s.testJSON(t, doc, "map", s.MapPlainSha256, s.MapSha256)
}

func (s *trace) testText(t *testing.T, doc *crdt.Doc) {
	t.Helper()
	if s.TextSha256 == "" {
		return
	}
	text := doc.Text("text")
	wantSha(t, "text", []byte(text.String()), s.TextSha256)
	if got := string(text.AppendString([]byte("> "))); got != "> "+text.String() {
		t.Errorf("AppendString gives %d bytes more, String %d", len(got)-2, len(text.String()))
	}
	if got := len(utf16.Encode([]rune(text.String()))); got != s.TextLen {
		t.Errorf("text has %d UTF-16 units, want %d", got, s.TextLen)
	}
	if text.Len() < s.TextLen { // embeds count, but are not in the string
		t.Errorf("Len() = %d, want at least %d", text.Len(), s.TextLen)
	}
}

// testJSON compares a root type with the hash of its plain form, or else, where the order of keys
// cannot matter, with the hash of what JSON.stringify gives.
func (s *trace) testJSON(t *testing.T, doc *crdt.Doc, name, plainSha, jsonSha string) {
	t.Helper()
	if plainSha == "" && jsonSha == "" {
		return
	}
	openRoot(doc, name)
	value := doc.ToJSON()[name]
	if plainSha != "" {
		wantSha(t, name, []byte(plain(value)), plainSha)
		return
	}
	if text, ordered := stringify(value); ordered {
		wantSha(t, name, []byte(text), jsonSha)
	}
}

func (s *trace) testMerged(t *testing.T, list [][]byte) {
	merged, err := crdt.MergeUpdates(list[:s.MergedOf]...)
	if err != nil {
		t.Fatal(err)
	}
	wantSha(t, "merged updates", merged, s.MergedSha256)
	wantSha(t, "merged updates, loaded", encode(t, applyAll(t, [][]byte{merged})), s.LoadMergedSha256)
}

// testReloads loads the state into a new document again and again, as a store does.
func (s *trace) testReloads(t *testing.T, list [][]byte) {
	doc := crdt.NewDoc()
	for i, u := range list {
		if err := doc.ApplyUpdate(u); err != nil {
			t.Fatalf("update %d: %v", i, err)
		}
		if i%(len(list)/7+1) == 0 {
			doc = applyAll(t, [][]byte{encode(t, doc)})
		}
	}
	wantSha(t, "state", encode(t, doc), s.ReloadSha256)
}

func encode(t testing.TB, doc *crdt.Doc) []byte {
	t.Helper()
	state, err := doc.EncodeStateAsUpdate(nil)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func wantSha(t *testing.T, what string, got []byte, want string) {
	t.Helper()
	if sha(got) != want {
		t.Errorf("%s: %d bytes with sha256 %s, want %s", what, len(got), sha(got), want)
	}
}

// shuffleWindows shuffles each window of n updates: nearly every one of them waits for another for
// a while.
func shuffleWindows(random *rand.Rand, list [][]byte, n int) [][]byte {
	out := slices.Clone(list)
	for at := 0; at < len(out); at += n {
		w := out[at:min(at+n, len(out))]
		random.Shuffle(len(w), func(i, k int) { w[i], w[k] = w[k], w[i] })
	}
	return out
}

// mergedGroups merges runs of 1 to 50 updates.
func mergedGroups(t *testing.T, random *rand.Rand, list [][]byte) [][]byte {
	t.Helper()
	var out [][]byte
	for len(list) > 0 {
		n := min(len(list), 1+random.IntN(50))
		merged, err := crdt.MergeUpdates(list[:n]...)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, merged)
		list = list[n:]
	}
	return out
}

// stringify writes a value as JSON.stringify does; ordered is false when an object has several
// keys, whose order a Go map does not keep.
func stringify(v any) (text string, ordered bool) {
	switch v := v.(type) {
	case []any:
		parts := make([]string, len(v))
		ordered = true
		for i, e := range v {
			var o bool
			parts[i], o = stringify(e)
			ordered = ordered && o
		}
		return "[" + strings.Join(parts, ",") + "]", ordered
	case map[string]any:
		for k, e := range v {
			text, ordered = stringify(e)
			return "{" + quote(k) + ":" + text + "}", ordered && len(v) == 1
		}
		return "{}", true
	case float64:
		return jsNumber(v), true
	case string:
		return strings.NewReplacer(`\u2028`, "\u2028", `\u2029`, "\u2029").Replace(quote(v)), true
	case *big.Int:
		return `"` + v.String() + `n"`, true
	}
	return plain(v), true
}

// jsNumber writes a number as JavaScript does: exponents only from 1e21 on and below 1e-6.
func jsNumber(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "null"
	}
	if abs := math.Abs(v); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', -1, 64), "e")
		return mantissa + "e" + exponent[:1] + strings.TrimLeft(exponent[1:], "0")
	}
	return strconv.FormatFloat(v+0, 'f', -1, 64)
}
