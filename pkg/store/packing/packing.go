// Package packing compresses what stores keep, and expands it again within bounds.
package packing

import (
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// Codecs of a packed value.
const (
	Raw  = 0 // Raw is not compressed
	Zstd = 1 // Zstd is a frame of zstd that says its size
)

// maxExpanded bounds an expanded value in bytes.
const maxExpanded = 1 << 30

// ErrDamaged says that a value does not have the form that Compress gives.
var ErrDamaged = errors.New("damaged compressed value")

// writer and reader are safe for concurrent use by EncodeAll and DecodeAll.
var (
	writer = must(zstd.NewWriter(nil, zstd.WithEncoderConcurrency(2), zstd.WithWindowSize(1<<20), zstd.WithLowerEncoderMem(true), zstd.WithSingleSegment(true)))
	reader = must(zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(maxExpanded), zstd.WithDecoderLowmem(true)))
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("zstd: %v", err)) // only options that contradict each other
	}
	return v
}

// Compress appends b to dst with the codec Zstd.
func Compress(dst, b []byte) []byte { return writer.EncodeAll(b, dst) }

// Expand returns what b holds in that codec. The result must have the given size.
func Expand(codec byte, b []byte, size int) ([]byte, error) {
	switch codec {
	case Raw:
	case Zstd:
		// DecodeAll allocates the size that the frame's head names, so the head is checked first. A
		// block of four bytes holds at most 128 KiB.
		var h zstd.Header
		if err := h.Decode(b); err != nil || !h.HasFCS || h.FrameContentSize != uint64(size) || size > (len(b)/4+1)<<17 {
			return nil, fmt.Errorf("%w: size", ErrDamaged)
		}
		var err error
		if b, err = reader.DecodeAll(b, nil); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	default:
		return nil, fmt.Errorf("%w: codec %d", ErrDamaged, codec)
	}
	if len(b) != size {
		return nil, fmt.Errorf("%w: %d bytes where %d were announced", ErrDamaged, len(b), size)
	}
	return b, nil
}
