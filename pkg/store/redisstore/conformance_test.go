package redisstore_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"parley/pkg/relay"
	"parley/pkg/session"
	"parley/pkg/store/redisstore"
	"parley/pkg/store/redistest"
	"parley/pkg/store/storetest"
)

const testHistory = 64 << 10

// backend is the part of a Redis whose keys have one prefix.
type backend struct {
	url, prefix string
	servers     []*redistest.Server // the servers that hold keys
}

var backends atomic.Uint32

func newBackend(url string, servers ...*redistest.Server) backend {
	prefix := fmt.Sprintf("t%d", backends.Add(1))
	separator := "?"
	if strings.Contains(url, "?") {
		separator = "&"
	}
	return backend{url: url + separator + "prefix=" + prefix, prefix: prefix, servers: servers}
}

func (b backend) Open(t *testing.T) storetest.Store { return b.OpenFolding(t, storetest.Fold) }

func (b backend) OpenFolding(t *testing.T, fold func([]byte, [][]byte) ([]byte, error)) storetest.Store {
	t.Helper()
	s, err := redisstore.Open(t.Context(), b.url, redisstore.Options{HistoryBytes: testHistory, Fold: fold})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (b backend) Walk(t *testing.T, visit func(key, value []byte)) {
	t.Helper()
	read := map[string][]string{
		"string": {"GET"}, "hash": {"HGETALL"}, "set": {"SMEMBERS"},
		"list": {"LRANGE", "0", "-1"}, "zset": {"ZRANGE", "0", "-1"}, "stream": {"XRANGE", "-", "+"},
	}
	for _, s := range b.servers {
		for _, key := range s.Do("KEYS", b.prefix+":*") {
			command := read[s.Do("TYPE", key)[0]]
			value, err := s.Try(append([]string{command[0], key}, command[1:]...)...)
			if err != nil {
				t.Fatal(err)
			}
			visit([]byte(key), []byte(strings.Join(value, "\n")))
		}
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	storetest.Run(t, testHistory, func(t *testing.T) storetest.Backend { return newBackend(server.URL(), server) })
}

func TestConformanceCluster(t *testing.T) {
	t.Parallel()
	cluster := redistest.StartCluster(t, redistest.Options{}, false)
	storetest.Run(t, testHistory, func(t *testing.T) storetest.Backend { return newBackend(cluster.URL(), cluster.Masters[:]...) })
}

func TestSharedConformance(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	storetest.RunNodes(t, func(t *testing.T) (a, b storetest.Node, id relay.RoomID) {
		url := newBackend(server.URL(), server).url
		b = nodeWithSession(t, url, &id)
		return openNode(t, url), b, id
	})
	storetest.RunTraceNodes(t, func(t *testing.T) (a, b storetest.TraceNode, id session.ID) {
		url := newBackend(server.URL(), server).url
		s := openNode(t, url)
		return openNode(t, url), s, newSession(t, s).Session.ID
	})
}

func TestSharedConformanceCluster(t *testing.T) {
	t.Parallel()
	cluster := redistest.StartCluster(t, redistest.Options{}, false)
	storetest.RunNodes(t, func(t *testing.T) (a, b storetest.Node, id relay.RoomID) {
		url := newBackend(cluster.URL(), cluster.Masters[:]...).url
		b = nodeWithSession(t, url, &id)
		return openNode(t, url), b, id
	})
}

// nodeWithSession opens a node and creates a session with an empty document.
func nodeWithSession(t *testing.T, url string, id *relay.RoomID) storetest.Node {
	t.Helper()
	s := openNode(t, url)
	*id = relay.RoomID{Session: string(newSession(t, s).Session.ID), Doc: "shared"}
	return s
}
