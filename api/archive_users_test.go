package api_test

import (
	"testing"

	"parley/api"
	"parley/pkg/access"
	"parley/pkg/archive"
	"parley/pkg/signin"
)

// Who is signed in opens what they own, led, share or administer.
func TestUsersWhoMayOpenTheArchive(t *testing.T) {
	t.Parallel()
	side := archive.Sidecar{Owner: "ada", Team: "team", Participants: []archive.Person{
		{ID: "1", Role: access.Interviewer, User: "bo"}, {ID: "2", Role: access.Observer, User: "cy"}, {ID: "3", Role: access.Interviewer},
	}}
	for name, c := range map[string]struct {
		user signin.User
		want bool
	}{
		"owner": {signin.User{ID: "ada"}, true}, "interviewer": {signin.User{ID: "bo"}, true}, "observer": {signin.User{ID: "cy"}, false},
		"team": {signin.User{ID: "di", Groups: []string{"x", "team"}}, true}, "admin": {signin.User{ID: "ed", Admin: true}, true},
		"stranger": {signin.User{ID: "fi", Groups: []string{"x"}}, false},
	} {
		if got := api.MayOpenAs(c.user, side); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if api.MayOpenAs(signin.User{ID: "ada"}, archive.Sidecar{Owner: "", Participants: []archive.Person{{Role: access.Interviewer}}}) {
		t.Error("an interview of nobody opens")
	}
}
