package timeline

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"parley/pkg/relay"
	"parley/pkg/trace"
)

// Version is the version of the format. Readers refuse a higher one.
const Version = 1

// Documents returns the documents of a session that a timeline shows. The notes and the lobby are
// not among them.
func Documents() []string { return []string{"", "board", "assistant"} }

const (
	partBytes = 128 << 10 // how much of a document is read at once
	keptBytes = 256 << 10 // how much of what was read of a document waits to be written
	lineBytes = 24 << 10  // how much of an Update is encoded at once; a multiple of 3
)

// MostHeld is about how many bytes of a session are in memory while its timeline is written, beside
// those of Held. A single Update above keptBytes comes on top.
const MostHeld = 3 * keptBytes

// Header is the first line. Its times are RFC 3339, or "" when they were not reached.
type Header struct {
	V            int      `json:"v"`
	Session      string   `json:"session"`
	Title        string   `json:"title"`
	Status       string   `json:"status"`
	CreatedAt    string   `json:"created_at"`
	StartedAt    string   `json:"started_at"`
	EndedAt      string   `json:"ended_at"`
	Record       string   `json:"record"`
	Private      bool     `json:"private,omitempty"` // private lines are in it
	Participants []Person `json:"participants"`
}

// Person is a participant in the header.
type Person struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Role  string `json:"role"`
	Color string `json:"color"`
}

// Time returns t as the header has it.
func Time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// Timeline is what Write writes.
type Timeline struct {
	Header  Header        // V 0: no header is written
	Trace   []trace.Event // in the order of trace.Sort
	History relay.Historian
	Before  time.Time // the lines end before this time; zero: with the last
}

// Held returns how many bytes of bases are in memory until they are written. It reads them.
func (t Timeline) Held(ctx context.Context) (bytes int, err error) {
	if t.History == nil {
		return 0, nil
	}
	for _, doc := range Documents() {
		past, err := t.History.Past(ctx, relay.RoomID{Session: t.Header.Session, Doc: doc}, 0, 1)
		if err != nil {
			return 0, fmt.Errorf("timeline of %s: %w", t.Header.Session, err)
		}
		bytes += len(past.Base)
	}
	return bytes, nil
}

// Private returns the private lines alone, without a header.
func (t Timeline) Private() Timeline { return Timeline{Trace: pick(t.Trace, true), Before: t.Before} }

// Public returns the timeline without its private lines.
func (t Timeline) Public() Timeline {
	t.Header.Private = false
	t.Trace = pick(t.Trace, false)
	return t
}

func pick(events []trace.Event, private bool) (out []trace.Event) {
	for _, e := range events {
		if e.Kind.Private() == private {
			out = append(out, e)
		}
	}
	return out
}

// Write writes the lines to w until ctx ends. The same stored content gives the same bytes.
func (t Timeline) Write(ctx context.Context, w io.Writer) error {
	out := &writer{w: bufio.NewWriterSize(w, 32<<10)}
	if t.Header.V != 0 {
		out.json(t.Header)
	}
	sources := []source{&traceSource{events: t.Trace}}
	if t.History != nil {
		for _, doc := range Documents() {
			sources = append(sources, &docSource{history: t.History, id: relay.RoomID{Session: t.Header.Session, Doc: doc}})
		}
	}
	for {
		next, at, err := earliest(ctx, sources)
		switch {
		case err != nil:
			return fmt.Errorf("timeline of %s: %w", t.Header.Session, err)
		case next == nil, !t.Before.IsZero() && at >= t.Before.UnixMilli():
			return out.w.Flush()
		}
		if next.write(out); out.err != nil {
			return out.err
		}
	}
}

// source is a sequence of lines in their order.
type source interface {
	// peek returns the time of the next line, and false at the end.
	peek(ctx context.Context) (at int64, more bool, err error)
	// write writes the line that peek has seen.
	write(*writer)
}

// earliest returns the source whose next line comes first, with its time, or nil at the end. Of
// lines with equal times that of the first source comes first.
func earliest(ctx context.Context, sources []source) (first source, best int64, err error) {
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	for _, s := range sources {
		at, more, err := s.peek(ctx)
		if err != nil {
			return nil, 0, err
		}
		if more && (first == nil || at < best) {
			first, best = s, at
		}
	}
	return first, best, nil
}

