package crdt_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"parley/crdt"
)

// reading is what yjs reads from a document. State is the canonical form: what a fresh yjs document
// writes after loading the state, with what waits.
type reading struct {
	State   []byte
	Vector  []byte
	Pending bool
	JSON    map[string]string // by root name, as plain writes it
}

// rootKinds are the root types of random cases and golden files: a root's kind is not on the wire.
var rootKinds = map[string]string{"text": "text", "": "text", "map": "map", "array": "array", "xml": "xml"}

// compare says how doc differs from want; nil when it does not.
func (want reading) compare(doc *crdt.Doc) error {
	if err := doc.Check(); err != nil {
		return fmt.Errorf("check: %w", err)
	}
	state, err := doc.EncodeStateAsUpdate(nil)
	if err != nil {
		return fmt.Errorf("encode state: %w", err)
	}
	if err := sameBytes("state", state, want.State); err != nil {
		return err
	}
	if err := sameBytes("state vector", doc.EncodeStateVector(), want.Vector); err != nil {
		return err
	}
	if got := doc.HasPending(); got != want.Pending {
		return fmt.Errorf("HasPending = %v, want %v", got, want.Pending)
	}
	return compareJSON(doc, want.JSON)
}

func compareJSON(doc *crdt.Doc, want map[string]string) error {
	for name := range want {
		openRoot(doc, name)
	}
	all := doc.ToJSON()
	for name, text := range want {
		if rootKinds[name] == "" {
			continue
		}
		if got := plain(all[name]); got != text {
			return fmt.Errorf("JSON of root %q:\n got %s\nwant %s", name, got, text)
		}
	}
	return nil
}

// openRoot tells the document of which kind a root is.
func openRoot(doc *crdt.Doc, name string) {
	switch rootKinds[name] {
	case "text":
		doc.Text(name)
	case "map":
		doc.Map(name)
	case "array":
		doc.Array(name)
	case "xml":
		doc.XMLFragment(name)
	}
}

// mismatch is a difference in bytes that can be shown struct by struct.
type mismatch struct {
	what      string
	got, want []byte
}

func (m *mismatch) Error() string {
	at := 0
	for at < len(m.got) && at < len(m.want) && m.got[at] == m.want[at] {
		at++
	}
	return fmt.Sprintf("%s differs at byte %d\n got %d bytes: %s\nwant %d bytes: %s",
		m.what, at, len(m.got), around(m.got, at), len(m.want), around(m.want, at))
}

// around is up to 64 bytes of b near position at, in hex.
func around(b []byte, at int) string {
	from, to := max(0, at-16), min(len(b), at+48)
	text := hex.EncodeToString(b[from:min(at, to)]) + "|" + hex.EncodeToString(b[min(at, to):to])
	if from > 0 {
		text = "…" + text
	}
	if to < len(b) {
		text += "…"
	}
	return text
}

func sameBytes(what string, got, want []byte) error {
	if bytes.Equal(got, want) {
		return nil
	}
	return &mismatch{what, got, want}
}

// plain writes a value of ToJSON as the Node side writes one of toJSON: keys sorted by bytes,
// integers in full, other numbers by their bits, bytes tagged.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case string:
		return quote(v)
	case []byte:
		return `{"$bytes":"` + hex.EncodeToString(v) + `"}`
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = plain(e)
		}
		return "[" + strings.Join(parts, ",") + "]"
	case map[string]any:
		return plainObject(v)
	case float64:
		return plainFloat(v)
	case float32:
		return plainFloat(float64(v))
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return fmt.Sprint(v)
	case *big.Int:
		return v.String()
	}
	return fmt.Sprintf("<%T>", v)
}

func plainObject(v map[string]any) string {
	keys := make([]string, 0, len(v))
	for k := range v {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = quote(k) + ":" + plain(v[k])
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func plainFloat(v float64) string {
	if v == math.Trunc(v) && !math.IsInf(v, 0) {
		return new(big.Float).SetFloat64(v+0).Text('f', 0) // + 0 makes -0 a 0
	}
	return fmt.Sprintf(`{"$float":"%016x"}`, math.Float64bits(v))
}

func quote(s string) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err) // a string can always be encoded
	}
	return strings.TrimSuffix(out.String(), "\n")
}
