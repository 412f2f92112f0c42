package export

import (
	"archive/zip"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"parley/pkg/audit"
	"parley/pkg/scorecard"
)

// Person is a participant in the transcript.
type Person struct {
	ID       string
	Name     string
	Role     string
	JoinedAt time.Time
}

// Archive holds the content of the zip.
type Archive struct {
	ID         string
	Title      string
	Status     string
	CreatedAt  time.Time
	ExportedAt time.Time
	People     []Person
	Document   Document
	Notes      string // private notes; "" leaves them out
	// Questions are the files of the questions that were asked, by their paths. They are private.
	Questions map[string]string
	// Scorecards are what the reader may see of what interviewers wrote. They are private. nil: no
	// part of the archive.
	Scorecards *scorecard.Book
	// Private adds what only interviewers see, under private/.
	Private bool
	// Timeline writes the lines of a timeline, without the private ones or the private ones alone.
	// nil: the session has none.
	Timeline     func(ctx context.Context, w io.Writer, private bool) error
	Events       []audit.Event
	Session      any // session.json, in the form of the API
	Participants any // participants.json, in the form of the API
}

// Write writes the zip to w until ctx ends. The same archive gives the same bytes. The work grows
// with the size of the content alone, whatever the content is.
func (a Archive) Write(ctx context.Context, w io.Writer) error {
	z := &zipWriter{ctx: ctx, zip: zip.NewWriter(w), modified: a.ExportedAt.UTC(), manifest: manifest{Format: 1, Files: map[string]string{}}}
	names := archiveNames(a.Document.Files)
	for i, f := range a.Document.Files {
		z.add("files/"+names[i], plain(f.Code))
	}
	events, open := a.Events, a.openEvents()
	if events == nil {
		events = []audit.Event{}
	}
	z.add("prompt.md", plain(a.Document.Prompt))
	z.add("transcript.md", a.transcript)
	z.add("session.json", indented(a.Session))
	z.add("participants.json", indented(a.Participants))
	z.add("runs.json", func(w io.Writer) error { return writeRuns(w, a.Document.Runs) })
	z.add("audit.json", indented(open))
	z.add("document.yjs", func(w io.Writer) error {
		_, err := w.Write(a.Document.Update)
		return err
	})
	a.addTimeline(z, "timeline.jsonl", false)
	if a.Private {
		if a.Notes != "" {
			z.add(privateDir+"notes.md", plain(a.Notes))
		}
		z.add(privateDir+"audit.json", indented(events))
		a.addTimeline(z, privateDir+"timeline.jsonl", true)
		for _, name := range slices.Sorted(maps.Keys(a.Questions)) {
			z.add(privateDir+"questions/"+name, plain(a.Questions[name]))
		}
		if a.Scorecards != nil {
			addScorecards(z, *a.Scorecards)
		}
	}
	z.add("manifest.json", indented(z.manifest))
	return z.close()
}

// openEvents returns the events that everybody may know, without addresses.
func (a Archive) openEvents() []audit.Event {
	open := make([]audit.Event, 0, len(a.Events))
	for _, e := range a.Events {
		if !e.Kind.Private() {
			e.From = ""
			open = append(open, e)
		}
	}
	return open
}

// privateDir holds what only interviewers may see. Without it, the rest may be given to the
// candidate.
const privateDir = "private/"

func (a Archive) addTimeline(z *zipWriter, name string, private bool) {
	if a.Timeline != nil {
		z.add(name, func(w io.Writer) error { return a.Timeline(z.ctx, w, private) })
	}
}

// manifest lists the parts of an archive.
type manifest struct {
	Format int               `json:"format"`
	Files  map[string]string `json:"files"` // SHA-256 in hex, by name; without the manifest itself
}

// zipWriter writes the parts of an archive until the first error.
type zipWriter struct {
	ctx      context.Context // that of Archive.Write
	zip      *zip.Writer
	modified time.Time
	manifest manifest
	err      error
}

// add adds a part with the content that write writes.
func (z *zipWriter) add(name string, write func(io.Writer) error) {
	if z.err != nil {
		return
	}
	w, err := z.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: z.modified})
	if err == nil {
		sum := sha256.New()
		b := bufio.NewWriterSize(untilDone{z.ctx, io.MultiWriter(w, sum)}, pieceSize)
		err = errors.Join(write(b), b.Flush())
		z.manifest.Files[name] = hex.EncodeToString(sum.Sum(nil))
	}
	if err != nil {
		z.err = fmt.Errorf("archive %s: %w", name, err)
	}
}

func (z *zipWriter) close() error {
	if z.err != nil {
		return z.err
	}
	if err := z.zip.Close(); err != nil {
		return fmt.Errorf("end archive: %w", err)
	}
	return nil
}

