package reach

import "io/fs"

// Cure names a kind of remedy. Values are stable: the room has words for each,
// the trap included.
type Cure string

// The cures. Those without commands are ways for a person to go.
const (
	CureSysctl          Cure = "sysctl"             // Linux: everybody may listen from the port on; survives updates
	CureService         Cure = "service"            // Linux: a system service that runs as this user with the one capability
	CureSetcap          Cure = "setcap"             // Linux: the capability on the file. Trap: gone with every update or copy of the file
	CureHighPorts       Cure = "high_ports"         // listen on 8080 and 8443 and let the router forward 80 and 443 there
	CureRestart         Cure = "restart"            // start the program again
	CureWildcard        Cure = "wildcard"           // macOS: listen on all addresses instead of one
	CureStopProgram     Cure = "stop_program"       // stop the program that holds the port, or give it another
	CureStopService     Cure = "stop_service"       // the same for a service: the commands that stop it and keep it stopped
	CureFindProgram     Cure = "find_program"       // a command that tells which program holds the port
	CureReleaseRange    Cure = "release_range"      // Windows: give back the ports that it has set aside
	CureFirewallWindows Cure = "firewall_windows"   // the rule in the Windows firewall
	CureFirewallMac     Cure = "firewall_macos"     // the same in the application firewall
	CureFirewallUFW     Cure = "firewall_ufw"       // the same in ufw
	CureFirewalld       Cure = "firewall_firewalld" // the same in firewalld
	CureForward         Cure = "forward"            // enter the forward in the router by hand: Params gateway, local, forwards ("80→8080, 443→8443")
	CurePinhole         Cure = "pinhole"            // let IPv6 in by hand in the router's firewall: Params gateway, address, port
	CureUPnP            Cure = "enable_upnp"        // switch UPnP, NAT-PMP or PCP on in the router: Params gateway
	CureBridge          Cure = "bridge"             // set the outer router to bridge mode, or forward in both: Params gateway, external
	CureAskProvider     Cure = "ask_provider"       // ask the provider for a public IPv4 address
	CureIPv6            Cure = "ipv6"               // reachable over IPv6, where clients have it
	CureVPS             Cure = "vps"                // run the same program on a rented server
	CureTunnel          Cure = "tunnel"             // a tunnel that the owner brings
	CureSplitDNS        Cure = "split_dns"          // let the name mean the inner address inside
	CureSetClock        Cure = "set_clock"          // set this machine's clock by the network
	CureSignIn          Cure = "sign_in"            // sign in to the network (a login page stands in between)
	CureWait            Cure = "wait"               // the trouble lies with others: it is tried again by itself
	CureFreeMapping     Cure = "free_mapping"       // remove the forward that is in the way in the router: Params gateway, holder
	CureUpgradeHeader   Cure = "allow_upgrade"      // let the proxy or security program in between pass WebSockets
)

// Remedy is one way to mend a finding, as exact as this machine allows.
type Remedy struct {
	Cure     Cure           `json:"cure"`
	Admin    bool           `json:"admin,omitempty"`    // the commands need an administrator
	File     *File          `json:"file,omitempty"`     // to write before the commands
	Commands []string       `json:"commands,omitempty"` // to type, in order, in the system's own shell
	Undo     []string       `json:"undo,omitempty"`     // what takes it back
	Params   map[string]any `json:"params,omitempty"`   // for the sentence
}

// File is a file to write.
type File struct {
	Path string      `json:"path"`
	Mode fs.FileMode `json:"mode"`
	Text string      `json:"text"`
}

// Cures lists every cure, for the test that each has its words.
func Cures() []Cure {
	return []Cure{
		CureSysctl, CureService, CureSetcap, CureHighPorts, CureRestart, CureWildcard,
		CureStopProgram, CureStopService, CureFindProgram, CureReleaseRange, CureFirewallWindows, CureFirewallMac,
		CureFirewallUFW, CureFirewalld, CureForward, CurePinhole, CureUPnP, CureBridge, CureAskProvider,
		CureIPv6, CureVPS, CureTunnel, CureSplitDNS, CureSetClock, CureSignIn,
		CureWait, CureFreeMapping, CureUpgradeHeader,
	}
}
