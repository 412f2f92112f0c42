package main

import (
	"io"
	"log/slog"
	"os"

	"parley/pkg/telemetry"
)

// logger returns a logger that writes to w as configured. The returned LevelVar changes the level
// later.
func (c config) logger(w io.Writer) (*slog.Logger, *slog.LevelVar) {
	level := new(slog.LevelVar)
	level.Set(c.logLevel)
	json := c.logFormat == "json" || c.logFormat == "auto" && !isTerminal(w)
	return telemetry.NewLogger(w, json, level), level
}

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
