package app

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/adrg/xdg"
)

// autostartFile is read by every desktop that follows freedesktop.org.
func autostartFile() string { return filepath.Join(xdg.ConfigHome, "autostart", "portico.desktop") }

func startsWithSystem() bool {
	_, err := os.Stat(autostartFile())
	return err == nil
}

func startWithSystem(on bool, data string) error {
	file := autostartFile()
	if !on {
		if err := os.Remove(file); err != nil && !os.IsNotExist(err) {
			return autostartFault(err)
		}
		return nil
	}
	command, err := startCommand(data)
	if err != nil {
		return autostartFault(err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return autostartFault(err)
	}
	entry := "[Desktop Entry]\nType=Application\nName=Portico\nIcon=portico\nExec=" + desktopCommand(command) + "\nX-GNOME-Autostart-enabled=true\n"
	return autostartFault(os.WriteFile(file, []byte(entry), 0o600))
}

// desktopCommand quotes a command the way the Desktop Entry Specification asks
// for: first for the command line, then for the file.
func desktopCommand(command []string) string {
	quoted := make([]string, len(command))
	for i, part := range command {
		part = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`).Replace(part)
		part = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `%`, `%%`).Replace(part)
		quoted[i] = `"` + part + `"`
	}
	return strings.Join(quoted, " ")
}
