package main

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/pkg/archive/objecttest"
	"parley/pkg/export"
)

// kept is the part of an archived interview that these tests read.
type kept struct {
	ID, Title, SHA256 string
	Participants      []struct{ ID, Name string }
	Hold              bool
}

const testKey = "an-api-key-of-the-tests"

// comes waits until an address answers with a status.
func (p *program) comes(t *testing.T, path, token string, status int) {
	t.Helper()
	for deadline := time.Now().Add(3 * patience); ; <-time.After(50 * time.Millisecond) {
		got, raw := p.answer(t, "GET", path, token, "")
		if got == status {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("GET %s: %d %s, want %d:\n%s", path, got, raw, status, p.stderr.String())
		}
	}
}

// lead creates a session with a candidate. It returns the tokens of both, and the candidate's id.
func (p *program) lead(t *testing.T) (sess shown, candidate, pid string) {
	t.Helper()
	p.call(t, "POST", "/api/v1/sessions", testKey, `{"title":"Interview","code":"print(1)","creator":{"name":"Ada"}}`, 201, &sess)
	var joined struct {
		Token       string
		Participant struct{ ID string }
	}
	p.call(t, "POST", "/api/v1/join", "", `{"invite":"`+sess.Invites.Candidate+`","name":"Grace Hopper"}`, 200, &joined)
	return sess, joined.Token, joined.Participant.ID
}

// bundle downloads an archived interview and checks it.
func (p *program) bundle(t *testing.T, id, token string) []byte {
	t.Helper()
	status, raw := p.answer(t, "GET", "/api/v1/archive/"+id+"/bundle", token, "")
	if err := export.Check(bytes.NewReader(raw), int64(len(raw))); status != 200 || err != nil {
		t.Fatalf("bundle: %d, %v: %.300s", status, err, raw)
	}
	return raw
}

// An interview that has ended, or has expired while it ran, opens after its session has expired and
// the server has restarted. It can be held, shown without a person, and deleted.
func TestArchiveOutlivesTheSession(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	args := []string{"--data-dir", dir, "--session-ttl", "5s", "--api-key", testKey}
	p := launch(t, args...)
	ended, candidate, pid := p.lead(t)
	left, _, _ := p.lead(t)
	p.call(t, "PATCH", "/api/v1/sessions/"+ended.ID, ended.Token, `{"status":"ended"}`, 200, nil)
	for _, id := range []string{ended.ID, left.ID} {
		p.comes(t, "/api/v1/archive/"+id, testKey, 200)
		p.comes(t, "/api/v1/sessions/"+id, "", 410)
	}
	p.signal(t, syscall.SIGTERM)
	if code := p.wait(t); code != exitOK {
		t.Fatalf("exit code %d:\n%s", code, p.stderr.String())
	}
	p = launch(t, args...)
	path := "/api/v1/archive/" + ended.ID
	var one kept
	p.call(t, "GET", path, ended.Token, "", 200, &one)
	if one.Title != "Interview" || len(one.Participants) != 2 {
		t.Errorf("archived %+v", one)
	}
	for token, want := range map[string]int{candidate: 403, "": 401, "nonsense": 401, left.Token: 401} {
		if got, raw := p.answer(t, "GET", path+"/bundle", token, ""); got != want {
			t.Errorf("with another token: %d %s, want %d", got, raw, want)
		}
	}
	p.bundle(t, left.ID, left.Token)
	p.bundle(t, ended.ID, testKey)
	var list struct{ Items []kept }
	p.call(t, "GET", "/api/v1/archive?q=hopper", testKey, "", 200, &list)
	if len(list.Items) != 2 {
		t.Errorf("found %+v", list)
	}
	p.call(t, "GET", "/api/v1/archive", ended.Token, "", 401, nil)

	p.forgetAndDelete(t, ended, pid)
	if got, _ := p.answer(t, "GET", "/api/v1/archive/"+left.ID, left.Token, ""); got != 200 {
		t.Errorf("the other interview: %d", got)
	}
}

// forgetAndDelete forgets the candidate of an archived interview, holds it, and deletes it.
func (p *program) forgetAndDelete(t *testing.T, sess shown, pid string) {
	t.Helper()
	path := "/api/v1/archive/" + sess.ID
	var one kept
	p.call(t, "POST", path+"/participants/nobody/forget", sess.Token, "", 404, nil)
	p.call(t, "POST", path+"/participants/"+pid+"/forget", sess.Token, "", 200, &one)
	if one.Participants[1].Name != "Candidate" || one.Participants[0].Name != "Ada" {
		t.Errorf("people %+v", one.Participants)
	}
	for name, content := range unzipped(t, p.bundle(t, sess.ID, sess.Token)) {
		if strings.Contains(content, "Hopper") {
			t.Errorf("%s still has the name", name)
		}
	}
	p.call(t, "PATCH", path, sess.Token, `{"hold":true,"retention_days":400}`, 200, &one)
	if !one.Hold {
		t.Error("it is not held")
	}
	p.call(t, "PATCH", path, sess.Token, `{"retention_days":-1}`, 422, nil)
	p.call(t, "DELETE", path, sess.Token, "", 409, nil)
	p.call(t, "PATCH", path, sess.Token, `{"hold":false}`, 200, nil)
	p.call(t, "DELETE", path, sess.Token, "", 204, nil)
	for _, at := range []string{path, path + "/bundle"} {
		if got, raw := p.answer(t, "GET", at, sess.Token, ""); got != 410 {
			t.Errorf("GET %s of what is deleted: %d %s", at, got, raw)
		}
	}
}

