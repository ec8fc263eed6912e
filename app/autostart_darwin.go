package app

import (
	"bytes"
	"encoding/xml"
	"os"
	"path/filepath"

	"github.com/adrg/xdg"
)

// autostartFile is an agent that launchd starts when somebody signs in.
func autostartFile() string {
	return filepath.Join(xdg.Home, "Library", "LaunchAgents", "portico.plist")
}

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
	var agent bytes.Buffer
	agent.WriteString(xml.Header + `<plist version="1.0"><dict><key>Label</key><string>portico</string><key>RunAtLoad</key><true/><key>ProgramArguments</key><array>`)
	for _, part := range command {
		agent.WriteString("<string>")
		if err := xml.EscapeText(&agent, []byte(part)); err != nil {
			return autostartFault(err)
		}
		agent.WriteString("</string>")
	}
	agent.WriteString("</array></dict></plist>\n")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return autostartFault(err)
	}
	return autostartFault(os.WriteFile(file, agent.Bytes(), 0o600))
}
