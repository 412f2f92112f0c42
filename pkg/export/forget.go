package export

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"parley/pkg/audit"
)

// Forget copies a bundle from r to w and gives a participant another name in it: in the records of
// session and people, in both audit logs, in the transcript, and in the header of the timeline.
// Their addresses go. What people wrote stays as it is. The manifest gets the new hashes.
func Forget(ctx context.Context, r io.Reader, w io.Writer, participant, name string) error {
	old, err := unpack(r)
	if err != nil {
		return err
	}
	f := &forgetting{participant: participant, name: name, parts: map[string]*zip.File{}}
	for _, part := range old.File {
		f.parts[part.Name] = part
	}
	z := &zipWriter{ctx: ctx, zip: zip.NewWriter(w), manifest: manifest{Format: 1, Files: map[string]string{}}}
	for _, part := range old.File {
		if part.Name == "manifest.json" {
			continue
		}
		z.modified = part.Modified.UTC()
		z.add(part.Name, func(w io.Writer) error { return f.copy(w, part) })
	}
	z.add("manifest.json", indented(z.manifest))
	return z.close()
}

// unpack opens a bundle after it has checked it.
func unpack(r io.Reader) (*zip.Reader, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxUnpacked+1))
	if err != nil {
		return nil, fmt.Errorf("read bundle: %w", err)
	}
	parts, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, ErrNoBundle
	}
	if err := Check(bytes.NewReader(content), int64(len(content))); err != nil && !errors.Is(err, ErrNoReplay) {
		return nil, err
	}
	return parts, nil
}

// forgetting is one call of Forget.
type forgetting struct {
	participant, name string
	parts             map[string]*zip.File
}

// copy writes a part without the person.
func (f *forgetting) copy(w io.Writer, part *zip.File) error {
	switch part.Name {
	case "session.json", "participants.json":
		var v any
		if err := f.decode(part.Name, &v); err != nil {
			return err
		}
		return indented(f.renamed(v))(w)
	case "audit.json", privateDir + "audit.json":
		events, err := f.events(part.Name)
		if err != nil {
			return err
		}
		return indented(events)(w)
	case scorecardsPart, scorecardsText:
		b, err := f.scorecards()
		if err != nil {
			return err
		}
		return scorecardParts(b)[part.Name](w)
	case "transcript.md":
		a, err := f.archive()
		if err != nil {
			return err
		}
		return a.transcript(w)
	}
	in, err := part.Open()
	if err != nil {
		return ErrChanged
	}
	defer in.Close()
	if part.Name == "timeline.jsonl" {
		return f.timeline(w, in)
	}
	_, err = io.Copy(w, in)
	return err
}

// decode reads a part as JSON. Numbers keep their digits.
func (f *forgetting) decode(name string, v any) error {
	part := f.parts[name]
	if part == nil {
		return fmt.Errorf("%w: no %s", ErrNoBundle, name)
	}
	in, err := part.Open()
	if err != nil {
		return ErrChanged
	}
	defer in.Close()
	d := json.NewDecoder(in)
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrNoBundle, name, err)
	}
	return nil
}

// renamed gives every object with the id of the person the new name.
func (f *forgetting) renamed(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = f.renamed(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = f.renamed(v[key])
		}
		if _, named := v["name"]; named && v["id"] == f.participant {
			v["name"] = f.name
		}
	}
	return v
}

// events reads an audit log without the person.
func (f *forgetting) events(name string) ([]audit.Event, error) {
	var events []audit.Event
	if err := f.decode(name, &events); err != nil {
		return nil, err
	}
	for i := range events {
		e := &events[i]
		own := e.About == f.participant || e.About == "" && e.By == f.participant
		if e.By == f.participant {
			e.Name, e.From = f.name, ""
		}
		switch e.Kind {
		case audit.Renamed, audit.Admitted, audit.SentBack, audit.Removed: // their details are names
			if own {
				e.Detail = ""
			}
		}
	}
	return events, nil
}

// archive returns what the transcript is written from.
func (f *forgetting) archive() (Archive, error) {
	var sess struct {
		ID        string    `json:"id"`
		Title     string    `json:"title"`
		Status    string    `json:"status"`
		CreatedAt time.Time `json:"created_at"`
	}
	var people []struct {
		ID       string    `json:"id"`
		Name     string    `json:"name"`
		Role     string    `json:"role"`
		JoinedAt time.Time `json:"joined_at"`
	}
	a := Archive{}
	err := errors.Join(f.decode("session.json", &sess), f.decode("participants.json", &people), f.decode("runs.json", &a.Document.Runs))
	if err != nil {
		return a, err
	}
	if a.Events, err = f.events("audit.json"); err != nil {
		return a, err
	}
	a.ID, a.Title, a.Status, a.CreatedAt, a.ExportedAt = sess.ID, sess.Title, sess.Status, sess.CreatedAt, f.parts["session.json"].Modified
	for _, p := range people {
		if p.ID == f.participant {
			p.Name = f.name
		}
		a.People = append(a.People, Person{ID: p.ID, Name: p.Name, Role: p.Role, JoinedAt: p.JoinedAt})
	}
	return a, nil
}

// timeline copies a timeline with another header.
func (f *forgetting) timeline(w io.Writer, in io.Reader) error {
	d := json.NewDecoder(in)
	d.UseNumber()
	var header map[string]any
	if err := d.Decode(&header); err != nil {
		return fmt.Errorf("%w: timeline: %w", ErrNoBundle, err)
	}
	line, err := json.Marshal(f.renamed(header))
	if err != nil {
		return err
	}
	if _, err := w.Write(line); err != nil {
		return err
	}
	rest := io.MultiReader(d.Buffered(), in)
	if _, err := io.Copy(w, rest); err != nil {
		return err
	}
	return nil
}
