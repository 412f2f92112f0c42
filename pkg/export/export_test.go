package export_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"parley/crdt"
	"parley/pkg/audit"
	"parley/pkg/export"
)

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func addFile(t *testing.T, doc *crdt.Doc, id string, name any, order any, code string) {
	t.Helper()
	m := crdt.NewMap()
	must(t, doc.Map("files").Set(id, m), m.Set("name", name), m.Set("order", order), doc.Text("file:"+id).Insert(0, code))
}

func addRun(t *testing.T, doc *crdt.Doc, startedAt any, output string) {
	t.Helper()
	m := crdt.NewMap()
	must(t, doc.Array("runs").Push(m), m.Set("id", "r1"), m.Set("by", "p1"), m.Set("startedAt", startedAt), m.Set("durationMs", 12),
		m.Set("status", "ok"), m.Set("output", crdt.NewText(output)))
}

// read returns the content of the zip by name. A repeated name fails the test.
func read(t *testing.T, a export.Archive) map[string]string {
	t.Helper()
	var b bytes.Buffer
	must(t, a.Write(t.Context(), &b))
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	must(t, err)
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		must(t, err)
		content, err := io.ReadAll(r)
		must(t, err)
		if _, twice := out[strings.ToLower(f.Name)]; twice {
			t.Errorf("%s appears twice", f.Name)
		}
		out[strings.ToLower(f.Name)] = string(content)
	}
	return out
}

func TestArchive(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	doc := crdt.NewDoc()
	addFile(t, doc, "b", "util.py", 1, "x = 1\n")
	addFile(t, doc, "main", "main.py", 0, "print('é😀')\n")
	must(t, doc.Text("prompt").Insert(0, "# Task\n"))
	addRun(t, doc, float64(at.UnixMilli()), "done\n```\nnot a fence\n")
	d, err := export.ReadDocument(doc)
	must(t, err)
	if len(d.Files) != 2 || d.Files[0].ID != "main" || len(d.Runs) != 1 || !d.Runs[0].StartedAt.Equal(at) {
		t.Fatalf("document is %+v", d)
	}
	got := read(t, export.Archive{
		ID: "0a1b2c3d", Title: "Back*end", Status: "ended", CreatedAt: at, ExportedAt: at.Add(time.Hour), Document: d,
		People: []export.Person{{ID: "p1", Name: "Ada", Role: "interviewer", JoinedAt: at}, {ID: "p2", Name: "<b>Bo", Role: "observer", JoinedAt: at}},
		Events: []audit.Event{
			{At: at, Kind: audit.Created, By: "p1", Name: "Ada"}, {At: at.Add(time.Second), Kind: audit.Entered, By: "p2", Name: "Bo then"},
			{At: at.Add(2 * time.Second), Kind: audit.RoleChanged, By: "p1", About: "p2", Detail: "candidate to observer"}, {At: at.Add(24 * time.Hour), Kind: audit.Ended},
		},
		Session: map[string]string{"id": "0a1b2c3d"}, Participants: []string{"p1"},
	})
	for name, want := range map[string]string{
		"files/main.py": "print('é😀')\n", "files/util.py": "x = 1\n", "prompt.md": "# Task\n", "document.yjs": string(d.Update),
		"session.json": "{\n  \"id\": \"0a1b2c3d\"\n}\n", "participants.json": "[\n  \"p1\"\n]\n",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	for _, want := range []string{
		"# Back\\*end\n", "- Ada, interviewer, joined 2026-11-21 12:00:00\n", "- \\<b>Bo, observer", "\n2026-11-21\n\n- 12:00:00 Ada created the session\n",
		"- 12:00:01 Bo then entered the room\n", "- 12:00:02 Ada changed the role of \\<b>Bo (candidate to observer)\n",
		"\n2026-11-22\n\n- 12:00:00 Somebody ended the interview\n", "by Ada: ok after 12 ms\n\n````\ndone\n```\nnot a fence\n````\n",
	} {
		if !strings.Contains(got["transcript.md"], want) {
			t.Errorf("the transcript lacks %q:\n%s", want, got["transcript.md"])
		}
	}
	var runs []export.Run
	var events []audit.Event
	must(t, json.Unmarshal([]byte(got["runs.json"]), &runs), json.Unmarshal([]byte(got["audit.json"]), &events))
	if len(runs) != 1 || !strings.Contains(runs[0].Output, "done") || len(events) != 4 {
		t.Errorf("%d runs, %d events", len(runs), len(events))
	}
	back := crdt.NewDoc()
	must(t, back.ApplyUpdate([]byte(got["document.yjs"])))
	if back.Text("prompt").String() != "# Task\n" {
		t.Error("the exported document differs")
	}
}

// For any content of a document, the archive unpacks into its own directory and is complete.
func TestHostileDocument(t *testing.T) {
	t.Parallel()
	doc := crdt.NewDoc()
	for i, name := range []any{"../../etc/passwd", "/abs", "a/b", "a_b", "A_B", "..", "", 5, nil, "x\x00y", strings.Repeat("é", 300), "con\u202etxt.exe"} {
		addFile(t, doc, string(rune('a'+i)), name, []any{1, "x", nil, math.Inf(1)}[i%4], "code")
	}
	must(t, doc.Map("files").Set("odd", "not a map"), doc.Array("runs").Push("not a map"))
	for _, odd := range []any{math.NaN(), math.Inf(1), -5, 1e300, "soon", nil} {
		addRun(t, doc, odd, strings.Repeat("`", 50))
	}
	d, err := export.ReadDocument(doc)
	must(t, err)
	got := read(t, export.Archive{Document: d})
	files := 0
	for name := range got {
		rest, ok := strings.CutPrefix(name, "files/")
		if !ok {
			continue
		}
		files++
		if rest == "" || strings.ContainsAny(rest, "/\\\x00") || strings.HasPrefix(rest, ".") || len(rest) > 120 {
			t.Errorf("file name %q", rest)
		}
	}
	if files != 12 || len(d.Runs) != 6 || got["runs.json"] == "" || got["audit.json"] != "[]\n" {
		t.Errorf("%d files, %d runs", files, len(d.Runs))
	}
	empty, err := export.ReadDocument(crdt.NewDoc())
	must(t, err)
	if got := read(t, export.Archive{Document: empty}); got["runs.json"] != "[]\n" || len(got) != 8 {
		t.Errorf("an empty document gives %d parts", len(got))
	}
}
