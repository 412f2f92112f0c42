package api_test

import (
	"fmt"
	"testing"
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
