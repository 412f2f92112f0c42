package main

import (
	"encoding/binary"

	"parley/pkg/protocol"
)

// dialect is how a server wants to be spoken to.
type dialect interface {
	// path is the request path of a room.
	path(room string) string
	// greet gives the messages that a client begins with, before its step 1.
	greet(room string) [][]byte
	// wrap appends a y-protocols message to dst as the server wants it.
	wrap(dst []byte, room string, message []byte) []byte
	// unwrap gives the y-protocols message in what came, nil when it is something else.
	unwrap(frame []byte) []byte
	// syncs reports whether a client is to send a step 1. A step 2 comes in any case.
	syncs() bool
}

// plain is y-websocket: a message is a frame, the path names the room.
type plain struct{ prefix string }

func (p plain) path(room string) string                    { return p.prefix + room }
func (p plain) greet(string) [][]byte                      { return nil }
func (p plain) wrap(dst []byte, _ string, m []byte) []byte { return append(dst, m...) }
func (p plain) unwrap(frame []byte) []byte                 { return frame }
func (p plain) syncs() bool                                { return true }

// deaf is plain for a server that copies bytes and knows no documents.
type deaf struct{ plain }

func (deaf) syncs() bool { return false }

// hocuspocus puts the name of the document before each message and wants an auth message first.
type hocuspocus struct{}

// Message types of Hocuspocus beyond y-protocols. Source: @hocuspocus/server 4.7, src/types.ts.
const (
	hocuspocusAuth      = 2
	hocuspocusToken     = 0
	hocuspocusSyncReply = 4
)

func (hocuspocus) path(string) string { return "/" }

func (h hocuspocus) greet(room string) [][]byte {
	token := "none"
	m := append([]byte{hocuspocusAuth, hocuspocusToken, byte(len(token))}, token...)
	return [][]byte{h.wrap(nil, room, m)}
}

func (hocuspocus) wrap(dst []byte, room string, m []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(room)))
	dst = append(dst, room...)
	return append(dst, m...)
}

func (hocuspocus) unwrap(frame []byte) []byte {
	n, size := binary.Uvarint(frame)
	if size <= 0 || n >= uint64(len(frame)-size) {
		return nil
	}
	m := frame[size+int(n):]
	switch m[0] {
	case hocuspocusSyncReply:
		m[0] = byte(protocol.TypeSync)
	case byte(protocol.TypeSync), byte(protocol.TypeAwareness):
	default:
		return nil
	}
	return m
}

func (hocuspocus) syncs() bool { return true }
