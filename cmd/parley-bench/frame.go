package main

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Opcodes with the final bit, RFC 6455 5.2.
const (
	opBinary = 0x80 | 2
	opClose  = 0x80 | 8
	opPing   = 0x80 | 9
	opPong   = 0x80 | 10

	masked = 0x80
)

// appendFrame appends a client's frame. Its mask is zero, which is legal and costs the client
// nothing. The server has to unmask all the same.
func appendFrame(dst []byte, op byte, payload []byte) []byte {
	dst = appendHeader(dst, op, len(payload))
	return append(dst, payload...)
}

func appendHeader(dst []byte, op byte, n int) []byte {
	switch {
	case n < 126:
		dst = append(dst, op, masked|byte(n))
	case n < 1<<16:
		dst = binary.BigEndian.AppendUint16(append(dst, op, masked|126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, op, masked|127), uint64(n))
	}
	return append(dst, 0, 0, 0, 0)
}

var errFragment = errors.New("a fragmented message, which no server under test sends")

// nextFrame cuts the first frame off b. ok is false while the frame is incomplete.
func nextFrame(b []byte) (op byte, payload, rest []byte, ok bool, err error) {
	if len(b) < 2 {
		return 0, nil, b, false, nil
	}
	op = b[0]
	n, head := uint64(b[1]), 2
	if n&masked != 0 {
		return 0, nil, nil, false, errors.New("a masked frame from a server")
	}
	switch n {
	case 126:
		head = 4
	case 127:
		head = 10
	}
	if len(b) < head {
		return 0, nil, b, false, nil
	}
	switch n {
	case 126:
		n = uint64(binary.BigEndian.Uint16(b[2:]))
	case 127:
		n = binary.BigEndian.Uint64(b[2:])
	}
	if n > 1<<30 {
		return 0, nil, nil, false, fmt.Errorf("a frame of %d bytes", n)
	}
	if op&0x80 == 0 || op&0x0f == 0 {
		return 0, nil, nil, false, errFragment
	}
	if uint64(len(b)-head) < n {
		return 0, nil, b, false, nil
	}
	return op, b[head : head+int(n)], b[head+int(n):], true, nil
}
