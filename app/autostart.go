package app

import (
	"os"
	"path/filepath"

	"portico/backend/kernel/fault"
)

// startCommand is what the system runs when somebody signs in: this program, in
// the background, on the same data.
func startCommand(data string) ([]string, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if real, err := filepath.EvalSymlinks(program); err == nil {
		program = real
	}
	command := []string{program, "--hidden"}
	if data != "" {
		dir, err := place(data)
		if err != nil {
			return nil, err
		}
		command = append(command, "--data", dir)
	}
	return command, nil
}

func autostartFault(err error) error {
	if err == nil {
		return nil
	}
	return fault.New(fault.Unavailable, "app.autostart",
		"The start with the computer could not be changed. Look at the system's own settings for programs that start by themselves.").Because(err)
}
