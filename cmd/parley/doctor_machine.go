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

// The least that the machine should offer.
const (
	enoughFiles = 16_384   // open files; each websocket needs one
	enoughDisk  = 1 << 30  // bytes free; less is a warning
	littleDisk  = 64 << 20 // bytes free; less is a failure
)

// examineDataDir checks the directory of the embedded store: it must be writable, private and have
// space, and its data must be readable.
func (c config) examineDataDir(f *findings) {
	info, err := os.Stat(c.dataDir)
	if errors.Is(err, os.ErrNotExist) {
		parent := nearest(c.dataDir)
		if err := writable(parent); err != nil {
			f.fail("data", fmt.Sprintf("%s does not exist and cannot be created in %s: %v", c.dataDir, parent, unwrapPath(err)), "create it, owned by the user that runs Parley")
			return
		}
		f.ok("data", c.dataDir+" does not exist yet and can be created")
		examineSpace(f, parent)
		return
	}
	switch {
	case err != nil:
		f.fail("data", fmt.Sprintf("%s: %v", c.dataDir, unwrapPath(err)), "name a directory with --data-dir")
		return
	case !info.IsDir():
		f.fail("data", c.dataDir+" is not a directory", "name a directory with --data-dir")
		return
	}
	if err := writable(c.dataDir); err != nil {
		f.fail("data", fmt.Sprintf("%s is not writable: %v", c.dataDir, unwrapPath(err)), fmt.Sprintf("chown it to the user that runs Parley (this process runs as %d)", os.Getuid()))
		return
	}
	if info.Mode().Perm()&0o077 != 0 {
		f.warn("data", fmt.Sprintf("%s is accessible to other users (%s), but holds interviews and the key of all tokens", c.dataDir, info.Mode().Perm()), "chmod 700 "+c.dataDir)
	}
	examineSpace(f, c.dataDir)
	err = localstore.Verify(c.dataDir)
	switch {
	case err == nil:
		f.ok("data", c.dataDir+" is writable, and its data is readable")
	case errors.Is(err, localstore.ErrInUse):
		f.ok("data", c.dataDir+" is in use by a running Parley")
	default:
		f.fail("data", err.Error(), "restore the last backup with parley restore")
	}
}

// examineSpace checks the free space and the kind of the file system.
func examineSpace(f *findings, dir string) {
	free, kind, err := space(dir)
	if err != nil {
		return // not supported on this system
	}
	switch kind {
	case "nfs", "smb", "fuse":
		f.warn("disk", dir+" is on a network file system ("+kind+"), where locks and flushes are not reliable", "use a local disk or a block device")
	case "tmpfs":
		f.warn("disk", dir+" is in memory (tmpfs): a restart of the machine loses all data", "use a disk")
	}
	text := fmt.Sprintf("%d MiB free", free>>20)
	switch {
	case free < littleDisk:
		f.fail("disk", text, "free some space: edits are not saved when the disk is full")
	case free < enoughDisk:
		f.warn("disk", text, "free some space: an interview takes 0.3 to 1 MB until it expires")
	default:
		f.ok("disk", text)
	}
}

// examineMachine checks the limits of the process.
func examineMachine(f *findings) {
	if limit, err := fileLimit(); err == nil {
		if limit < enoughFiles {
			f.warn("files", fmt.Sprintf("at most %d open files: each websocket is one", limit), "raise the limit: LimitNOFILE= in systemd, --ulimit nofile= in Docker")
		} else {
			f.ok("files", fmt.Sprintf("at most %d open files", limit))
		}
	}
	cgroup, limited := cgroupMemory()
	switch {
	case limited && debug.SetMemoryLimit(-1) == math.MaxInt64:
		f.warn("memory", fmt.Sprintf("the container has %d MiB, but GOMEMLIMIT is not set", cgroup>>20), fmt.Sprintf("set GOMEMLIMIT=%dMiB, nine tenths of the container", cgroup>>20*9/10))
	case limited:
		f.ok("memory", fmt.Sprintf("the container has %d MiB, GOMEMLIMIT is set", cgroup>>20))
	}
}

// cgroupMemory returns the memory limit of the container that this process runs in.
func cgroupMemory() (bytes int64, limited bool) {
	raw, err := os.ReadFile("/sys/fs/cgroup/memory.max")
	if err != nil {
		return 0, false
	}
	bytes, err = strconv.ParseInt(strings.TrimSpace(string(raw)), 10, 64)
	return bytes, err == nil
}

// nearest returns the nearest existing directory above path.
func nearest(path string) string {
	for {
		parent := filepath.Dir(path)
		if _, err := os.Stat(parent); err == nil || parent == path {
			return parent
		}
		path = parent
	}
}

// writable creates a file in dir and removes it.
func writable(dir string) error {
	probe, err := os.CreateTemp(dir, ".parley-doctor-*")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}
