package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"

	"parley/pkg/store/localstore"
)

// What the machine should have, at least.
const (
	enoughFiles = 16_384 // each websocket is one
	enoughDisk  = 1 << 30
	littleDisk  = 64 << 20
)

// examineDataDir looks at the directory of the embedded store: whether it can be written, is private and has room, and whether what is in it
// can be read.
func (c config) examineDataDir(f *findings) {
	info, err := os.Stat(c.dataDir)
	if errors.Is(err, os.ErrNotExist) {
		parent := nearest(c.dataDir)
		if err := writable(parent); err != nil {
			f.fail("data", fmt.Sprintf("%s is not there and cannot be made in %s: %v", c.dataDir, parent, unwrapPath(err)), "make it, owned by the user that runs Parley")
			return
		}
		f.ok("data", c.dataDir+" is not there yet and can be made")
		examineSpace(f, parent)
		return
	}
	switch {
	case err != nil:
		f.fail("data", fmt.Sprintf("%s: %v", c.dataDir, unwrapPath(err)), "give a directory with --data-dir")
		return
	case !info.IsDir():
		f.fail("data", c.dataDir+" is not a directory", "give a directory with --data-dir")
		return
	}
	if err := writable(c.dataDir); err != nil {
		f.fail("data", fmt.Sprintf("%s cannot be written: %v", c.dataDir, unwrapPath(err)), fmt.Sprintf("chown it to the user that runs Parley (this is %d)", os.Getuid()))
		return
	}
	if info.Mode().Perm()&0o077 != 0 {
		f.warn("data", fmt.Sprintf("%s is open to other users (%s): it holds interviews and the key of all tokens", c.dataDir, info.Mode().Perm()), "chmod 700 "+c.dataDir)
	}
	examineSpace(f, c.dataDir)
	err = localstore.Verify(c.dataDir)
	switch {
	case err == nil:
		f.ok("data", c.dataDir+" can be written, and what is in it can be read")
	case errors.Is(err, localstore.ErrInUse):
		f.ok("data", c.dataDir+" is in use by a Parley that runs")
	default:
		f.fail("data", err.Error(), "restore the last backup: parley restore")
	}
}

// examineSpace looks at what is free, and whether the file system keeps its word.
func examineSpace(f *findings, dir string) {
	free, kind, err := space(dir)
	if err != nil {
		return // not on this system
	}
	switch kind {
	case "nfs", "smb", "fuse":
		f.warn("disk", dir+" is on a network file system ("+kind+"), whose locks and flushes may not hold", "use a local disk or a block device")
	case "tmpfs":
		f.warn("disk", dir+" is in memory (tmpfs): all is gone when the machine restarts", "use a disk")
	}
	text := fmt.Sprintf("%d MiB free", free>>20)
	switch {
	case free < littleDisk:
		f.fail("disk", text, "make room: edits are not saved when the disk is full")
	case free < enoughDisk:
		f.warn("disk", text, "make room: an interview takes 0.3 to 1 MB until it expires")
	default:
		f.ok("disk", text)
	}
}

// examineMachine looks at limits of the process.
func examineMachine(f *findings) {
	if limit, err := fileLimit(); err == nil {
		if limit < enoughFiles {
			f.warn("files", fmt.Sprintf("at most %d open files: each websocket is one", limit), "raise it: LimitNOFILE= in systemd, --ulimit nofile= in Docker")
		} else {
			f.ok("files", fmt.Sprintf("at most %d open files", limit))
		}
	}
	cgroup, limited := cgroupMemory()
	switch {
	case limited && debug.SetMemoryLimit(-1) == math.MaxInt64:
		f.warn("memory", fmt.Sprintf("the container has %d MiB, and Go's collector does not know", cgroup>>20), fmt.Sprintf("set GOMEMLIMIT=%dMiB, nine tenths of it", cgroup>>20*9/10))
	case limited:
		f.ok("memory", fmt.Sprintf("the container has %d MiB, GOMEMLIMIT is set", cgroup>>20))
	}
}

// cgroupMemory gives the limit of the container that this process is in.
func cgroupMemory() (bytes int64, limited bool) {
	raw, err := os.ReadFile("/sys/fs/cgroup/memory.max")
	if err != nil {
		return 0, false
	}
	bytes, err = strconv.ParseInt(strings.TrimSpace(string(raw)), 10, 64)
	return bytes, err == nil
}

// nearest gives the first directory above path that is there.
func nearest(path string) string {
	for {
		parent := filepath.Dir(path)
		if _, err := os.Stat(parent); err == nil || parent == path {
			return parent
		}
		path = parent
	}
}

// writable makes a file in dir, and takes it away again.
func writable(dir string) error {
	probe, err := os.CreateTemp(dir, ".parley-doctor-*")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}
