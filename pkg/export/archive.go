package export

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"parley/pkg/audit"
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
	ID           string
	Title        string
	Status       string
	CreatedAt    time.Time
	ExportedAt   time.Time
	People       []Person
	Document     Document
	Notes        string // private notes, for interviewers only; "" leaves them out
	Events       []audit.Event
	Session      any // session.json, in the form of the API
	Participants any // participants.json, in the form of the API
}

// Write writes the zip. The same archive gives the same bytes.
func (a Archive) Write(w io.Writer) error {
	z := zip.NewWriter(w)
	names := archiveNames(a.Document.Files)
	for i, f := range a.Document.Files {
		if err := a.add(z, "files/"+names[i], []byte(f.Code)); err != nil {
			return err
		}
	}
	if a.Notes != "" {
		if err := a.add(z, "notes.md", []byte(a.Notes)); err != nil {
			return err
		}
	}
	events := a.Events
	if events == nil {
		events = []audit.Event{}
	}
	for _, part := range []struct {
		name  string
		bytes []byte
		json  any
	}{
		{name: "prompt.md", bytes: []byte(a.Document.Prompt)},
		{name: "transcript.md", bytes: a.transcript()},
		{name: "session.json", json: a.Session},
		{name: "participants.json", json: a.Participants},
		{name: "runs.json", json: a.Document.Runs},
		{name: "audit.json", json: events},
		{name: "document.yjs", bytes: a.Document.Update},
	} {
		if part.json != nil {
			var err error
			if part.bytes, err = json.MarshalIndent(part.json, "", "  "); err != nil {
				return fmt.Errorf("encode %s: %w", part.name, err)
			}
			part.bytes = append(part.bytes, '\n')
		}
		if err := a.add(z, part.name, part.bytes); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("end archive: %w", err)
	}
	return nil
}

func (a Archive) add(z *zip.Writer, name string, content []byte) error {
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: a.ExportedAt.UTC()})
	if err == nil {
		_, err = io.Copy(w, bytes.NewReader(content))
	}
	if err != nil {
		return fmt.Errorf("archive %s: %w", name, err)
	}
	return nil
}

// stamp is the time format of the transcript. The date is a line of its own.
const stamp = "15:04:05"

// transcript describes the interview for a reader, as Markdown with times in UTC.
func (a Archive) transcript() []byte {
	var b strings.Builder
	title := a.Title
	if title == "" {
		title = "Interview " + a.ID
	}
	fmt.Fprintf(&b, "# %s\n\nSession `%s`, %s. Created %s UTC, exported %s UTC.\n\n## People\n\n",
		escape(title), a.ID, a.Status, a.CreatedAt.UTC().Format(time.DateTime), a.ExportedAt.UTC().Format(time.DateTime))
	for _, p := range a.People {
		fmt.Fprintf(&b, "- %s, %s, joined %s\n", escape(p.Name), p.Role, p.JoinedAt.UTC().Format(time.DateTime))
	}
	b.WriteString("\n## What happened\n")
	a.story(&b)
	if len(a.Document.Runs) > 0 {
		b.WriteString("\n## Runs\n")
	}
	for i, r := range a.Document.Runs {
		fmt.Fprintf(&b, "\n### %d. %s, by %s: %s after %.0f ms\n\n", i+1, r.StartedAt.Format(time.DateTime), escape(a.nameOf(r.By, "")), escape(r.Status), r.DurationMS)
		fence := fenceFor(r.Output)
		fmt.Fprintf(&b, "%s\n%s\n%s\n", fence, strings.TrimSuffix(r.Output, "\n"), fence)
	}
	return []byte(b.String())
}

// story lists the events, one on each line.
func (a Archive) story(b *strings.Builder) {
	day := ""
	for _, e := range a.Events {
		if d := e.At.UTC().Format(time.DateOnly); d != day {
			day = d
			fmt.Fprintf(b, "\n%s\n\n", day)
		}
		line := escape(a.nameOf(e.By, e.Name)) + " " + words(e.Kind)
		if e.About != "" && e.About != e.By {
			line += " " + escape(a.nameOf(e.About, ""))
		}
		if e.Detail != "" {
			line += " (" + escape(e.Detail) + ")"
		}
		fmt.Fprintf(b, "- %s %s\n", e.At.UTC().Format(stamp), line)
	}
	if len(a.Events) == 0 {
		b.WriteString("\nNo events were recorded.\n")
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
	}
	return string(k)
}

// nameOf returns the name of a participant: then, the name at the time of the event, or the current
// name.
func (a Archive) nameOf(id, then string) string {
	if then != "" {
		return then
	}
	for _, p := range a.People {
		if p.ID == id {
			return p.Name
		}
	}
	if id == "" {
		return "Somebody"
	}
	return "Participant " + id
}

// escape escapes Markdown in text that people wrote.
func escape(s string) string {
	return strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "<", "\\<", "#", "\\#", "\n", " ").Replace(s)
}

// fenceFor returns a code fence that does not occur in the text.
func fenceFor(s string) string {
	fence := "```"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	return fence
}