// traceSource is the trace.
type traceSource struct{ events []trace.Event }

func (s *traceSource) peek(context.Context) (int64, bool, error) {
	if len(s.events) == 0 {
		return 0, false, nil
	}
	return s.events[0].At.UnixMilli(), true, nil
}

func (s *traceSource) write(w *writer) {
	w.json(s.events[0])
	s.events = s.events[1:]
}

// docSource is one document, read in parts.
type docSource struct {
	history relay.Historian
	id      relay.RoomID
	begun   bool
	part    relay.Past
	after   uint64
	ended   bool
}

func (s *docSource) peek(ctx context.Context) (int64, bool, error) {
	for s.part.Base == nil && len(s.part.Entries) == 0 {
		if s.ended {
			return 0, false, nil
		}
		var err error
		if s.part, err = s.history.Past(ctx, s.id, s.after, partBytes); err != nil {
			return 0, false, err
		}
		s.after, s.ended = s.part.Next, !s.part.More
		s.clip()
	}
	if s.part.Base != nil {
		return s.part.BaseAt.UnixMilli(), true, nil
	}
	return s.part.Entries[0].At.UnixMilli(), true, nil
}

// clip keeps the beginning of a part that is too large to wait for a slow reader. The rest is read
// again.
func (s *docSource) clip() {
	size, n := 0, 0
	for n < len(s.part.Entries) && (n == 0 || size < keptBytes) {
		size += len(s.part.Entries[n].Update) + entryBytes
		n++
	}
	left := len(s.part.Entries) - n
	if left == 0 {
		return
	}
	kept := slices.Clone(s.part.Entries[:n]) // the other entries are free
	for i := range kept {
		kept[i].Update = bytes.Clone(kept[i].Update)
	}
	s.part.Entries, s.after, s.ended = kept, s.after-uint64(left), false
}

// entryBytes is about what an entry takes in memory beside its Update.
const entryBytes = 80

func (s *docSource) write(w *writer) {
	if s.part.Base != nil {
		kind := "base"
		if s.begun {
			// What was written may have been folded meanwhile. A base is an update too.
			kind = "update"
		}
		w.entry(s.id.Doc, kind, relay.Entry{Update: s.part.Base, At: s.part.BaseAt})
		s.part.Base = nil
	} else {
		w.entry(s.id.Doc, "update", s.part.Entries[0])
		s.part.Entries = s.part.Entries[1:]
	}
	s.begun = true
}

// writer writes lines until the first error.
type writer struct {
	w    *bufio.Writer
	line []byte
	err  error
}

func (w *writer) json(v any) {
	if w.err != nil {
		return
	}
	b, err := json.Marshal(v)
	if w.err = err; err == nil {
		w.put(append(b, '\n'))
	}
}

// entry writes an entry. It is not encoded by reflection, because there are hundreds of thousands.
func (w *writer) entry(doc, kind string, e relay.Entry) {
	if w.err != nil {
		return
	}
	b := append(w.line[:0], `{"t":`...)
	b = strconv.AppendInt(b, max(0, e.At.UnixMilli()), 10)
	b = append(b, `,"by":`...)
	b = appendJSON(b, e.By)
	b = append(b, `,"doc":`...)
	b = appendJSON(b, doc)
	b = append(b, `,"k":"`...)
	b = append(b, kind...)
	b = append(b, `","u":"`...)
	for rest := e.Update; ; {
		n := min(len(rest), lineBytes)
		b = base64.StdEncoding.AppendEncode(b, rest[:n])
		if rest = rest[n:]; len(rest) == 0 || w.err != nil {
			break
		}
		w.put(b)
		b = b[:0]
	}
	w.line = append(b, "\"}\n"...)
	if w.err == nil {
		w.put(w.line)
	}
}

func (w *writer) put(line []byte) { _, w.err = w.w.Write(line) }

func appendJSON(b []byte, s string) []byte {
	quoted, _ := json.Marshal(s) // a string never fails
	return append(b, quoted...)
}
