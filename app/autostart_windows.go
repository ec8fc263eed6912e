package app

import (
	"errors"
	"strings"
	"syscall"

	"golang.org/x/sys/windows/registry"
)

// Programs named in this key start when somebody signs in.
const (
	runKey   = `Software\Microsoft\Windows\CurrentVersion\Run`
	runValue = "Portico"
)

func startsWithSystem() bool {
	key, err := registry.OpenKey(registry.CURRENT_USER, runKey, registry.QUERY_VALUE)
	if err != nil {
		return false
	}
	defer key.Close()
	_, _, err = key.GetStringValue(runValue)
	return err == nil
}

func startWithSystem(on bool, data string) error {
	key, _, err := registry.CreateKey(registry.CURRENT_USER, runKey, registry.SET_VALUE)
	if err != nil {
		return autostartFault(err)
	}
	defer key.Close()
	if !on {
		if err := key.DeleteValue(runValue); err != nil && !errors.Is(err, registry.ErrNotExist) {
			return autostartFault(err)
		}
		return nil
	}
	command, err := startCommand(data)
	if err != nil {
		return autostartFault(err)
	}
	for i, part := range command {
		command[i] = syscall.EscapeArg(part)
	}
	return autostartFault(key.SetStringValue(runValue, strings.Join(command, " ")))
}