// unzipped returns the parts of a zip.
func unzipped(t *testing.T, raw []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		in.Close()
		parts[f.Name] = string(content)
	}
	return parts
}

// A node and its disk are lost. Everything archived is there on a new one, in a bucket of a real
// S3-compatible service, also what was archived again after its end.
func TestArchiveInABucket(t *testing.T) {
	t.Parallel()
	g := objecttest.StartGateway(t, objecttest.GatewayOptions{})
	place := "s3://" + g.Bucket + "/team?endpoint=" + g.Addr + "&region=us-east-1&path_style=1&insecure=1"
	args := func() []string {
		return []string{
			"--data-dir", t.TempDir(), "--archive", place, "--archive-key", objecttest.AccessKey, "--archive-secret", objecttest.SecretKey, "--session-ttl", "1h", "--api-key", testKey,
			"--secret", strings.Repeat("s", 32), "--archive-retention", "0",
		}
	}
	p := launch(t, args()...)
	sess, _, _ := p.lead(t)
	p.call(t, "PATCH", "/api/v1/sessions/"+sess.ID, sess.Token, `{"status":"ended"}`, 200, nil)
	path := "/api/v1/archive/" + sess.ID
	p.comes(t, path, testKey, 200)
	var first, again kept
	p.call(t, "GET", path, testKey, "", 200, &first)
	p.call(t, "PATCH", "/api/v1/sessions/"+sess.ID, sess.Token, `{"title":"After the end"}`, 200, nil)
	for deadline := time.Now().Add(3 * patience); ; <-time.After(50 * time.Millisecond) {
		p.call(t, "GET", path, testKey, "", 200, &again)
		if again.Title == "After the end" && again.SHA256 != first.SHA256 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("what was added after the end is not archived: %+v:\n%s", again, p.stderr.String())
		}
	}
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.wait(t)
	p = launch(t, args()...) // another machine with an empty disk
	p.bundle(t, sess.ID, sess.Token)
	p.bundle(t, sess.ID, testKey)

	file := filepath.Join(g.Dir, "team", time.Now().UTC().Format("2006/01"), sess.ID+".zip")
	if err := os.WriteFile(file, []byte("changed"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, raw := p.answer(t, "GET", path+"/bundle", testKey, ""); got != 409 || !strings.Contains(string(raw), again.SHA256) {
		t.Errorf("a changed bundle: %d %s", got, raw)
	}
}

// While the archive is away nothing is lost: the session stays beyond its expiry, and is archived
// when the archive is back.
func TestArchiveAway(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	place := filepath.Join(dir, "archive")
	p := launch(t, "--data-dir", dir, "--session-ttl", "3s", "--api-key", testKey)
	if err := os.RemoveAll(place); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(place, nil, 0o600); err != nil { // the opened directory is gone
		t.Fatal(err)
	}
	sess, _, _ := p.lead(t)
	p.comes(t, "/api/v1/sessions/"+sess.ID, "", 410)
	for deadline := time.Now().Add(patience); !strings.Contains(p.stderr.String(), "the archive fails"); <-time.After(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the failure is not said:\n%s", p.stderr.String())
		}
	}
	p.signal(t, syscall.SIGTERM)
	p.wait(t)
	if err := os.Remove(place); err != nil {
		t.Fatal(err)
	}
	p = launch(t, "--data-dir", dir, "--session-ttl", "3s", "--api-key", testKey)
	p.comes(t, "/api/v1/archive/"+sess.ID, sess.Token, 200)
	p.bundle(t, sess.ID, sess.Token)
}

func TestArchiveSettings(t *testing.T) {
	t.Parallel()
	for args, says := range map[string]string{
		"--archive on":                         "use off",
		"--archive s3://interviews":            "PARLEY_ARCHIVE_KEY",
		"--archive-key x":                      "s3://",
		"--archive off --archive-retention 3d": "needs --archive",
		"--archive-retention 30":               "number of days",
		"--archive-retention 0d":               "1d",
		"--archive s3://k:s@interviews":        "not in the address",
		"--store redis --redis-url redis://x --archive-retention 3d": "needs --archive",
	} {
		if _, err := parseConfig(strings.Fields(args), noEnvironment); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", args, err)
		}
	}
	for args, want := range map[string]string{
		"--data-dir /x":                              "dir:/x/archive",
		"--data-dir /x --archive off":                "off",
		"--store redis --redis-url redis://x":        "off",
		"--archive dir:/y --archive-retention 0":     "dir:/y",
		"--archive dir:/y --archive-retention 2160h": "dir:/y",
	} {
		if c, err := parseConfig(strings.Fields(args), noEnvironment); err != nil || c.archivePlace().String() != want {
			t.Errorf("%s: %s, %v; want %s", args, c.archivePlace(), err, want)
		}
	}
}

func noEnvironment(string) (string, bool) { return "", false }

// doctor tries the archive, and leaves nothing there.
func TestDoctorTriesTheArchive(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var f findings
	c, err := parseConfig([]string{"--archive", "dir:" + dir}, noEnvironment)
	if err != nil {
		t.Fatal(err)
	}
	c.examineArchive(&f)
	if left, err := os.ReadDir(dir); f[0].verdict != fine || err != nil || len(left) != 0 {
		t.Errorf("%+v, left %v, %v", f, left, err)
	}
	if c, err = parseConfig([]string{"--archive", "s3://interviews?endpoint=127.0.0.1:1&insecure=1&region=x", "--archive-key", "k", "--archive-secret", "s"}, noEnvironment); err != nil {
		t.Fatal(err)
	}
	f = nil
	if c.examineArchive(&f); f[0].verdict != trouble {
		t.Errorf("%+v", f)
	}
}