// pieceSize is how much is written between two looks at the context.
const pieceSize = 32 << 10

// untilDone writes to w until ctx ends.
type untilDone struct {
	ctx context.Context
	w   io.Writer
}

// Write implements io.Writer, in pieces.
func (u untilDone) Write(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		if err = u.ctx.Err(); err != nil {
			break
		}
		var k int
		k, err = u.w.Write(p[n:min(n+pieceSize, len(p))])
		n += k
	}
	return n, err
}

func plain(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func indented(v any) func(io.Writer) error {
	return func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(v)
	}
}

// stamp is the time format of the transcript. The date is a line of its own.
const stamp = "15:04:05"

// transcript describes the interview for a reader, as Markdown with times in UTC.
func (a Archive) transcript(b io.Writer) error {
	names := a.names()
	title := a.Title
	if title == "" {
		title = "Interview " + a.ID
	}
	fmt.Fprintf(b, "# %s\n\nSession `%s`, %s. Created %s UTC, exported %s UTC.\n\n## People\n\n",
		escape(title), a.ID, a.Status, a.CreatedAt.UTC().Format(time.DateTime), a.ExportedAt.UTC().Format(time.DateTime))
	for _, p := range a.People {
		fmt.Fprintf(b, "- %s, %s, joined %s\n", escape(p.Name), p.Role, p.JoinedAt.UTC().Format(time.DateTime))
	}
	fmt.Fprint(b, "\n## What happened\n")
	a.story(b, names)
	if len(a.Document.Runs) > 0 {
		fmt.Fprint(b, "\n## Runs\n")
	}
	for i, r := range a.Document.Runs {
		fmt.Fprintf(b, "\n### %d. %s, by %s: %s after %.0f ms\n\n", i+1, r.StartedAt.Format(time.DateTime), escape(names.of(r.By, "")), escape(r.Status), r.DurationMS)
		fence := fenceFor(r.Output)
		if _, err := fmt.Fprintf(b, "%s\n%s\n%s\n", fence, strings.TrimSuffix(r.Output, "\n"), fence); err != nil {
			return err // most of the text is here; nobody may be left to read
		}
	}
	return nil
}

// story lists the events, one on each line.
func (a Archive) story(b io.Writer, names peopleNames) {
	day := ""
	events := a.openEvents()
	for _, e := range events {
		if d := e.At.UTC().Format(time.DateOnly); d != day {
			day = d
			fmt.Fprintf(b, "\n%s\n\n", day)
		}
		line := escape(names.of(e.By, e.Name)) + " " + words(e.Kind)
		if e.About != "" && e.About != e.By {
			line += " " + escape(names.of(e.About, ""))
		}
		if e.Detail != "" {
			line += " (" + escape(e.Detail) + ")"
		}
		fmt.Fprintf(b, "- %s %s\n", e.At.UTC().Format(stamp), line)
	}
	if len(events) == 0 {
		fmt.Fprint(b, "\nNo events were recorded.\n")
	}
}

// words describes an event, after the name of its actor.
func words(k audit.Kind) string {
	switch k {
	case audit.Created:
		return "created the session"
	case audit.Joined:
		return "joined"
	case audit.Entered:
		return "entered the room"
	case audit.Left:
		return "left the room"
	case audit.Renamed:
		return "changed their name"
	case audit.RoleChanged:
		return "changed the role of"
	case audit.Admitted:
		return "admitted"
	case audit.SentBack:
		return "sent back to the lobby"
	case audit.Removed:
		return "removed"
	case audit.InviteRenewed:
		return "created a new invite link"
	case audit.Started:
		return "started the interview"
	case audit.Ended:
		return "ended the interview"
	case audit.Exported:
		return "exported the session"
	case audit.Asked:
		return "asked a question"
	case audit.Revealed:
		return "revealed the next part"
	case audit.Judged:
		return "submitted a scorecard"
	}
	return string(k)
}

// peopleNames holds the current names of participants by id.
type peopleNames map[string]string

func (a Archive) names() peopleNames {
	names := peopleNames{}
	for _, p := range a.People {
		names[p.ID] = p.Name
	}
	return names
}

// of returns the name of a participant: then, the name at the time of the event, or the current
// name.
func (n peopleNames) of(id, then string) string {
	if then != "" {
		return then
	}
	if name, ok := n[id]; ok {
		return name
	}
	if id == "" {
		return "Somebody"
	}
	return "Participant " + id
}

var escaper = strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "<", "\\<", "#", "\\#", "\n", " ")

// escape escapes Markdown in text that people wrote.
func escape(s string) string { return escaper.Replace(s) }

// fenceFor returns a code fence that does not occur in the text.
func fenceFor(s string) string {
	longest, run := 2, 0
	for _, c := range []byte(s) {
		if c != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return strings.Repeat("`", longest+1)
}
