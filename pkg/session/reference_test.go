package session_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"parley/pkg/session"
)

// What other services keep with a session survives as it is, or is refused with its field.
func TestReferences(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	long := strings.Repeat("é", 200)
	for _, tc := range []struct {
		field, in, want string
		bad             bool
	}{
		{"external_id", "candidate-4711/ä  x", "candidate-4711/ä  x", false},
		{"external_id", long, long, false},
		{"external_id", long + "x", "", true},
		{"external_id", "a\nb", "", true},
		{"external_id", "a\u202eb", "", true},
		{"external_id", "a\xffb", "", true},
		{"metadata", ` { "a" : 12345678901234567890, "b": [ null ] } `, `{"a":12345678901234567890,"b":[null]}`, false},
		{"metadata", `{"a":"<&"}`, `{"a":"\u003c\u0026"}`, false},
		{"metadata", `{}`, "", false},
		{"metadata", `[1]`, "", true},
		{"metadata", `"a"`, "", true},
		{"metadata", `{"a":"` + strings.Repeat("x", 4096-8) + `"}`, `{"a":"` + strings.Repeat("x", 4096-8) + `"}`, false},
		{"metadata", `{"a":"` + strings.Repeat("x", 4096-7) + `"}`, "", true},
		{"metadata", `{"a":"` + strings.Repeat("<", 1000) + `"}`, "", true},
		{"call_url", " https://meet.example/abc?x=1#y ", "https://meet.example/abc?x=1#y", false},
		{"call_url", "http://[::1]:8080/", "http://[::1]:8080/", false},
		{"call_url", "HTTPS://meet.example", "HTTPS://meet.example", false},
		{"call_url", "https://meet.example/" + strings.Repeat("a", 1979), "https://meet.example/" + strings.Repeat("a", 1979), false},
		{"call_url", "https://meet.example/" + strings.Repeat("a", 1980), "", true},
		{"call_url", "javascript:alert(1)", "", true},
		{"call_url", "meet.example/abc", "", true},
		{"call_url", "//meet.example/abc", "", true},
		{"call_url", "https:///abc", "", true},
		{"call_url", "https://meet.example@evil.example/", "", true},
		{"call_url", `https://meet.example/a\b`, "", true},
		{"call_url", "https://meet.example/a b", "", true},
		{"call_url", "https://meet.example/\u202egpj", "", true},
		{"call_url", "tel:+4930123", "", true},
	} {
		d := session.Draft{}
		switch tc.field {
		case "external_id":
			d.ExternalID = tc.in
		case "metadata":
			d.Metadata = session.Metadata(tc.in)
		case "call_url":
			d.CallURL = tc.in
		}
		made, err := w.Create(t.Context(), d)
		if field := (*session.FieldError)(nil); tc.bad {
			if !errors.As(err, &field) || field.Field != tc.field {
				t.Errorf("%s %.60q: got %v, want an error of that field", tc.field, tc.in, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s %.60q: %v", tc.field, tc.in, err)
			continue
		}
		held, err := w.store.Get(t.Context(), made.Session.ID)
		got := map[string]string{"external_id": held.ExternalID, "metadata": string(held.Metadata), "call_url": held.CallURL}[tc.field]
		if err != nil || got != tc.want {
			t.Errorf("%s %.60q became %.60q, %v; want %.60q", tc.field, tc.in, got, err, tc.want)
		}
	}
}

func TestChangeReferences(t *testing.T) {
	t.Parallel()
	s := newWorld(t)
	made := s.mustCreate(t, session.Draft{ExternalID: "a", Metadata: session.Metadata(`{"a":1}`), CallURL: "https://a.example", Creator: session.Profile{User: "u1"}})
	id := made.Session.ID
	s.advance(time.Minute)
	same := session.Metadata(` {"a": 1} `)
	got, err := s.Change(t.Context(), id, session.Change{References: session.References{Metadata: &same}})
	if err != nil || !got.UpdatedAt.Equal(made.Session.UpdatedAt) {
		t.Errorf("the same metadata counts as a change: %v, %v", got.UpdatedAt, err)
	}
	none, empty, nothing := "", session.Metadata("{}"), session.Metadata("[")
	if _, err := s.Change(t.Context(), id, session.Change{References: session.References{Metadata: &nothing}}); err == nil {
		t.Error("broken metadata are accepted")
	}
	got, err = s.Change(t.Context(), id, session.Change{References: session.References{ExternalID: &none, Metadata: &empty, CallURL: &none}})
	if err != nil || got.ExternalID != "" || len(got.Metadata) != 0 || got.CallURL != "" || got.Owner != "u1" || got.UpdatedAt.Equal(made.Session.UpdatedAt) {
		t.Errorf("got %+v, %v; want no references and the owner", got, err)
	}
}

// Whatever is accepted fits its bounds and survives the store's JSON.
func FuzzReferences(f *testing.F) {
	f.Add("id", `{"a":1}`, "https://meet.example/abc")
	f.Add("\u202e", `{"a":"\ud800"}`, "https://a@b")
	f.Add("", `{"a":{"b":[1e400]}}`, "http://[::1%25en0]/")
	f.Fuzz(func(t *testing.T, id, metadata, link string) {
		kept, sess := session.Metadata(metadata), session.Session{}
		err := session.References{ExternalID: &id, Metadata: &kept, CallURL: &link}.ApplyTo(&sess)
		if field := (*session.FieldError)(nil); errors.As(err, &field) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if utf8.RuneCountInString(sess.ExternalID) > 200 || len(sess.Metadata) > 4096 || utf8.RuneCountInString(sess.CallURL) > 2000 {
			t.Fatalf("too long: %+v", sess)
		}
		if l := strings.ToLower(sess.CallURL); l != "" && !strings.HasPrefix(l, "https://") && !strings.HasPrefix(l, "http://") {
			t.Fatalf("not a link of the web: %q", sess.CallURL)
		}
		raw, err := json.Marshal(sess)
		if err != nil {
			t.Fatal(err)
		}
		var back session.Session
		if err := json.Unmarshal(raw, &back); err != nil {
			t.Fatal(err)
		}
		if back.ExternalID != sess.ExternalID || string(back.Metadata) != string(sess.Metadata) || back.CallURL != sess.CallURL {
			t.Fatalf("came back as %q %q %q from %s", back.ExternalID, back.Metadata, back.CallURL, raw)
		}
	})
}
