package db

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// networkKind reports a drive that Windows knows to be remote.
func networkKind(path string) (string, error) {
	volume, err := windows.UTF16PtrFromString(filepath.VolumeName(path) + `\`)
	if err != nil {
		return "", err
	}
	if windows.GetDriveType(volume) == windows.DRIVE_REMOTE {
		return "network drive", nil
	}
	return "", nil
}

// Space is the free and total room in bytes on the disk that holds path.
func Space(path string) (free, total uint64, err error) {
	p, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return 0, 0, err
	}
	var all uint64
	err = windows.GetDiskFreeSpaceEx(p, &free, &total, &all)
	return free, total, err
}
