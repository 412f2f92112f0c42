//go:build !linux && !darwin

package main

import "errors"

func space(string) (free uint64, kind string, err error) { return 0, "", errors.ErrUnsupported }

func fileLimit() (uint64, error) { return 0, errors.ErrUnsupported }
