// Command provider is the OpenID Connect provider of the browser tests: the provider library of
// zitadel with its example storage and two people, ada and bob, whose password is "secret".
//
// It listens on a free port and prints its issuer. A test tells it by POST /test/client?redirect=…
// where its client, parley with the secret hush, may send people back to.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

// people are the users by name. Both have the same e-mail address at every provider.
type people map[string]*storage.User

// GetUserByID implements storage.UserStore.
func (p people) GetUserByID(id string) *storage.User { return p[id] }

// GetUserByUsername implements storage.UserStore.
func (p people) GetUserByUsername(name string) *storage.User { return p[name] }

// ExampleClientID implements storage.UserStore.
func (p people) ExampleClientID() string { return "service" }

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	issuer := "http://" + l.Addr().String()
	users := people{}
	for id, name := range map[string][2]string{"ada": {"Ada", "Lovelace"}, "bob": {"Bob", "Kahn"}} {
		users[id] = &storage.User{
			ID: id, Username: id, Password: "secret", FirstName: name[0], LastName: name[1], Email: "interviews@example.com", EmailVerified: true,
		}
	}
	router := exampleop.SetupServer(issuer, storage.NewStorage(users), nil, false)
	router.Post("/test/client", func(_ http.ResponseWriter, r *http.Request) {
		storage.RegisterClients(storage.WebClient("parley", "hush", r.FormValue("redirect")))
	})
	fmt.Println(issuer)
	log.Fatal(http.Serve(l, router))
}
