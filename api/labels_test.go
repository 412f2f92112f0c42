package api_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"parley/api"
)

// What another service keeps with a session is shown to interviewers and in lists. Others see the
// link to the call alone.
func TestLabels(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	p := s.gather(t, map[string]any{"external_id": "c-1", "metadata": map[string]any{"job": []int{1}}, "call_url": "https://meet.example/a"})
	path := "/api/v1/sessions/" + p.id
	labels := func(m map[string]any) string {
		return fmt.Sprintf("%v %v %v %v", m["external_id"], m["metadata"], m["call_url"], m["owner"])
	}
	for role, want := range map[string]string{
		"interviewer": "c-1 map[job:[1]] https://meet.example/a <nil>",
		"candidate":   "<nil> <nil> https://meet.example/a <nil>",
		"observer":    "<nil> <nil> https://meet.example/a <nil>",
	} {
		if got := labels(asMap(t, s.do(t, "GET", path, p.token[role], nil).body)); got != want {
			t.Errorf("%s sees %s, want %s", role, got, want)
		}
	}
	s.do(t, "PATCH", path, p.token["candidate"], map[string]any{"call_url": "https://evil.example/"}).want(t, "a candidate changes the link", 403, "forbidden")
	a := s.do(t, "PATCH", path, p.token["interviewer"], map[string]any{"external_id": "c-2", "metadata": map[string]any{}, "call_url": ""})
	if a.want(t, "change", 200, ""); labels(asMap(t, a.body)) != "c-2 <nil> <nil> <nil>" {
		t.Errorf("after the change: %s", a)
	}
	for field, bad := range map[string]any{"external_id": "a\nb", "metadata": []int{1}, "call_url": "javascript:alert(1)", "owner": "me"} {
		s.do(t, "PATCH", path, p.token["interviewer"], map[string]any{field: bad}).want(t, "a bad "+field, 422, "invalid_input")
		s.do(t, "POST", "/api/v1/sessions", "", map[string]any{field: bad}).want(t, "create with a bad "+field, 422, "invalid_input")
	}
}

// Holders of a key find sessions by the id of another service.
func TestListByExternalID(t *testing.T) {
	t.Parallel()
	s := newService(t, withKey)
	var want []string
	for _, id := range []string{"c/1 ä", "c/2", "c/1 ä"} {
		a := s.do(t, "POST", "/api/v1/sessions", apiKey, map[string]any{"external_id": id, "metadata": map[string]int{"n": len(want)}})
		a.want(t, "create", 201, "")
		if id == "c/1 ä" {
			want = append([]string{decode[api.NewSession](t, a).ID}, want...)
		}
		s.advance(time.Second)
	}
	const path = "/api/v1/sessions?external_id=c%2F1%20%C3%A4&limit=1"
	var got []string
	for next := path; next != ""; {
		a := s.do(t, "GET", next, apiKey, nil)
		a.want(t, "list", 200, "")
		page := decode[api.SessionList](t, a)
		for _, sess := range page.Sessions {
			if sess.ExternalID != "c/1 ä" || string(sess.Metadata.Metadata) == "" {
				t.Errorf("an entry is %+v", sess)
			}
			got = append(got, sess.ID)
		}
		if next = ""; page.NextCursor != "" {
			next = path + "&cursor=" + page.NextCursor
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("listed %v, want %v", got, want)
	}
	s.do(t, "GET", path+"&cursor=1-a.b", apiKey, nil).want(t, "a bad cursor", 422, "invalid_input")
	s.do(t, "GET", "/api/v1/sessions?external_id=a%0Ab", apiKey, nil).want(t, "a bad id", 422, "invalid_input")
	s.do(t, "GET", path, "", nil).want(t, "no key", 401, "api_key_required")
}
